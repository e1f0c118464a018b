"""One engine for SQLite and PostgreSQL alike, and the shape all tables share."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import Enum, StrEnum, auto
from functools import partial
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, String, TypeDecorator, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Session, SQLModel, create_engine

from storage.line import Line

PATIENCE = 5.0  # seconds that a transaction on SQLite waits for others of its program
BUSY = 30.0  # seconds that it waits for other programs, which get no turn in a line
CACHE = 256  # KiB for each connection; the system keeps the same pages for all of them
IN_LINE = "phongbot_in_line"
PATIENT = "phongbot_patient"

# SQLite can only alter a table by copying it, and then must find each constraint by its name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# Rows are not validated, and fifty validators that nobody asks take a megabyte.
SQLModel.model_config["defer_build"] = True


class Instant(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite forgets time zones, so this puts them back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC))


class Word(TypeDecorator[StrEnum]):
    """A member of a `StrEnum`, stored as its value.

    An enumeration of the database's own would need a migration for every new member.
    """

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, _dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def Json() -> Any:
    """Plain JSON; a Python None is stored as SQL NULL."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def connect(url: str, **options: Any) -> Engine:
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        _InLine(engine.dialect)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session to look and not to write, for which nobody who writes has to wait on SQLite."""
    in_line = _in_line(engine)
    with Session(engine) as session:
        with in_line.beginning(_Begin.READING) if in_line else nullcontext():
            session.connection()
        yield session


def can_write_at_once(engine: Engine) -> bool:
    """Whether a transaction would begin without waiting for another one of this program."""
    in_line = _in_line(engine)
    return in_line is not None and in_line.line.is_free


def at_once(engine: Engine) -> AbstractContextManager[None]:
    """What this thread begins meanwhile waits for nobody on SQLite, nor for another program.

    It raises OperationalError where it would have to: SQLAlchemy's, as statements do.
    """
    in_line = _in_line(engine)
    return in_line.beginning(_Begin.AT_ONCE) if in_line else nullcontext()


def _in_line(engine: Engine) -> "_InLine | None":
    return getattr(engine.dialect, IN_LINE, None)


def primary_key() -> Any:
    """A whole-number id, given by the database on flush: short enough for a button's code."""
    return Field(default=None, primary_key=True)


def words(kind: type[StrEnum], **options: Any) -> Any:
    return Field(sa_type=Word(kind), **options)


def insert_for(connection: Connection) -> Callable[..., Any]:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    from sqlalchemy.dialects import postgresql, sqlite

    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, see below
    pragmas = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
    for pragma in (*pragmas, f"cache_size = -{CACHE}"):
        connection.execute(f"PRAGMA {pragma}")
    _be_patient(connection, BUSY)


def _be_patient(connection: Any, seconds: float) -> None:
    """With other programs that write."""
    connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


class _Begin(Enum):
    """How a thread's transactions begin."""

    IN_TURN = auto()
    AT_ONCE = auto()
    READING = auto()


_Act = Callable[[Any], None]


class _InLine:
    """Has the transactions of a program on SQLite take turns, each from its beginning.

    With a plain BEGIN two turns could read the same state, and the second write would then fail.

    Not as events of the engine: with one of those, SQLAlchemy goes through its lists of listeners
    at each statement, which costs a tenth of a turn.
    """

    def __init__(self, dialect: Any) -> None:
        self.line = Line()
        self._writing: Any = None
        self._of_thread = threading.local()
        for begin_or_end in ("begin", "commit", "rollback", "close", "terminate"):
            name = f"do_{begin_or_end}"
            setattr(dialect, name, partial(getattr(self, begin_or_end), getattr(dialect, name)))
        setattr(dialect, IN_LINE, self)

    @contextmanager
    def beginning(self, how: _Begin) -> Iterator[None]:
        """So begins what this thread begins meanwhile."""
        before, self._of_thread.begin = self._how, how
        try:
            yield
        finally:
            self._of_thread.begin = before

    @property
    def _how(self) -> _Begin:
        return getattr(self._of_thread, "begin", _Begin.IN_TURN)

    def begin(self, _begin: _Act, connection: Any) -> None:
        how = self._how
        waits = how is not _Begin.AT_ONCE
        if connection.info.setdefault(PATIENT, True) is not waits:
            _be_patient(connection, BUSY if waits else 0)
            connection.info[PATIENT] = waits
        if how is _Begin.READING:
            connection.execute("BEGIN")
            return
        if not self.line.enter(PATIENCE if waits else 0):
            raise OperationalError("database is locked")
        self._writing = connection.dbapi_connection
        try:
            connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._leave(self._writing)
            raise

    def commit(self, commit: _Act, connection: Any) -> None:
        """Where this fails it is rolled back."""
        commit(connection)
        self._leave(connection.dbapi_connection)

    def rollback(self, roll_back: _Act, connection: Any) -> None:
        """Also called for connections that are in no transaction."""
        try:
            roll_back(connection)
        finally:
            self._leave(connection.dbapi_connection)

    def close(self, close: _Act, raw: Any) -> None:
        """Of a connection that broke, or is not needed any more."""
        try:
            close(raw)
        finally:
            self._leave(raw)

    terminate = close

    def _leave(self, raw: Any) -> None:
        if raw is not None and self._writing is raw:
            self._writing = None
            self.line.leave()
