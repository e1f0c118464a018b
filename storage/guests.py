"""Who is invited to an event: by which message, to which schools, and what they are told later."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlmodel import Session, col, delete, select

from core.events import Held, News, Reply
from core.roles import AT_A_SCHOOL, Standing
from storage import broadcasts, copies, events, nudges, people
from storage.broadcasts import Broadcast, Fate, Holder, Recipient, Stage
from storage.daily_lines import Kind
from storage.events import Event, EventReply
from storage.outbox import Outgoing, Sending
from storage.people import Acting, Post
from storage.receipts import reminder_key
from storage.units import Unit

UNSENT = (Stage.DRAFT, Stage.CONFIRMING)


def invitation(session: Session, event_id: int, *, lock: bool = False) -> Broadcast | None:
    """The message by which schools are invited, also while it is a draft."""
    found = (
        select(Broadcast)
        .where(Broadcast.event_id == event_id, Broadcast.news == News.INVITATION)
        .order_by(col(Broadcast.id).desc())
    )
    return session.exec(found.with_for_update(key_share=True) if lock else found).first()


def to_answer(session: Session, me: Acting, today: date) -> list[tuple[Event, Broadcast]]:
    """The invitations of a person's office that schools may answer, the newest first.

    Their events are locked.
    """
    found = session.exec(
        select(Event, Broadcast)
        .join(Broadcast, col(Broadcast.event_id) == Event.id)
        .where(Event.unit_id == me.unit_id, Broadcast.news == News.INVITATION)
        .where(col(Broadcast.begun_at).is_not(None), col(Event.cancelled_at).is_(None))
        .where(col(Event.first_day).is_(None) | (col(Event.first_day) > today))
        .order_by(col(Broadcast.id).desc())
        .with_for_update(of=Event)
        .execution_options(populate_existing=True)
    )
    return list(found)


def invited(session: Session, event_id: int) -> list[Unit]:
    """The schools that are, by name."""
    sent = invitation(session, event_id)
    ids = sent.unit_ids if sent else []
    return list(session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(Unit.name)))


def of_school(session: Session, unit_id: int, since: date) -> list[Event]:
    """The events that a school is invited to and that did not end before a day, by day.

    Those without a day come last, and cancelled ones not at all.
    """
    rows = session.exec(
        select(Event, Broadcast.unit_ids)
        .join(Broadcast, col(Broadcast.event_id) == Event.id)
        .where(Broadcast.news == News.INVITATION, col(Broadcast.begun_at).is_not(None))
        .where(col(Event.cancelled_at).is_(None))
        .where(col(Event.last_day).is_(None) | (col(Event.last_day) >= since))
        .order_by(col(Event.id))
    )
    mine = [event for event, unit_ids in rows if unit_id in unit_ids]
    return sorted(mine, key=lambda event: event.first_day or date.max)


def for_school(session: Session, me: Acting, event_id: int) -> Event | None:
    """One that the school a person acts for is invited to, locked."""
    if not me.at_a_school:
        return None
    event = session.get(Event, event_id, with_for_update=True, populate_existing=True)
    return event if event and _invites(session, event, me.unit_id) else None


def _invites(session: Session, event: Event, unit_id: int | None) -> bool:
    sent = invitation(session, event.id)
    return bool(sent and sent.begun_at and unit_id in sent.unit_ids)


def seat(session: Session, event: Event, me: Acting) -> int | None:
    """The unit for which somebody takes part: that they act for, else another of theirs."""
    sent = invitation(session, event.id)
    if sent is None:
        return None
    held = [p.unit_id for p, _unit in people.posts_of(session, me.id) if _is_active(p)]
    mine = [unit_id for unit_id in (me.unit_id, *held) if unit_id in sent.unit_ids]
    if mine:
        return mine[0]
    meant = (Recipient.broadcast_id == sent.id, Recipient.person_id == me.id)
    return session.exec(select(Recipient.unit_id).where(*meant)).first()


def _is_active(post: Post) -> bool:
    return post.standing is Standing.ACTIVE


# Before it is sent


def discard(session: Session, event_id: int) -> None:
    """Its draft was thrown away: so is the event, unless a plan declares it."""
    session.flush()
    event = session.get(Event, event_id)
    if event and event.code is None:
        session.delete(event)


# What those who were invited are told


def tell(
    session: Session,
    event: Event,
    news: News,
    by_id: int,
    now: datetime,
    *,
    was: Held | None = None,
) -> bool:
    """A message to everybody who has the invitation, each once; whether there is anybody.

    was: when it was held before. One that was not sent yet is seen anew before it is.
    """
    nudges.take_back_about(session, Kind.EVENT, event.id)
    sent = invitation(session, event.id, lock=True)
    if sent is None or not sent.begun_at:
        if sent and sent.stage in UNSENT:
            sent.edition += 1
        return False
    if holders := _told(session, sent):
        message = Broadcast(
            unit_id=event.unit_id,
            author_id=by_id,
            stage=Stage.SENDING,
            written={"letter": {"text": event.title}, "was": was.to_json() if was else None},
            made_at=now,
            begun_at=now,
            event_id=event.id,
            news=news,
        )
        session.add(message)
        session.flush()
        copies.make(session, message.id, holders)
    return bool(holders)


def stop_inviting(session: Session, event: Event, by_id: int, now: datetime) -> None:
    """Nobody gets the invitation any more, nor is reminded of it."""
    sent = invitation(session, event.id, lock=True)
    if sent is None or sent.stage is Stage.STOPPED:
        return
    if sent.stage is Stage.DRAFT:
        session.delete(sent)
        session.flush()
        return
    copies.stop_waiting(session, sent.id)
    broadcasts.move(session, sent, Stage.STOPPED, by_id, now)


def _told(session: Session, sent: Broadcast) -> list[Holder]:
    """Who has the invitation or gets it any moment, whom schools named, and late joiners.

    Those are all of a school where it reached nobody. Who still waits for it reads the news in it.
    """
    reached = session.exec(
        select(Recipient.person_id, Recipient.unit_id, Recipient.post_id, Recipient.fate).where(
            Recipient.broadcast_id == sent.id, Recipient.fate != Fate.FAILED
        )
    ).all()
    waiting = {person for person, _unit, _post, fate in reached if fate is Fate.WAITING}
    found = {person: (unit, post) for person, unit, post, _fate in reached}
    empty = set(sent.unit_ids) - {unit for _person, unit, _post, _fate in reached}
    named = list(_named(session, sent.event_id or 0))
    of_empty = col(Post.unit_id).in_(empty) & col(Post.role).in_(AT_A_SCHOOL)
    rows = session.exec(
        select(Post.person_id, Post.unit_id, Post.id)
        .where(Post.standing == Standing.ACTIVE, col(Post.unit_id).in_(sent.unit_ids))
        .where(col(Post.person_id).in_(named) | of_empty)
    )
    for person, unit, post in rows:
        found.setdefault(person, (unit, post))
    return [
        Holder(person, "", unit, "", post, reachable=True)
        for person, (unit, post) in found.items()
        if person not in waiting
    ]


def _named(session: Session, event_id: int) -> Iterator[int]:
    for reply in events.replies(session, event_id).values():
        yield from _registered(reply)


# Reminders


def answered(session: Session, event: Event, unit_id: int) -> None:
    """Take back what waits to remind a school: that it did not answer, or that it comes."""
    sent = invitation(session, event.id)
    if sent:
        nudges.take_back_about(session, Kind.UNREAD, sent.id)
    rows = session.exec(
        select(Recipient.message_key, Recipient.reminded)
        .where(Recipient.broadcast_id == (sent.id if sent else 0))
        .where(Recipient.unit_id == unit_id, Recipient.reminded > 0)
    )
    _delete_waiting(session, [reminder_key(key, time) for key, time in rows])
    nudges.take_back_about(session, Kind.EVENT, event.id)


def coming(
    session: Session, event: Event, answered_before: datetime
) -> Iterator[tuple[int, EventReply]]:
    """Who is reminded, by id, with their school's answer; who answered later knows it."""
    for reply in events.replies(session, event.id).values():
        if reply.reply is not Reply.ABSENT and reply.at < answered_before:
            for person_id in _who_comes(session, reply):
                yield person_id, reply


def _who_comes(session: Session, reply: EventReply) -> set[int]:
    """Those named who still hold a post there; for others, whoever answered, else all there."""
    staff = {person.id for person in people.at_school(session, reply.unit_id)}
    known = staff & set(_registered(reply))
    if len(known) < max(1, len(reply.people)):
        known |= staff & {reply.by_id} or staff
    return known


def _registered(reply: EventReply) -> Iterator[int]:
    return (guest["person"] for guest in reply.people if "person" in guest)


def _delete_waiting(session: Session, keys: list[str]) -> None:
    session.exec(
        delete(Outgoing)
        .where(col(Outgoing.key).in_(keys))
        .where(col(Outgoing.sending) == Sending.WAITING, col(Outgoing.owner).is_(None))
    )


def beginning(session: Session, first: date, last: date) -> list[Event]:
    """The events that begin in a span of days and are not cancelled."""
    begins = select(Event).where(col(Event.first_day).between(first, last))
    return list(session.exec(begins.where(col(Event.cancelled_at).is_(None))))
