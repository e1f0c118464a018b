"""Limits and faults: the same trouble for the same seed, each told in the ledger."""

import asyncio
import json
import signal
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from bot.demo.faults import Faults
from bot.demo.ledger import Ledger, calls, confirmed, handed, read_ledger
from bot.demo.limits import Limits, Throttle
from bot.demo.refusal import Refused
from tests.bot.demo.scene import TOKEN, Scene, run

LAN, HOA, GROUP = 1001, 1002, -2001


class Sender:
    """Sends against the limits, on a clock of its own in seconds."""

    def __init__(self, limits: Limits) -> None:
        self.now = 1000.0
        self.throttle = Throttle(limits, lambda: self.now)

    def wait(self, chat: int) -> int:
        """Seconds it is told to wait; 0 if it was let through."""
        try:
            self.throttle.check(chat)
        except Refused as refused:
            return refused.parameters["retry_after"]
        return 0


def test_a_private_chat_takes_a_burst_and_then_one_a_second() -> None:
    """Bot FAQ: avoid sending more than one message per second; short bursts are allowed."""
    sender = Sender(Limits(burst=3))
    assert [sender.wait(LAN) for _ in range(5)] == [0, 0, 0, 1, 1]
    assert sender.wait(HOA) == 0
    sender.now += 1
    assert [sender.wait(LAN), sender.wait(LAN)] == [0, 1]


def test_a_group_takes_twenty_a_minute() -> None:
    """Bot FAQ: 20 messages per minute in a group."""
    sender = Sender(Limits())
    assert [sender.wait(GROUP) for _ in range(21)] == [0] * 20 + [3]
    sender.now += 60
    assert [sender.wait(GROUP) for _ in range(21)] == [0] * 20 + [3]


def test_the_whole_bot_sends_thirty_a_second() -> None:
    """Bot FAQ: about 30 messages per second."""
    sender = Sender(Limits())
    assert [sender.wait(LAN + number) for number in range(31)] == [0] * 30 + [1]
    sender.now += 0.5
    assert [sender.wait(HOA + 100 + number) for number in range(16)] == [0] * 15 + [1]


def test_waiting_as_long_as_told_is_enough() -> None:
    sender = Sender(Limits())
    for _ in range(200):
        sender.now += (wait := sender.wait(LAN))
        assert not (wait and sender.wait(LAN))


def test_limits_are_told_as_telegram_does_and_can_be_switched() -> None:
    """Bot API, ResponseParameters: retry_after."""

    async def talk(scene: Scene) -> None:
        await scene.phone("Lan")
        assert (await scene.call("sendMessage", chat_id=LAN, text="1"))[0] == 200
        status, answer = await scene.call("sendMessage", chat_id=LAN, text="2")
        assert (status, answer) == (
            429,
            {
                "ok": False,
                "error_code": 429,
                "description": "Too Many Requests: retry after 1",
                "parameters": {"retry_after": 1},
            },
        )
        assert (await scene.call("editMessageText", chat_id=LAN, message_id=2, text="3"))[0] == 429
        assert (await scene.call("getMe"))[0] == 200
        await scene.do("/control/limits", off=True)
        assert (await scene.call("sendMessage", chat_id=LAN, text="2"))[0] == 200
        await scene.do("/control/limits", burst=1)
        statuses = [(await scene.call("sendMessage", chat_id=LAN, text="2"))[0] for _ in range(2)]
        assert statuses == [200, 429]

    run(talk, limits=Limits(burst=1))


def test_the_same_seed_makes_the_same_trouble() -> None:
    def drawn(seed: int) -> list[str]:
        faults = Faults(
            too_many=0.1, server_error=0.05, drop_before=0.05, drop_after=0.1, seed=seed
        )
        return [faults.next("sendmessage") for _ in range(2000)]

    assert drawn(1) == drawn(1) != drawn(2)
    shares = Counter(drawn(1))
    assert 0.6 < shares[""] / 2000 < 0.8
    assert set(shares) == {"", "429", "502", "drop_before", "drop_after"}


