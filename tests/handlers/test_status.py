"""Who has handed in, and reading what arrived."""

import pytest

from core.roles import Role
from core.screen import Picked
from tests.conftest import someone
from tests.handlers.test_report import FILLED, begin
from tests.phone import Office, Phone


def test_who_has_and_who_has_not(office: Office, lan: Phone, minh: Phone) -> None:
    minh.plays("""
        > /tinhhinh
        Who has handed in
        • Fire safety tháng 10/2026: 0/2 schools; before 30 October, …
        • Safety plan: 0/2 schools; the office has not set a date yet
        [Fire safety tháng 10/2026 (0/2)] [Safety plan (0/2)] …
    """)
    begin(lan, *FILLED)
    assert "• Trường TH Lê Lợi: being filled in" in minh.says("[Fire safety tháng 10/2026 (0/2)]")
    lan.says("[Submit]")
    office.wait(days=1)
    minh.hears()
    minh.says("/status")
    minh.plays("""
        > [Fire safety tháng 10/2026 (1/2)]
        Fire safety tháng 10/2026
        before 30 October, better sent on Thursday 29 October
        1 of 2 schools have handed in.
        Not yet (1):
        • Trường TH Quyết Thắng: not handed in, nobody registered
        [Read Trường TH Lê Lợi] [Trường TH Quyết Thắng] [Lock all] … [All duties]
        > [Read Trường TH Lê Lợi]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        Sent by Lan, 09:00 yesterday; receipt ….
        • Are all exits clear? → Yes
        • How many extinguishers work? → 6
        • Send photos of the main exit. → 1 file: exit.jpg
        [Review it] [Get the files (1)] [Who has handed in] [More]
        > [Get the files (1)]
        Files of Fire safety tháng 10/2026 – Trường TH Lê Lợi
        (exit.jpg)
        [Back to the report]
        > [Back to the report]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        Sent by Lan, 09:00 yesterday; receipt ….
        • Are all exits clear? → Yes
        • How many extinguishers work? → 6
        • Send photos of the main exit. → 1 file: exit.jpg
        [Review it] [Get the files (1)] [Who has handed in] [More]
        > [Who has handed in]
        Fire safety tháng 10/2026
        before 30 October, better sent on Thursday 29 October
        1 of 2 schools have handed in.
        Not yet (1):
        • Trường TH Quyết Thắng: not handed in, nobody registered
        [Read Trường TH Lê Lợi] [Trường TH Quyết Thắng] [Lock all] … [All duties]
    """)


def test_schools_that_did_nothing_yet_share_a_line(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    assert lan.hears() == mai.hears() == []
    minh.says("/tinhhinh")
    heard = minh.says("[Fire safety tháng 10/2026 (0/2)]")
    assert "• not handed in: Trường TH Lê Lợi, Trường TH Quyết Thắng" in heard


def test_what_was_sent_after_the_deadline_says_so(office: Office, lan: Phone, minh: Phone) -> None:
    begin(lan, *FILLED)
    office.wait(days=4)
    lan.says("[Submit]")
    minh.hears()
    assert minh.says("[Read it]")[1].startswith("Sent by Lan, 09:00 today, after the deadline;")


def test_a_sender_who_has_left_has_no_name(lan: Phone, hoa: Phone, minh: Phone) -> None:
    begin(lan, *FILLED, "[Submit]")
    for line in ("/toi", "[Erase my data]", "[Erase my data]"):
        lan.says(line)
    minh.hears()
    assert minh.says("[Read it]")[1].startswith("Sent by somebody who has left, 09:00 today;")
    hoa.hears()


def test_a_duty_without_files_or_reports(lan: Phone, minh: Phone) -> None:
    plan = ("[The old one]", "[Fire]", "[Done]", "2", "[Skip]", "[Submit]")
    begin(lan, *plan, report="[Fill in Safety plan]")
    minh.hears()
    minh.plays("""
        > [Read it]
        Safety plan – Trường TH Lê Lợi
        Sent by Lan, 09:00 today; receipt ….
        • Which plan? → The old one
        • What does it cover? → Fire
        • How large is the yard? → 2 ha
        [Review it] [Who has handed in] [More]
    """)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER, Role.ADMIN, Role.VIEWER])
def test_everybody_at_the_office_sees_it(office: Office, channel: str, role: Role) -> None:
    phone = someone(office, channel, "Bình", "PHONG", role)
    assert phone.says("/tinhhinh")[0] == "Who has handed in"


def test_a_draft_is_nobodys_to_read(lan: Phone, minh: Phone) -> None:
    begin(lan, "[Yes]")
    for about in ("", "0", "1", "2", "99", "-1", "x", "9" * 30, "١"):
        for query in ("read", "files"):
            minh.gives(Picked(f"show:{query}:{about}"))
            assert minh.hears()[0] == "There is no such report for you."
        minh.gives(Picked(f"show:status:{about or '7.'}"))
        assert minh.hears()[0] == "There is no such duty for you."
