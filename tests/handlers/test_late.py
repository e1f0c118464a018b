"""Schools that are late: the officer is told whom to call, then gets a letter to sign; and what
the office holds back.
"""

from datetime import date, datetime
from io import BytesIO

import pytest
from docx import Document
from sqlmodel import Session, col, select, update

from bot import official
from core.urging import LateSchool, Urging
from storage.audit import Audit
from storage.people import Person
from tests.handlers.test_nudge import LATER, PAST_THE_AIM, days_of_reminders, tick
from tests.phone import HANOI, Office, Phone

DUTY = "Fire safety tháng 10/2026"


def on(office: Office, day: int, month: int = 11) -> None:
    office.now = datetime(2026, month, day, 7, 20, tzinfo=HANOI)


@pytest.mark.usefixtures("lan")
def test_the_officer_is_told_whom_to_call(office: Office, minh: Phone) -> None:
    with Session(office.engine) as session:
        session.exec(update(Person).where(col(Person.name) == "Lan").values(phone="0912345678"))
        session.commit()
    on(office, 1)
    tick(office)
    assert minh.hears() == []
    on(office, 2)
    tick(office)
    minh.plays(f"""
        {DUTY}: 2 schools are late
        • Trường TH Lê Lợi: 3 days late; call Lan, +84912345678
        • Trường TH Quyết Thắng: 3 days late, nobody registered
        [Who has handed in: {DUTY}] [Draft a letter: {DUTY}] {LATER}
    """)


def test_the_letter_comes_as_a_file(office: Office, lan: Phone, minh: Phone) -> None:
    days_of_reminders(office, lan, 17)
    minh.hears()
    on(office, 6)
    minh.says("/status")
    minh.says(f"[{DUTY} (0/2)]")
    minh.plays(f"""
        > [Draft a letter: {DUTY}]
        The draft of a letter to 2 schools that are late with {DUTY}:
        Its number, its day and the signature are left blank. Nothing is sent by it.
        (cong-van-don-doc.docx)
        [Who has handed in]
    """)


def test_only_the_office_drafts_letters(office: Office, lan: Phone, minh: Phone) -> None:
    on(office, 2)
    tick(office)
    minh.hears()
    lan.labels |= minh.labels
    if lan.channel == "telegram":
        assert "Only the office can see this." in lan.says(f"[Draft a letter: {DUTY}]")


def test_the_letter_lists_what_it_is_about() -> None:
    school = LateSchool("TH Quyết Thắng", date(2018, 6, 10), 5, 7, date(2018, 6, 13))
    letter = Urging(
        office="Phòng GD&ĐT thành phố Sơn La",
        above="UBND thành phố Sơn La",
        title="Báo cáo 6 tháng năm 2018",
        document="09/KH-GD&ĐT",
        issued_on=date(2018, 1, 15),
        clause="IV.2",
        written="trước ngày 10/6",
        today=date(2018, 6, 15),
        schools=(school,),
    )
    document = Document(BytesIO(official.write_urging(letter)))
    head, listed, foot = document.tables
    assert [cell.text for cell in listed.rows[1].cells] == [
        "1", "TH Quyết Thắng", "10/06/2018", "5", "7", "13/06/2018",
    ]  # fmt: skip
    body = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in ("09/KH-GD&ĐT ngày 15/01/2018", "Báo cáo 6 tháng năm 2018", "mục IV.2"):
        assert words in body
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head.rows[0].cells[1].text
    assert "Độc lập - Tự do - Hạnh phúc" in head.rows[0].cells[1].text
    assert "UBND THÀNH PHỐ SƠN LA" in head.rows[0].cells[0].text
    assert "Nơi nhận:" in foot.rows[0].cells[0].text


# Holding back


def hold(minh: Phone, which: str) -> None:
    minh.says("/status")
    minh.says(f"[{DUTY} (0/2)]")
    minh.says("[Trường TH Lê Lợi]")
    minh.says("[Hold back reminders]")
    minh.says(f"[{which}]")
    minh.plays(f"""
        > the river is over the bridge
        Reminders held back ({_in_a_line(which)}): the river is over the bridge
        {DUTY}, Trường TH Lê Lợi: not handed in
        [Look at the report] [Who has handed in]
    """)


def _in_a_line(which: str) -> str:
    return "all" if which == "All reminders" else which


def test_one_rung_is_held_back(office: Office, lan: Phone, minh: Phone) -> None:
    hold(minh, "1 day before")
    reminded = days_of_reminders(office, lan, 13)
    assert list(reminded) == [date(2026, 10, day) for day in (20, 23, 27, 30, 31)]


def test_all_are_held_back_until_the_office_says_otherwise(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hold(minh, "All reminders")
    assert days_of_reminders(office, lan, 11) == {}
    minh.hears()
    minh.says("[Look at the report]")
    assert minh.says("[Remind again]")[0] == "The school is reminded again."
    office.wait(hours=9)
    tick(office)
    assert lan.hears()[2] == f"{PAST_THE_AIM} (1 day late)"
    with Session(office.engine) as session:
        about = select(Audit).where(col(Audit.change).contains("reminders"))
        changes = session.exec(about.order_by(col(Audit.id))).all()
    assert [(row.change, row.before, row.after) for row in changes] == [
        ("reminders paused", None, {"rung": None, "reason": "the river is over the bridge"}),
        ("reminders resumed", {"rung": None, "reason": "the river is over the bridge"}, None),
    ]


@pytest.mark.parametrize("decided", ["7:14", "7:20"])
def test_what_waits_is_held_back_too(
    office: Office, lan: Phone, minh: Phone, decided: str
) -> None:
    hour, minute = map(int, decided.split(":"))
    office.now = datetime(2026, 10, 27, hour, minute, tzinfo=HANOI)
    tick(office)
    hold(minh, "All reminders")
    office.wait(hours=1)
    tick(office)
    assert "A reminder: 1 report" not in lan.hears()
