"""Excuse schools from what is due while they do not exist or are not asked; take that back."""

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session, col, select

from core import scope
from core.calendar import Occurrence
from core.review import OWED, Move, State
from storage import audit, nudges
from storage.checklists import Duty, SourceDocument, in_force
from storage.reports import Report, move
from storage.units import Unit

NOT_THERE = "the school does not exist then"
NOT_ASKED = "the school is not asked"
Found = tuple[Report, Unit, Duty, date]  # with its school and duty, and when that was issued


def follow_units(session: Session, now: datetime) -> int:
    """Excuse schools, whose days, levels or flags changed; how many reports that were.

    What was excused so and is asked of the school after all, is owed again.
    """
    gone = [(found[0], no) for found in _in_states(session, OWED) if (no := _why_not(found))]
    for report, reason in gone:
        nudges.withdraw(session, report)
        move(session, report, Move.EXCUSE, None, now, reason=reason)
    for found in _in_states(session, {State.EXCUSED}):
        if not _why_not(found) and why(session, found[0]) in (NOT_THERE, NOT_ASKED):
            move(session, found[0], Move.RESTORE, None, now)
    return len(gone)


def why(session: Session, report: Report) -> str:
    """The reason for which it was excused last."""
    return str(audit.last(session, report, Move.EXCUSE).get("reason", ""))


def _in_states(session: Session, states: Collection[State]) -> list[Found]:
    query = (
        select(Report, Unit, Duty, SourceDocument.issued_on)  # type: ignore[call-overload]
        .join(Unit, col(Unit.id) == Report.unit_id)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .join(SourceDocument, col(SourceDocument.id) == Duty.document_id)
        .where(col(Report.state).in_(states), in_force())
        .order_by(col(Report.id))
        .with_for_update(of=Report)
    )
    return [tuple(row) for row in session.exec(query)]


def _why_not(found: Found) -> str:
    """Why the school does not owe it; "" where it does."""
    report, unit, duty, issued_on = found
    due = Occurrence(report.period, report.due_on, report.operator)
    if not scope.is_there(due, unit.valid_from, unit.valid_to, issued_on):
        return NOT_THERE
    return "" if scope.asks(duty.audience, unit.levels, unit.flags, unit.code) else NOT_ASKED
