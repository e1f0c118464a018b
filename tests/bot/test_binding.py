"""Sheets and PDFs are made once, though the program is killed at any point."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.binding import LEASE, forget_sheets
from bot.inbound import Times
from core.roles import Role
from handlers.pages import SETTLED
from storage.evidence import Making, Product, Progress
from storage.files import MADE, StoredFile, Upload
from storage.outbox import Outgoing
from tests.conftest import NOW, an_office, someone
from tests.databases import BOTH, empty_database, put_rows
from tests.handlers.test_report import begin
from tests.pages import Desk, jpeg, page
from tests.phone import Office, Phone

# Kills itself on the way; the point is "before commit:2", the second time it gets there.
PROCESS = """
import sys
from datetime import datetime
from pathlib import Path
from sqlmodel import Session
from bot import child
from storage import schema
from storage.blobs import Blobs
from storage.database import connect
from tests.conftest import NOW
from tests.kill_points import armed
from tests.pages import Desk
from tests.phone import Office

schema.load_tables()
point, url, folder = sys.argv[1:]
around = armed(point)
around(child, "work", "before work", "after work")
around(Blobs, "put", "before put", "after put")
around(Session, "commit", "before commit", "after commit")
Desk(Office(connect(url), NOW), Path(folder)).make_all()
"""

POINTS = [
    *("before commit:1", "after commit:1", "before work:1", "after work:1", "before put:1"),
    *("after put:1", "before commit:2", "after commit:2"),
]


@pytest.fixture(params=BOTH)
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    with empty_database(request.param) as engine:
        put_rows(engine, an_office())
        yield Office(engine, NOW)


def handed_in(office: Office, desk: Desk) -> Phone:
    lan = someone(office, "telegram", "Lan", "LL", Role.REPORTER)
    begin(lan, "[Yes]", "6", "[Skip]", "(a.jpg)", "(b.jpg)", "[Done]", "[Submit]")
    desk.arrive({"a.jpg": jpeg(page(1, (310, 438))), "b.jpg": jpeg(page(2, (310, 438)))})
    with Session(office.engine) as session:
        for making in session.exec(select(Making).where(Making.product == Product.SHEET)):
            session.delete(making)
        session.commit()
    lan.hears()
    return lan


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_any_point_makes_it_once(
    office: Office, tmp_path: Path, point: str
) -> None:
    desk = Desk(office, tmp_path)
    lan = handed_in(office, desk)
    url = office.engine.url.render_as_string(hide_password=False)
    call = [sys.executable, "-c", PROCESS, point, url, str(tmp_path)]
    assert subprocess.run(call, timeout=60).returncode == -signal.SIGKILL  # noqa: S603
    desk.machine += LEASE
    desk.make_all()
    check_made_once(office.engine, desk)
    assert [line for line in lan.hears() if line.startswith("(")] == ["(LL_FIRE_2026-10_v1.pdf)"]


def check_made_once(engine: Engine, desk: Desk) -> None:
    with Session(engine) as session:
        (making,) = session.exec(select(Making)).all()
        assert making.progress is Progress.DONE
        (made,) = session.exec(select(Upload).where(Upload.channel == MADE)).all()
        assert making.upload_id == made.id
        stored = session.get_one(StoredFile, made.stored_file_id)
        assert desk.blobs.read(stored.sha256).startswith(b"%PDF-")
        kept = {row.sha256 for row in session.exec(select(StoredFile))}
        sent = [row for row in session.exec(select(Outgoing)) if row.files]
    assert len(sent) == 1
    # The same pages make the same bytes, so a second try leaves nothing behind.
    assert {path.name for path in desk.blobs.path("0" * 64).parents[1].glob("??/*")} == kept


def test_photos_that_change_while_they_are_bound_are_bound_anew(
    office: Office, tmp_path: Path
) -> None:
    desk = Desk(office, tmp_path)
    lan = someone(office, "telegram", "Lan", "LL", Role.REPORTER)
    begin(lan, "[Yes]", "6", "[Skip]", "(a.jpg)", "(b.jpg)")
    desk.arrive({"a.jpg": jpeg(page(1)), "b.jpg": jpeg(page(2))})
    lan.hears()
    binder = desk.binder()
    asked = binder._take()
    assert asked
    made = binder._make(asked)
    lan.says("đổi 1 2")
    binder._hand_over(asked, made)
    assert lan.hears() == []
    assert desk.make_all() == 1
    assert "(1-photo.jpg)" in lan.hears()


def test_two_processes_that_made_the_same_hand_it_over_once(
    office: Office, tmp_path: Path
) -> None:
    """As where one took longer than its lease."""
    desk = Desk(office, tmp_path)
    handed_in(office, desk)
    slow, quick = desk.binder(), desk.binder()
    begun = slow._take()
    desk.machine += LEASE
    again = quick._take()
    assert begun
    assert again
    quick._hand_over(again, quick._make(again))
    slow._hand_over(begun, slow._make(begun))
    check_made_once(office.engine, desk)


def test_only_the_sheet_of_a_draft_as_it_is_now_is_kept(office: Office, tmp_path: Path) -> None:
    desk = Desk(office, tmp_path)
    lan = someone(office, "telegram", "Lan", "LL", Role.REPORTER)
    begin(lan, "[Yes]", "6", "[Skip]", "(a.jpg)", "(b.jpg)")
    desk.arrive({"a.jpg": jpeg(page(1)), "b.jpg": jpeg(page(2))})
    desk.make_all()
    lan.does("đổi 1 2")
    desk.machine += SETTLED
    desk.make_all()
    assert tidy(desk, timedelta(hours=23)) == {"photo": 4}
    waits = "the first sheet waits for the app"
    assert tidy(desk, timedelta(hours=2)) == {"photo": 4}, waits
    lan.hears()
    assert tidy(desk, timedelta()) == {"photo": 3}
    for line in ("[Done]", "[Submit]"):
        lan.says(line)
    desk.make_all()
    lan.hears()
    assert tidy(desk, timedelta(hours=2)) == {"photo": 2, "document": 1}


def tidy(desk: Desk, later: timedelta) -> Counter[str]:
    """How many files are left, by how they are sent; their bytes are there, and no others."""
    desk.office.now += later
    # What was written just now is as old as the clocks of the test say.
    written = desk.office.now.timestamp() - timedelta(days=2).total_seconds()
    for path in desk.blobs.path("0" * 64).parents[1].glob("??/*"):
        os.utime(path, (written, written))
    forget_sheets(desk.office.engine, desk.blobs, Times(desk.office.now, desk.office.now))
    with Session(desk.office.engine) as session:
        stored = {row.sha256 for row in session.exec(select(StoredFile))}
        left = Counter(session.exec(select(Upload.sent_as)))
    assert {path.name for path in desk.blobs.path("0" * 64).parents[1].glob("??/*")} == stored
    return left
