"""Measure time and CPU of an answered message, ours against plain echo bots: `make bench`.

First, and alone with `--only evidence`: how long photos take to become one PDF. Then, and alone
with `--only ticks`: how long a tick of the reminders takes, with ever more schools; and with
`--only broadcast`: how fast messages to many leave, and what replies notice of them.

Every contestant is a process of its own, beside a Bot API server of its own in this one. All are
started once and then measured in turns, so that what else the machine does meets all alike.
Nothing is asserted: targets are printed beside the figures.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvloop

from tests.bench import broadcast, contestants, evidence, office, ticks
from tests.bench.contestants import (
    AIOGRAM,
    AIOHTTP,
    POSTGRES,
    SELDOM,
    SEND_RATE,
    SQLITE,
    STOCK,
    Bot,
)
from tests.bench.server import BenchServer

SCHOOLS = 2_500  # people enough that nobody is written to faster than a chat may be
AT_ONCE = (1, 16, 64)
SLOW = 0.06  # seconds of network delay
MANY = 256  # people at once over the slow network, where 64 could not speak often enough
PAUSE = 0.01  # seconds between the messages of who writes seldom
ROUNDS = 3
PAID = 1000  # messages a second that a bot may send which pays for it
SETTLE = 3.0  # seconds after the start, for what a program does once
SCHOOLS_OF_TICKS = (50, 5_000, 50_000)
DUE_AT_ONCE = (20, 200, 1_000)  # people reminded by one tick
BOTS = (STOCK, AIOHTTP, AIOGRAM, SQLITE, POSTGRES)


@dataclass
class Figures:
    """Of one bot under one load. cpu: seconds an update. rate: updates a second."""

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        return sorted(self.latencies)[int((len(self.latencies) - 1) * share)]


Load = tuple[str, int, float]  # who speaks, how many at once, the network's delay
Board = dict[tuple[str, Load], Figures]


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser("tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages")
    parts = ("answers", "broadcast", "evidence", "ticks")
    parser.add_argument("--only", choices=parts, help="this part alone")
    asked = parser.parse_args(None if arguments is None else list(arguments))
    if asked.only in (None, "evidence"):
        _bind_photos()
    if asked.only in (None, "ticks"):
        _tick(SCHOOLS_OF_TICKS[:2] if asked.quick else SCHOOLS_OF_TICKS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if asked.only in (None, "broadcast"):
            runner.run(_send_to_many(share=10 if asked.quick else 1))
        if asked.only in (None, "answers"):
            runner.run(_compare(updates=200 if asked.quick else 1_000))


def _bind_photos() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = evidence.photos(folder)
        weigh = sum(path.stat().st_size for path in photos) / 1e6
        _say(f"{len(photos)} photos of 12 million points, {weigh:.0f} MB in all")
        for found in (evidence.bind(photos, folder / "pdf"), evidence.show(photos, folder / "s")):
            what = "one PDF" if found.name == "bind" else "a numbered sheet"
            _say(f"{what}: {found.result / 1e6:.1f} MB, {found.cpu:.1f} s of CPU")
            _target(f"{what}: time", found.seconds, "≤", 10, "s")
            _target(f"{what}: memory of the child", found.memory, "≤", 300, "MB")
    _say("")


async def _send_to_many(share: int) -> None:
    """share: by which the numbers of copies and answers are divided."""
    for bot in (SQLITE, POSTGRES):
        for rate, copies in ((25, 500), (PAID, 20_000)):
            rounds = [await broadcast.pace(bot, rate, copies // share) for _n in range(ROUNDS)]
            name = f"{bot.name}, {rounds[0].copies} copies at {rate} a second"
            _say(f"{name}: the first after {min(one.late for one in rounds):.1f} s")
            _target(f"{name}: time", min(one.share for one in rounds), "≤", 1.03)
            _target(
                f"{name}: the busiest second", min(o.most for o in rounds), "≤", 1.2 * rate, ""
            )
            if rate == PAID:
                _target(f"{name}: CPU", min(one.cores for one in rounds), "≤", 0.5, "cores")
        alone, *beside = await broadcast.replies(bot, 50_000 // share, 1_000 // share)
        for found, what in zip(beside, ("50,000 to send", "in the outbox"), strict=True):
            _say(f"{bot.name}: {found.copies} copies left beside {found.count} replies")
            _target(f"{bot.name}: p99 later, {what}", found.p99 - alone.p99, "≤", 0.2, "s")


def _tick(sizes: Iterable[int]) -> None:
    for kind in ("sqlite", "postgres"):
        for schools in sizes:
            due = [count for count in DUE_AT_ONCE if 2 * count <= schools]
            found = ticks.measure(kind, schools, due)
            each = ", ".join(f"{n} due {s * 1000:.0f} ms" for n, s in found.busy.items())
            _say(f"{kind}, {schools} schools: nothing due {found.quiet * 1000:.1f} ms, {each}")
        _target(f"{kind}: a tick with nothing due", found.quiet * 1000, "≤", 50, "ms")
        few, many = due[-2], due[-1]
        grown = (found.busy[many] / many) / (found.busy[few] / few)
        _target(f"{kind}: cost of each of {many} against each of {few}", grown, "≤", 1.5)
    _say("")


async def _compare(updates: int) -> None:
    board: Board = {}
    with ExitStack() as stack:
        running = [await _start(stack, bot, 0) for bot in BOTS]
        await asyncio.sleep(SETTLE)
        _print_starts(running)
        await _measure(board, running, (SELDOM, 1, 0), updates)
        for at_once in AT_ONCE:
            await _measure(board, running, ("idle", at_once, 0), updates)
        ours = [one for one in running if one.bot.kind]
        await _measure(board, ours, ("write", 16, 0), updates)
    with ExitStack() as stack:
        slow = [await _start(stack, replace(bot, rate=SEND_RATE), SLOW) for bot in BOTS]
        await asyncio.sleep(SETTLE)
        for at_once in (*AT_ONCE, MANY):
            await _measure(board, slow, ("idle", at_once, SLOW), updates)
    _print_board(board)
    _print_targets(board)


async def _start(stack: ExitStack, bot: Bot, delay: float) -> contestants.Running:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    settings = stack.enter_context(contestants.prepared(bot, folder, SCHOOLS))
    server = BenchServer()
    await server.start()
    stack.callback(server.stop)
    process = stack.enter_context(contestants.started(bot, folder, server, settings))
    people = {
        "idle": office.people(office.IDLERS, SCHOOLS),
        SELDOM: office.people(office.IDLERS, SCHOOLS),
        "write": office.people(office.WRITERS, SCHOOLS),
    }
    running = contestants.Running(bot, server, process, people)
    running.started_in = await contestants.first_answer(running, "idle")
    server.delay = delay
    return running


async def _measure(
    board: Board, running: list[contestants.Running], load: Load, updates: int
) -> None:
    who, at_once, _delay = load
    for _round in range(ROUNDS):
        for one in running:
            figures = board.setdefault((one.bot.name, load), Figures())
            count = _fewer(one.bot, load, updates)
            cpu, wall = one.cpu(), time.perf_counter()
            talk = await one.answer(who, count, at_once, PAUSE if who == SELDOM else 0)
            figures.rate.append(count / (time.perf_counter() - wall))
            figures.cpu.append((one.cpu() - cpu) / count)
            figures.latencies += talk.latencies


def _fewer(bot: Bot, load: Load, updates: int) -> int:
    """Where each takes long: of one person, and of the echo bots over a slow network. But of many
    at once enough that they do not all begin and end together.
    """
    _who, at_once, delay = load
    if delay and (at_once == 1 or not bot.kind):
        return updates // 20
    return updates // 4 if at_once == 1 else max(updates, 4 * at_once)


def _print_starts(running: list[contestants.Running]) -> None:
    _say("                          first answer   memory at rest")
    for one in running:
        _say(f"{one.bot.name:24} {one.started_in:9.2f} s {one.memory():12.0f} MB")
    for one in (one for one in running if one.bot.kind):
        _target(f"{one.bot.name}: first answer", one.started_in, "≤", 2, "s")
        _target(f"{one.bot.name}: memory", one.memory(), "≤", 120, "MB")


def _print_board(board: Board) -> None:
    _say(f"\n{'':26}{'load':24}{'CPU/update':13}{'p50':9}{'p99':9}a second")
    for (name, (who, at_once, delay)), found in board.items():
        load = f"{who}, {at_once} at once, {delay * 1000:.0f} ms"
        cpu, rate = statistics.median(found.cpu) * 1000, statistics.median(found.rate)
        p50, p99 = found.percentile(0.5) * 1000, found.percentile(0.99) * 1000
        _say(f"{name:24}  {load:22} {cpu:7.3f} ms {p50:7.1f} ms {p99:7.1f} ms {rate:8.0f}")


def _print_targets(board: Board) -> None:
    _say("")
    busy, alone, slow = ("idle", 16, 0.0), ("idle", 1, 0.0), ("idle", MANY, SLOW)
    cpu = _middle(board, busy, lambda found: found.cpu)
    for ours, to_stock, to_aiohttp in ((SQLITE, 0.4, 1.4), (POSTGRES, 0.65, 2.2)):
        mine = cpu(ours)
        _target(f"{ours.name}: CPU against the stock echo", mine / cpu(STOCK), "≤", to_stock)
        _target(f"{ours.name}: CPU against the aiohttp echo", mine / cpu(AIOHTTP), "≤", to_aiohttp)
    wait = _middle(board, alone, lambda found: [found.percentile(0.5)])
    _target("one idle phone: p50 against the stock echo", wait(SQLITE) / wait(STOCK), "≤", 0.5)
    rate = _middle(board, slow, lambda found: found.rate)
    _target("at 60 ms: updates a second against stock", rate(SQLITE) / rate(STOCK), "≥", 50)


def _middle(
    board: Board, load: Load, which: Callable[[Figures], list[float]]
) -> Callable[[Bot], float]:
    return lambda bot: statistics.median(which(board[bot.name, load]))


def _target(what: str, found: float, sign: str, target: float, unit: str = "×") -> None:
    met = found <= target if sign == "≤" else found >= target
    _say(f"{'met   ' if met else 'MISSED'} {what}: {found:.2f} {unit} ({sign} {target})")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
