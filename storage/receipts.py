"""Who has acknowledged a message to many, who keeps silent, and the list that proves it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from core.roles import AT_A_SCHOOL, Standing
from storage import copies, nudges
from storage.broadcasts import Broadcast, Fate, Holder, Recipient, Stage, Why, silent
from storage.daily_lines import Kind
from storage.outbox import Outgoing, Sending
from storage.people import Person, Post, address_of, units_of
from storage.units import Unit


def of_person(session: Session, broadcast_id: int, person_id: int) -> Recipient | None:
    """Their own row, locked, if a copy was sent to them or is about to be."""
    recipient: Recipient | None = session.execute(
        select(Recipient)
        .where(col(Recipient.broadcast_id) == broadcast_id)
        .where(col(Recipient.person_id) == person_id)
        .with_for_update()
    ).scalar_one_or_none()
    return recipient


def waiting(session: Session, person_id: int, since: datetime) -> list[Recipient]:
    """Copies that came to somebody since then and were not acknowledged, the newest first."""
    rows = session.execute(
        select(Recipient)
        .join(Broadcast, col(Broadcast.id) == col(Recipient.broadcast_id))
        .where(col(Recipient.person_id) == person_id, col(Recipient.fate) == Fate.SENT)
        .where(col(Recipient.acknowledged_at).is_(None), col(Recipient.sent_at) > since)
        .where(col(Broadcast.stage) != Stage.STOPPED)
        .order_by(col(Recipient.sent_at).desc(), col(Recipient.id).desc())
    )
    return list(rows.scalars())


def acknowledge(session: Session, recipient: Recipient, now: datetime) -> None:
    """Note it, and take back reminders that wait for the people of their schools."""
    recipient.acknowledged_at = now
    session.add(recipient)
    theirs = select(col(Post.unit_id)).where(col(Post.person_id) == recipient.person_id)
    keys = session.execute(
        select(col(Recipient.message_key), col(Recipient.reminded))
        .where(col(Recipient.broadcast_id) == recipient.broadcast_id)
        .where(col(Recipient.unit_id).in_(theirs), col(Recipient.reminded) > 0)
    ).all()
    session.execute(
        delete(Outgoing)
        .where(col(Outgoing.key).in_([reminder_key(key, time) for key, time in keys]))
        .where(col(Outgoing.sending) == Sending.WAITING, col(Outgoing.owner).is_(None))
    )
    nudges.take_back_about(session, Kind.UNREAD, recipient.broadcast_id)


def reminder_key(message_key: str, time: int) -> str:
    """time: which reminder it is, from 1."""
    return f"{message_key}:reminder {time}"


def take_silent(session: Session, broadcast: Broadcast, time: int, most: int) -> list[Recipient]:
    """Those to be reminded, locked: nobody of their school has acknowledged it."""
    units = silent(session, broadcast)
    rows = session.execute(
        select(Recipient)
        .where(col(Recipient.broadcast_id) == broadcast.id, col(Recipient.fate) == Fate.SENT)
        .where(col(Recipient.acknowledged_at).is_(None), col(Recipient.reminded) < time)
        .where(col(Recipient.unit_id).in_(units))
        .order_by(col(Recipient.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(rows.scalars())


def others_of_silent(session: Session, broadcast: Broadcast) -> list[Holder]:
    """Who holds a post at a silent school, and was not meant so far."""
    meant = select(col(Recipient.person_id)).where(col(Recipient.broadcast_id) == broadcast.id)
    rows = session.execute(
        select(col(Person.id), col(Person.name), col(Unit.id), col(Unit.name), col(Post.id))
        .select_from(Post)
        .join(Person, col(Person.id) == col(Post.person_id))
        .join(Unit, col(Unit.id) == col(Post.unit_id))
        .where(col(Post.standing) == Standing.ACTIVE, col(Post.role).in_(AT_A_SCHOOL))
        .where(col(Post.unit_id).in_(silent(session, broadcast)))
        .where(col(Post.person_id).not_in(meant))
        .order_by(col(Post.id))
    )
    return [
        Holder(person_id, name, unit_id, unit_name, post_id, reachable=True)
        for person_id, name, unit_id, unit_name, post_id in rows
    ]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message for one person, or for a school without anybody meant."""

    code: str
    unit: str
    unit_id: int
    name: str = ""
    phone: str = ""
    fate: Fate | None = None
    why: Why = Why.NONE
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None


def all_of(session: Session, broadcast: Broadcast) -> list[Receipt]:
    """By school."""
    rows = session.execute(
        select(*_OF_UNIT, *_OF_PERSON)
        .select_from(Recipient)
        .join(Person, col(Person.id) == col(Recipient.person_id))
        .join(Unit, col(Unit.id) == col(Recipient.unit_id))
        .where(col(Recipient.broadcast_id) == broadcast.id)
    )
    found = [Receipt(*row) for row in rows]
    empty = set(broadcast.unit_ids) - {receipt.unit_id for receipt in found}
    without = session.execute(select(*_OF_UNIT).where(col(Unit.id).in_(empty)))
    found += [Receipt(*row) for row in without]
    return sorted(found, key=lambda receipt: (receipt.unit, receipt.name))


_OF_UNIT = (col(Unit.code), col(Unit.name), col(Unit.id))
_OF_PERSON = (
    *(col(Person.name), col(Person.phone), col(Recipient.fate), col(Recipient.why)),
    *(col(Recipient.sent_at), col(Recipient.acknowledged_at)),
)


def ask_too(session: Session, broadcast: Broadcast, person_id: int, now: datetime) -> None:
    """Somebody else of a silent school is told of it in their message of a day.

    They are a recipient from then on, and none before, so that nobody is counted in vain.
    """
    others = {holder.person_id: holder for holder in others_of_silent(session, broadcast)}
    holder, address = others.get(person_id), address_of(session, person_id)
    if holder is None or broadcast.stage is not Stage.SENT:
        return
    reached = address is not None and address.reachable
    asked = Recipient(
        broadcast_id=broadcast.id,
        person_id=person_id,
        unit_id=holder.unit_id,
        post_id=holder.post_id,
        message_key=copies.key_of(broadcast.id, person_id),
        fate=Fate.SENT if reached else Fate.FAILED,
        why=Why.NONE if reached else Why.CLOSED,
        version=broadcast.version,
        reminded=broadcast.reminded,
        sent_at=now if reached else None,
    )
    session.add(asked)
    session.flush()


def unread(session: Session, person_id: int) -> list[Broadcast]:
    """What was sent to somebody, and nobody of their school has acknowledged; oldest first.

    Of schools that they have left, nothing.
    """
    theirs = units_of(session, [person_id]).get(person_id, set())
    rows = session.execute(
        select(Broadcast, Recipient)
        .join(Recipient, col(Recipient.broadcast_id) == col(Broadcast.id))
        .where(col(Recipient.person_id) == person_id, col(Recipient.fate) == Fate.SENT)
        .where(col(Recipient.acknowledged_at).is_(None))
        .where(col(Broadcast.stage).in_((Stage.SENT, Stage.SENDING)))
        .order_by(col(Broadcast.id))
    ).all()
    return [one for one, mine in rows if mine.unit_id in theirs & silent(session, one)]
