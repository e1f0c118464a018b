"""One person writes far more than anybody reads, and is told so; the others hardly notice."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, col, select

from bot.demo import ledger
from bot.flood import MOST, SPAN, Floods
from storage.database import connect
from storage.outbox import Outgoing
from storage.people import Address
from tests.databases import BOTH, database_url
from tests.live import PATIENCE, Live, LivePhone, live, until
from tests.phone import MACHINE_NOW, Phone, photo

OTHERS = 5
TOO_FAST = (
    "You are writing very fast, so my answers come a little later. Nothing you sent is lost."
)


def test_an_episode_begins_once_and_ends_with_silence() -> None:
    floods = Floods()
    said = [floods.begins("a", str(n), MACHINE_NOW + SPAN * n / 100) for n in range(250)]
    assert [n for n, begins in enumerate(said) if begins] == [MOST]
    later = MACHINE_NOW + SPAN * 4
    assert not floods.begins("a", "calm", later)
    said = [floods.begins("a", str(n), later) for n in range(MOST)]
    assert said == [False] * (MOST - 1) + [True]


def test_a_message_tried_again_begins_the_same_episode() -> None:
    floods = Floods()
    for number in range(MOST):
        assert not floods.begins("a", str(number), MACHINE_NOW)
    assert floods.begins("a", "failed", MACHINE_NOW)
    assert floods.begins("a", "failed", MACHINE_NOW)
    assert not floods.begins("b", "of another", MACHINE_NOW)


def test_who_is_too_fast_is_told_once_and_answered_each_time(lan: Phone, minh: Phone) -> None:
    shown = [lan.says("/han") for _time in range(MOST + 5)]
    calm = shown[0]
    assert shown == [
        [*([TOO_FAST] if number == MOST else []), *calm] for number in range(MOST + 5)
    ]
    assert TOO_FAST not in minh.says("/han")


def test_forty_photos_at_once_are_no_flood(lan: Phone) -> None:
    for number in range(40):
        lan.gives(photo(f"{number}.jpg", album=str(number // 10)))
    assert TOO_FAST not in lan.hears()


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
    until(lambda: len(_replies(alive, flooder)) > a_second * seconds)
    assert sum("Thầy/cô gửi nhanh quá" in reply for reply in _replies(alive, flooder)) == 1
    assert alive.health()["ok"]


def _replies(alive: Live, phone: LivePhone) -> list[str]:
    """What was written for a chat, sent or not."""
    engine = connect(alive.env["PHONGBOT_DATABASE_URL"])
    written = select(col(Outgoing.lines)).join(Address).where(Address.chat == str(phone.id))
    with Session(engine) as session:
        found = [str(lines) for lines in session.exec(written)]
    engine.dispose()
    return found


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
