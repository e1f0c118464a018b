"""Who is there: the code on the day, and the office's ticks."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from core.roles import Role
from core.screen import Picked
from storage.audit import Audit
from storage.events import Attendance, Event
from storage.invitations import WRONG_IN_A_DAY
from tests.conftest import someone
from tests.databases import all_rows
from tests.handlers.test_event import LOOK, invite
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

THE_DAY = datetime(2026, 11, 12, 7, 50, tzinfo=HANOI)
BAD = "This code is not valid. Please look at it again."


def code(office: Office, minh: Phone) -> str:
    """What the office's screen shows."""
    minh.gives(Picked("show:code:1"))
    minh.hears()
    with Session(office.engine) as session:
        found = session.exec(select(Event.attendance_code)).one()
    assert found
    return found


def there(office: Office) -> list[Attendance]:
    with Session(office.engine) as session:
        return list(session.exec(select(Attendance)))


def test_the_code_is_shown_and_typed(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    lan.says("[✅ We come]")
    shown = code(office, minh)
    says_all(minh, "/sukien", LOOK)
    minh.plays(f"""
        > [Attendance code]
        Fire training
        Attendance code: SK-{shown[2:]}
        Type it to the bot, or point the camera at the picture.
        It works from 07:00 on 12 November to the end of 12 November.
        0 people were there.
        Link: https://t.me/phong_bot?start={shown}
        (qr.png)
        [Tick who is there] [Fire training]
    """)
    office.now = THE_DAY
    lan.plays(f"""
        > sk-{shown[2:].lower()}
        Fire training
        You are on the list: 07:50 today. Thank you for coming!
        [Open the menu]
    """)
    office.wait(minutes=5)
    for words in (f"/diemdanh {shown}", f"/start {shown}"):
        assert lan.says(words)[1] == "You are on the list already: 07:50 today."
    assert len(there(office)) == 1
    minh.gives(Picked("show:event:1"))
    assert "1 person was there." in minh.hears()


@only_with_buttons
@pytest.mark.parametrize(
    ("now", "said"),
    [
        (THE_DAY - timedelta(minutes=51), "It is too early: the list opens at 07:00 on 12"),
        (THE_DAY - timedelta(days=1), "It is too early: the list opens at 07:00 on 12"),
        (THE_DAY + timedelta(hours=17), "It is too late: the list of this event is closed;"),
    ],
)
def test_the_code_works_on_the_day_alone(
    office: Office, lan: Phone, minh: Phone, now: datetime, said: str
) -> None:
    invite(office, minh, lan)
    shown = code(office, minh)
    office.now = now
    assert lan.says(shown)[0].startswith(said)
    assert there(office) == []


@only_with_buttons
def test_a_code_ends_no_draft(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    shown, office.now = code(office, minh), THE_DAY
    says_all(lan, "/due", "[Fill in Fire safety tháng 11/2026]", "[No]")
    assert lan.says(shown)[1].startswith("You are on the list:")
    assert lan.says("SK-AAAAAA")[:2] == [BAD, "Fire safety tháng 11/2026 (2/5)"]
    assert lan.says("SKKN 2026")[0] == "Fire safety tháng 11/2026 (3/5)"  # an answer


@only_with_buttons
def test_wrong_codes_are_few(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    shown, office.now = code(office, minh), THE_DAY
    for _time in range(WRONG_IN_A_DAY):
        assert lan.says("SK-AAAAAA")[0] == BAD
    assert lan.says(shown)[0] == "Too many wrong codes today. Please try again tomorrow."
    assert there(office) == []


@only_with_buttons
def test_each_event_has_a_code_of_its_own_that_ends_with_it(
    office: Office, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan)
    first = code(office, minh)
    assert code(office, minh) == first
    says_all(minh, "/sukien", LOOK, "[Cancel the event]", "Flood.")
    office.now = THE_DAY
    lan.hears()
    assert lan.says(first)[0] == BAD


@only_with_buttons
def test_a_code_without_words_and_who_was_not_invited(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan)
    shown, office.now = code(office, minh), THE_DAY
    ask = "Please type the code that is shown there, such as SK-7QM4X2."
    assert lan.says("/diemdanh")[0] == ask
    an = someone(office, channel, "An", "PHONG", Role.LEADER)
    refused = "Your school is not on the list of this event; please tell the office."
    assert an.says(f"/attend {shown}")[0] == refused
    stranger = Phone(office, channel, "70012345", "Tú")
    assert stranger.says(f"/start {shown}")[0] == "Please register first."


def test_the_office_ticks_who_is_there(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    assert hoa.name
    someone(office, channel, "Mai", "QT", Role.REPORTER)
    invite(office, minh, lan)
    says_all(lan, "[👥 Send somebody else]", "Nga 0912345678", "[Lan]", "[Done]")
    minh.gives(Picked("show:event:1"))
    minh.hears()
    assert minh.says("[Tick who is there]")[-1] == (
        "[Nga, Trường TH Lê Lợi] [Lan, Trường TH Lê Lợi] [Trường TH Quyết Thắng] [Fire training]"
    )
    early = "It is too early: the list opens at 07:00 on 12 November."
    assert minh.says("[Nga, Trường TH Lê Lợi]")[0] == early
    office.now = THE_DAY
    minh.says("/sukien")
    minh.says(LOOK)
    minh.says("[Tick who is there]")
    minh.plays("""
        > [Nga, Trường TH Lê Lợi]
        Fire training
        1 person was there.
        Tap who is there; tap again to take it back.
        [✓ Nga, Trường TH Lê Lợi] [Lan, Trường TH Lê Lợi] [Trường TH Quyết Thắng] …
        > [Trường TH Quyết Thắng]
        Fire training
        2 people were there.
        Tap who is there; tap again to take it back.
        [✓ Nga, Trường TH Lê Lợi] [Lan, Trường TH Lê Lợi] [✓ Trường TH Quyết Thắng] …
        > [✓ Nga, Trường TH Lê Lợi]
        Fire training
        1 person was there.
        Tap who is there; tap again to take it back.
        [Nga, Trường TH Lê Lợi] [Lan, Trường TH Lê Lợi] [✓ Trường TH Quyết Thắng] …
    """)
    lan.says(f"/diemdanh {code(office, minh)}")
    minh.gives(Picked("show:tick:1"))
    minh.hears()
    assert minh.says("[✓ Lan, Trường TH Lê Lợi]")[0] == (
        "They gave the code themselves, so they stay on the list."
    )
    with Session(office.engine) as session:
        changes = session.exec(select(Audit.change).where(Audit.subject == "attendance")).all()
    assert changes == ["was there", "was there", "was not there", "was there"]


def test_the_office_erases_a_guest_who_asks_for_it(
    office: Office, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan)
    says_all(lan, "[👥 Send somebody else]", "Lò Thị Nga 0912345678", "Mai 0912345679", "[Done]")
    office.now = THE_DAY
    minh.gives(Picked("show:tick:1"))
    minh.hears()
    minh.says("[Lò Thị Nga, Trường TH Lê Lợi]")
    assert "Lò Thị Nga" in str(all_rows(office.engine))
    says_all(minh, "/sukien", LOOK)
    minh.plays("""
        > [Erase a guest's name]
        Fire training
        Whose name?
        The name and number are erased for good; who was there still counts.
        [Lò Thị Nga, Trường TH Lê Lợi] [Mai, Trường TH Lê Lợi]
    """)
    done = minh.says("[Lò Thị Nga, Trường TH Lê Lợi]")
    assert done[0] == "The name and number are erased."
    assert "1 person was there." in done
    kept = str(all_rows(office.engine))
    assert [words for words in ("Nga", "0912345678") if words in kept] == []
    assert "0912345679" in kept
    minh.gives(Picked("show:tick:1"))
    assert any("[✓ – " in line and "[Mai, " in line for line in minh.hears())


@only_with_buttons
def test_nobody_is_noted_before_there_is_a_day(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan, held=None)
    for action in ("show:code:1", "show:tick:1"):
        minh.gives(Picked(action))
        assert minh.hears()[0] == "First set the day of this event, and invite schools."
