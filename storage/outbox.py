"""Messages to send: written in the transaction that causes them, and sent after it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.database import Instant, Json, primary_key, words


class Lane(StrEnum):
    """Order is kept per chat within a lane, so that a held nudge never holds back a reply."""

    REPLY = "reply"
    NUDGE = "nudge"
    BROADCAST = "broadcast"


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
    try_at: machine time; not before this moment.
    owner: the process that is sending it now, see `storage.processes`.
    reference: the channel's own id of the sent message.
    """

    __table_args__ = (
        Index(
            "ix_outgoing_waiting",
            "lane",
            "address_id",
            "id",
            sqlite_where=text("sending = 'waiting'"),
            postgresql_where=text("sending = 'waiting'"),
        ),
        Index("ix_outgoing_address_id_reference", "address_id", "reference"),
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
class Letter:
    """An `Outgoing` on its way, with where it goes. Plain, as every message passes here."""

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
