"""Ask the public: a survey is written in a talk, its links given out, its totals read."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.receipts import Clerk
from bot.sheets import read_sheet_now
from bot.survey_sheets import write_wanted
from core.roles import Role
from core.screen import Picked
from storage import surveys
from storage.blobs import Blobs
from storage.outbox import Outgoing
from storage.surveys import Survey, SurveyLink
from storage.units import OFFICE_CODE, with_code
from tests.conftest import someone
from tests.handlers.test_registration import says_all
from tests.phone import Office, Phone

WRITE = ("/khaosat", "[Make a survey]", "Parents 2026")
FIRST = ("Are you content?", "[yes or no]", "[No, that is all]")
THEN = ("[All schools]", "[Done]", "30/11/2026", "[Open the survey]")


def test_a_survey_is_written_and_its_links_are_given_out(
    office: Office, lan: Phone, minh: Phone
) -> None:
    minh.plays("""
        > /khaosat
        Surveys
        There is no survey yet.
        [Make a survey]
        > [Make a survey]
        Survey (1/6)
        What is the survey called?
        [Cancel]
        > Parents 2026
        Survey (2/6)
        Question 1: What is asked?
        [Back]
    """)
    says_all(minh, "How was it?", "[one of several answers]", "good; bad", "[Yes, add one]")
    says_all(minh, "How many children?", "[a number]", "[No, that is all]")
    says_all(minh, "[All schools]", "[Done]")
    assert "That day is over. Please send a coming day." in minh.says("1/10/2026")
    minh.says("30/11/2026")
    minh.plays("""
        > [Open the survey]
        The survey is open. Here are its links.
        • Parents 2026: open until 30 November 2026
        Fewer than 5 answers.
        1. How was it?
        2. How many children?
        [Link and QR code] [Close it now] [🔗 Trường TH Lê Lợi] [🔗 Trường TH Quyết Thắng] …
    """)
    shown = minh.says("[🔗 Trường TH Lê Lợi]")
    code = link_code(office, "LL")
    assert f"https://bot.example/phieu/{code}" in shown
    assert "(qr.png)" in shown
    says_all(minh, "[Back to the survey]")
    assert "For all schools; who answers picks one." in minh.says("[Link and QR code]")
    lan.plays("""
        > /khaosat
        Surveys
        • Parents 2026: open until 30 November 2026
        [Parents 2026]
        > [Parents 2026]
        • Parents 2026: open until 30 November 2026
        Fewer than 5 answers.
        1. How was it?
        2. How many children?
        [Link and QR code] [All surveys]
    """)
    assert f"https://bot.example/phieu/{code}" in lan.says("[Link and QR code]")


def test_what_cannot_be_a_survey_is_said(lan: Phone, minh: Phone) -> None:
    says_all(minh, *WRITE, "How was it?", "[one of several answers]")
    for options in ("good", "good; good", ";".join(map(str, range(9))), "x" * 81 + "; y"):
        assert minh.says(options)[0].startswith("Please send 2 to 8 different answers")
    says_all(minh, "good\nbad", "[No, that is all]")
    assert "No school fits all of that." in minh.says("[MN]")
    minh.says("[Done]")
    assert "No school fits all of that." in minh.says("30/11/2026")
    says_all(minh, "[TH]", "[Done]")
    assert "• Parents 2026: open until 30 November 2026" in minh.says("[Open the survey]")
    assert "[Make a survey]" not in lan.says("/khaosat")[-1]


def test_without_a_web_address_it_is_said_who_can_help(office: Office, minh: Phone) -> None:
    office.desk = type(office.desk)(office.desk.zone, "en", office.desk.bot_names)
    shown = minh.says("/khaosat")
    assert any("PHONGBOT_PUBLIC_URL" in line for line in shown)
    assert "[Make a survey]" not in shown


def test_totals_are_told_once_it_is_closed_and_there_are_enough(
    office: Office, lan: Phone, minh: Phone
) -> None:
    says_all(minh, *WRITE, *FIRST, *THEN)
    answer(office, "LL", yes=4, no=2)
    answer(office, "QT", yes=1)
    minh.says("[All surveys]")
    assert "7 answers." in minh.says("[Parents 2026]")
    minh.plays("""
        > [Close it now]
        The survey is closed.
        • Parents 2026: closed
        7 answers.
        1. Are you content?
        [What was answered] [Get it as a sheet] [All surveys]
        > [What was answered]
        Parents 2026
        7 answers.
        Are you content?
        • Yes: 5 (71 %)
        • No: 2 (29 %)
        Schools that would give away what few people answered are not shown by themselves.
        [Back to the survey]
    """)
    says_all(lan, "/khaosat", "[Parents 2026]")
    lan.plays("""
        > [What was answered]
        Parents 2026
        Trường TH Lê Lợi
        6 answers.
        Are you content?
        • Yes: 4 (67 %)
        • No: 2 (33 %)
        [Back to the survey]
    """)


def test_a_school_sees_its_own_totals_and_no_others(office: Office, lan: Phone) -> None:
    minh = someone(office, lan.channel, "Minh", OFFICE_CODE, Role.OFFICER)
    says_all(minh, *WRITE, *FIRST, *THEN)
    answer(office, "LL", yes=4)
    answer(office, "QT", yes=3, no=3)
    says_all(minh, "[Close it now]")
    says_all(lan, "/khaosat", "[Parents 2026]")
    lan.plays("""
        > [What was answered]
        Fewer than 5 answers.
        That is too few to show what was answered without giving anybody away.
        [Back to the survey]
    """)


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
def test_an_open_survey_shows_nothing_and_another_school_gets_its_own(
    office: Office, lan: Phone, minh: Phone
) -> None:
    says_all(minh, *WRITE, *FIRST, *THEN)
    answer(office, "LL", yes=6)
    answer(office, "QT", no=6)
    refused = "Answers are shown once the survey is closed, so that nobody is found out."
    assert refused in tapped(lan, "show:survey_results:1.1")
    says_all(minh, "[Close it now]")
    with Session(office.engine) as session:
        other = with_code(session, "QT")
        assert other
    assert "• Yes: 6 (100 %)" in tapped(lan, f"show:survey_results:1.{other.id}")
    assert "• No: 6 (100 %)" in tapped(minh, f"show:survey_results:1.{other.id}")
    assert "This survey is closed already." in tapped(minh, "show:survey_close:1")


def test_it_closes_after_its_last_day(office: Office, minh: Phone) -> None:
    says_all(minh, *WRITE, *FIRST, *THEN)
    with Session(office.engine) as session:
        survey = session.get_one(Survey, 1)
        assert [survey.is_open(date(2026, 11, 30) + timedelta(days=n)) for n in (0, 1)] == [1, 0]


def test_the_totals_come_as_a_sheet(office: Office, minh: Phone, tmp_path: Path) -> None:
    says_all(minh, *WRITE, *FIRST, *THEN)
    answer(office, "LL", yes=5, no=5)
    answer(office, "QT", yes=4, no=4)
    says_all(minh, "[Close it now]", "[Get it as a sheet]")
    blobs = Blobs(tmp_path)
    assert write_wanted(Clerk(office.engine, office.desk, blobs), office.times()) == 1
    assert minh.hears() == ["What was answered to “Parents 2026”.", "(khao-sat.xlsx)"]
    with Session(office.engine) as session:
        files = [file for message in session.exec(select(Outgoing)) for file in message.files]
    rows = read_sheet_now(blobs.path(files[-1]["sha256"]))
    assert rows[0][:5] == ["Mã", "Đơn vị", "Số phiếu", "Câu hỏi", "Trả lời"]
    assert rows[1][:7] == ["", "All together", "18", "1. Are you content?", "Yes", "9", "50"]
    assert [row[0] for row in rows[3:]] == ["LL", "LL", "QT", "QT"]


def tapped(phone: Phone, action: str) -> list[str]:
    """What a forged button shows."""
    phone.gives(Picked(action))
    return phone.hears()


def answer(office: Office, code: str, yes: int = 0, no: int = 0) -> None:
    with Session(office.engine) as session:
        unit = with_code(session, code)
        assert unit
        for number in range(yes + no):
            surveys.answer(session, 1, unit.id, f"{code}{number}", {"1": number < yes})
        session.commit()


def link_code(office: Office, school: str) -> str:
    with Session(office.engine) as session:
        unit = with_code(session, school)
        assert unit
        found = select(SurveyLink.code).where(SurveyLink.unit_id == unit.id)
        return session.exec(found).one()
