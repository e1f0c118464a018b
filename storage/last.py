"""What a school said about the last period, beside which it answers now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from core.question import ItemKind, Last
from storage import checklists, recorded
from storage.checklists import Checklist, ChecklistItem, Duty
from storage.reports import Report
from storage.submissions import Answer, Submission

Said = Mapping[tuple[int, str], Any]  # answers, by submission and key


@dataclass(frozen=True, slots=True)
class _Source:
    """A report of the school that came before, as it was last sent."""

    report: Report
    submission_id: int
    checklist: str


def look_up(
    session: Session, report: Report, items: Iterable[ChecklistItem]
) -> list[dict[str, Any]]:
    """The last answers of the report's school to these items, for `Submission.last`.

    They come from the period before of the same duty, as it was last sent. What is not found
    there comes from the latest report before this one of another duty: one with the same
    checklist, or with the item that `same_as` names, so that the year-end report follows the
    six-month report. A number over the year follows only reports about the same year.

    Things of a group are numbered by their place, as those of this report begin again at 1.

    [{"title": the report's, "answers": {key of this checklist: answer}}], the nearest first.
    """
    checklist = _checklist(session, report)
    wanted = [item for item in items if item.kind is not ItemKind.FILES]
    named = {str(item.options["same_as"]) for item in wanted if "same_as" in item.options}
    codes = {checklist, *(code.partition(".")[0] for code in named)}
    sources = _sources(session, report, codes)
    said = _answers(session, sources)
    found: dict[int, dict[str, Any]] = {}
    for item in wanted:
        for source in sources:
            told = _told(said, source, item, checklist)
            if told and _comparable(source, report, item):
                found.setdefault(source.submission_id, {}).update(told)
                break
    return [
        {"title": source.report.title, "answers": found[source.submission_id]}
        for source in sources
        if source.submission_id in found
    ]


def remember(session: Session, report: Report, draft: Submission) -> None:
    """Keep with the draft what it is shown, so that no turn has to look it up again."""
    items = checklists.items(session, report.revision_id or 0)
    draft.last = look_up(session, report, items)
    draft.recorded = recorded.look_up(session, report, items)


def by_key(kept: Iterable[dict[str, Any]]) -> dict[str, Last]:
    """What `look_up` found, as questions want it."""
    return {
        key: Last(answer, part["title"])
        for part in kept
        for key, answer in part["answers"].items()
    }


def _checklist(session: Session, report: Report) -> str:
    return session.exec(
        select(Checklist.code)
        .join(Duty, col(Duty.checklist_id) == Checklist.id)
        .where(Duty.id == report.duty_id)
    ).one()


def _sources(session: Session, report: Report, codes: set[str]) -> list[_Source]:
    """The last report of each duty before this one; first of its own, then the latest."""
    rows = session.exec(
        select(Report, Submission.id, Checklist.code)
        .join(Submission, col(Submission.report_id) == Report.id)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .join(Checklist, col(Checklist.id) == Duty.checklist_id)
        .where(Report.unit_id == report.unit_id, Report.id != report.id)
        .where(col(Checklist.code).in_(codes), col(Submission.sent_at).is_not(None))
        .order_by(col(Report.period).desc(), col(Submission.version).desc())
    )
    nearest: dict[int, _Source] = {}
    for before, submission_id, code in rows:
        if _is_before(before, report):
            nearest.setdefault(before.duty_id, _Source(before, submission_id, code))
    latest_first = sorted(nearest.values(), key=_due, reverse=True)
    return sorted(latest_first, key=lambda source: source.report.duty_id != report.duty_id)


def _due(source: _Source) -> date:
    return source.report.due_on or date.min


def _is_before(one: Report, report: Report) -> bool:
    """By period within a duty, by deadline between duties; what has no deadline is never last."""
    if one.duty_id == report.duty_id:
        return one.period < report.period
    return bool(one.due_on and report.due_on and one.due_on < report.due_on)


def _answers(session: Session, sources: list[_Source]) -> Said:
    rows = session.exec(
        select(Answer.submission_id, Answer.key, Answer.value).where(
            col(Answer.submission_id).in_([source.submission_id for source in sources])
        )
    )
    return {(submission_id, key): value for submission_id, key, value in rows}


def _told(said: Said, source: _Source, item: ChecklistItem, checklist: str) -> dict[str, Any]:
    """What the source says to an item, by the keys of this checklist."""
    key = _key_in(source, item, checklist)
    answer = said.get((source.submission_id, key))
    if item.kind is ItemKind.GROUP:
        present = answer["present"] if isinstance(answer, dict) else []
        return _of_each(said, source, item, present)
    return {} if answer is None else {item.key: answer}


def _of_each(
    said: Said, source: _Source, group: ChecklistItem, present: Iterable[int]
) -> dict[str, Any]:
    """present: numbers of the things there were."""
    inner = [one.key for one in checklists.items_in(group) if one.kind is not ItemKind.FILES]
    told = {
        f"{group.key}.{place}.{key}": said.get(
            (source.submission_id, f"{group.key}.{number}.{key}")
        )
        for place, number in enumerate(present, start=1)
        for key in inner
    }
    return {key: answer for key, answer in told.items() if answer is not None}


def _key_in(source: _Source, item: ChecklistItem, checklist: str) -> str:
    """The key that asks for the same in the source's checklist; "" for none."""
    if source.checklist == checklist:
        return item.key
    code, _dot, key = str(item.options.get("same_as", "")).partition(".")
    return key if code == source.checklist else ""


def _comparable(source: _Source, report: Report, item: ChecklistItem) -> bool:
    if item.options.get("over") != "year":
        return True
    year = report.period[:4]
    return year != "" and source.report.period[:4] == year
