"""Files are fetched after the turn until their bytes are on disk, through trouble and crashes."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.channels.base import Rejected, Sent, TryLater
from bot.files import AT_ONCE, GIVE_UP_AFTER, LONGEST_PAUSE, Fetcher
from bot.files import LEASE as FETCH_LEASE
from core.filetype import Refusal
from storage import files
from storage.blobs import Blobs
from storage.files import Arrival, StoredFile, Upload
from storage.outbox import Letter
from storage.people import Person
from tests.databases import BOTH, empty_database

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PDF = b"%PDF-1.7 "
SPEECH = b"OggS" + b" " * 24 + b"OpusHead"
LIMIT_SECONDS = 60.0


class Phone:
    """A channel that gives the bytes its remote ids name, after the trouble it is told of."""

    name = "telegram"

    def __init__(self) -> None:
        self.trouble: list[Exception] = []
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0

    async def send(self, _letter: Letter) -> str:
        raise NotImplementedError

    async def fetch(self, remote_id: str) -> bytes:
        self.asked.append(remote_id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.trouble:
            raise self.trouble.pop(0)
        return remote_id.encode()


class Office:
    """A fetcher, its phone, its clock, and what it decided."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.phone, self.blobs = engine, Phone(), Blobs(folder / "files")
        self.machine = NOW
        self.decided: list[Arrival] = []
        self.broken = False

    def fetcher(self) -> Fetcher:
        channels = {"telegram": self.phone}
        return Fetcher(
            self.engine,
            channels,
            self.blobs,
            self.arrived,
            lambda: NOW,
            machine=lambda: self.machine,
        )

    def arrived(self, session: Session, upload: Upload) -> None:
        if self.broken:
            raise RuntimeError("a fault in what follows")
        session.add(Person(name=f"told of {upload.id}"))
        self.decided.append(upload.arrival)

    def send(
        self, *contents: bytes, channel: str = "telegram", kind: str = "document"
    ) -> list[int]:
        with Session(self.engine) as session:
            lan = session.exec(select(Person)).first() or Person(name="Lan")
            session.add(lan)
            session.flush()
            sent = [Sent(c.decode(), "u", "a.pdf", None, "", kind) for c in contents]
            ids = [files.record(session, lan.id, None, channel, s, NOW).id for s in sent]
            session.commit()
            return ids

    def uploads(self) -> list[Upload]:
        with Session(self.engine) as session:
            return list(session.exec(select(Upload).order_by(col(Upload.id))))

    def arrivals(self) -> list[Arrival]:
        return [upload.arrival for upload in self.uploads()]

    def told(self) -> int:
        with Session(self.engine) as session:
            return len(session.exec(select(Person).where(col(Person.name) != "Lan")).all())

    def runs_until_asked(self, times: int) -> None:
        """Run until so many fetches are over, and what they led to is in the database."""
        asyncio.run(self._run(times))

    async def _run(self, times: int) -> None:
        fetcher = self.fetcher()
        running = asyncio.create_task(fetcher.run())  # noqa: TID251  awaited below
        async with asyncio.timeout(LIMIT_SECONDS):
            while len(self.phone.asked) < times or fetcher.is_busy():
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture(params=BOTH)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with empty_database(request.param) as engine:
        yield Office(engine, tmp_path)


def test_bytes_arrive_on_disk_and_the_row_says_so(office: Office) -> None:
    office.send(PDF)
    office.runs_until_asked(1)
    (upload,) = office.uploads()
    assert (upload.arrival, upload.size) == (Arrival.STORED, len(PDF))
    with Session(office.engine) as session:
        stored = session.get_one(StoredFile, upload.stored_file_id)
    assert (stored.kind, stored.size, stored.stored_at) == ("pdf", len(PDF), NOW)
    assert office.blobs.read(stored.sha256) == PDF
    assert office.decided == [Arrival.STORED]
    assert office.told() == 1


