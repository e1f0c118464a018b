"""Lịch nhắc thử: what will be sent, looked through before it is."""

import tomllib
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, col, select

from bot import rehearsal
from bot.inbound import Times
from bot.preview import of, upcoming, with_plan
from bot.receipts import Clerk
from core.screen import Picked
from storage import plans
from storage.blobs import Blobs
from storage.checklists import Duty
from storage.nudges import Nudge
from storage.reports import Report
from tests.conftest import NOW, PLAN
from tests.handlers.test_document import given
from tests.handlers.test_due import change
from tests.phone import HANOI, MACHINE_NOW, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)


@pytest.mark.usefixtures("lan", "hoa")
def test_an_officer_looks_through_what_will_be_sent(office: Office, minh: Phone) -> None:
    change(office, "Safety plan", due_on=date(2026, 11, 20))
    office.now = datetime.combine(date(2026, 10, 28), time(9), HANOI)
    minh.says("/status")
    heard = minh.says("[Reminders to come]")
    assert heard[:4] == [
        "Reminders to come, 28 October 2026 to 27 November 2026",
        "32 messages, to 3 people",
        "As if nothing were handed in meanwhile.",
        "⚠ Friday 20 November is a day off: 2 messages are held until Saturday 21 November.",
    ]
    assert "⚠ Trường TH Quyết Thắng: nobody is registered, so nobody is reminded." in heard
    minh.plays("""
        > [Friday 30 October: 2]
        Reminders of Friday 30 October 2026
        2 messages, to 2 people
        [07:15 Lan, Trường TH Lê Lợi] [07:15 Hoa, Trường TH Lê Lợi] [Other days]
        > [07:15 Hoa, Trường TH Lê Lợi]
        07:15 Hoa, Trường TH Lê Lợi
        A reminder: 1 report
        Today
        • Fire safety tháng 10/2026: before 30 October (today is the day)
        [The others of this day]
    """)
    with Session(office.engine) as session:
        assert session.exec(select(Nudge)).all() == []


def test_schools_do_not_see_it(lan: Phone, minh: Phone) -> None:
    minh.says("/status")
    lan.labels |= minh.labels
    if lan.channel == "telegram":
        assert "Only the office can see this." in lan.says("[Reminders to come]")


@only_with_buttons
@pytest.mark.usefixtures("lan")
def test_all_of_it_comes_as_a_sheet(office: Office, minh: Phone, tmp_path: Path) -> None:
    minh.says("/status")
    minh.says("[Reminders to come]")
    minh.says("[All of it as a sheet]")
    times = Times(office.now, MACHINE_NOW)
    assert rehearsal.write_wanted(clerk(office, tmp_path), times) == 1
    assert minh.hears() == ["All reminders to come, as of now:", "(lich-nhac-thu.xlsx)"]
    assert rehearsal.write_wanted(clerk(office, tmp_path), times) == 0
    book = load_workbook(BytesIO(rehearsal.write(of(office.engine), office.desk, times)))
    rows = [[cell.value for cell in row] for row in book["Lịch nhắc thử"].iter_rows()]
    assert rows[1][:7] == [
        "27/10/2026", "Thứ Ba", "09:00", "Lan", "LL", "Fire safety tháng 10/2026", "Trước hạn",
    ]  # fmt: skip
    assert "better sent on Thursday 29 October (3 days left)" in str(rows[1][7])
    told = upcoming(of(office.engine), office.desk, NOW.date(), date(2027, 1, 30), office.now)
    assert len(rows) - 1 == len(list(told))
    warned = [str(cell.value) for cell in book["Cảnh báo"]["B"]]
    assert any("nobody is registered" in line for line in warned)


@only_with_buttons
@pytest.mark.usefixtures("lan", "channel")
def test_a_plan_is_looked_at_before_it_goes_live(office: Office) -> None:
    text = PLAN.read_text(encoding="utf-8").replace('due = "none"', 'due = "on by 2026-11-05"')
    plan = plans.Plan.model_validate(tomllib.loads(text))
    plan.duty = [duty.model_copy(update={"code": f"new-{duty.code}"}) for duty in plan.duty[1:]]
    span = date(2026, 11, 5), date(2026, 11, 5)
    with with_plan(office.engine, plan, office.now) as sessions:
        found = list(upcoming(sessions, office.desk, *span, office.now))
    assert [(one.duty, one.kind) for one in found] == [("new-everything", "on the day")]
    with Session(office.engine) as session:
        assert all(report.due_on != span[0] for report in session.exec(select(Report)))


@only_with_buttons
@pytest.mark.usefixtures("lan")
def test_drafts_are_looked_at_in_their_words_before_they_are_published(
    office: Office, minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    minh.says("[Publish 1 duty…]")
    heard = minh.says("[Reminders to come]")
    assert "As if 31/PGDĐT were published now, and nothing handed in meanwhile." in heard
    assert "⚠ Trường TH Quyết Thắng: nobody is registered, so nobody is reminded." in heard
    minh.says("[Tuesday 3 November: 1]")
    minh.says("[07:15 Lan, Trường TH Lê Lợi]")
    minh.says("[The others of this day]")
    minh.says("[Other days]")
    minh.says("[All of it as a sheet]")
    assert rehearsal.write_wanted(clerk(office, tmp_path), Times(office.now, MACHINE_NOW)) == 1
    assert minh.hears()[0] == "All reminders of 31/PGDĐT, if it were published now:"
    promised = sheet_of(tmp_path)
    with Session(office.engine) as session:
        assert session.exec(select(Duty).where(col(Duty.code).startswith("vb"))).all() == []
    minh.gives(Picked("show:post:1.0"))
    span = office.now.date(), date(2027, 1, 1)
    sent = list(upcoming(of(office.engine), office.desk, *span, office.now))
    days = {one.at for one in sent if one.duty.startswith("vb")}
    assert promised == [one.text for one in sent if one.at in days]
    assert len(days) > 3


@only_with_buttons
def test_drafts_that_are_published_meanwhile_come_as_no_sheet(
    office: Office, minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    minh.says("[Publish 1 duty…]")
    minh.says("[Reminders to come]")
    minh.says("[All of it as a sheet]")
    minh.gives(Picked("show:post:1.0"))
    minh.hears()
    times = Times(office.now, MACHINE_NOW)
    assert rehearsal.write_wanted(clerk(office, tmp_path), times) == 1
    assert minh.hears() == ["It is published already."]
    assert rehearsal.write_wanted(clerk(office, tmp_path), times) == 0


def clerk(office: Office, folder: Path) -> Clerk:
    return Clerk(office.engine, office.desk, Blobs(folder))


def sheet_of(folder: Path) -> list[str]:
    """The words of each row of the newest sheet."""
    newest = max((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.stat().st_mtime_ns)
    rows = load_workbook(BytesIO(newest.read_bytes()))["Lịch nhắc thử"].iter_rows(min_row=2)
    return [str(row[7].value) for row in rows]
