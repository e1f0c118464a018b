"""What single schools owe because of an event: to remedy what was found, to send their talk."""

from datetime import datetime

import pytest

from bot.nudging import remind
from core.events import EventKind
from core.screen import Picked
from tests.handlers.test_event import LOOK, MAKE, TO_ALL, invite
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, MACHINE_NOW, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

THE_DAY = datetime(2026, 11, 12, 15, tzinfo=HANOI)
FOUND = ["What was found:", "The east exit is blocked.", "1 file goes with it."]
TALK = "Tham luận: Fire training"


def reminded(office: Office, day: int, phone: Phone) -> bool:
    """Whether on that day of November a reminder names what the event asks for."""
    office.now = datetime(2026, 11, day, 9, tzinfo=HANOI)
    remind(office.engine, office.desk, office.now, MACHINE_NOW)
    return any("Fire training" in line for line in phone.hears())


def write_finding(office: Office, minh: Phone) -> list[str]:
    office.now = THE_DAY
    words = ("The east exit is blocked.", "(exit.jpg)", "[Done]")
    start = ("/sukien", LOOK, "[Write what was found]")
    return says_all(minh, *start, "[Trường TH Lê Lợi]", *words, "26/11")


def test_a_school_remedies_what_an_inspection_found(
    office: Office, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, kind=EventKind.INSPECTION)
    assert write_finding(office, minh) == [
        "Trường TH Lê Lợi has it now, and answers by 26 November.",
        "[Write what was found] [Fire training]",
    ]
    assert lan.hears() == [
        "Khắc phục: Fire training",
        *FOUND,
        "To be remedied: by 26 November.",
        "(exit.jpg)",
        "[✅ It is remedied]",
    ]
    assert not reminded(office, 13, lan)
    assert reminded(office, 23, lan)
    due = lan.says("/due")
    assert "• Khắc phục: Fire training: by 26 November (3 days left)" in due
    first = lan.says("[Fill in Khắc phục: Fire training]")
    assert first[:5] == ["Khắc phục: Fire training (1/2)", "Trường đã khắc phục thế nào?", *FOUND]
    missing = "• Trường TH Lê Lợi: being filled in; by 26 November"
    lan.says("It is clear again.")
    says_all(minh, "/sukien", LOOK)
    minh.gives(Picked("show:event:1"))
    card = minh.hears()
    counted = card.index("0 of 1 schools say that what was found is remedied.")
    assert card[counted + 1] == missing
    heard = says_all(lan, "(clear.jpg)", "[Done]", "[Submit]")
    assert heard[0] == "Khắc phục: Fire training is handed in. Thank you!"
    assert minh.hears()[0] == "Trường TH Lê Lợi handed in Khắc phục: Fire training."
    read = minh.says("[Read it]")
    assert read[2:5] == FOUND
    assert "• Trường đã khắc phục thế nào? → It is clear again." in read
    minh.gives(Picked("show:event:1"))
    assert "1 of 1 schools say that what was found is remedied." in minh.hears()
    assert not reminded(office, 26, lan)


@only_with_buttons
def test_a_finding_is_written_anew_until_the_school_has_answered(
    office: Office, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, kind=EventKind.INSPECTION)
    minh.gives(Picked("open:finding:1"))
    assert minh.hears()[0] == "What was found is written once the inspection has begun."
    write_finding(office, minh)
    lan.hears()
    wrong = says_all(
        minh, "[Write what was found]", "[Trường TH Lê Lợi]", "Two.", "[Done]", "12/11"
    )
    assert wrong[0] == "Please send a day from 13 November 2026 on, such as 5/6."
    minh.says("30/11")
    assert lan.hears()[1:4] == ["What was found:", "Two.", "To be remedied: by 30 November."]
    says_all(lan, "[✅ It is remedied]", "Done.", "[Skip]", "[Submit]")
    says_all(minh, "/sukien", "/sukien")
    minh.gives(Picked("open:finding:1"))
    assert minh.hears()[2] == "[Trường TH Quyết Thắng]"


def test_a_school_sends_its_talk_before_the_day(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan, kind=EventKind.EXCHANGE)
    says_all(minh, "/sukien", LOOK, "[Ask for talks]", "le loi")
    minh.plays("""
        > [Done]
        The schools are told, and are reminded until the text is here.
        Talks: 0 of 1 are here.
        • Trường TH Lê Lợi: not handed in; by 11 November
        [Fire training]
    """)
    assert lan.hears() == [
        "Your school is asked to give a talk at Fire training.",
        "Please send its text before the day: by 11 November.",
        "[Send the talk]",
    ]
    assert reminded(office, 11, lan)  # the day before
    assert f"• {TALK}: by 11 November (today is the day)" in lan.says("/due")
    says_all(lan, f"[Fill in {TALK}]", "Fire drills, by Lan", "(talk.docx)", "[Done]", "[Submit]")
    assert f"Trường TH Lê Lợi handed in {TALK}." in minh.hears()
    minh.gives(Picked("show:event:1"))
    assert "Talks: 1 of 1 are here." in minh.hears()


@only_with_buttons
def test_a_talk_moves_and_ends_with_its_event(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan, kind=EventKind.EXCHANGE)
    minh.gives(Picked("open:talks:1"))
    says_all(minh, "le loi", "[Done]", LOOK, "[Move it]", "8h 20/11/2026", "[Skip]")
    lan.hears()
    assert f"• {TALK}: by 19 November (23 days left)" in lan.says("/due")
    assert not reminded(office, 11, lan)
    says_all(minh, "/sukien", LOOK, "[Cancel the event]", "Flood.")
    assert not any(TALK in line for line in lan.says("/due"))
    minh.gives(Picked("show:event:1"))
    assert not any("Talks" in line for line in minh.hears())
    assert not reminded(office, 19, lan)


@only_with_buttons
def test_the_team_of_an_inspection_is_named(lan: Phone, minh: Phone) -> None:
    assert lan.name
    says_all(minh, *MAKE, "[Inspection]", "Visit", "8h 12/11/2026", "[Skip]")
    assert minh.says("[Skip]")[1] == "Who is on the team? One name in each line."
    shown = says_all(minh, "Lò Văn Minh\nHà", "[Skip]", "1", "[Skip]", "[Skip]", *TO_ALL)
    team = shown.index("The team:")
    assert shown[team + 1 : team + 3] == ["• Lò Văn Minh", "• Hà"]
