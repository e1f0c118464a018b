"""Who writes gets a turn in the order in which they asked; who reads holds up nobody."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from storage import facts
from storage.database import can_write_at_once, connect, reading
from storage.line import Line

SOON, LONG = 0.01, 30.0  # seconds


def test_a_thread_that_asks_again_at_once_goes_behind_those_who_waited() -> None:
    line, order = Line(), ["greedy"]
    assert line.enter(LONG)

    def patient() -> None:
        assert line.enter(LONG)
        order.append("patient")
        line.leave()

    waiting = threading.Thread(target=patient)
    waiting.start()
    while line.waiting == 0:
        assert waiting.is_alive()
    line.leave()
    assert line.enter(LONG)
    order.append("greedy again")
    line.leave()
    waiting.join()
    assert order == ["greedy", "patient", "greedy again"]
    assert line.is_free


def test_who_waits_in_vain_leaves_the_line() -> None:
    line = Line()
    assert line.enter(LONG)
    assert not line.enter(SOON)
    line.leave()
    assert line.is_free
    assert line.enter(SOON)


def test_reading_waits_for_no_writer_and_no_writer_for_it(engine: Engine) -> None:
    with reading(engine) as look, Session(engine) as write:
        assert facts.get(look, "seen") == ""
        facts.put(write, "seen", "yes")
        write.commit()
    with Session(engine) as write:
        facts.put(write, "seen", "again")
        write.flush()
        with reading(engine) as look:
            assert facts.get(look, "seen") == "yes"


def test_what_is_tried_while_reading_is_not_kept(engine: Engine) -> None:
    with reading(engine) as look:
        facts.put(look, "tried", "yes")
        look.flush()
    with reading(engine) as look:
        assert facts.get(look, "tried") == ""


def test_a_transaction_that_failed_leaves_its_place(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/line.db")
    with pytest.raises(OperationalError), engine.begin() as connection:
        connection.execute(text("SELECT * FROM nowhere"))
    assert can_write_at_once(engine)
    with engine.begin():
        assert not can_write_at_once(engine)
    assert can_write_at_once(engine)
    engine.dispose()
