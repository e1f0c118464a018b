"""Which files stand in which answer: kept in order, removed, and moved there from older tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.roles import Role
from storage import evidence, schema, submissions
from storage.database import connect
from storage.evidence import Evidence, Place
from storage.submissions import Answer, Submission
from tests.conftest import NOW, an_office, someone
from tests.databases import BOTH, database_url, put_rows, take_back
from tests.handlers.test_report import begin
from tests.phone import Office

MIGRATION = "keep_files_as_evidence"


@pytest.fixture(params=BOTH)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """With a draft that has two photos, in tables as the migrations make them."""
    with database_url(request.param, tmp_path) as url:
        engine = connect(url)
        schema.migrate(engine)
        put_rows(engine, an_office())
        office = Office(engine, NOW)
        lan = someone(office, "telegram", "Lan", "LL", Role.REPORTER)
        begin(lan, "[Yes]", "6", "[Skip]", "(a.jpg)", "(b.jpg)", "đổi 1 2")
        yield office
        engine.dispose()


def answer(engine: Engine) -> Any:
    with Session(engine) as session:
        return session.exec(select(Answer.value).where(Answer.key == "photo")).one()


def test_files_go_back_into_older_answers_and_come_out_again(office: Office) -> None:
    with Session(office.engine) as session:
        (draft,) = session.exec(select(Submission)).all()
        before = submissions.answers(session, draft)
    assert [file["name"] for file in before["photo"]] == ["b.jpg", "a.jpg"]
    assert answer(office.engine) == []
    take_back(office.engine, MIGRATION)
    assert answer(office.engine) == before["photo"]
    schema.migrate(office.engine)
    assert answer(office.engine) == []
    with Session(office.engine) as session:
        assert submissions.answers(session, draft) == before


def test_a_file_that_is_taken_out_is_removed_and_may_come_back(office: Office) -> None:
    with Session(office.engine) as session:
        (draft,) = session.exec(select(Submission)).all()
        first, second = evidence.lists(session, draft.id)["photo"]
        evidence.put(session, draft.id, "photo", [second])
        assert evidence.lists(session, draft.id) == {"photo": [second]}
        states = session.exec(select(Evidence.upload_id, Evidence.state)).all()
        assert dict(states) == {first["upload"]: Place.REMOVED, second["upload"]: Place.KEPT}
        evidence.put(session, draft.id, "photo", [second, first])
        assert evidence.lists(session, draft.id) == {"photo": [second, first]}
        assert not evidence.stands(session, 999)
