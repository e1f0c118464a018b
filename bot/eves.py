"""Have those who come to an event reminded of it in their message of the day before."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from storage import closed_days, daily_lines, guests
from storage.daily_lines import About, Kind
from storage.events import Event

LONGEST_REST = timedelta(days=15)  # before an event on which nobody is reminded: Tết with its days


def remind_of_events(engine: Engine, zone: ZoneInfo, now: datetime) -> None:
    """now: the program's clock.

    Each line is noted once, so a tick that comes again reminds nobody twice, and one that was
    missed is made up for until the event begins.
    """
    today = now.astimezone(zone).date()
    with Session(engine) as session:
        closed = closed_days.days(session)
        span = (today + timedelta(1), today + LONGEST_REST)
        for event in guests.beginning(session, *span):
            if event.held and event.held.reminded_on(closed) <= today:
                _note(session, zone, event, event.held.first, now)
        session.commit()


def _note(session: Session, zone: ZoneInfo, event: Event, first: date, now: datetime) -> None:
    """Who answered since midnight has the day in mind."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    coming = [person_id for person_id, _reply in guests.coming(session, event, midnight)]
    about = About(Kind.EVENT, event.id, str(first), first - timedelta(1))
    daily_lines.note(session, about, coming, now, zone)
