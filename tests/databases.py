"""Empty databases for tests: SQLite files, and PostgreSQL databases that go when the test ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from storage.database import connect

POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[Engine]:
    """All tables imported so far, without a row. kind: "sqlite" or "postgres"."""
    with database_url(kind, folder) as url:
        engine = connect(url)
        SQLModel.metadata.create_all(engine)
        yield engine
        engine.dispose()


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
