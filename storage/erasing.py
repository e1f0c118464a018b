"""Take a person out of the tables, but for their number, which filed reports refer to."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, or_
from sqlmodel import Session, col, delete, select, update

from storage import audit, guest_names, invitations, people
from storage.conversations import Conversation
from storage.events import Event, Guest
from storage.guest_names import ERASED
from storage.inbox import Received
from storage.invitations import WrongCode
from storage.outbox import Lane, Outgoing, Sending
from storage.people import Address, Person, Post


def erase(session: Session, person_id: int, now: datetime) -> None:
    """Ends their posts and conversations. The caller commits."""
    person = session.get_one(Person, person_id)
    for post, _unit in people.posts_of(session, person_id):
        people.end_post(session, post, person_id, now, "erased")
    invitations.withdraw_handovers_by(session, person_id, now)
    for words in filter(None, (person.name, person.phone)):
        _erase_from_messages(session, words)
    held = session.exec(select(Post.unit_id).where(Post.person_id == person_id)).all()
    guest_names.erase(session, person.name, person.phone, held)
    for address in session.exec(select(Address).where(Address.person_id == person_id)):
        _erase_chat(session, address)
    session.exec(delete(Conversation).where(col(Conversation.person_id) == person_id))
    session.exec(delete(WrongCode).where(col(WrongCode.person_id) == person_id))
    person.name = person.phone = ""
    person.consent_at = person.post_id = person.conversation_id = None
    audit.record(session, now, person_id, person, "erased")


def erase_guest(session: Session, event: Event, guest: Guest, by_id: int, now: datetime) -> None:
    """Somebody whom a school named for an event, and who asks for it; they have no chat here.

    The caller locks the event. They are known by their number, so other events forget them, too.
    """
    guest_names.erase(session, "", guest["phone"], ())
    for words in (guest["name"], guest["phone"]):
        _erase_from_messages(session, words)
    audit.record(session, now, by_id, event, "guest erased")


def _erase_chat(session: Session, address: Address) -> None:
    """What was said there, and reminders that wait to be."""
    here = col(Outgoing.address_id) == address.id
    waits = col(Outgoing.sending) == Sending.WAITING
    begun_by_us = col(Outgoing.lane) != Lane.REPLY
    nobody_sends = col(Outgoing.owner).is_(None)
    session.exec(delete(Outgoing).where(here, waits, begun_by_us, nobody_sends))
    session.exec(update(Outgoing).where(here, ~waits).values(lines=[], choices=[]))
    channel = col(Received.channel) == address.channel
    forms = [f'"id": {address.chat}{end}' for end in ",}"]  # of an update's chat and sender
    theirs = [cast(Received.raw, Text).contains(form, autoescape=True) for form in forms]
    session.exec(update(Received).where(channel, or_(*theirs)).values(raw=None))


def _erase_from_messages(session: Session, words: str) -> None:
    """What others were told of them."""
    session.flush()
    escaped = json.dumps(words)[1:-1]  # as SQLite stores JSON
    holds = [
        cast(column, Text).contains(form, autoescape=True)
        for column in (Outgoing.lines, Outgoing.choices)
        for form in {words, escaped}
    ]
    for message in session.exec(select(Outgoing).where(or_(*holds))):
        message.lines = _without(words, message.lines)
        message.choices = _without(words, message.choices)


def _without(words: str, pairs: list[Any]) -> list[Any]:
    """pairs: as `Outgoing` keeps lines and choices."""
    return [[part.replace(words, ERASED) for part in pair] for pair in pairs]
