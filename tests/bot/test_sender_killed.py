"""A program that is killed while it sends: everything arrives, and little arrives twice."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from storage import outbox
from storage.outbox import Lane
from tests.letters import chats, draft, put

# Each call is written into the ledger before it is answered, as a messenger's server would.
PROGRAM = """
import asyncio, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from bot.clock import machine_now
from bot.sender import Sender
from bot.writing import Writer
from storage import outbox, processes
from storage.database import connect
from tests.letters import CHANNEL

url, ledger = sys.argv[1:]

class Messenger:
    name = CHANNEL
    async def send(self, letter):
        with Path(ledger).open("a") as book:
            book.write(f"{letter.address_id} {letter.lane} {letter.id}\\n")
        await asyncio.sleep(0.003)
        return "reference"

async def main():
    engine = connect(url)
    writer = Writer(engine, ThreadPoolExecutor(1))
    sender = Sender(
        engine, {CHANNEL: Messenger()}, processes.enter(engine), rate=25, writer=writer
    )
    run = asyncio.ensure_future(sender.run())
    while True:
        await asyncio.sleep(0.02)
        with engine.begin() as connection:
            if not outbox.depth(connection, machine_now()).waiting:
                break
    run.cancel()
    await asyncio.wait([run])

asyncio.run(main())
"""
PLACES = 4
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT = 120  # seconds, on a busy machine


@pytest.mark.parametrize(
    "kills", [4, pytest.param(100, marks=pytest.mark.soak)], ids=["few", "many"]
)
def test_a_killed_sender_repeats_at_most_what_was_on_its_way(
    engine: Engine, tmp_path: Path, kills: int
) -> None:
    people, ledger = 60 * kills // 4, tmp_path / "ledger"
    chats(engine, people)
    replies = [draft(n) for n in range(1, people + 1) for _copy in range(5)]
    put(engine, [*replies, *(draft(n, lane=Lane.NUDGE) for n in range(1, 21))], now=LONG_AGO)
    ledger.touch()
    random = Random(kills)  # noqa: S311  the same moments every time
    for _kill in range(kills):
        with start(engine, ledger):
            wait_for_lines(ledger, lines(ledger) + random.randint(1, 40))
    with start(engine, ledger) as program:
        assert program.wait(LIMIT) == 0
    check(ledger, people, kills)
    with engine.connect() as connection:
        assert outbox.depth(connection, LONG_AGO).waiting == 0


@contextmanager
def start(engine: Engine, ledger: Path) -> Iterator[subprocess.Popen[bytes]]:
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(  # noqa: S603  our own words
        [sys.executable, "-c", PROGRAM, url, str(ledger)], cwd=Path(__file__).parents[2]
    ) as program:
        try:
            yield program
        finally:
            program.kill()


def lines(ledger: Path) -> int:
    return ledger.read_bytes().count(b"\n")


def wait_for_lines(ledger: Path, count: int) -> None:
    limit = time.monotonic() + LIMIT
    while lines(ledger) < count:
        assert time.monotonic() < limit, "it does not send"
        time.sleep(0.001)


def check(ledger: Path, people: int, kills: int) -> None:
    calls = [line.split() for line in ledger.read_text().splitlines()]
    times = Counter(id for _chat, _lane, id in calls)
    assert len(times) == 5 * people + 20
    assert times.total() - len(times) <= kills * PLACES
    for chat, lane in {(chat, lane) for chat, lane, _id in calls}:
        ids = [int(id) for c, in_lane, id in calls if (c, in_lane) == (chat, lane)]
        assert ids == sorted(ids)
