"""What proves that a report was handed in elsewhere moves with the tables."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from core.roles import Role
from storage import schema
from storage.database import connect
from storage.easings import Easing, Proof
from tests.conftest import NOW, an_office, someone
from tests.databases import BOTH, database_url, put_rows, take_back
from tests.handlers.test_locking import look
from tests.phone import Office

MIGRATION = "undo_together_and_prove_with_several_files"


@pytest.mark.parametrize("kind", BOTH)
def test_the_first_file_goes_back_and_comes_out_again(kind: str, tmp_path: Path) -> None:
    with database_url(kind, tmp_path) as url:
        engine = connect(url)
        schema.migrate(engine)
        put_rows(engine, an_office())
        minh = someone(Office(engine, NOW), "telegram", "Minh", "PHONG", Role.OFFICER)
        look(minh)
        for line in ("[Handed in outside the system]", "[by Zalo]", "(a.jpg)", "(b.jpg)"):
            minh.says(line)
        minh.says("[Done]")
        assert proofs(engine) == [1, 2]
        take_back(engine, MIGRATION)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT upload_id FROM easing")).all() == [(1,)]
        schema.migrate(engine)
        assert proofs(engine) == [1]
        with Session(engine) as session:
            assert session.exec(select(Easing)).one().with_files
        engine.dispose()


def proofs(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return sorted(session.exec(select(Proof.upload_id)))
