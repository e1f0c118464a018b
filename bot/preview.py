"""Which reminders will be sent, decided by what decides them, with nothing written or sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from core.calendar import next_allowed
from handlers import nudge
from handlers.nudge import Due
from storage.checklists import Duty
from storage.nudges import Decided
from storage.people import Person
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class Reminder:
    """One report in one message. at: in the office's zone. unit, duty: their codes.

    kind: "before", "on the day" or "after". text: the whole message, as the person reads it.
    """

    at: str
    person: str
    unit: str
    duty: str
    period: str
    kind: str
    text: str


def upcoming(engine: Engine, desk: Desk, first: date, last: date) -> Iterator[Reminder]:
    """From the first to the last day, as if nothing were handed in or changed meanwhile.

    Each day is a transaction of its own, so that the running program is not held up.
    """
    decided: set[Decided] = set()
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        at = _first_moment(day, desk)
        if at is None:
            continue
        with Session(engine) as session:
            for person_id, about in nudge.to_send(session, day, decided):
                decided |= {item.decided_for(person_id) for item in about}
                yield from _told(session, desk, person_id, about, at)


def _first_moment(day: date, desk: Desk) -> datetime | None:
    """When a tick of that day may first remind; None where the whole day is quiet."""
    midnight = datetime.combine(day, time(), desk.zone)
    allowed = next_allowed(midnight, desk.zone).astimezone(desk.zone)
    return allowed if allowed.date() == day else None


def _told(
    session: Session, desk: Desk, person_id: int, about: list[Due], at: datetime
) -> Iterator[Reminder]:
    screen = nudge.screen(session, about, at.date())
    drafts = tell(session, desk, person_id, screen)
    if not drafts:  # nobody there, or a chat that is closed
        return
    text = "\n".join(line for _style, line in drafts[0].lines)
    person = session.get_one(Person, person_id).name
    for item in about:
        yield Reminder(
            at.isoformat(),
            person,
            session.get_one(Unit, item.report.unit_id).code,
            session.get_one(Duty, item.report.duty_id).code,
            item.report.period,
            _kind(item),
            text,
        )


def _kind(item: Due) -> str:
    if item.left == 0:
        return "on the day"
    return "before" if item.left > 0 else "after"
