"""Messages to send: written in the transaction that causes them, and sent after it.

A row waits until it is sent or has failed. Who sends it, and nobody else, is its owner; a row
without one is anybody's to lease. A reply is usually born with the owner that wrote it, so that
it can leave as soon as it is committed, without another look at the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    Index,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from storage.database import Instant, Json, primary_key, words
from storage.people import Address
from storage.prepared import Prepared

WAKE = "outgoing"  # PostgreSQL's NOTIFY channel: there is something anybody may send


class Lane(StrEnum):
    """Order is kept per chat within a lane, so that a held nudge never holds back a reply."""

    REPLY = "reply"
    NUDGE = "nudge"
    BROADCAST = "broadcast"


BULK = (Lane.NUDGE, Lane.BROADCAST)  # what the bot begins by itself; in order of importance


class Sending(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Outgoing(SQLModel, table=True):
    """One message, already in the reader's language; one call of the channel sends it.

    key: unique where given; who writes the same key twice means the same message.
    lines: [style, text] pairs, see `core.message.Style`.
    choices: [label, code] pairs; the code comes back when the person picks that choice.
    typed, asks_phone: see `core.screen.Screen`.
    page: which choices are shown, from 0, where a channel cannot show them all at once.
    files: {"remote", "sha256", "name", "kind"} each, at most ten.
    edits: the channel's id of the message to change in place; a new one where it cannot be.
    tap: the channel's id of the tap to be answered.
    try_at: machine time; not before this moment. When it was sent or failed, once it was.
    attempts: how often sending failed.
    owner: the process that is to send it, see `storage.processes`; None for anybody.
    reference: the channel's own id of the sent message.
    """

    __table_args__ = (
        # What waits before a message of the same chat and lane.
        Index(
            "ix_outgoing_waiting",
            "address_id",
            "lane",
            "id",
            sqlite_where=text("sending = 'waiting'"),
            postgresql_where=text("sending = 'waiting'"),
        ),
        # What anybody may send, the longest due first.
        Index(
            "ix_outgoing_free",
            "lane",
            "try_at",
            "id",
            sqlite_where=text("sending = 'waiting' AND owner IS NULL"),
            postgresql_where=text("sending = 'waiting' AND owner IS NULL"),
        ),
        Index(
            "ix_outgoing_failed",
            "try_at",
            sqlite_where=text("sending = 'failed'"),
            postgresql_where=text("sending = 'failed'"),
        ),
        Index("ix_outgoing_address_id", "address_id", "id"),
    )

    id: int = primary_key()
    address_id: int = Field(foreign_key="address.id")
    lane: Lane = words(Lane, default=Lane.REPLY)
    key: str | None = Field(default=None, unique=True)
    lines: list[Any] = Field(default_factory=list, sa_type=Json())
    choices: list[Any] = Field(default_factory=list, sa_type=Json())
    typed: bool = False
    asks_phone: bool = False
    page: int = 0
    files: list[Any] = Field(default_factory=list, sa_type=Json())
    edits: str | None = None
    tap: str | None = None
    made_at: datetime = Field(sa_type=Instant)
    try_at: datetime = Field(sa_type=Instant)
    sending: Sending = words(Sending, default=Sending.WAITING)
    attempts: int = 0
    owner: int | None = None
    reference: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be added; the fields are those of `Outgoing`, and where it goes.

    try_at: None for at once.
    """

    address_id: int
    channel: str
    chat: str
    lines: list[list[str]]
    lane: Lane = Lane.REPLY
    choices: list[list[str]] = field(default_factory=list)
    typed: bool = False
    asks_phone: bool = False
    page: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)
    edits: str | None = None
    tap: str | None = None
    key: str | None = None
    try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """An `Outgoing` on its way, with where it goes. Plain, as every message passes here.

    key: of one that was leased; nobody asks for that of a reply.
    """

    id: int
    address_id: int
    channel: str
    chat: str
    lane: Lane
    lines: list[list[str]]
    choices: list[list[str]]
    typed: bool
    asks_phone: bool
    files: list[dict[str, Any]]
    edits: str | None
    tap: str | None
    attempts: int
    page: int = 0
    key: str | None = None


