"""Which programs run on a database, and what only one of them may do at a time.

Everything here is a lock that goes the instant its holder dies, however it dies: on PostgreSQL an
advisory lock of a connection kept for it, on SQLite a lock on a file beside the database, where
one program runs by nature. So nothing has to be renewed, and no clock decides who is alive.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Protocol
from zlib import crc32

from sqlalchemy import Connection, Engine, bindparam, func, select, text
from sqlalchemy.exc import SQLAlchemyError

# The first half of an advisory lock's name; they are shared by all that use the database.
_PROCESSES, _NAMES = 1_885_890_418, 1_885_890_419
_NUMBERS = 2**31 - 1  # the second half is a signed whole number of 32 bits


class AnotherProcess(Exception):
    """One sentence for the operator."""


class Lock(Protocol):
    """Held until it is let go or the program dies."""

    def held(self) -> bool:
        """Whether it still is; a lost connection to the database loses it. Asks the database."""

    def let_go(self) -> None: ...


class Process:
    """A running program, as the database knows it.

    number: from 1 to 2**31 - 1, never that of an earlier program, so that nobody is taken for
        the owner of what a dead one left behind.
    """

    number: int
    _lock: Lock

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.enter_again()

    def alive(self) -> set[int]:
        """The numbers of all programs on this database. Raises DBAPIError without a database."""
        return self._lock.numbers() if isinstance(self._lock, _Advisory) else {self.number}

    def held(self) -> bool:
        """Whether the database still knows this program; if not, others may have its messages."""
        return self._lock.held()

    def enter_again(self) -> None:
        """Take a new number, the old one being lost. Raises DBAPIError without a database."""
        self.number = SystemRandom().randint(1, _NUMBERS)
        lock = _try_number(self._engine, self.number)
        if lock is None:
            raise AnotherProcess(f"another phongbot runs on {self._engine.url.database}")
        self._lock = lock

    def close(self) -> None:
        self._lock.let_go()


def enter(engine: Engine) -> Process:
    """Take a number for this program. Raises AnotherProcess where only one may run."""
    return Process(engine)


def try_hold(engine: Engine, name: str) -> Lock | None:
    """Become the one program on this database that does something, or learn that another is."""
    if engine.dialect.name == "postgresql":
        return _advisory(engine, _NAMES, crc32(name.encode()) & _NUMBERS)
    return _of_file(engine, f"{name}.lock")


def _try_number(engine: Engine, number: int) -> Lock | None:
    if engine.dialect.name == "postgresql":
        return _advisory(engine, _PROCESSES, number)
    return _of_file(engine, "lock")


# PostgreSQL

_TRY = select(func.pg_try_advisory_lock(bindparam("kind"), bindparam("number")))
_ALIVE = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind"
    " AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass
class _Advisory:
    connection: Connection
    kind: int

    def held(self) -> bool:
        try:
            self.connection.execute(select(1))
        except SQLAlchemyError:  # also that of a connection found broken before
            return False
        return True

    def let_go(self) -> None:
        self.connection.close()

    def numbers(self) -> set[int]:
        return set(self.connection.execute(_ALIVE, {"kind": self.kind}).scalars())


def _advisory(engine: Engine, kind: int, number: int) -> _Advisory | None:
    """A connection of its own, which no transaction and no pool may ever take away."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    if connection.execute(_TRY, {"kind": kind, "number": number}).scalar_one():
        return _Advisory(connection, kind)
    connection.close()
    return None


# SQLite


@dataclass
class _FileLock:
    descriptor: int | None

    def held(self) -> bool:
        return self.descriptor is not None

    def let_go(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _of_file(engine: Engine, ending: str) -> _FileLock | None:
    """Left in its folder afterwards: to remove it would let two hold a file of one name."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    path = engine.url.database
    if not path or path == ":memory:":
        return _FileLock(os.open(os.devnull, os.O_RDWR))  # nobody else can reach it
    descriptor = os.open(Path(f"{path}.{ending}"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return _FileLock(descriptor)
