"""What waits together is committed together, and what fails is undone by itself."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from bot.writing import MOST_TOGETHER, Writer
from storage import facts, schema
from storage.database import BUSY, at_once, reading
from tests.databases import opened

Scene = Callable[[Writer], Any]


def written(engine: Engine, scene: Scene) -> tuple[list[str], int]:
    """What is in the table after a scene, and how many commits it took."""
    commits: list[Connection] = []

    def count(connection: Connection) -> None:
        commits.append(connection)

    async def play() -> None:
        with ThreadPoolExecutor(1) as thread:
            writer = Writer(engine, thread)
            await scene(writer)
            writer.close()

    event.listen(engine, "commit", count)
    try:
        asyncio.run(play())
    finally:
        event.remove(engine, "commit", count)
    with engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM fact ORDER BY value")).scalars()
        return list(names), len(commits)


def put(name: str, connection: Connection) -> str:
    """Rows in the order in which they were written."""
    count = connection.execute(text("SELECT count(*) FROM fact")).scalar_one()
    row = {"name": name, "value": f"{count:03}"}
    connection.execute(facts.Fact.__table__.insert(), row)  # type: ignore[attr-defined]
    return name


def test_what_waits_at_the_same_time_shares_a_transaction_in_order(engine: Engine) -> None:
    names = [f"n{number}" for number in range(2 * MOST_TOGETHER + 1)]

    async def scene(writer: Writer) -> None:
        # The first begins at once; the others gather behind it.
        answers = await asyncio.gather(*(writer.write(partial(put, name)) for name in names))
        assert answers == names

    assert written(engine, scene) == (names, 3)


def test_only_what_fails_is_undone(engine: Engine) -> None:
    def fail(connection: Connection) -> None:
        put("bad", connection)
        raise ValueError("after all was written")

    async def scene(writer: Writer) -> None:
        first = writer.write(partial(put, "first"))
        jobs = [
            writer.write(partial(put, "a")),
            writer.write(fail),
            writer.write(partial(put, "b")),
        ]
        found = await asyncio.gather(first, *jobs, return_exceptions=True)
        assert [type(one) for one in found] == [str, str, ValueError, str]

    assert written(engine, scene)[0] == ["first", "a", "b"]


def test_its_own_way_is_taken_by_what_has_one_when_it_is_done_alone(engine: Engine) -> None:
    def fail(_connection: Connection) -> str:
        raise ValueError

    async def scene(writer: Writer) -> None:
        assert await writer.write(fail, lambda: "by itself") == "by itself"

    written(engine, scene)


@pytest.mark.parametrize("company", [True, False], ids=["something else comes", "nothing comes"])
def test_what_has_patience_waits_for_company_but_not_for_ever(
    engine: Engine, company: bool
) -> None:
    async def scene(writer: Writer) -> None:
        waits = asyncio.ensure_future(writer.write(partial(put, "patient"), patience=0.05))
        await asyncio.sleep(0)
        if company:
            await writer.write(partial(put, "other"))
        await waits

    names = ["patient", "other"] if company else ["patient"]
    assert written(engine, scene) == (names, 1)


def test_a_broken_connection_is_left_for_a_fresh_one(engine: Engine) -> None:
    def break_off(connection: Connection) -> None:
        connection.invalidate()
        raise ConnectionError

    async def scene(writer: Writer) -> None:
        with pytest.raises(ConnectionError):
            await writer.write(break_off)
        await writer.write(partial(put, "after"))

    assert written(engine, scene)[0] == ["after"]


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[tuple[Engine, sqlite3.Connection]]:
    """A database, and the connection of another program that uses it, too."""
    with opened(f"sqlite:///{tmp_path / 'db'}") as engine:
        schema.migrate(engine)
        other = sqlite3.connect(tmp_path / "db", isolation_level=None)
        yield engine, other
        other.close()


@pytest.mark.parametrize("how", ["written", "called"])
def test_the_loop_goes_on_while_another_program_writes(
    beside: tuple[Engine, sqlite3.Connection], how: str
) -> None:
    engine, other = beside

    async def scene(writer: Writer) -> None:
        await writer.write(partial(put, "before"))
        other.execute("BEGIN IMMEDIATE")
        job = (
            writer.write(partial(put, "a"))
            if how == "written"
            else writer.call(partial(put_alone, engine, "a"))
        )
        waiting = asyncio.ensure_future(job)
        done, _pending = await asyncio.wait([waiting], timeout=0.1)
        other.execute("COMMIT")  # which the loop would not come to if it waited itself
        assert not done
        await waiting

    assert written(engine, scene)[0] == ["before", "a"]


def put_alone(engine: Engine, name: str) -> None:
    with engine.begin() as connection:
        put(name, connection)


def test_who_reads_after_who_waits_for_nobody_waits_again(
    beside: tuple[Engine, sqlite3.Connection],
) -> None:
    engine, other = beside
    other.execute("BEGIN IMMEDIATE")
    with at_once(engine):
        with reading(engine) as session:
            session.get(facts.Fact, "none")
        with pytest.raises(OperationalError), engine.begin():
            pass
    with reading(engine) as session:
        patience = session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert patience == BUSY * 1000