@dataclass(slots=True)
class Added:
    """What became of drafts.

    letters: for the owner to send after the commit, in this order.
    waiting: how many others were written, which anybody may lease.
    skipped: how many were left out, as their key was used before.
    halted: see `storage.broadcasts.MOVED`; None where no message to many was touched.
    """

    letters: list[Letter] = field(default_factory=list)
    waiting: int = 0
    skipped: int = 0
    halted: dict[int, bool] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the reader of a chat is looking at. reference: None until it is sent."""

    id: int
    choices: list[list[str]]
    typed: bool
    asks_phone: bool
    page: int
    reference: str | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that failed for good, for the office to see."""

    id: int
    person_id: int
    address_id: int
    channel: str
    lane: Lane
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Depth:
    """What waits. due: how many could go now. oldest: since when the longest due one could."""

    waiting: int
    due: int
    oldest: datetime | None


_t = SQLModel.metadata.tables["outgoing"]
_address = Address.metadata.tables["address"]
# Literal, as a partial index is only used where the statement itself repeats its condition.
IS_WAITING = _t.c.sending == literal_column("'waiting'")


# Writing


def add(
    connection: Connection, drafts: Sequence[Draft], now: datetime, owner: int | None = None
) -> Added:
    """Write messages. Give `letters` to the sender after the commit, and wake it for the others.

    now: machine time. owner: the process that will send the replies; None for anybody. It gets
    those before which nothing waits that is not its own, so one process keeps the order.
    """
    added = Added()
    bulk = [_row(draft, now) for draft in drafts if draft.lane is not Lane.REPLY]
    for draft in drafts:
        if draft.lane is Lane.REPLY:
            _add_reply(connection, draft, now, owner, added)
    if bulk:
        written = connection.execute(_INSERT_BULK[connection.dialect.name], bulk)
        added.waiting += len(written.all())
    if added.waiting:
        wake_all(connection)
    added.skipped = len(drafts) - added.waiting - len(added.letters)
    return added


def replace_waiting(
    connection: Connection, draft: Draft, now: datetime, owner: int | None = None
) -> Added:
    """Write a message that takes the place of an earlier one with the same key.

    One that nobody has begun to send is rewritten. One that was sent is edited, and one that is
    being sent is followed, by a new message, to which the key then belongs.
    """
    earlier = connection.execute(_OF_KEY, {"of": draft.key}).first()
    if earlier and earlier.sending is Sending.WAITING and earlier.owner is None:
        row = _row(draft, now)
        connection.execute(_REWRITE, {"letter": earlier.id, **{n: row[n] for n in _REWRITTEN}})
        wake_all(connection)
        return Added(waiting=1)
    if earlier:
        connection.execute(_NO_KEY, {"letter": earlier.id, "to": f"{draft.key}#{earlier.id}"})
        draft = replace(draft, edits=earlier.reference or draft.edits)
    return add(connection, [draft], now, owner)


def _add_reply(
    connection: Connection, draft: Draft, now: datetime, owner: int | None, added: Added
) -> None:
    row = _row(draft, now)
    me = owner if row["try_at"] <= now else None
    row |= {"me": me, "to": draft.address_id, "of_lane": draft.lane}
    written = _INSERT_REPLY.first(connection, row)
    if written is None:
        return
    number, owned_by = written
    if owned_by is None:
        added.waiting += 1
    else:
        added.letters.append(_letter(draft, number))


_CONTENT = (
    *("address_id", "lane", "key", "lines", "choices", "typed", "asks_phone", "page"),
    *("files", "edits", "tap"),
)
_REWRITTEN = tuple({*_CONTENT, "try_at"} - {"key", "address_id", "lane"})


def _row(draft: Draft, now: datetime) -> dict[str, Any]:
    row = {name: getattr(draft, name) for name in _CONTENT}
    row |= {"made_at": now, "try_at": draft.try_at or now}
    return row | {"sending": Sending.WAITING, "attempts": 0}


def _letter(draft: Draft, id: int) -> Letter:
    return Letter(
        id=id,
        address_id=draft.address_id,
        channel=draft.channel,
        chat=draft.chat,
        lane=draft.lane,
        lines=draft.lines,
        choices=draft.choices,
        typed=draft.typed,
        asks_phone=draft.asks_phone,
        files=draft.files,
        edits=draft.edits,
        tap=draft.tap,
        attempts=0,
        page=draft.page,
    )


def wake_all(connection: Connection) -> None:
    """Tell the other processes, when this is committed. On SQLite there are none."""
    if connection.dialect.name == "postgresql":
        connection.execute(_NOTIFY)


