"""Statements given to the driver directly do what SQLAlchemy's own way does."""

import pytest
from sqlalchemy import Engine, bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound
from sqlmodel import SQLModel

from storage.prepared import Prepared
from tests.letters import NOW

received = SQLModel.metadata.tables["received"]
COLUMNS = ("channel", "update_id", "at", "attempts", "error", "raw")
ONE = {"channel": "talk", "update_id": "1", "at": NOW, "attempts": 1, "error": None}
RAW = {"text": "Chào thầy/cô", "numbers": [1, None]}

put = Prepared(insert(received).returning(received.c.at, received.c.raw), COLUMNS)
update_id = received.c.update_id == bindparam("of")
find = Prepared(select(received.c.at, received.c.raw).where(update_id))


def test_values_go_and_come_as_with_core(engine: Engine) -> None:
    with engine.begin() as connection:
        assert put.first(connection, ONE | {"raw": RAW}) == (NOW, RAW)
        assert find.one(connection, {"of": "1"}) == (NOW, RAW)
        core = connection.execute(select(received.c.at, received.c.raw)).one()
        assert core == (NOW, RAW)


def test_each_row_is_written(engine: Engine) -> None:
    rows = [ONE | {"update_id": str(n), "raw": None} for n in range(3)]
    with engine.begin() as connection:
        put.each(connection, rows)
        found = connection.execute(select(received.c.update_id, received.c.raw)).all()
    assert sorted(found) == [("0", None), ("1", None), ("2", None)]


def test_nothing_found(engine: Engine) -> None:
    with engine.begin() as connection:
        assert find.first(connection, {"of": "none"}) is None
        with pytest.raises(NoResultFound):
            find.one(connection, {"of": "none"})


def test_it_begins_a_transaction(engine: Engine) -> None:
    with engine.connect() as connection:
        put.first(connection, ONE | {"raw": None})
        connection.rollback()
        assert find.first(connection, {"of": "1"}) is None


def test_the_driver_s_errors_are_sqlalchemy_s_and_show_no_values(engine: Engine) -> None:
    with engine.begin() as connection:
        put.first(connection, ONE | {"raw": None})
        with pytest.raises(IntegrityError) as refused, connection.begin_nested():
            put.first(connection, ONE | {"error": "private words", "raw": None})
    assert "private words" not in str(refused.value)


def test_a_lost_connection_is_let_go(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # it has none to lose
    with engine.connect() as connection, engine.connect() as other:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(text("SELECT pg_terminate_backend(:of)"), {"of": mine})
        with pytest.raises(DBAPIError) as lost:
            find.first(connection, {"of": "1"})
        assert lost.value.connection_invalidated
        assert connection.invalidated
