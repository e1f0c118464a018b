"""Newer questions for a report that was begun with older ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete

from core.question import ItemKind
from core.review import State
from storage import audit, checklists, evidence
from storage.checklists import ChecklistItem, ChecklistRevision, Duty
from storage.reports import Report
from storage.submissions import Answer, Submission


@dataclass(frozen=True, slots=True)
class Changes:
    """The questions that differ, in their words. checks: whether those between numbers do."""

    changed: list[str]
    added: list[str]
    dropped: list[str]
    checks: bool


def newer(session: Session, report: Report, draft: Submission) -> ChecklistRevision | None:
    """The newest questions, where a report never sent was begun with others.

    None also where the school chose to stay with its own.
    """
    if report.state not in (State.OPEN, State.DRAFT) or draft.version > 1:
        return None
    duty = session.get_one(Duty, report.duty_id)
    latest = checklists.latest_revision(session, duty.checklist_id)
    return None if latest.id in (report.revision_id, draft.kept_from_id) else latest


def changes(session: Session, old: ChecklistRevision, new: ChecklistRevision) -> Changes:
    before = _by_key(checklists.items(session, old.id))
    after = _by_key(checklists.items(session, new.id))
    return Changes(
        [item["text"] for key, item in after.items() if key in before and before[key] != item],
        [item["text"] for key, item in after.items() if key not in before],
        [item["text"] for key, item in before.items() if key not in after],
        old.checks != new.checks,
    )


def move(
    session: Session,
    report: Report,
    draft: Submission,
    to: ChecklistRevision,
    lost: dict[str, Any],
    person_id: int,
    now: datetime,
) -> None:
    """Ask a report's draft anew. lost: its answers that fit no more, which the audit keeps."""
    before = {"revision": report.revision_id, "answers": lost}
    report.revision_id = to.id
    session.exec(
        delete(Answer).where(
            col(Answer.submission_id) == draft.id, col(Answer.key).in_(list(lost))
        )
    )
    for key in lost:
        evidence.put(session, draft.id, key, [])
    audit.record(session, now, person_id, report, "asked anew", before, {"revision": to.id})


def stay(
    session: Session,
    draft: Submission,
    away_from: ChecklistRevision,
    person_id: int,
    now: datetime,
) -> None:
    """Keep a draft's questions, and offer these newer ones no more."""
    before = {"kept from": draft.kept_from_id}
    draft.kept_from_id = away_from.id
    audit.record(
        session, now, person_id, draft, "kept its questions", before, {"kept from": away_from.id}
    )


def _by_key(items: Iterable[ChecklistItem]) -> dict[str, dict[str, Any]]:
    """What each question is, wherever it stands; those of a group by both keys."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        found[item.key] = _content(item)
        if item.kind is ItemKind.GROUP:
            inner = checklists.items_in(item)
            found |= {f"{item.key}.{one.key}": _content(one) for one in inner}
    return found


def _content(item: ChecklistItem) -> dict[str, Any]:
    content = item.model_dump(exclude={"id", "revision_id", "position"})
    return {**content, "options": {k: v for k, v in item.options.items() if k != "item"}}
