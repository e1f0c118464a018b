"""Chats to write to, and messages for them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert

from storage import deliveries, outbox
from storage.outbox import Draft, Lane, Letter
from storage.people import Address, Person

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CHANNEL = "talk"


def chats(engine: Engine, count: int, since: int = 1) -> None:
    """So many addresses, the first with the number `since`, whose chats bear their number."""
    with engine.begin() as connection:
        numbers = range(since, since + count)
        connection.execute(insert(Person), [{"id": n} for n in numbers])
        rows = [{"id": n, "person_id": n, "channel": CHANNEL, "chat": str(n)} for n in numbers]
        connection.execute(insert(Address), rows)


def draft(number: int, words: str = "Xin chào", **more: Any) -> Draft:
    """A message to the chat of that number."""
    return Draft(number, CHANNEL, str(number), [["", words]], **more)


def put(
    engine: Engine, drafts: Sequence[Draft], owner: int | None = None, now: datetime = NOW
) -> list[Letter]:
    """Commit messages; return those that are the owner's to send."""
    with engine.begin() as connection:
        return outbox.add(connection, drafts, now, owner).letters


def lease(
    connection: Connection, lane: Lane = Lane.REPLY, now: datetime = NOW, most: int = 100
) -> list[Letter]:
    return deliveries.lease(connection, 7, now, CHANNEL, lane, most)


def words(letters: Sequence[Letter]) -> list[str]:
    return [letter.lines[0][1] for letter in letters]
