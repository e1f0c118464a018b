"""One person writes far more than anybody reads; the others hardly notice."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.demo import ledger
from tests.databases import BOTH, database_url
from tests.live import PATIENCE, Live, LivePhone, live, until

OTHERS = 5


@pytest.fixture(params=BOTH)
def alive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    with database_url(request.param, tmp_path) as url, live(tmp_path, url) as alive:
        alive.start()
        yield alive


@pytest.mark.parametrize(
    ("a_second", "seconds", "longest"),
    [(30, 4, 10.0), pytest.param(100, 60, 2.0, marks=pytest.mark.soak)],
)
def test_others_are_answered_meanwhile(
    alive: Live, a_second: int, seconds: int, longest: float
) -> None:
    """longest: seconds for 19 of 20 replies; more where other tests keep the machine busy."""
    others = [alive.phone(f"Người {number}") for number in range(OTHERS)]
    flooder = alive.phone("Người vội")
    for phone in (*others, flooder):
        phone.says("/start")
        phone.screen()
    before = len(alive.entries())
    flood = threading.Thread(target=_flood, args=(flooder, a_second, seconds))
    flood.start()
    for _time in range(seconds):
        for phone in others:
            phone.says("xin chào")
            time.sleep(1 / OTHERS)  # as people write
    flood.join()
    chats = {phone.id for phone in others}
    until(lambda: len(_waits(alive, before, chats)) == seconds * OTHERS)
    waits = sorted(_waits(alive, before, chats))
    assert waits[len(waits) * 95 // 100] <= longest, waits
    # The flooder alone waits: a chat gets a message a second, whoever else is written to.
    assert len(_waits(alive, before, {flooder.id})) < a_second * seconds / 2
    assert alive.health()["ok"]


def _flood(flooder: LivePhone, a_second: int, seconds: int) -> None:
    began = time.monotonic()
    say = f"{flooder.live.api}/phones/{flooder.id}/say"
    with httpx.Client(timeout=PATIENCE) as http:
        for number in range(seconds * a_second):
            time.sleep(max(0.0, began + number / a_second - time.monotonic()))
            http.post(say, json={"text": str(number)}).raise_for_status()


def _waits(alive: Live, before: int, chats: set[int]) -> list[float]:
    """Seconds from each message of these chats to its reply, as many as are there."""
    said, answered = defaultdict[int, list[float]](list), defaultdict[int, list[float]](list)
    entries = alive.entries()[before:]
    for entry in entries:
        if entry["event"] == "update":
            said[entry["chat_id"]].append(entry["at"])
    for call in ledger.calls(entries, "sendMessage", ledger.OK):
        answered[call["chat_id"]].append(call["at"])
    pairs = [pair for chat in chats for pair in zip(said[chat], answered[chat], strict=False)]
    return [reply - at for at, reply in pairs]
