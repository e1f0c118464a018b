"""Works on files that people sent, in a child process with limits on memory and time.

A small file can make a parser use all there is, or end its process without an error that could
be caught. Only its structure is looked at before, see `core.filetype`.
"""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

MEMORY = 1 << 30  # bytes of the child's address space
MOST_WRITTEN = 100_000_000  # bytes of a file it writes; what we make is half of it at most
NICE = 10  # whoever waits for an answer goes first

# Whatever is done in a child: each takes bytes and returns bytes, and may raise anything.
WORKS = {
    "sheet": "bot.sheets:parse",
    "text": "bot.texts:parse",
    "document": "bot.reading:parse",
    "gate": "bot.gate:look_inside",
    "contact": "bot.pictures:make_contact_sheet",
    "bind": "bot.pictures:bind",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds."""

    cpu: int
    wall: float


QUICK = Limits(10, 60)  # on a busy machine, as all others go first


class Failed(Exception):
    """It ran out of memory or time, or raised. Says which, without a word of the file."""


def work(name: str, given: bytes, limits: Limits = QUICK) -> bytes:
    """Blocks for at most `limits.wall`. Raises Failed.

    The child gets none of our settings and secrets.
    """
    try:
        done = subprocess.run(  # noqa: S603  nothing in it is of anybody else
            [sys.executable, "-m", "bot.child", name, str(limits.cpu)],
            input=given,
            capture_output=True,
            timeout=limits.wall,
            check=True,
            env={"PYTHONPATH": str(Path(__file__).parents[1])},
        )
    except subprocess.TimeoutExpired:
        raise Failed("out of time") from None
    except subprocess.CalledProcessError as error:
        raise Failed(_last_error(error)) from None
    return done.stdout


def _last_error(error: subprocess.CalledProcessError) -> str:
    """The name of what it raised, as the words after it may be of the file."""
    last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return f"{last.partition(':')[0][:80]}, exit status {error.returncode}"


def _main(name: str, cpu: str) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, int(cpu)),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    os.nice(NICE)
    module, _colon, function = WORKS[name].partition(":")
    made = getattr(import_module(module), function)(sys.stdin.buffer.read())
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _main(*sys.argv[1:])
