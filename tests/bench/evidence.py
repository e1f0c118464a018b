"""Thirty photos of twelve million points become one PDF, and a contact sheet, in a child."""

import json
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image

from bot import child
from bot.binding import LIMITS
from tests.pages import jpeg, page

PHOTOS = 30
SIZE = (3000, 4000)  # 12 million points, as phones of 2018 and after make them
LOOK_EVERY = 0.01  # seconds between looks at the child's memory


@dataclass(frozen=True, slots=True)
class Figures:
    """memory: the most that the child had resident, in MB of a million bytes.

    cpu: seconds of it, which what else the machine does changes little.
    """

    name: str
    seconds: float
    cpu: float
    memory: float
    result: int


def photos(folder: Path) -> list[Path]:
    """Pages of print on noise that weigh what a camera's photos do, 3 to 4 MB each."""
    grain = Image.effect_noise(SIZE, 60).convert("RGB")

    def photo(number: int) -> Path:
        path = folder / f"{number}.jpg"
        path.write_bytes(jpeg(Image.blend(page(number, SIZE), grain, 0.2), turned=number % 8 + 1))
        return path

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(photo, range(PHOTOS)))


def bind(paths: list[Path], to: Path) -> Figures:
    return _measured("bind", {"pages": list(map(str, paths)), "to": str(to)}, to)


def show(paths: list[Path], to: Path) -> Figures:
    pages = [{"number": n, "path": str(path)} for n, path in enumerate(paths, start=1)]
    return _measured("contact", {"pages": pages, "to": str(to)}, to)


def _measured(name: str, given: object, to: Path) -> Figures:
    over, most = threading.Event(), [0]
    watch = threading.Thread(target=_watch, args=(over, most))
    watch.start()
    begun, used = time.perf_counter(), _cpu_of_children()
    try:
        child.work(name, json.dumps(given).encode(), LIMITS)
        seconds = time.perf_counter() - begun
    finally:
        over.set()
        watch.join()
    cpu = _cpu_of_children() - used
    return Figures(name, seconds, cpu, most[0] / 1e6, to.stat().st_size)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(over: threading.Event, most: list[int]) -> None:
    us = psutil.Process()
    while not over.wait(LOOK_EVERY):
        for one in us.children():
            try:
                most[0] = max(most[0], one.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
