"""The copies of messages to many: made in parts, written to the outbox, and their fate read back.

A recipient is a row before anything is sent, so that nobody is forgotten and nobody gets two.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, literal, select, update
from sqlmodel import Session, col

from core.roles import Standing
from storage.broadcasts import Broadcast, Fate, Holder, Recipient, Stage, Why, silent
from storage.daily_lines import OTHERS, DailyLine, Kind
from storage.database import insert_for
from storage.outbox import Outgoing, Sending
from storage.people import Address, Post

_COPY = re.compile(r"broadcast:([0-9]+):[0-9]+")
OPEN = (Fate.WAITING, Fate.QUEUED)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of people, and of schools. open: to whom nothing was sent yet.

    informed: schools where somebody has acknowledged it.
    """

    all: int = 0
    open: int = 0
    sent: int = 0
    failed: int = 0
    acknowledged: int = 0
    schools: int = 0
    informed: int = 0

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def make(
    session: Session, broadcast_id: int, holders: Sequence[Holder], reminded: int = 0
) -> None:
    """Recipients; who is one already stays it. reminded: how often others were by now."""
    rows = [
        {
            "broadcast_id": broadcast_id,
            "person_id": holder.person_id,
            "unit_id": holder.unit_id,
            "post_id": holder.post_id,
            "message_key": key_of(broadcast_id, holder.person_id),
            "fate": Fate.WAITING,
            "why": Why.NONE,
            "version": 0,
            "reminded": reminded,
        }
        for holder in holders
    ]
    insert = insert_for(session.connection())(Recipient).on_conflict_do_nothing()
    session.connection().execute(insert, rows)


def key_of(broadcast_id: int, person_id: int) -> str:
    """Of somebody's copy in the outbox."""
    return f"broadcast:{broadcast_id}:{person_id}"


def broadcast_of(key: str | None) -> int | None:
    """Of which message a letter with this key is a copy; of a correction, which goes on, none."""
    found = _COPY.fullmatch(key or "")
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recipient to whom nothing was sent yet; see `Recipient`."""

    id: int
    person_id: int
    message_key: str


def take_waiting(session: Session, broadcast_id: int, most: int) -> list[Waiting]:
    """Those to be queued next, locked. Whose post has ended by now gets nothing."""
    where = {"of_broadcast": broadcast_id, "most": most}
    rows = session.connection().execute(_TAKE_WAITING, where).all()
    fail(session, [row[0] for row in rows if row[-1] is Standing.ENDED], Why.ENDED)
    return [Waiting(*row[:-1]) for row in rows if row[-1] is not Standing.ENDED]


def queue(session: Session, recipients: Collection[int], version: int) -> None:
    """Their copies stand in the outbox, in the words of this version."""
    values = {"fate": Fate.QUEUED, "version": version}
    session.connection().execute(_CHANGE.values(values), {"recipients": list(recipients)})


def fail(session: Session, recipients: Collection[int], why: Why) -> None:
    values = {"fate": Fate.FAILED, "why": why}
    session.connection().execute(_CHANGE.values(values), {"recipients": list(recipients)})


_TAKE_WAITING = (
    select(
        col(Recipient.id),
        col(Recipient.person_id),
        col(Recipient.message_key),
        col(Post.standing),
    )
    .join(Post, col(Post.id) == col(Recipient.post_id))
    .where(col(Recipient.broadcast_id) == bindparam("of_broadcast"))
    .where(col(Recipient.fate) == Fate.WAITING)
    .order_by(col(Recipient.id))
    .limit(bindparam("most"))
    .with_for_update(of=Recipient, skip_locked=True)
)
_CHANGE = update(Recipient).where(col(Recipient.id).in_(bindparam("recipients", expanding=True)))


def take_outdated(session: Session, broadcast: Broadcast, most: int) -> list[Recipient]:
    """Those who were sent the words before the last correction, locked."""
    rows = session.execute(
        select(Recipient)
        .where(col(Recipient.broadcast_id) == broadcast.id, col(Recipient.fate) == Fate.SENT)
        .where(col(Recipient.version) < broadcast.version)
        .order_by(col(Recipient.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(rows.scalars())


def reference(session: Session, recipient: Recipient) -> str | None:
    """The channel's id of the copy they were sent, where it is known."""
    return session.execute(
        select(col(Outgoing.reference)).where(col(Outgoing.key) == recipient.message_key)
    ).scalar()


def count(session: Session, broadcast: Broadcast) -> Counts:
    rows = session.execute(
        select(col(Recipient.fate), func.count(), func.count(col(Recipient.acknowledged_at)))
        .where(col(Recipient.broadcast_id) == broadcast.id)
        .group_by(col(Recipient.fate))
    ).all()
    by_fate = {fate: number for fate, number, _known in rows}
    return Counts(
        all=sum(by_fate.values()),
        open=sum(by_fate.get(fate, 0) for fate in OPEN),
        sent=by_fate.get(Fate.SENT, 0),
        failed=by_fate.get(Fate.FAILED, 0),
        acknowledged=sum(known for _fate, _number, known in rows),
        schools=len(broadcast.unit_ids),
        informed=len(broadcast.unit_ids) - len(silent(session, broadcast)),
    )


