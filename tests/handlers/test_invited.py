"""A school answers an invitation, once for all its people, and sees what is coming."""

from datetime import date, datetime

import pytest
from sqlmodel import Session, select

from bot import ics
from core.roles import Role
from core.screen import Picked
from handlers import agenda
from storage.events import EventReply
from storage.units import with_code
from tests.conftest import someone
from tests.handlers.test_agenda import events as in_calendar
from tests.handlers.test_event import LOOK, invite, news
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

ABOUT = [
    "Fire training",
    "Training",
    "When: 08:00, Thursday 12 November 2026",
    "Where: Hall",
    "Who: heads of school",
    "Up to 2 people of a school",
]
ANSWER = "[✅ We come] [👥 Send somebody else] [✖ We cannot come] [What is due]"


def replies(office: Office) -> list[EventReply]:
    with Session(office.engine) as session:
        return list(session.exec(select(EventReply)))


def test_a_school_comes_and_sends_others_and_cannot_come(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    thanks, school = "The office has your answer. Thank you!", "Your school comes:"
    change = "Your school may change its answer until the day."
    assert lan.says("[✅ We come]") == [thanks, *ABOUT, school, "• Lan", change, ANSWER]
    lan.plays("""
        > [👥 Send somebody else]
        Fire training
        Who comes? Pick a colleague, or type a name and a phone number.
        [Lan] [Hoa] [Cancel]
        > [Hoa]
        Fire training
        Who comes? Pick a colleague, or type a name and a phone number.
        Your answer so far: Hoa
        [Done] [Lan] [Write it anew] [Cancel]
        > Lò Thị Mai, 0912 345 678
        Fire training
        Who comes? Pick a colleague, or type a name and a phone number.
        Your answer so far: Hoa, Lò Thị Mai, 0912345678
        [Done] [Lan] [Write it anew] [Cancel]
    """)
    both = [school, "• Hoa", "• Lò Thị Mai, 0912345678"]
    assert lan.says("[Done]") == [thanks, *ABOUT, *both, change, ANSWER]
    assert hoa.hears() == [
        ABOUT[0],
        "Lan of your school named you to come.",
        *ABOUT[1:],
        f"[{ABOUT[0]}]",
    ]
    assert hoa.says(LOOK) == [*ABOUT, *both, change, ANSWER]
    hoa.plays("""
        > [✖ We cannot come]
        Fire training
        Why can your school not come?
        [Cancel]
        > Exams that day.
        The office has your answer. Thank you!
        Fire training
        Training
        When: 08:00, Thursday 12 November 2026
        Where: Hall
        Who: heads of school
        Up to 2 people of a school
        Your school does not come: Exams that day.
        Your school may change its answer until the day.
        [✅ We come] [👥 Send somebody else] [✖ We cannot come] [What is due]
    """)
    minh.gives(Picked("show:event:1"))
    assert minh.hears()[6:9] == [
        "Schools: 0 come, 0 send somebody else, 1 do not come, 1 have not answered.",
        "• Trường TH Lê Lợi does not come: Exams that day.",
        "Not answered yet (1):",
    ]
    assert len(replies(office)) == 1


def test_words_open_the_invitation_that_they_answer(
    office: Office, lan: Phone, minh: Phone
) -> None:
    assert lan.says("em tham gia nhé") != [*ABOUT, ANSWER]
    invite(office, minh, lan)
    for words in ("em tham gia nhé", "trường em vắng vì bận"):
        assert lan.says(words) == [*ABOUT, ANSWER]
    assert replies(office) == []  # until it is tapped
    invite(office, minh, lan)
    assert lan.says("tham gia") == [
        "Which of these do you mean?",
        "[Fire training] [Fire training]",
    ]


def test_what_is_due_names_the_events_that_come(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    line = "• Fire training: 08:00, Thursday 12 November 2026, Hall"
    heard = lan.says("/due")
    assert heard[heard.index("Events you are invited to") + 1] == f"{line} (not answered yet)"
    lan.says(LOOK)
    says_all(lan, "[✅ We come]", "[What is due]")
    lan.plays(f"""
        > /sukien
        Events you are invited to
        {line} (comes)
        [Fire training] [What is due]
    """)
    office.now = datetime(2026, 11, 13, 9, tzinfo=HANOI)
    assert lan.says("/sukien")[0] == "No event that you are invited to is coming."


def test_an_event_stands_in_the_school_s_calendar(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    with Session(office.engine) as session:
        school = with_code(session, "LL")
        assert school
        dates = agenda.of(session, school, office.now.date())
    content = ics.write(dates, "en", HANOI, office.now)
    event = in_calendar(content)["Fire training"]
    assert event["dtstart"].dt == datetime(2026, 11, 12, 8, tzinfo=HANOI)
    assert "Where: Hall" in event["description"]
    (alarm,) = event.walk("VALARM")
    assert alarm["trigger"].dt.date() == date(2026, 11, 11)


@only_with_buttons
def test_the_answer_stands_until_the_day(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    lan.says("[✅ We come]")
    office.now = datetime(2026, 11, 12, 7, tzinfo=HANOI)
    for action in ("show:come:1", "open:others:1", "open:absent:1"):
        lan.gives(Picked(action))
        assert lan.hears()[0] == "The day has come, so please tell the office by telephone."
    lan.gives(Picked("show:invited:1"))
    assert lan.hears() == [*ABOUT, "Your school comes:", "• Lan", "[What is due]"]


@only_with_buttons
def test_names_that_cannot_be_used_are_asked_again(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    assert hoa.name
    invite(office, minh, lan)
    lan.says("[👥 Send somebody else]")
    again = "Please type a name and a phone number, such as Lò Thị Mai, 0912345678."
    for words in ("0912345678", "123", "Lò Thị Mai", "x" * 81 + " 0912345678"):
        assert lan.says(words)[0] == again
    says_all(lan, "Mai 0912345679", "[Hoa]")
    assert lan.says("Nga, 0912345678")[0] == "At most 2 people of a school fit here."
    says_all(lan, "[Write it anew]", "Mai - 0912.345.678")
    assert "• Mai, 0912345678" in lan.says("[Done]")
    lan.says("[✖ We cannot come]")
    assert lan.says("x" * 501)[0] == "Please send a text of up to 500 characters."


@only_with_buttons
def test_where_one_seat_is_given_one_name_is_enough(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa, seats=1)
    lan.says("[👥 Send somebody else]")
    assert "• Hoa" in lan.says("[Hoa]")
    hoa.hears()
    assert hoa.says("[✅ We come]")[-4:-2] == ["Your school comes:", "• Hoa"]
    assert [reply.reply for reply in replies(office)] == ["coming"]


@only_with_buttons
def test_two_of_a_school_come_where_there_are_two_seats(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    lan.says("[✅ We come]")
    assert hoa.says("[✅ We come]")[-5:-2] == ["Your school comes:", "• Lan", "• Hoa"]


@only_with_buttons
def test_a_school_that_joined_later_sees_the_invitation(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, held=None)
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    nga = someone(office, channel, "Nga", "QT", Role.HEAD)
    mai.says("/sukien")
    mai.says(LOOK)
    assert "• Mai" in mai.says("[✅ We come]")
    says_all(minh, "/sukien", LOOK, "[Set the day]", "12/11", "[Skip]")
    told, to_nga = news(office, mai, nga)
    assert told == to_nga
    assert told[2:5] == [
        "The day of this event is set.",
        "Training",
        "When: Thursday 12 November 2026",
    ]
