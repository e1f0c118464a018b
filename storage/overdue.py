"""Reports that are locked by the calendar, some days after their deadline."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, exists, select

from core.lateness import last_day as last_in_time
from core.review import State
from storage import lateness, locks, requests
from storage.checklists import Duty
from storage.extensions import Extension
from storage.reports import Report

NEVER_SENT = frozenset({State.OPEN, State.DRAFT, State.AWAITING_HEAD})
"""What the office returned is asked of the school again, so no date in the past locks it."""


def to_lock(session: Session, today: date, most: int) -> Sequence[int]:
    """Ids of reports whose last day is over, at most so many.

    One that was locked for its deadline is not locked for the same again, so what the office
    opened stays open. While a request for more time waits, its school is not locked out.
    """
    asks = exists().where(
        col(Extension.report_id) == Report.id, col(Extension.decided_at).is_(None)
    )
    rows = session.exec(
        select(Report, Duty)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .where(col(Duty.locks_after).is_not(None), col(Report.due_on) <= today)
        .where(col(Report.state).in_(NEVER_SENT), ~asks)
        .where(col(Report.locked_for).is_(None) | (col(Report.locked_for) != Report.due_on))
        .order_by(col(Report.id))
    )
    strict = lateness.is_strict(session)
    return [report.id for report, duty in rows if _is_over(report, duty, today, strict)][:most]


def last_day(session: Session, report: Report) -> date | None:
    """After which the calendar locks it; None where it does not."""
    if report.locked_for == report.due_on:
        return None
    duty, strict = session.get_one(Duty, report.duty_id), lateness.is_strict(session)
    return _last_day(report, duty, strict)


def is_closed(session: Session, report: Report, today: date) -> bool:
    """Whether the calendar would lock it, were it with its school again."""
    last = last_day(session, report)
    if last is None or last >= today:
        return False
    return requests.waiting(session, Extension, report) is None


def lock(session: Session, report_id: int, today: date, now: datetime) -> Report | None:
    """Lock it once nobody is just changing it; None where it is no more to be locked."""
    held = {"key_share": True}
    report = session.get_one(Report, report_id, with_for_update=held, populate_existing=True)
    if report.state not in NEVER_SENT or not is_closed(session, report, today):
        return None
    report.locked_for = report.due_on
    locks.lock(session, report, None, now)
    return report


def _is_over(report: Report, duty: Duty, today: date, strict: bool) -> bool:
    last = _last_day(report, duty, strict)
    return last is not None and last < today


def _last_day(report: Report, duty: Duty, strict: bool) -> date | None:
    last = last_in_time(report.deadline, strict=strict)
    if last is None or duty.locks_after is None:
        return None
    return last + timedelta(duty.locks_after)