def queued(session: Session, broadcast_id: int) -> int:
    its = (col(Recipient.broadcast_id) == broadcast_id, col(Recipient.fate) == Fate.QUEUED)
    found: int = session.execute(select(func.count()).where(*its)).scalar_one()
    return found


def any_open(session: Session, broadcast_id: int) -> bool:
    its = (col(Recipient.broadcast_id) == broadcast_id, col(Recipient.fate).in_(OPEN))
    return session.execute(select(col(Recipient.id)).where(*its).limit(1)).first() is not None


def stop_waiting(session: Session, broadcast_id: int) -> None:
    """Nothing more is queued; what is queued is dropped when it would be sent."""
    session.execute(
        update(Recipient)
        .where(col(Recipient.broadcast_id) == broadcast_id)
        .where(col(Recipient.fate) == Fate.WAITING)
        .values(fate=Fate.FAILED, why=Why.STOPPED)
    )


def settle(session: Session, broadcast_id: int, now: datetime) -> None:
    """Read back what became of queued copies."""
    of_copy = col(Outgoing.key) == col(Recipient.message_key)
    sending = select(col(Outgoing.sending)).where(of_copy).scalar_subquery()
    closed = select(literal(1)).select_from(Outgoing).join(Address)
    closed = closed.where(of_copy, col(Address.reachable).is_(False))
    queued = (
        update(Recipient)
        .where(col(Recipient.broadcast_id) == broadcast_id)
        .where(col(Recipient.fate) == Fate.QUEUED)
        .execution_options(synchronize_session=False)
    )
    sent = queued.where(sending == Sending.SENT)
    session.execute(sent.values(fate=Fate.SENT, sent_at=now))
    # A copy that is there no more was erased with its reader.
    failed = queued.where((sending == Sending.FAILED) | sending.is_(None))
    why = case((closed.exists(), Why.CLOSED.value), else_=Why.REFUSED.value)
    session.execute(failed.values(fate=Fate.FAILED, why=why))


def settle_daily(session: Session, broadcast_id: int) -> None:
    """Of those who were told in their message of a day: read back which of these could not go."""
    line = (DailyLine.kind == Kind.UNREAD) & (DailyLine.about_id == broadcast_id)
    failed = (
        select(col(Outgoing.address_id), col(DailyLine.person_id))
        .join(DailyLine, (col(DailyLine.message_key) == col(Outgoing.key)) & line)
        .where(col(DailyLine.which) == OTHERS, col(Outgoing.sending) == Sending.FAILED)
    )
    for address_id, person_id in session.execute(failed).all():
        closed = not session.get_one(Address, address_id).reachable
        session.execute(
            update(Recipient)
            .where(col(Recipient.broadcast_id) == broadcast_id)
            .where(col(Recipient.person_id) == person_id, col(Recipient.fate) == Fate.SENT)
            .where(col(Recipient.acknowledged_at).is_(None))
            .values(fate=Fate.FAILED, why=Why.CLOSED if closed else Why.REFUSED, sent_at=None)
        )


def drop_unwanted(connection: Connection, letters: Collection[int]) -> set[int]:
    """Take back copies that may not be sent any more, just before they would be; return their ids.

    Those of a message that is paused, or was corrected meanwhile, wait again.
    """
    unwanted = connection.execute(_UNWANTED, {"letters": list(letters)}).all()
    for _letter, recipient, stage, standing in unwanted:
        instead = update(Recipient).where(col(Recipient.id) == recipient)
        connection.execute(instead, _instead(stage, standing))
    dropped = {letter for letter, *_rest in unwanted}
    if dropped:
        connection.execute(delete(Outgoing).where(col(Outgoing.id).in_(dropped)))
    return dropped


_UNWANTED = (
    select(col(Outgoing.id), col(Recipient.id), col(Broadcast.stage), col(Post.standing))
    .select_from(Outgoing)
    .join(Recipient, col(Recipient.message_key) == col(Outgoing.key))
    .join(Broadcast, col(Broadcast.id) == col(Recipient.broadcast_id))
    .join(Post, col(Post.id) == col(Recipient.post_id))
    .where(col(Outgoing.id).in_(bindparam("letters", expanding=True)))
    .where(
        (col(Broadcast.stage) != Stage.SENDING)
        | (col(Post.standing) == Standing.ENDED)
        | (col(Recipient.version) != col(Broadcast.version))
    )
)


def _instead(stage: Stage, standing: Standing) -> dict[str, Any]:
    if standing is Standing.ENDED:
        return {"fate": Fate.FAILED, "why": Why.ENDED}
    if stage is Stage.STOPPED:
        return {"fate": Fate.FAILED, "why": Why.STOPPED}
    return {"fate": Fate.WAITING, "why": Why.NONE}
