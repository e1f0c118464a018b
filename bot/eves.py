"""Remind those who come to an event, once, on the day before it."""

from datetime import datetime, time, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from core.calendar import next_allowed
from core.message import Message, _, strong
from core.screen import Screen
from handlers import occasion
from storage import guests, outbox
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
    """Who answered since midnight has the day in mind."""
    drafts: list[Draft] = []
    for person_id, reply in guests.coming(session, event, midnight):
        if event.held:
            key = guests.reminder_of(event, event.held, person_id)
            screen = _screen(session, event, reply)
            drafts += tell(session, desk, person_id, screen, lane=Lane.NUDGE, key=key)
    return drafts


def _screen(session: Session, event: Event, reply: EventReply) -> Screen:
    lines: list[Message] = [strong(_("A reminder: {event}", event=occasion.name(event)))]
    lines += [*occasion.details(event), *occasion.answer(session, reply)]
    return Screen(tuple(lines), (occasion.open_invitation(event),))
