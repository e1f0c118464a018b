"""The sender's work on the outbox: what it may send now, what became of that, and at what rate."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Integer,
    and_,
    bindparam,
    exists,
    literal_column,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from storage.database import Instant, insert_for
from storage.outbox import IS_WAITING, Lane, Letter, Sending, wake_all
from storage.people import Address
from storage.prepared import Prepared

SEND_AHEAD = timedelta(seconds=10)  # no more of the rate is ever given away in advance
SAVED_UP = timedelta(seconds=0.1)  # of the rate that nobody asked for; as in `bot.pace`
AT_REST = timedelta(seconds=1)  # without asking


class RateBudget(SQLModel, table=True):
    """How much of a channel's rate is given away. next_at: machine time of the next free slot."""

    __tablename__ = "rate_budget"

    channel: str = Field(primary_key=True)
    next_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a letter that was tried, or can no longer be.

    at: machine time at which it was sent or failed; not to be tried before, if it waits.
    attempts: how often it was tried in vain by now.
    moved_to: the chat's new name. unreachable: whether the chat gets nothing any more.
    released: it was not tried, and is anybody's to lease, who will look at it anew.
    """

    letter: Letter
    sending: Sending
    at: datetime
    attempts: int = 0
    reference: str | None = None
    error: str | None = None
    moved_to: str | None = None
    unreachable: bool = False
    released: bool = False


_t = SQLModel.metadata.tables["outgoing"]
_budget = SQLModel.metadata.tables["rate_budget"]
_address = Address.metadata.tables["address"]
_earlier = _t.alias("earlier")
_ANYBODYS = and_(IS_WAITING, _t.c.owner.is_(None))


def lease(
    connection: Connection, owner: int, now: datetime, channel: str, lane: Lane, most: int
) -> list[Letter]:
    """Take messages to send, the longest due first, at most one of each chat.

    Left alone are those behind an earlier one of their chat and lane, those whose moment has not
    come, those of chats that get nothing any more, and those another process is just taking.
    """
    where = {"of_channel": channel, "of_lane": lane, "now": now, "most": most}
    letters = [Letter(*tuple(row)) for row in connection.execute(_DUE, where)]
    if letters:
        connection.execute(_OWN, {"me": owner, "letters": [letter.id for letter in letters]})
    return letters


def next_at(connection: Connection, channel: str) -> dict[Lane, datetime]:
    """The first moment at which anybody may send something; past, if it waits for another."""
    moments = connection.execute(_NEXT, {"of_channel": channel}).one()
    return {lane: at for lane, at in zip(Lane, moments, strict=True) if at is not None}


def mark(connection: Connection, fates: Sequence[Fate]) -> None:
    """Write down what became of letters that still wait; those to be tried again stay owned.

    Addresses come first, as in a turn: two transactions then never wait for each other.
    """
    for fate in fates:
        if fate.unreachable:
            _give_up(connection, fate)
        elif fate.moved_to:
            _move(connection, fate.letter, fate.moved_to)
    rows = [
        {
            "letter": fate.letter.id,
            "sending": fate.sending,
            "try_at": fate.at,
            "attempts": fate.attempts,
            "reference": fate.reference,
            "error": fate.error,
        }
        for fate in sorted(fates, key=lambda fate: fate.letter.id)
    ]
    _MARK.each(connection, rows)
    if released := [fate.letter.id for fate in fates if fate.released]:
        connection.execute(_LET_GO, {"letters": released})


def fail_unreachable(connection: Connection, now: datetime) -> int:
    """Fail what nobody has begun to send to chats that get nothing any more; return how many."""
    return connection.execute(_FAIL_UNREACHABLE, {"failed_at": now}).rowcount


def owners(connection: Connection) -> set[int]:
    """The processes something waits for. Ask who is alive after this, and `free` the others.

    In that order, as one that enters in between owns nothing yet.
    """
    return set(connection.execute(_OWNERS).scalars())


def free(connection: Connection, dead: Collection[int]) -> int:
    """Make anybody's what waits for processes that send no more; return how many."""
    if not dead:
        return 0
    freed = connection.execute(_FREE, {"dead": list(dead)}).rowcount
    if freed:
        wake_all(connection)
    return freed


def owned(connection: Connection, owner: int) -> list[int]:
    """The ids of what waits for one process to send it."""
    return list(connection.execute(_OWNED, {"me": owner}).scalars())


def release(connection: Connection, owner: int, letters: Collection[int]) -> None:
    """Make some of a process's waiting messages anybody's."""
    if letters:
        connection.execute(_RELEASE, {"me": owner, "letters": list(letters)})
        wake_all(connection)


def reserve(
    connection: Connection, channel: str, now: datetime, count: int, rate: float
) -> datetime:
    """Take the next `count` slots of a channel, 1 / `rate` seconds apart; return the first.

    Slots nobody took are gone, but who asks a little late, while sending, gets the last of them.
    One far ahead means that the machine's clock was set back.
    """
    found = connection.execute(_BUDGET, {"of_channel": channel}).scalar()
    if found is None:
        first_row = {"channel": channel, "next_at": now}
        insert = insert_for(connection)(_budget).on_conflict_do_nothing()
        connection.execute(insert, first_row)
        found = connection.execute(_BUDGET, {"of_channel": channel}).scalar_one()
    first: datetime = now
    if now - AT_REST < found < now + SEND_AHEAD:
        first = max(found, now - SAVED_UP)
    then = first + timedelta(seconds=count / rate)
    connection.execute(_SPEND, {"of_channel": channel, "next_at": then})
    return first


