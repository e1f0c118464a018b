"""Locking reports and opening them again, and what schools ask about it."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.review import TO_COME, Move, State
from storage import audit, nudges, reports, requests
from storage.people import Acting
from storage.reports import Report
from storage.requests import Request


class UnlockRequest(Request, table=True):
    """unlocked: False while it waits, or where it was declined."""

    __tablename__ = "unlock_request"

    unlocked: bool = False


def locked(session: Session, unit_id: int) -> list[Report]:
    """What a school still had to hand in when it was locked, soonest first."""
    return list(
        session.exec(
            select(Report)
            .where(Report.unit_id == unit_id, Report.state == State.LOCKED)
            .where(col(Report.state_before).in_(TO_COME))
            .order_by(col(Report.due_on).is_(None), col(Report.due_on), col(Report.id))
        )
    )


def to_ask(session: Session, me: Acting, report_id: int) -> Report | None:
    """A report, locked also against others, whose school this person may ask to unlock it for."""
    report = session.get(
        Report, report_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if report is None or not me.at_a_school or report.unit_id != me.unit_id:
        return None
    is_asked = report.state is State.LOCKED and report.standing in TO_COME
    return report if is_asked else None


def lock(session: Session, report: Report, by_id: int | None, now: datetime) -> None:
    """Raises `core.review.NotAllowed`. The caller tells the school."""
    nudges.withdraw(session, report)
    reports.move(session, report, Move.LOCK, by_id, now)


def unlock(session: Session, report: Report, by_id: int | None, now: datetime) -> None:
    """Back to the state before, also where nobody asked. The caller tells the school."""
    if request := requests.waiting(session, UnlockRequest, report):
        requests.decide(request, by_id, now)
        request.unlocked = True
    reports.move(session, report, Move.UNLOCK, by_id, now)


def ask(
    session: Session, report: Report, reason: str, person_id: int, now: datetime
) -> UnlockRequest:
    request = UnlockRequest(
        report_id=report.id, asked_by_id=person_id, asked_at=now, reason=reason
    )
    session.add(request)
    session.flush()
    audit.record(session, now, person_id, request, "asked", None, {"reason": reason})
    return request


def refuse(session: Session, request: UnlockRequest, why: str, by_id: int, now: datetime) -> None:
    requests.decide(request, by_id, now, why)
    audit.record(session, now, by_id, request, "refused", None, {"answer": why})