_NOTIFY = select(func.pg_notify(WAKE, ""))
_earlier = _t.alias("earlier")
_another_is_before = exists().where(
    _earlier.c.address_id == bindparam("to"),
    _earlier.c.lane == bindparam("of_lane"),
    _earlier.c.sending == literal_column("'waiting'"),
    or_(_earlier.c.owner.is_(None), _earlier.c.owner != bindparam("me", type_=Integer)),
)
_born_to = case((_another_is_before, null()), else_=bindparam("me", type_=Integer))
_INSERT = {
    name: dialect.insert(_t).on_conflict_do_nothing(index_elements=["key"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_INSERT_BULK = {name: insert.returning(_t.c.id) for name, insert in _INSERT.items()}
_INSERT_REPLY = Prepared(
    {
        name: insert.values(owner=_born_to).returning(_t.c.id, _t.c.owner)
        for name, insert in _INSERT.items()
    },
    (*_CONTENT, "made_at", "try_at", "sending", "attempts"),
)
_OF_KEY = (
    select(_t.c.id, _t.c.sending, _t.c.owner, _t.c.reference)
    .where(_t.c.key == bindparam("of"))
    .with_for_update()
)
_REWRITE = update(_t).where(_t.c.id == bindparam("letter"))
_NO_KEY = update(_t).where(_t.c.id == bindparam("letter")).values(key=bindparam("to"))


# Looking


def last_shown(connection: Connection, address_id: int) -> Shown | None:
    """What the chat's reader is looking at, to know what the number they typed stands for.

    A nudge or a broadcast counts once it is sent, a reply from its commit.
    """
    row = connection.execute(_LAST_SHOWN, {"at": address_id}).first()
    return Shown(*row) if row else None


def shown_as(connection: Connection, address_id: int, reference: str) -> Draft | None:
    """The message that a chat shows under the channel's id, as it could be written again."""
    row = connection.execute(_SHOWN_AS, {"at": address_id, "under": reference}).first()
    return Draft(**row._mapping) if row else None


def failed(connection: Connection, since: datetime) -> list[Undelivered]:
    """What failed for good at or after a moment of machine time, oldest first."""
    return [Undelivered(*row) for row in connection.execute(_FAILED, {"since": since})]


def depth(connection: Connection, now: datetime) -> Depth:
    """now: machine time."""
    return Depth(*connection.execute(_DEPTH, {"now": now}).one())


def forget(connection: Connection, before: datetime) -> int:
    """Remove what was sent or failed before a moment; its key may then be used again."""
    return connection.execute(_FORGET, {"before": before}).rowcount


_LAST_SHOWN = (
    select(_t.c.id, _t.c.choices, _t.c.typed, _t.c.asks_phone, _t.c.page, _t.c.reference)
    .where(_t.c.address_id == bindparam("at"))
    .where(
        or_(
            _t.c.sending == Sending.SENT,
            and_(_t.c.sending == Sending.WAITING, _t.c.lane == Lane.REPLY),
        )
    )
    .order_by(_t.c.id.desc())
    .limit(1)
)
_SHOWN_AS = (
    select(
        *(_t.c.address_id, _address.c.channel, _address.c.chat, _t.c.lines, _t.c.choices),
        *(_t.c.typed, _t.c.asks_phone, _t.c.page),
    )
    .join(_address, _address.c.id == _t.c.address_id)
    .where(_t.c.address_id == bindparam("at"), _t.c.reference == bindparam("under"))
    .order_by(_t.c.id.desc())
    .limit(1)
)
_FAILED = (
    select(
        *(_t.c.id, _address.c.person_id, _t.c.address_id, _address.c.channel),
        *(_t.c.lane, _t.c.try_at, func.coalesce(_t.c.error, "")),
    )
    .join(_address, _address.c.id == _t.c.address_id)
    .where(_t.c.sending == literal_column("'failed'"), _t.c.try_at >= bindparam("since"))
    .order_by(_t.c.try_at, _t.c.id)
)
_is_due = _t.c.try_at <= bindparam("now")
_DEPTH = select(
    func.count(),
    func.count(case((_is_due, true()))),
    func.min(case((_is_due, _t.c.try_at))),
).where(IS_WAITING)
_FORGET = delete(_t).where(_t.c.sending != literal_column("'waiting'"))
_FORGET = _FORGET.where(_t.c.try_at < bindparam("before"))
