"""The bots that are compared, each a process of its own."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench.office import fill
from tests.bench.server import TOKEN, BenchServer, Talk
from tests.databases import database_url

ROOT = Path(__file__).parents[2]
READY_WITHIN = 90.0  # seconds for a start, on a machine that does much else
ANSWER_WITHIN = 300.0  # seconds for a whole talk
SELDOM = "seldom"
SAID = {"idle": "/start", SELDOM: "/start", "write": "Trường đã làm tốt việc này."}
SEND_RATE = 1000  # of ours where the network is slow: the rate also says how much is in flight


@dataclass(frozen=True, slots=True)
class Bot:
    """words: after `python -m`. kind: the database, "" for none. rate: our SEND_RATE."""

    name: str
    words: tuple[str, ...]
    kind: str = ""
    rate: int = 25


OURS = ("bot", "run")
STOCK = Bot("PTB echo, stock", ("tests.bench.ptb_echo", "{url}", "stock"))
AIOHTTP = Bot("PTB echo, aiohttp", ("tests.bench.ptb_echo", "{url}", "aiohttp"))
AIOGRAM = Bot("aiogram echo", ("tests.bench.aiogram_echo", "{url}"))
SQLITE = Bot("phongbot, SQLite", OURS, "sqlite")
POSTGRES = Bot("phongbot, PostgreSQL", OURS, "postgres")


@dataclass(slots=True)
class Running:
    """cpu: seconds of the whole tree of processes. started_in: seconds to the first answer."""

    bot: Bot
    server: BenchServer
    process: psutil.Process
    people: dict[str, Iterator[int]]
    started_in: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def cpu(self) -> float:
        tree = [self.process, *self.process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in tree)

    def memory(self) -> float:
        """Resident, in MB of a million bytes."""
        tree = [self.process, *self.process.children(recursive=True)]
        return sum(float(one.memory_info().rss) for one in tree) / 1e6

    async def answer(self, people: str, updates: int, at_once: int, pause: float = 0) -> Talk:
        """Have it answer so many; `people` names who speaks."""
        talk = Talk(self.people[people], updates, pause, SAID[people])
        self.server.begin(talk, at_once)
        async with asyncio.timeout(ANSWER_WITHIN):
            await talk.done.wait()
        return talk


@contextmanager
def prepared(bot: Bot, folder: Path, schools: int) -> Iterator[dict[str, str]]:
    """The settings with which it runs; its database, filled, until the end."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith("PHONGBOT_")}
    settings["PYTHONPATH"] = str(ROOT)
    if not bot.kind:
        yield settings
        return
    with database_url(bot.kind, folder) as url:
        fill(url, schools)
        ours = {
            "TELEGRAM_TOKEN": TOKEN,
            "DATABASE_URL": url,
            "DATA_DIR": str(folder),
            "LISTEN": "127.0.0.1:0",
            "SEND_RATE": str(bot.rate),
        }
        yield settings | {f"PHONGBOT_{name}": value for name, value in ours.items()}


@contextmanager
def started(
    bot: Bot, folder: Path, server: BenchServer, settings: Mapping[str, str]
) -> Iterator[psutil.Process]:
    words = [word.format(url=server.url) for word in bot.words]
    with (folder / f"{bot.name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own words
            [sys.executable, "-m", *words],
            cwd=folder,
            env={**settings, "PHONGBOT_TELEGRAM_API": server.url},
            stdout=log,
            stderr=log,
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


async def first_answer(running: Running, people: str) -> float:
    """Seconds from the start until the first message is answered."""
    begin = time.perf_counter()
    async with asyncio.timeout(READY_WITHIN):
        await running.answer(people, 1, 1)
    return time.perf_counter() - begin
