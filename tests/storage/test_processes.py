"""Who runs on a database, and what only one program does at a time."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from storage import processes
from storage.database import connect
from storage.processes import AnotherProcess

HOLD = """
import sys
from storage import processes
from storage.database import connect
engine = connect(sys.argv[1])
process, lock = processes.enter(engine), processes.try_hold(engine, "poller")
print(process.number, bool(lock), flush=True)
sys.stdin.read()
"""


@contextmanager
def program(engine: Engine) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another program on the same database, and its number; it holds the lock of the poller."""
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(  # noqa: S603  our own words
        [sys.executable, "-c", HOLD, url],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        number, has_lock = other.stdout.readline().split()
        assert has_lock == "True"
        yield other, int(number)
        other.kill()


def kill(other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait(10)


def test_what_one_program_holds_is_anybodys_when_it_is_killed(engine: Engine) -> None:
    with program(engine) as (other, _number):
        assert processes.try_hold(engine, "poller") is None
        elsewhere = processes.try_hold(engine, "another")
        assert elsewhere is not None
        elsewhere.let_go()
        kill(other)
    lock = wait_for_lock(engine)
    assert lock.held()
    assert processes.try_hold(engine, "poller") is None
    lock.let_go()
    again = wait_for_lock(engine)
    again.let_go()


def wait_for_lock(engine: Engine) -> processes.Lock:
    """PostgreSQL takes a moment to see that a connection is gone."""
    for _try in range(10_000):
        if lock := processes.try_hold(engine, "poller"):
            return lock
    raise AssertionError("the lock is never free")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_one_program_runs_on_sqlite(engine: Engine) -> None:
    with program(engine) as (other, number):
        with pytest.raises(AnotherProcess, match="another phongbot runs on "):
            processes.enter(engine)
        kill(other)
    process = processes.enter(engine)
    assert process.alive() == {process.number}
    assert process.number != number
    process.close()
    processes.enter(engine).close()


def test_a_database_in_memory_is_nobody_elses() -> None:
    engine = connect("sqlite://")
    locks = [processes.try_hold(engine, "poller") for _ in range(2)]
    process = processes.enter(engine)
    assert all(locks)
    process.close()
    for lock in filter(None, locks):
        lock.let_go()


on_postgres = pytest.mark.parametrize(
    "engine", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@on_postgres
def test_several_programs_run_on_postgresql_and_see_who_lives(engine: Engine) -> None:
    process = processes.enter(engine)
    with program(engine) as (other, number):
        assert process.alive() == {process.number, number}
        kill(other)
    assert any(process.alive() == {process.number} for _try in range(10_000))
    process.close()


@on_postgres
def test_a_lost_connection_loses_the_number(engine: Engine) -> None:
    process = processes.enter(engine)
    before = process.number
    assert process.held()
    end_other_connections(engine)
    assert not process.held()
    assert not process.held()
    process.enter_again()
    assert process.held()
    assert process.number != before
    assert process.alive() == {process.number}
    process.close()


def end_other_connections(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