def test_a_sequence_of_faults_befalls_calls_in_order() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        sequence = ["429", "502", "ok", "500", "504"]
        await scene.do(
            "/control/faults", sequence=sequence, methods=["sendMessage"], retry_after=9
        )
        seen = []
        for number in range(6):
            assert (await scene.call("getMe"))[0] == 200
            status, answer = await scene.call("sendMessage", chat_id=LAN, text=str(number))
            seen.append((status, answer.get("description"), answer.get("parameters")))
        assert seen == [
            (429, "Too Many Requests: retry after 9", {"retry_after": 9}),
            (502, "Bad Gateway", None),
            (200, None, None),
            (500, "Internal Server Error", None),
            (504, "Gateway Timeout", None),
            (200, None, None),
        ]
        assert [one["html"] for one in (await scene.messages(phone))[1:]] == ["2", "5"]

    run(talk)


@pytest.mark.parametrize(("kind", "arrives"), [("drop_before", False), ("drop_after", True)])
def test_a_connection_breaks_before_or_after_the_message_arrives(kind: str, arrives: bool) -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        scene.state.faults = Faults(sequence=[kind])
        with pytest.raises(aiohttp.ClientConnectionError):
            await scene.call("sendMessage", chat_id=LAN, text="Chào")
        assert len(await scene.messages(phone)) == 1 + arrives
        entry = scene.state.ledger.calls("sendMessage")[-1]
        assert (entry["fault"], entry["outcome"] == "ok") == (kind, arrives)
        assert (await scene.call("sendMessage", chat_id=LAN, text="Chào"))[0] == 200

    run(talk)


def test_a_download_can_fail_too() -> None:
    async def talk(scene: Scene) -> None:
        scene.state.faults = Faults(sequence=["502"], methods=frozenset({"download"}))
        path = f"/file/bot{TOKEN}/documents/file_0.pdf"
        for expected in (502, 404):
            async with scene.http.get(path) as answer:
                assert answer.status == expected

    run(talk)


def test_the_ledger_tells_what_was_asked_given_and_confirmed(tmp_path: Path) -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        said = (await scene.do(f"{phone}/say", text="Chào"))["update_id"]
        await scene.call("getUpdates")
        await scene.call("sendMessage", chat_id=LAN, text="Vâng")
        await scene.call("sendMessage", chat_id=5, text="Vâng")
        await scene.call("getUpdates", offset=said + 1)
        entries = read_ledger(tmp_path / "ledger")
        assert entries == scene.state.ledger.entries
        assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))
        sent = [(c["chat_id"], c["text"], c["outcome"]) for c in calls(entries, "sendMessage")]
        assert sent == [(LAN, "Vâng", "ok"), (5, "Vâng", "Bad Request: chat not found")]
        assert handed(entries)[said] == 1
        assert said in confirmed(entries)
        async with scene.http.get(f"/control/ledger?after={len(entries) - 2}") as answer:
            assert await answer.json() == entries[-2:]

    run(talk, ledger=tmp_path / "ledger")


def test_a_line_still_being_written_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path)
    ledger.add("confirmed", updates=[1])
    ledger.close()
    with path.open("a") as file:
        file.write('{"n": 2, "ev')
    assert confirmed(read_ledger(path)) == {1}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_runs_as_a_process_of_its_own(tmp_path: Path, number: signal.Signals) -> None:
    async def main() -> None:
        ledger = tmp_path / "ledger"
        given = ("--port", "0", "--token", TOKEN, "--ledger", str(ledger))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.demo.server", *given, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout
        url = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession(url) as http:
            async with http.get(f"/bot{TOKEN}/getMe") as answer:
                assert json.loads(await answer.text())["result"]["id"] == int(TOKEN.split(":")[0])
            poll = asyncio.ensure_future(http.get(f"/bot{TOKEN}/getUpdates?timeout=50"))
            async with http.get("/state") as state:
                assert (await state.json())["unanswered"] == 0
            assert len(list(calls(read_ledger(ledger), "getMe", "ok"))) == 1
            process.send_signal(number)
            assert await process.wait() == 0
            await asyncio.gather(poll, return_exceptions=True)

    asyncio.run(asyncio.wait_for(main(), 60))
