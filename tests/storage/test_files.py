"""Files people sent: recorded with clean names, taken to be fetched, and sent on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.channels.base import Sent
from core.filetype import Kind
from core.units import UnitKind
from storage import files
from storage.files import Arrival, StoredFile, Upload
from storage.people import Person
from storage.units import Unit
from tests.databases import BOTH, empty_database

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LEASE = timedelta(minutes=1)
SHA = "a" * 64
PAGE = Sent(
    "remote-1", "unique-1", "Trang ký.pdf", 1_000, "application/pdf", "document", "album-1"
)


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with empty_database(request.param) as engine:
        yield engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        for id, name in enumerate(("Lê Lợi", "Chu Văn An"), 1):
            session.add(Unit(id=id, code=f"THCS-{id}", name=name, kind=UnitKind.SCHOOL))
        session.add(Person(id=1, name="Lan"))
        session.flush()
        yield session


def send(session: Session, sent: Sent = PAGE, unit_id: int | None = 1) -> Upload:
    lan = session.get_one(Person, 1)
    return files.record(session, lan.id, unit_id, "telegram", sent, NOW)


def test_a_file_is_recorded_as_the_channel_announced_it(session: Session) -> None:
    upload = send(session)
    session.refresh(upload)
    assert (upload.person_id, upload.unit_id, upload.channel) == (1, 1, "telegram")
    assert (upload.remote_id, upload.name, upload.size) == ("remote-1", "Trang ký.pdf", 1_000)
    assert (upload.sent_as, upload.album, upload.sent_at) == ("document", "album-1", NOW)
    assert (upload.arrival, upload.attempts) == (Arrival.WAITING, 0)


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [("../../a.pdf", "document", "a.pdf"), ("", "photo", "photo.jpg"), ("", "document", "file")],
)
def test_its_name_is_cleaned(session: Session, name: str, kind: str, kept: str) -> None:
    assert send(session, replace(PAGE, name=name, kind=kind)).name.endswith(kept)


def test_a_new_file_is_taken_at_once_and_once_until_the_lease_ends(session: Session) -> None:
    first, second = send(session), send(session)
    taken = files.take_waiting(session, NOW, LEASE, most=1)
    assert [upload.id for upload in taken] == [first.id]
    taken = files.take_waiting(session, NOW, LEASE, most=5)
    assert [(upload.id, upload.attempts) for upload in taken] == [(second.id, 1)]
    assert files.take_waiting(session, NOW, LEASE, most=5) == []
    again = files.take_waiting(session, NOW + LEASE, LEASE, most=5)
    assert [upload.attempts for upload in again] == [2, 2]


def test_two_processes_never_take_the_same_file(engine: Engine, session: Session) -> None:
    send(session), send(session)
    session.commit()
    with Session(engine) as other:
        ours = files.take_waiting(session, NOW, LEASE, most=1)
        if engine.dialect.name == "sqlite":  # which lets only one of them write at a time
            session.commit()
        theirs = files.take_waiting(other, NOW, LEASE, most=5)
        assert len(ours) == len(theirs) == 1
        assert ours[0].id != theirs[0].id


def test_the_same_bytes_of_one_unit_are_one_row_and_of_two_units_two(session: Session) -> None:
    uploads = [send(session), send(session), send(session, unit_id=2)]
    for upload in uploads:
        files.mark_stored(session, upload, SHA, Kind.PDF, 1_234, NOW)
    session.flush()
    assert uploads[0].stored_file_id == uploads[1].stored_file_id != uploads[2].stored_file_id
    rows = session.exec(select(StoredFile.unit_id, StoredFile.kind, StoredFile.size)).all()
    assert sorted(tuple(row) for row in rows) == [(1, "pdf", 1_234), (2, "pdf", 1_234)]


def test_the_same_bytes_of_nobody_in_particular_are_one_row(session: Session) -> None:
    for _ in range(2):
        files.mark_stored(session, send(session, unit_id=None), SHA, Kind.PDF, 1_234, NOW)
    assert len(session.exec(select(StoredFile)).all()) == 1


def test_a_decided_file_is_not_fetched_again(session: Session) -> None:
    upload = send(session)
    assert files.get_waiting(session, upload.id) is upload
    files.mark_stored(session, upload, SHA, Kind.PDF, 1_234, NOW)
    session.flush()
    assert files.get_waiting(session, upload.id) is None
    assert files.take_waiting(session, NOW + LEASE, LEASE, most=5) == []


def test_files_are_sent_on_in_the_order_asked_for(session: Session) -> None:
    waiting, stored, lost = (
        send(session),
        send(session, replace(PAGE, kind="photo")),
        send(session),
    )
    files.mark_stored(session, stored, SHA, Kind.JPEG, 10, NOW)
    lost.arrival = Arrival.LOST
    ids = [stored.id, lost.id, 999, waiting.id]
    name = "Trang ký.pdf"
    assert files.for_sending(session, ids, "telegram") == [
        {"remote": "remote-1", "sha256": SHA, "name": name, "kind": "photo"},
        {"remote": "remote-1", "sha256": None, "name": name, "kind": "document"},
    ]


def test_a_remote_id_goes_only_to_the_channel_it_came_from(session: Session) -> None:
    ids = [send(session).id]
    assert files.for_sending(session, ids, "zalo")[0]["remote"] is None
