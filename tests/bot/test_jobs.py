"""Ticks come whatever the machine's clock does, and those that did not are seen in health."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from apscheduler.schedulers import base
from sqlalchemy import Engine

from bot.health import Heartbeats
from bot.jobs import Job, Jobs
from bot.sender import Sender
from bot.web import Health

START = datetime(2026, 10, 27, 2, tzinfo=UTC)


class Clocks:
    """One that people set, and one that nobody can."""

    def __init__(self) -> None:
        self.shown, self.steady = START, 100.0

    def machine(self) -> datetime:
        return self.shown

    def monotonic(self) -> float:
        return self.steady

    def run(self, seconds: float) -> None:
        self.shown += timedelta(seconds=seconds)
        self.steady += seconds


class Bench:
    """Jobs on these clocks, as their scheduler sees them too. ran: how often "remind" did."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clocks, self.ran = Clocks(), 0
        shown = SimpleNamespace(now=lambda zone: self.clocks.shown.astimezone(zone))
        monkeypatch.setattr(base, "datetime", shown)
        jobs = [Job("remind", 20, self._remind), Job("tidy", 3600, self._fail)]
        self.jobs = Jobs(jobs, self.clocks.machine, self.clocks.monotonic)

    async def _remind(self) -> None:
        self.ran += 1

    async def _fail(self) -> None:
        raise RuntimeError

    async def pass_by(self, seconds: float) -> None:
        """Let time pass, and whatever is due then."""
        self.clocks.run(seconds)
        await self.wake()

    async def wake(self) -> None:
        """As after the scheduler's timer, which knows nothing of the clocks here."""
        self.jobs.look()
        self.jobs._scheduler.wakeup()
        for _turn in range(10):
            await asyncio.sleep(0)


def run(bench: Bench, talk: Callable[[], Any]) -> None:
    async def main() -> None:
        with bench.jobs:
            await bench.wake()
            await talk()

    asyncio.run(main())


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def health(engine: Engine, bench: Bench) -> Health:
    sender = cast(Sender, SimpleNamespace(looked_at=bench.clocks.shown))
    return asyncio.run(Heartbeats(engine, sender, bench.jobs, bench.clocks.machine).look())


def test_ordinary_ticks_are_no_news(engine: Engine, bench: Bench) -> None:
    async def talk() -> None:
        for _tick in range(5):
            await bench.pass_by(20.4)

    run(bench, talk)
    assert bench.ran == 6
    found = health(engine, bench)
    assert found.ok
    assert found.facts.items() >= {
        ("missed_ticks", 0),
        ("clock_jumped", None),
        ("failed_ticks", 1),
        ("down_before", None),
    }


def test_ticks_that_did_not_come_are_counted_and_logged(
    engine: Engine, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    run(bench, lambda: bench.pass_by(110))
    assert bench.ran == 2  # late ones become one
    found = health(engine, bench)
    assert (found.facts["missed_ticks"], found.facts["missed"]) == (5, {"remind": 5})
    assert "remind missed 5 ticks" in caplog.text


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(hours=2)])
def test_a_clock_that_jumps_stops_nothing(
    engine: Engine, bench: Bench, caplog: pytest.LogCaptureFixture, jump: timedelta
) -> None:
    async def talk() -> None:
        bench.clocks.shown += jump
        await bench.pass_by(1)
        assert bench.ran == 2
        for _tick in range(3):
            await bench.pass_by(20)

    run(bench, talk)
    assert bench.ran == 5
    found = health(engine, bench)
    assert (found.ok, found.facts["missed_ticks"]) == (True, 0)
    assert found.facts["clock_jumped"] == jump.total_seconds()
    assert "the machine's clock jumped by" in caplog.text


def test_the_clock_is_set_right_a_little_all_the_time(bench: Bench) -> None:
    async def talk() -> None:
        for _look in range(100):
            bench.clocks.shown -= timedelta(seconds=0.5)
            await bench.pass_by(5)

    run(bench, talk)
    assert bench.jobs.jumped is None


@pytest.mark.parametrize("away", [timedelta(days=3), timedelta(hours=-1)])
def test_how_long_nothing_ran_is_known_after_a_start(
    engine: Engine, bench: Bench, caplog: pytest.LogCaptureFixture, away: timedelta
) -> None:
    sender = cast(Sender, SimpleNamespace(looked_at=None))
    beats = Heartbeats(engine, sender, bench.jobs, bench.clocks.machine)
    assert beats.down is None
    beats.beat()
    bench.clocks.shown += away
    assert health(engine, bench).facts["down_before"] == away.total_seconds()
    assert f"nothing ran for {away.total_seconds()} s" in caplog.text


def test_two_clocks_that_differ_are_seen_at_the_next_start(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Bench(monkeypatch), Bench(monkeypatch)
    other.clocks.shown -= timedelta(minutes=10)
    for bench in (other, one):
        sender = cast(Sender, SimpleNamespace(looked_at=bench.clocks.shown))
        Heartbeats(engine, sender, bench.jobs, bench.clocks.machine).beat()
    assert health(engine, other).facts["down_before"] == -600.0
