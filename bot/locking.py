"""Lock the reports whose last day is over, each exactly once, and tell their schools."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from core.roles import AT_A_SCHOOL
from handlers.report import is_locked
from storage import outbox, overdue, people
from storage.outbox import Draft, Lane
from storage.reports import Report

AT_ONCE = 100  # reports of one transaction, which others may have to wait for


def lock_overdue(engine: Engine, desk: Desk, now: datetime, machine_now: datetime) -> int:
    """Return how many were locked. now: the program's clock.

    They are locked at midnight, but schools are told at decent hours, as by reminders.
    """
    today = now.astimezone(desk.zone).date()
    with Session(engine) as session:
        locked = [
            report
            for report_id in overdue.to_lock(session, today, AT_ONCE)
            if (report := overdue.lock(session, report_id, today, now))
        ]
        drafts = [draft for report in locked for draft in _tell(session, desk, report)]
        session.flush()
        outbox.add(session.connection(), drafts, machine_now)
        session.commit()
    return len(locked)


def _tell(session: Session, desk: Desk, report: Report) -> list[Draft]:
    held = people.holders(session, report.unit_id, AT_A_SCHOOL)
    drafts: list[Draft] = []
    for person_id in dict.fromkeys(person.id for _post, person in held):
        drafts += tell(session, desk, person_id, is_locked(report), lane=Lane.NUDGE)
    return drafts
