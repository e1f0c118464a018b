"""Empty databases for tests: SQLite files, and PostgreSQL databases that go when the tests end.

Making tables and compiling statements takes far longer than a test. So a process makes few
databases, keeps them with their engines, and empties each after use.
"""

import atexit
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, Select, Table, event, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from storage import schema
from storage.database import connect

POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]

Rows = Mapping[str, Sequence[Mapping[str, Any]]]  # from a table's name

_free: dict[tuple[str, int], list[Engine]] = defaultdict(list)  # by kind and number of tables
_until_exit = ExitStack()
atexit.register(_until_exit.close)


@contextmanager
def empty_database(kind: str) -> Iterator[Engine]:
    """All tables imported so far, without a row. kind: "sqlite" or "postgres".

    Commits do not wait for the disk, as nobody pulls the plug on a test.
    """
    free = _free[kind, len(SQLModel.metadata.tables)]
    engine = free.pop() if free else _new_database(kind)
    yield engine
    _empty(engine)
    free.append(engine)


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """Where a database without tables is."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/phongbot.db"
        return
    if not _postgres_answers():
        pytest.skip("PostgreSQL does not answer; TEST_POSTGRES says where it is")
    name = f"phongbot_{uuid4().hex}"
    _run(f"CREATE DATABASE {name}")
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(f"DROP DATABASE {name} WITH (FORCE)")


def take_back(engine: Engine, migration: str) -> None:
    """Go to before a migration. migration: its name, without its number."""
    written = next(schema.MIGRATIONS.glob(f"versions/*_{migration}.py")).read_text()
    before = re.search(r'^down_revision = "(\w+)"', written, re.MULTILINE)
    assert before
    config = schema._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, before[1])


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """A database that somebody else uses at the same time."""
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def all_rows(engine: Engine) -> Rows:
    """In the order of their keys."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(_in_order(table)).mappings()]
            for table in SQLModel.metadata.sorted_tables
        }


def _in_order(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key)


def put_rows(engine: Engine, rows: Rows) -> None:
    """Fill an empty database with what `all_rows` gave of another."""
    with engine.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if rows[table.name]:
                connection.execute(table.insert(), rows[table.name])
        if engine.dialect.name == "postgresql":
            for table in SQLModel.metadata.sorted_tables:
                if rows[table.name] and "id" in table.c:
                    _count_on(connection, table.name, max(row["id"] for row in rows[table.name]))


def _new_database(kind: str) -> Engine:
    folder = Path(_until_exit.enter_context(tempfile.TemporaryDirectory()))
    url = _until_exit.enter_context(database_url(kind, folder))
    if kind == "postgres":
        _run(f"ALTER DATABASE {make_url(url).database} SET synchronous_commit = off")
    engine = connect(url)
    if kind == "sqlite":
        event.listen(engine, "connect", _do_not_wait)
    SQLModel.metadata.create_all(engine)
    _until_exit.callback(engine.dispose)
    return engine


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _empty(engine: Engine) -> None:
    """Remove every row, and on PostgreSQL transactions a test forgot; ids begin at 1 again."""
    on_postgres = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        if on_postgres:
            connection.execute(text(_END_OTHERS))
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text(_COUNT_ANEW if on_postgres else "DELETE FROM sqlite_sequence"))


_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""
_COUNT_ANEW = "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"


def _count_on(connection: Connection, table: str, last: int) -> None:
    sequence = "SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)"
    connection.execute(text(sequence), {"table": table, "last": last})


@cache
def _postgres_answers() -> bool:
    try:
        _run("SELECT 1")
    except OperationalError:
        return False
    return True


def _run(statement: str) -> None:
    engine = connect(
        POSTGRES,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"connect_timeout": 5},
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
