"""Remind those who come to an event, once, on the day before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from core.calendar import next_allowed
from core.message import Message, _, strong
from core.screen import Screen
from handlers import occasion
from storage import guests, nudges, outbox
from storage.events import Event, EventReply
from storage.outbox import Draft, Lane

LONGEST_REST = timedelta(days=15)  # before an event on which nobody is reminded: Tết with its days


def remind_of_events(engine: Engine, desk: Desk, now: datetime, machine_now: datetime) -> int:
    """Return how many messages were written. now: the program's clock.

    Each has a key of its own, so a tick that comes again reminds nobody twice, and one that was
    missed is made up for until the event begins.
    """
    if next_allowed(now, desk.zone) != now:
        return 0
    today = now.astimezone(desk.zone).date()
    midnight = datetime.combine(today, time(), desk.zone)
    with Session(engine) as session:
        drafts: list[Draft] = []
        span = (today + timedelta(1), today + LONGEST_REST)
        for event in guests.beginning(session, *span):
            if event.held and event.held.reminded_on <= today:
                drafts += _remind(session, desk, event, midnight)
        session.flush()
        added = outbox.add(session.connection(), drafts, machine_now)
        session.commit()
    return added.waiting


def _remind(session: Session, desk: Desk, event: Event, midnight: datetime) -> list[Draft]:
    drafts: list[Draft] = []
    for person_id, key, reply in _reminded(session, event, midnight):
        screen = _screen(session, event, reply)
        drafts += tell(session, desk, person_id, screen, lane=Lane.NUDGE, key=key)
    return drafts


def _reminded(
    session: Session, event: Event, midnight: datetime
) -> Iterator[tuple[int, str, EventReply]]:
    """Each with the key of the message. Who answered since midnight has the day in mind."""
    for person_id, reply in guests.coming(session, event, midnight):
        if event.held:
            yield person_id, guests.reminder_of(event, event.held, person_id), reply


# Those to come


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder that would be sent. at: in the office's zone. text: as the person reads it."""

    at: datetime
    person_id: int
    unit_id: int
    event: Event
    text: str


def planned(
    session: Session, desk: Desk, first: date, last: date, now: datetime
) -> Iterator[Planned]:
    """From the first to the last day, as if nobody answered or changed anything meanwhile.

    now: the program's clock; where it is past the first day, these days are thought to come yet.
    """
    begin = datetime.combine(first, time(), desk.zone)
    since = begin if now.astimezone(desk.zone).date() > first else max(begin, now)
    for event in guests.beginning(session, first, last + LONGEST_REST):
        if event.held is None:
            continue
        midnight = datetime.combine(event.held.reminded_on, time(), desk.zone)
        at = next_allowed(max(midnight, since), desk.zone).astimezone(desk.zone)
        if first <= at.date() <= min(last, event.held.first - timedelta(1)):
            yield from _of_event(session, desk, event, at)


def _of_event(session: Session, desk: Desk, event: Event, at: datetime) -> Iterator[Planned]:
    midnight = datetime.combine(at.date(), time(), desk.zone)
    for person_id, key, reply in _reminded(session, event, midnight):
        drafts = tell(session, desk, person_id, _screen(session, event, reply))
        if drafts and not nudges.was_written(session, key):
            text = "\n".join(line for _style, line in drafts[0].lines)
            yield Planned(at, person_id, reply.unit_id, event, text)


def _screen(session: Session, event: Event, reply: EventReply) -> Screen:
    lines: list[Message] = [strong(_("A reminder: {event}", event=occasion.name(event)))]
    lines += [*occasion.details(event), *occasion.answer(session, reply)]
    return Screen(tuple(lines), (occasion.open_invitation(event),))
