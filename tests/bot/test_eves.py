"""Who comes to an event is reminded once, on the day before it, and never at night."""

from datetime import date, datetime, time

import pytest

from bot.eves import remind_of_events
from core.events import Held
from core.roles import Role
from core.screen import Picked
from tests.bot.test_acknowledging import silence_duties
from tests.conftest import close, someone
from tests.handlers.test_event import LOOK, invite
from tests.handlers.test_nudge import LATER, set_due, tick
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, Office, Phone

pytestmark = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

REMINDER = "You are expected"
LINE = "• Fire training: 08:00, Thursday 12 November 2026, Hall"


@pytest.fixture(autouse=True)
def _no_duties(office: Office) -> None:
    silence_duties(office)


def reminded(office: Office, now: datetime, *phones: Phone) -> list[list[str]]:
    office.now = now
    remind_of_events(office.engine, HANOI, office.now)
    tick(office)
    return [phone.hears()[1:2] for phone in phones]


def eve(hour: int, day: int = 11) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=HANOI)


def test_who_comes_is_reminded_once(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    invite(office, minh, lan, hoa, mai)
    says_all(lan, "[👥 Send somebody else]", "[Hoa]", "[Done]")
    hoa.hears()
    says_all(mai, "[✖ We cannot come]", "Exams.")
    assert reminded(office, eve(20, day=10), lan, hoa, mai) == [[], [], []]
    assert reminded(office, eve(7), lan, hoa, mai) == [[], [], []]
    assert reminded(office, eve(8), lan, hoa, mai) == [[], [REMINDER], []]
    assert reminded(office, eve(9), lan, hoa, mai) == [[], [], []]
    assert reminded(office, eve(8, day=12), lan, hoa, mai) == [[], [], []]


def test_whoever_answered_is_reminded_of_somebody_who_is_not_registered(
    office: Office, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan)
    says_all(lan, "[👥 Send somebody else]", "Nga 0912345678", "[Done]")
    office.now = eve(8)
    remind_of_events(office.engine, HANOI, office.now)
    tick(office)
    lan.plays(f"""
        A reminder
        {REMINDER}
        {LINE}
        [What is due] [Fire training] {LATER}
    """)


def test_who_answers_on_that_day_has_it_in_mind(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    office.now = eve(7)
    lan.says("[✅ We come]")
    assert reminded(office, eve(8), lan) == [[]]


@pytest.mark.parametrize("change", ["absent", "cancelled"])
def test_a_reminder_that_waits_goes_when_it_is_not_true_any_more(
    office: Office, lan: Phone, hoa: Phone, minh: Phone, change: str
) -> None:
    invite(office, minh, lan, hoa)
    lan.says("[✅ We come]")
    office.now = eve(8)
    remind_of_events(office.engine, HANOI, office.now)
    tick(office)
    if change == "absent":
        hoa.gives(Picked("open:absent:1"))
        hoa.says("Exams.")
    else:
        says_all(minh, "/sukien", LOOK, "[Cancel the event]", "Flood.")
    assert REMINDER not in lan.hears()


def test_an_event_after_days_of_rest_is_reminded_of_before_them(
    office: Office, lan: Phone, minh: Phone
) -> None:
    day = date(2026, 11, 21)
    invite(office, minh, lan, held=Held(day, day, time(8)))
    lan.says("[✅ We come]")
    assert reminded(office, eve(9, day=18), lan) == [[]]
    assert reminded(office, eve(9, day=19), lan) == [[REMINDER]]
    assert reminded(office, eve(9, day=20), lan) == [[]]


def test_days_on_which_the_office_is_closed_are_quiet(
    office: Office, lan: Phone, minh: Phone
) -> None:
    close(office, date(2026, 11, 11))
    invite(office, minh, lan)
    lan.says("[✅ We come]")
    assert reminded(office, eve(8, day=10), lan) == [[REMINDER]]
    assert reminded(office, eve(8), lan) == [[]]


def test_a_second_message_goes_only_where_tomorrow_is_too_late(
    office: Office, lan: Phone, minh: Phone
) -> None:
    invite(office, minh, lan)
    lan.says("[✅ We come]")
    set_due(office, "Safety plan", date(2026, 11, 12))
    office.now = eve(8)
    tick(office)
    assert lan.hears()[1] == "Within seven days"
    assert reminded(office, eve(9), lan) == [["Within seven days"]]
    assert reminded(office, eve(10), lan) == [[]]


def test_a_moved_event_is_reminded_of_anew(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    lan.says("[✅ We come]")
    assert reminded(office, eve(8), lan) == [[REMINDER]]
    says_all(minh, "/sukien", LOOK, "[Move it]", "8h ngày 13/11/2026", "[Skip]")
    assert reminded(office, eve(8, day=12), lan) == [[REMINDER]]