def _give_up(connection: Connection, fate: Fate) -> None:
    at = {"address": fate.letter.address_id}
    connection.execute(_CUT_OFF, at)
    connection.execute(_FAIL_CHAT, {**at, "failed_at": fate.at, "why": fate.error})


def _move(connection: Connection, letter: Letter, chat: str) -> None:
    """Follow the chat, unless it is known under its new name; then the old address is dead."""
    where = {"address": letter.address_id, "to": chat, "of_channel": letter.channel}
    if not connection.execute(_MOVE, where).rowcount:
        connection.execute(_CUT_OFF, {"address": letter.address_id})


# Looked up in its index for each letter. NOT EXISTS would be made a join, and PostgreSQL, which
# knows nothing yet of what was written a second ago, would compare all that waits with each.
_FIRST_OF_CHAT = (
    select(_earlier.c.id)
    .where(_earlier.c.address_id == _t.c.address_id, _earlier.c.lane == _t.c.lane)
    .where(_earlier.c.sending == literal_column("'waiting'"))
    .order_by(_earlier.c.id)
    .limit(literal_column("1"))
    .correlate(_t)
    .scalar_subquery()
)
_DUE = (
    select(
        *(_t.c.id, _t.c.address_id, _address.c.channel, _address.c.chat, _t.c.lane),
        *(_t.c.lines, _t.c.choices, _t.c.typed, _t.c.asks_phone, _t.c.files),
        *(_t.c.edits, _t.c.tap, _t.c.attempts, _t.c.page, _t.c.key),
    )
    .join(_address, _address.c.id == _t.c.address_id)
    .where(_ANYBODYS, _t.c.lane == bindparam("of_lane"), _t.c.try_at <= bindparam("now"))
    .where(_address.c.channel == bindparam("of_channel"), _address.c.reachable)
    .where(_t.c.id == _FIRST_OF_CHAT)
    .order_by(_t.c.try_at, _t.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=_t, skip_locked=True)
)
_OWN = (
    update(_t)
    .where(_t.c.id.in_(bindparam("letters", expanding=True)))
    .values(owner=bindparam("me", type_=Integer))
)
# One step into an index for each lane, however much waits.
_NEXT = select(
    *(
        select(_t.c.try_at)
        .join(_address, _address.c.id == _t.c.address_id)
        .where(_ANYBODYS, _t.c.lane == literal_column(f"'{lane}'"), _address.c.reachable)
        .where(_address.c.channel == bindparam("of_channel"))
        .order_by(_t.c.try_at)
        .limit(literal_column("1"))
        .scalar_subquery()
        for lane in Lane
    )
)
_MARK = Prepared(
    update(_t).where(_t.c.id == bindparam("letter"), IS_WAITING),
    ("sending", "try_at", "attempts", "reference", "error"),
)
_CUT_OFF = update(_address).where(_address.c.id == bindparam("address")).values(reachable=False)
_FAIL_CHAT = (
    update(_t)
    .where(_ANYBODYS, _t.c.address_id == bindparam("address"))
    .values(sending=Sending.FAILED, try_at=bindparam("failed_at"), error=bindparam("why"))
)
_FAIL_UNREACHABLE = (
    update(_t)
    .where(_ANYBODYS)
    .where(_t.c.address_id.in_(select(_address.c.id).where(~_address.c.reachable)))
    .values(sending=Sending.FAILED, try_at=bindparam("failed_at"), error="the chat is closed")
)
_namesake = _address.alias("namesake")
_MOVE = (
    update(_address)
    .where(_address.c.id == bindparam("address"))
    .where(
        ~exists().where(
            _namesake.c.channel == bindparam("of_channel"),
            _namesake.c.chat == bindparam("to"),
            _namesake.c.id != _address.c.id,
        )
    )
    .values(chat=bindparam("to"))
)
_OWNERS = select(_t.c.owner).distinct().where(IS_WAITING, _t.c.owner.is_not(None))
_FREE = (
    update(_t)
    .where(IS_WAITING, _t.c.owner.in_(bindparam("dead", expanding=True)))
    .values(owner=None)
)
_OWNED = select(_t.c.id).where(IS_WAITING, _t.c.owner == bindparam("me"))
_RELEASE = (
    update(_t)
    .where(IS_WAITING, _t.c.owner == bindparam("me"))
    .where(_t.c.id.in_(bindparam("letters", expanding=True)))
    .values(owner=None)
)
_LET_GO = (
    update(_t)
    .where(IS_WAITING, _t.c.id.in_(bindparam("letters", expanding=True)))
    .values(owner=None)
)
_BUDGET = select(_budget.c.next_at).where(_budget.c.channel == bindparam("of_channel"))
_BUDGET = _BUDGET.with_for_update()
_SPEND = update(_budget).where(_budget.c.channel == bindparam("of_channel"))
