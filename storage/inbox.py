"""Which incoming updates were already answered, and those that could not be."""

import json
import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from storage.database import Instant, Json, insert_for
from storage.prepared import Prepared


class Received(SQLModel, table=True):
    """raw, error: of an update in quarantine, which nobody could read or answer."""

    channel: str = Field(primary_key=True)
    update_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    attempts: int = 1
    error: str | None = None
    raw: dict[str, Any] | None = Field(default=None, sa_type=Json())


def is_new(connection: Connection, channel: str, update_id: str, at: datetime) -> bool:
    """Record the update. False if it was recorded before; channels deliver some twice."""
    values = {"channel": channel, "update_id": update_id, "at": at, "attempts": 1}
    # Not by `rowcount`, which an INSERT does not have on PostgreSQL.
    return _RECORD.first(connection, values) is not None


_received = SQLModel.metadata.tables["received"]
_RECORD = Prepared(
    {
        name: dialect.insert(_received).on_conflict_do_nothing().returning(_received.c.channel)
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    },
    ("channel", "update_id", "at", "attempts"),
)


def quarantine(
    connection: Connection,
    channel: str,
    update_id: str,
    at: datetime,
    *,
    error: str,
    raw: dict[str, Any],
    attempts: int,
) -> None:
    """Keep an update that cannot be answered, so that it no longer holds up the others."""
    insert = insert_for(connection)(Received).on_conflict_do_nothing()
    connection.execute(
        insert,
        {
            "channel": channel,
            "update_id": ascii(update_id)[1:-1],
            "at": at,
            "attempts": attempts,
            "error": error,
            "raw": _storable(raw),
        },
    )


# What JSON can say and PostgreSQL cannot keep; the first is JSON's own way of writing it.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_HALF_A_LETTER = re.compile("[\ud800-\udfff]")


def _storable(raw: dict[str, Any]) -> dict[str, Any]:
    written = _NUL.sub(r"\1\\ufffd", json.dumps(raw, ensure_ascii=False))
    kept: dict[str, Any] = json.loads(_HALF_A_LETTER.sub("\ufffd", written), parse_constant=str)
    return kept


def quarantined(connection: Connection) -> int:
    """How many updates are kept that could not be answered."""
    count = select(func.count()).select_from(Received).where(col(Received.error).is_not(None))
    return connection.execute(count).scalar_one()


_FORGET = delete(Received).where(
    col(Received.at) < bindparam("before"), col(Received.error).is_(None)
)


def forget(connection: Connection, before: datetime) -> None:
    """Channels repeat an update for at most a day; what was answered earlier can go."""
    connection.execute(_FORGET, {"before": before})
