"""Excuse schools from what is due while they do not exist, and take that back."""

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
Found = tuple[Report, Unit, date]  # with the school, and when the document was issued


def follow_days(session: Session, now: datetime) -> int:
    """Excuse schools from what is due while they do not exist; how many reports that were.

    What was excused so and is due while the school exists after all, is owed again.
    """
    gone = [found for found in _in_states(session, OWED) if not _is_there(found)]
    for report, *_where in gone:
        nudges.withdraw(session, report)
        move(session, report, Move.EXCUSE, None, now, reason=NOT_THERE)
    for report, *_where in filter(_is_there, _in_states(session, {State.EXCUSED})):
        if why(session, report) == NOT_THERE:
            move(session, report, Move.RESTORE, None, now)
    return len(gone)


def why(session: Session, report: Report) -> str:
    """The reason for which it was excused last."""
    return str(audit.last(session, report, Move.EXCUSE).get("reason", ""))


def _in_states(session: Session, states: Collection[State]) -> list[Found]:
    query = (
        select(Report, Unit, SourceDocument.issued_on)  # type: ignore[call-overload]
        .join(Unit, col(Unit.id) == Report.unit_id)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .join(SourceDocument, col(SourceDocument.id) == Duty.document_id)
        .where(col(Report.state).in_(states), in_force())
        .order_by(col(Report.id))
        .with_for_update(of=Report)
    )
    return [tuple(row) for row in session.exec(query)]


def _is_there(found: Found) -> bool:
    report, unit, issued_on = found
    due = Occurrence(report.period, report.due_on, report.operator)
    return scope.is_there(due, unit.valid_from, unit.valid_to, issued_on)
