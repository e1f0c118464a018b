"""Lock the reports whose last day is over, each exactly once, and have their schools told."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from storage import daily_lines, overdue, people
from storage.daily_lines import About, Kind
from storage.reports import Report

AT_ONCE = 100  # reports of one transaction, which others may have to wait for


def lock_overdue(engine: Engine, zone: ZoneInfo, now: datetime) -> int:
    """Return how many were locked. now: the program's clock.

    They are locked at midnight, and schools are told in the message of the day.
    """
    today = now.astimezone(zone).date()
    with Session(engine) as session:
        locked = [
            report
            for report_id in overdue.to_lock(session, today, AT_ONCE)
            if (report := overdue.lock(session, report_id, today, now))
        ]
        for report in locked:
            _note(session, zone, report, now)
        session.commit()
    return len(locked)


def _note(session: Session, zone: ZoneInfo, report: Report, now: datetime) -> None:
    about = About(Kind.LOCKED, report.id, str(report.locked_for))
    told = [person.id for person in people.at_school(session, report.unit_id)]
    daily_lines.note(session, about, told, now, zone)