def test_a_wrong_type_is_refused_and_not_kept(office: Office, tmp_path: Path) -> None:
    office.send(b"MZ program")
    office.runs_until_asked(1)
    assert office.arrivals() == office.decided == [Arrival.REFUSED]
    assert not (tmp_path / "files").exists()


def test_speech_is_kept_only_where_it_came_as_a_voice_message(office: Office) -> None:
    office.send(SPEECH, kind="voice")
    office.send(SPEECH)
    office.runs_until_asked(2)
    assert office.arrivals() == [Arrival.STORED, Arrival.REFUSED]
    assert office.uploads()[1].refusal is Refusal.KIND


def test_why_it_is_refused_is_kept_and_logged_without_its_name(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.send(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".decode("latin-1").encode())
    office.send(b"PK\x03\x04 nothing else")
    office.runs_until_asked(2)
    assert {upload.refusal for upload in office.uploads()} == {Refusal.KIND, Refusal.HARMFUL}
    assert "is refused: harmful, no directory" in caplog.text
    assert "a.pdf" not in caplog.text


def test_many_are_fetched_a_few_at_once(office: Office) -> None:
    office.send(*(PDF + b"%d" % n for n in range(12)))
    office.runs_until_asked(12)
    assert office.arrivals() == [Arrival.STORED] * 12
    assert 1 < office.phone.most_at_once <= AT_ONCE


def test_trouble_is_met_with_pauses_that_grow(office: Office) -> None:
    office.send(PDF)
    office.phone.trouble = [TryLater("down"), TryLater("down")]
    office.runs_until_asked(1)
    (first,) = office.uploads()
    office.machine = first.try_at
    office.runs_until_asked(2)
    (second,) = office.uploads()
    assert second.try_at - office.machine > first.try_at - NOW > timedelta()
    office.machine = second.try_at
    office.runs_until_asked(3)
    assert office.arrivals() == office.decided == [Arrival.STORED]


def test_a_pause_that_the_channel_asks_for_is_kept(office: Office) -> None:
    office.send(PDF)
    office.phone.trouble = [TryLater("slow down", 600)]
    office.runs_until_asked(1)
    assert office.uploads()[0].try_at == NOW + timedelta(seconds=600)


def test_after_days_of_trouble_the_file_is_lost(office: Office) -> None:
    office.send(PDF)
    tries = 0
    while office.arrivals() == [Arrival.WAITING]:
        office.machine = max(office.machine, office.uploads()[0].try_at)
        office.phone.trouble = [TryLater("down")]
        tries += 1
        office.runs_until_asked(tries)
    assert office.arrivals() == office.decided == [Arrival.LOST]
    tried_for = office.machine - NOW
    assert GIVE_UP_AFTER <= tried_for < GIVE_UP_AFTER + LONGEST_PAUSE


def test_what_the_channel_refuses_for_good_is_lost_at_once(office: Office) -> None:
    office.send(PDF)
    office.phone.trouble = [Rejected("no such file")]
    office.runs_until_asked(1)
    assert office.arrivals() == office.decided == [Arrival.LOST]


def test_one_that_goes_wrong_holds_back_no_other(office: Office) -> None:
    office.send(PDF + b"1", PDF + b"2", PDF + b"3")
    office.phone.trouble = [ZeroDivisionError("a fault of ours")]
    office.runs_until_asked(3)
    assert sorted(office.arrivals()) == [Arrival.STORED, Arrival.STORED, Arrival.WAITING]


def test_a_channel_that_is_switched_off_is_waited_for(office: Office) -> None:
    office.send(PDF, channel="zalo")
    office.send(PDF)
    office.runs_until_asked(1)
    assert office.arrivals() == [Arrival.WAITING, Arrival.STORED]


def test_what_follows_is_in_the_same_transaction(office: Office) -> None:
    office.send(PDF)
    office.broken = True
    office.runs_until_asked(1)
    assert office.arrivals() == [Arrival.WAITING]
    assert office.told() == 0
    office.broken, office.machine = False, NOW + FETCH_LEASE
    office.runs_until_asked(2)
    assert office.arrivals() == [Arrival.STORED]
    assert office.told() == 1


def test_waking_it_fetches_without_waiting_for_the_sweep(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.files.SWEEP_SECONDS", 10 * LIMIT_SECONDS)

    async def talk() -> None:
        fetcher = office.fetcher()
        running = asyncio.create_task(fetcher.run())  # noqa: TID251  awaited below
        async with asyncio.timeout(LIMIT_SECONDS):
            for asked in (1, 2):
                await asyncio.to_thread(office.send, PDF)
                fetcher.wake()
                while len(office.phone.asked) < asked or fetcher.is_busy():
                    await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(talk())
    assert office.arrivals() == [Arrival.STORED] * 2


# A process of its own, killed where the first argument says; the others: database, folder.
PROCESS = """
import asyncio, os, sys
from pathlib import Path
from sqlmodel import Session
from bot.files import Fetcher
from storage.blobs import Blobs
from storage.database import connect
from storage.files import Upload
from storage.people import Person
from storage.units import Unit
from tests.bot.test_files import NOW, Phone
from tests.kill_points import armed

point, url, folder = sys.argv[1:]
around = armed(point)
around(os, "fsync", "before fsync", "after fsync")
around(Path, "replace", "before rename", "after rename")
around(Session, "commit", "before commit", "after commit")

def arrived(session, upload):
    session.add(Person(name=f"told of {upload.id}"))

fetcher = Fetcher(connect(url), {"telegram": Phone()}, Blobs(Path(folder)), arrived, lambda: NOW,
                  machine=lambda: NOW)
print("ready", flush=True)
asyncio.run(fetcher.run())
"""

POINTS = [
    *("before fsync:1", "before rename:2", "after rename:2"),
    *("before commit:1", "after commit:1", "before commit:3", "after commit:3"),
]


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_any_point_loses_no_file(point: str, tmp_path: Path) -> None:
    with empty_database("sqlite") as engine:
        office = Office(engine, tmp_path)
        contents = [PDF + b"%d" % n for n in range(6)]
        office.send(*contents)
        with started(point, engine, tmp_path) as process:
            assert process.wait(LIMIT_SECONDS) == -signal.SIGKILL
        check_rows(office)
        finish(office)
        assert office.arrivals() == [Arrival.STORED] * 6
        assert office.told() == 6


@pytest.mark.soak
@pytest.mark.parametrize("kind", BOTH)
def test_a_process_killed_at_forty_moments_loses_no_file(kind: str, tmp_path: Path) -> None:
    chance = random.Random(22)  # noqa: S311
    with empty_database(kind) as engine:
        office = Office(engine, tmp_path)
        for n in range(40):
            office.send(*(PDF + b"%d-%d" % (n, m) for m in range(8)))
            with started("nowhere:0", engine, tmp_path) as process:
                assert process.stdout
                assert process.stdout.readline()
                time.sleep(chance.random())
                process.kill()
            check_rows(office)
        finish(office)
        assert office.arrivals() == [Arrival.STORED] * 320
        assert office.told() == 320


def started(point: str, engine: Engine, folder: Path) -> subprocess.Popen[bytes]:
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", PROCESS, point, url, str(folder / "files")], stdout=subprocess.PIPE
    )


def finish(office: Office) -> None:
    """After every lease and pause."""
    office.machine = NOW + LONGEST_PAUSE
    office.runs_until_asked(office.arrivals().count(Arrival.WAITING))
    check_rows(office)


def check_rows(office: Office) -> None:
    """No row says stored without its bytes."""
    with Session(office.engine) as session:
        for stored in session.exec(select(StoredFile)):
            assert sha256(office.blobs.read(stored.sha256)).hexdigest() == stored.sha256
        lost = select(Upload).where(
            Upload.arrival == Arrival.STORED, col(Upload.stored_file_id).is_(None)
        )
        assert session.exec(lost).all() == []
