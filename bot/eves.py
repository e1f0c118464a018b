"""Have those who come to an event reminded of it in their message of the day before."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from storage import closed_days, daily_lines, guests
from storage.daily_lines import About, DailyLine, Kind
from storage.events import Event, EventReply

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
                coming = _coming(session, event, now, zone)
                daily_lines.note(session, _about(event, event.held.first), coming, now, zone)
        session.commit()


def _about(event: Event, first: date) -> About:
    return About(Kind.EVENT, event.id, str(first), first - timedelta(1))


def _coming(
    session: Session, event: Event, now: datetime, zone: ZoneInfo
) -> dict[int, EventReply]:
    """The answers by person. Who answered since midnight has the day in mind."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return dict(guests.coming(session, event, midnight))


# Those to come


@dataclass(frozen=True, slots=True)
class Planned:
    """What a message would say. at: in the office's zone. line: not stored."""

    at: datetime
    person_id: int
    unit_id: int
    event: Event
    line: DailyLine


def planned(
    session: Session, zone: ZoneInfo, first: date, last: date, now: datetime
) -> dict[tuple[datetime, int], list[Planned]]:
    """By moment and person, as if nobody answered or changed anything meanwhile.

    From the first to the last day. now: the program's clock; where it is past the first day,
    these days are thought to come yet.
    """
    begin = datetime.combine(first, time(), zone)
    since = begin if now.astimezone(zone).date() > first else max(begin, now)
    closed = closed_days.days(session)
    found: dict[tuple[datetime, int], list[Planned]] = defaultdict(list)
    for event in guests.beginning(session, first, last + LONGEST_REST):
        if event.held:
            midnight = datetime.combine(event.held.reminded_on(closed), time(), zone)
            about = _about(event, event.held.first)
            for one in _noted(session, zone, event, about, max(midnight, since)):
                if first <= one.at.date() <= last:
                    found[one.at, one.person_id].append(one)
    return found


def _noted(
    session: Session, zone: ZoneInfo, event: Event, about: About, now: datetime
) -> Iterator[Planned]:
    coming = _coming(session, event, now, zone)
    for line in daily_lines.planned(session, about, coming, now, zone):
        if line.send_at:
            unit_id = coming[line.person_id].unit_id
            yield Planned(line.send_at.astimezone(zone), line.person_id, unit_id, event, line)
