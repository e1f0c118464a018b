"""Many messages at once: each is answered or undone by itself, whatever becomes of the others."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from bot import answering
from bot.answering import Answering
from bot.channels.base import Incoming, Unreadable
from bot.inbound import Desk, Times, answer
from bot.metrics import Outcome
from bot.writing import Writer
from core.screen import Picked, Typed
from storage.outbox import Letter
from tests.phone import HANOI, MACHINE_NOW

TIMES = Times(MACHINE_NOW, MACHINE_NOW)


class Chats:
    """A channel whose updates are {"update_id", "from", "text"}."""

    name = "telegram"

    def read(self, raw: dict[str, Any]) -> Incoming | None:
        if raw["text"] == "unreadable":
            raise Unreadable("of no kind")
        who = raw["from"]["id"]
        return Incoming(self.name, str(raw["update_id"]), who, who, Typed(raw["text"]))

    async def answer_tap(self, tap: str) -> None:
        raise AssertionError(tap)  # nobody taps here


class Buttons(Chats):
    """A channel whose updates are taps on one button."""

    def __init__(self) -> None:
        self.answered: list[str] = []

    def read(self, raw: dict[str, Any]) -> Incoming:
        number = str(raw["update_id"])
        what, tap = Picked("show:menu"), f"tap {number}"
        return Incoming(self.name, number, "chat", "chat", what, message="1", tap=tap)

    async def answer_tap(self, tap: str) -> None:
        self.answered.append(tap)


class Hands:
    owner = 5

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.halted: dict[int, bool] = {}

    def take(self, letters: Any) -> None:
        self.letters += letters

    def wake(self) -> None:
        """Nothing waits for others."""

    def halt(self, which: Mapping[int, bool]) -> None:
        self.halted |= which


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def busy(engine: Engine, hands: Hands) -> Iterator[Answering]:
    with ThreadPoolExecutor(1) as thread:
        writer = Writer(engine, thread)
        yield Answering(engine, Desk(HANOI), lambda: TIMES, hands, writer, lambda: None)
        writer.close()


def take(busy: Answering, updates: list[dict[str, Any]], channel: Chats | None = None) -> None:
    async def taken() -> None:
        await busy.taker(channel or Chats())(updates)
        await asyncio.sleep(0)  # for what nobody waits for

    asyncio.run(taken())


def batch(*texts: str) -> list[dict[str, Any]]:
    return [
        {"update_id": n, "from": {"id": f"chat {n % 7}"}, "text": text}
        for n, text in enumerate(texts)
    ]


def received(engine: Engine) -> dict[str, bool]:
    """By update, whether it is in quarantine."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT update_id, error FROM received"))
        return {number: error is not None for number, error in rows}


def test_a_message_that_cannot_be_answered_leaves_the_others_alone(
    busy: Answering, engine: Engine, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(connection: Connection, desk: Desk, incoming: Incoming, *more: Any) -> Any:
        done = answer(connection, desk, incoming, *more)
        if incoming.given == Typed("bad"):
            raise RuntimeError("after all was written")
        return done

    monkeypatch.setattr(answering, "answer", failing)
    monkeypatch.setattr(answering, "PAUSE", 0)
    texts = ["a", "bad", "b", "unreadable", "c", "d", "bad", "e"]
    take(busy, batch(*texts))
    refused = {str(n): words in ("bad", "unreadable") for n, words in enumerate(texts)}
    assert received(engine) == refused
    # Everybody whose message could be read is answered once, if only to be told of the trouble.
    assert len({letter.id for letter in hands.letters}) == len(hands.letters) == 7
    assert busy.turns.ended == {Outcome.ANSWERED: 5, Outcome.SILENT: 0, Outcome.QUARANTINED: 3}


def test_the_same_batch_again_is_answered_no_second_time(busy: Answering, hands: Hands) -> None:
    take(busy, batch("a", "b", "c", "d", "e", "f"))
    take(busy, batch("a", "b", "c", "d", "e", "f", "g"))
    assert len(hands.letters) == 7
    assert busy.turns.ended[Outcome.SILENT] == 6


def test_a_tap_is_answered_by_its_reply_or_else_by_itself(busy: Answering, hands: Hands) -> None:
    channel = Buttons()
    take(busy, batch("", ""), channel)  # the second is of a double tap
    assert [letter.tap for letter in hands.letters] == ["tap 0"]
    assert channel.answered == ["tap 1"]


def test_without_the_database_nothing_is_taken_or_sent(
    busy: Answering, engine: Engine, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(connection: Connection, desk: Desk, incoming: Incoming, *more: Any) -> Any:
        if incoming.given == Typed("last"):
            raise OperationalError("", {}, Exception("gone"))
        return answer(connection, desk, incoming, *more)

    monkeypatch.setattr(answering, "answer", away)
    with pytest.raises(OperationalError):
        take(busy, batch("a", "last"))
    on_their_way = {letter.address_id for letter in hands.letters}
    committed = received(engine)
    assert len(on_their_way) == len(committed) <= 1
    monkeypatch.setattr(answering, "answer", answer)
    take(busy, batch("a", "last"))
    assert len(hands.letters) == 2


def test_what_comes_after_a_failure_is_not_answered_before_it(
    busy: Answering, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(connection: Connection, desk: Desk, incoming: Incoming, *more: Any) -> Any:
        if incoming.given == Typed("20"):
            raise OperationalError("", {}, Exception("gone"))
        return answer(connection, desk, incoming, *more)

    monkeypatch.setattr(answering, "answer", away)
    with pytest.raises(OperationalError):
        take(busy, batch(*map(str, range(100))))
    assert {int(number) for number in received(engine)} <= set(range(20))
