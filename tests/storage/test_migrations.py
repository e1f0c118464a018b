"""The migrations make the tables that the program has, and can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from storage import schema
from storage.database import connect
from tests.databases import BOTH, database_url

schema.load_tables()


@pytest.mark.parametrize("kind", BOTH)
def test_up_down_and_up_again(kind: str, tmp_path: Path) -> None:
    with database_url(kind, tmp_path) as url:
        engine = connect(url)
        for to in ("head", "base", "head"):
            schema.migrate(engine, to)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, SQLModel.metadata) == []
        assert schema.is_current(engine)
        schema.migrate(engine, "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
        engine.dispose()
