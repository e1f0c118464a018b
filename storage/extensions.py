"""More time for a report: what schools ask for, what the office gives, and what was due before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from core.calendar import Deadline, Operator
from core.review import State
from storage import audit, locks, nudges, people, requests
from storage.database import words
from storage.reports import Report
from storage.requests import Request


class Extension(Request, table=True):
    """granted_until: None while it waits, or where it was refused.

    due_before, operator_before, due_at_before: the deadline when it was asked for or, once
    granted, until then.
    """

    asked_until: date
    granted_until: date | None = None
    due_before: date
    operator_before: Operator = words(Operator)
    due_at_before: time | None = None


@dataclass(frozen=True, slots=True)
class Extended:
    """What became of a deadline.

    written_on, operator, due_at: as it was before the first extension.
    until, reason: of the last one.
    """

    written_on: date
    operator: Operator
    due_at: time | None
    until: date
    reason: str

    @property
    def written(self) -> Deadline:
        return Deadline(self.written_on, self.operator, self.due_at)


def extended(session: Session, report_ids: Iterable[int]) -> dict[int, Extended]:
    """Those of these reports that were given more time."""
    granted = session.exec(
        select(Extension)
        .where(
            col(Extension.report_id).in_(list(report_ids)),
            # Where the document itself now gives as much, nothing more is given.
            col(Extension.granted_until) > col(Extension.due_before),
        )
        .order_by(col(Extension.decided_at), col(Extension.id))
    )
    found: dict[int, Extended] = {}
    for row in granted:
        first = found.get(row.report_id)
        found[row.report_id] = Extended(
            written_on=first.written_on if first else row.due_before,
            operator=first.operator if first else row.operator_before,
            due_at=first.due_at if first else row.due_at_before,
            until=row.granted_until or row.asked_until,
            reason=row.reason,
        )
    return found


def ask(
    session: Session, report: Report, until: date, reason: str, person_id: int, now: datetime
) -> Extension:
    """report: one that has a deadline, locked. It waits until somebody decides."""
    extension = Extension(
        report_id=report.id,
        asked_by_id=person_id,
        asked_at=now,
        reason=reason,
        asked_until=until,
        due_before=_due_on(report),
        operator_before=report.operator,
        due_at_before=report.due_at,
    )
    session.add(extension)
    session.flush()
    asked = {"until": until.isoformat(), "reason": reason}
    audit.record(session, now, person_id, extension, "asked", None, asked)
    return extension


def grant(
    session: Session,
    extension: Extension,
    report: Report,
    until: date,
    by_id: int,
    now: datetime,
    today: date,
) -> None:
    """Move the deadline, and the reminders with it. report: locked. The caller tells the school.

    What they are told is their first reminder of the new day, so its rung is not said again.
    What was locked is unlocked, as there is time again.
    """
    before, to = report.deadline, Deadline(until, Operator.UNTIL_END_OF)
    nudges.withdraw(session, report)
    extension.due_before, extension.operator_before = _due_on(report), before.operator
    extension.due_at_before = before.due_at
    extension.granted_until = until
    requests.decide(extension, by_id, now)
    report.set_deadline(to)
    after = {**to.said, "reason": extension.reason}
    audit.record(session, now, by_id, report, "extended", before.said, after)
    if report.state is State.LOCKED:
        locks.unlock(session, report, by_id, now)
    told = [person.id for person in people.at_school(session, report.unit_id)]
    nudges.heard(session, report, told, today, now)


def refuse(session: Session, extension: Extension, why: str, by_id: int, now: datetime) -> None:
    requests.decide(extension, by_id, now, why)
    audit.record(session, now, by_id, extension, "refused", None, {"answer": why})


def rewrite(session: Session, report: Report, to: Deadline) -> None:
    """The document now names another day, beside which what was given counts."""
    if to.due_on is None:
        return
    rows = session.exec(select(Extension).where(Extension.report_id == report.id))
    for row in rows:
        row.due_before, row.operator_before = to.due_on, to.operator
        row.due_at_before = to.due_at


def _due_on(report: Report) -> date:
    if report.due_on is None:
        raise ValueError("a report without a deadline has nothing to extend")
    return report.due_on
