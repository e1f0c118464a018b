"""The real program, run beside the demo as `python -m bot …`, in an environment of its own."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import bot

PREFIX = "PHONGBOT_"
PR_SET_PDEATHSIG = 1  # linux/prctl.h: the signal to get when the thread that began us ends
PATIENCE = 10.0  # seconds for a program that was told to stop, before it is killed


class Failed(Exception):
    """A command of the program ended badly; the last line it wrote says why."""


class Program:
    """settings: without their prefix. folder: where it works, and where its log is kept."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._told_to_stop = False
        self.started = 0.0  # machine time, monotonic seconds

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def trouble(self) -> str:
        """The last line of the log where the program ended though nobody stopped it, else ""."""
        if self.running or self._process is None or self._told_to_stop:
            return ""
        return _last_line(self._log.read_bytes()) or f"{self._process.returncode}"

    async def ask(self, clock: datetime, *words: str) -> str:
        """Run one command to its end; what it printed. Raises Failed."""
        pipe = asyncio.subprocess.PIPE
        process = await self._begin(clock, words, pipe, pipe)
        try:
            told, wrong = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            raise
        if process.returncode:
            raise Failed(f"{' '.join(words)}: {_last_line(wrong)}")
        return told.decode()

    async def start(self, clock: datetime) -> None:
        if self.running:
            return
        with self._log.open("ab") as log:
            self._process = await self._begin(clock, ("run",), log.fileno(), log.fileno())
        self._told_to_stop = False
        self.started = time.monotonic()

    async def stop(self, pull: bool = False) -> None:
        """pull: kill it at once, as when the electricity goes."""
        if self._process is None or not self.running:
            return
        self._told_to_stop = True
        self._process.send_signal(signal.SIGKILL if pull else signal.SIGTERM)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    @property
    def _log(self) -> Path:
        return self._folder / "bot.log"

    async def _begin(
        self, clock: datetime, words: tuple[str, ...], out: int, err: int
    ) -> asyncio.subprocess.Process:
        """In a session of its own, so that Ctrl-C reaches only us, and we stop it in order.

        Where we are killed and cannot, the system does.
        """
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            env=self._environment(clock),
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=_stops_with(os.getpid()) if sys.platform == "linux" else None,
        )

    def _environment(self, clock: datetime) -> dict[str, str]:
        """Nothing of the user's own settings: not from here, and no `.env` in the folder."""
        ours = {**self._settings, "CLOCK": clock.isoformat()}
        others = {k: v for k, v in os.environ.items() if not k.upper().startswith(PREFIX)}
        others["PYTHONPATH"] = str(Path(bot.__file__).parents[1])
        return others | {f"{PREFIX}{name}": value for name, value in ours.items()}


def _stops_with(parent: int) -> Callable[[], None]:
    """What a child calls before it becomes a program of its own."""
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # killed before we asked
            os._exit(1)

    return ask


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
