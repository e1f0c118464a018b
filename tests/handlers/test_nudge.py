"""Reminders: each step of the ladder once, merged, at decent hours, and none once it is done."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.channels.base import Membership
from bot.nudging import remind
from core.calendar import Deadline, Operator
from core.roles import Role
from storage.nudges import Nudge
from storage.outbox import Outgoing, Sending
from storage.reports import AT_ONCE, Report
from tests.conftest import someone
from tests.databases import BOTH
from tests.handlers.test_report import FILLED, begin
from tests.phone import HANOI, MACHINE_NOW, Office, Phone

only_on_postgres = pytest.mark.parametrize("engine", BOTH[1:], indirect=True)
only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

MORNING = datetime(2026, 10, 20, 7, tzinfo=HANOI)
HELD_BACK = timedelta(minutes=21)  # after the last turn in a form
LATER = "[Again this afternoon] [Again tomorrow]"
PAST_THE_AIM = "• Fire safety tháng 10/2026: before 30 October"
FIRE = f"{PAST_THE_AIM}, better sent on Thursday 29 October"


def tick(office: Office) -> int:
    return remind(office.engine, office.desk, office.now, MACHINE_NOW)


def set_due(office: Office, title: str, due_on: date) -> None:
    with Session(office.engine) as session:
        for report in session.exec(select(Report).where(Report.title == title)):
            report.set_deadline(Deadline(due_on, Operator.BY))
        session.commit()


def days_of_reminders(office: Office, phone: Phone, days: int) -> dict[date, list[str]]:
    """What the phone is shown on which day, with four ticks a day."""
    office.now = MORNING
    heard: dict[date, list[str]] = {}
    for _day in range(days):
        for hours in (1, 1, 12, 10):
            tick(office)
            if lines := phone.hears():
                heard[office.now.date()] = heard.get(office.now.date(), []) + lines
            office.wait(hours=hours)
    return heard


def test_each_step_of_the_ladder_once(office: Office, lan: Phone) -> None:
    buttons = f"[Fill in Fire safety tháng 10/2026] [What is due] {LATER}"
    heading, soon = "A reminder: 1 report", "Within seven days"
    assert days_of_reminders(office, lan, 20) == {
        date(2026, 10, 20): [heading, "New", f"{FIRE} (10 days left)", buttons],
        date(2026, 10, 23): [heading, soon, f"{FIRE} (7 days left)", buttons],
        date(2026, 10, 27): [heading, soon, f"{FIRE} (3 days left)", buttons],
        date(2026, 10, 29): [heading, soon, f"{FIRE} (1 day left)", buttons],
        date(2026, 10, 30): [heading, "Today", f"{PAST_THE_AIM} (today is the day)", buttons],
        date(2026, 10, 31): [heading, "Overdue", f"{PAST_THE_AIM} (1 day late)", buttons],
        date(2026, 11, 2): [heading, "Overdue", f"{PAST_THE_AIM} (3 days late)", buttons],
    }


def test_every_holder_of_the_school_s_posts_is_reminded(
    office: Office, lan: Phone, hoa: Phone, minh: Phone, stranger: Phone
) -> None:
    stranger.says("hello")
    assert tick(office) == 2
    assert lan.hears() == hoa.hears() != []
    assert minh.hears() == stranger.hears() == []


def test_several_reports_make_one_message(office: Office, lan: Phone) -> None:
    set_due(office, "Safety plan", date(2026, 10, 28))
    assert tick(office) == 1
    lan.plays("""
        A reminder: 2 reports
        Within seven days
        • Safety plan: by 28 October (1 day left)
        • Fire safety tháng 10/2026: before 30 October, … (3 days left)
        [Fill in Safety plan] [Fill in Fire safety tháng 10/2026] [What is due] …
    """)


def test_a_tick_that_was_missed_is_made_up_for(office: Office, lan: Phone) -> None:
    office.now = MORNING + timedelta(hours=1)
    tick(office)
    office.wait(days=1)
    tick(office)  # it was new yesterday, after the hour
    assert lan.hears()[1] == "New"
    office.wait(days=4)  # two days after the step of seven
    tick(office)
    assert lan.hears()[2] == f"{FIRE} (5 days left)"
    office.wait(days=10)
    tick(office)
    assert lan.hears()[2] == f"{PAST_THE_AIM} (5 days late)"
    office.wait(days=25)
    tick(office)
    heard = lan.hears()
    assert heard[2] == f"{PAST_THE_AIM} (30 days late)"
    assert heard[4].startswith("• Fire safety tháng 11/2026: ")
    office.wait(days=20)  # nobody is chased for the first time about what is long past
    assert tick(office) == 0


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-10-27T06:29", 0),
        ("2026-10-27T06:30", 0),  # no night, and nobody's hour
        ("2026-10-27T07:14", 0),
        ("2026-10-27T07:15", 1),
        ("2026-10-27T20:29", 1),
        ("2026-10-27T20:30", 0),
        ("2026-10-27T23:30", 0),
        ("2026-10-28T00:30", 0),
    ],
)
def test_nights_are_quiet(office: Office, lan: Phone, moment: str, written: int) -> None:
    office.now = datetime.fromisoformat(moment).replace(tzinfo=HANOI)
    assert tick(office) == written
    assert bool(lan.hears()) == bool(written)


def test_teachers_day_is_quiet(office: Office, lan: Phone) -> None:
    set_due(office, "Safety plan", date(2026, 11, 21))
    office.now = datetime(2026, 11, 20, 9, tzinfo=HANOI)
    assert tick(office) == 0
    assert lan.hears() == []


def test_what_has_no_date_is_announced_once(office: Office, lan: Phone) -> None:
    with Session(office.engine) as session:
        for report in session.exec(select(Report).where(Report.title == "Safety plan")):
            report.told_on, report.look_on = None, AT_ONCE
        session.commit()
    heard = days_of_reminders(office, lan, 10)
    undated = "• Safety plan: the office has not set a date yet"
    assert heard[date(2026, 10, 20)][:4] == [
        "A reminder: 2 reports",
        "New",
        f"{FIRE} (10 days left)",
        undated,
    ]
    assert [day.day for day, lines in heard.items() if undated in lines] == [20]


# Done stops it


def test_done_stops_it_for_the_whole_school(office: Office, lan: Phone, hoa: Phone) -> None:
    tick(office)
    lan.hears()
    hoa.hears()
    begin(lan, *FILLED, "[Submit]")
    hoa.hears()
    assert days_of_reminders(office, hoa, 12) == {}


def test_a_reminder_that_waits_is_withdrawn_when_it_is_done(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED)
    office.now += HELD_BACK
    assert tick(office) == 2
    lan.does("[Submit]")
    assert waiting_reminders(office) == []
    assert "A reminder: 1 report" not in hoa.hears()
    assert tick(office) == 0


def waiting_reminders(office: Office) -> list[str | None]:
    with Session(office.engine) as session:
        waiting = select(Outgoing.key).where(
            Outgoing.lane == "nudge", Outgoing.sending == Sending.WAITING
        )
        return list(session.exec(waiting))


def test_what_else_the_withdrawn_message_said_is_said_anew(office: Office, lan: Phone) -> None:
    set_due(office, "Safety plan", date(2026, 10, 28))
    begin(lan, *FILLED)
    office.now += HELD_BACK
    assert tick(office) == 1
    lan.does("[Submit]")
    assert waiting_reminders(office) == []
    office.wait(minutes=10)
    assert tick(office) == 1
    heard = lan.hears()
    assert heard[-4:] == [
        "A reminder: 1 report",
        "Within seven days",
        "• Safety plan: by 28 October (1 day left)",
        f"[Fill in Safety plan] [What is due] {LATER}",
    ]


def test_a_reminder_begins_no_talk_over_another(office: Office, lan: Phone) -> None:
    begin(lan, "[Yes]")
    office.now += HELD_BACK
    assert tick(office) == 1
    lan.hears()
    assert lan.says("6")[1] == "Anything to add?"


# Chats and ticks


def test_closed_chats_are_left_alone(office: Office, lan: Phone, hoa: Phone) -> None:
    lan.gives(Membership(False))
    assert tick(office) == 1
    assert lan.hears() == []
    assert hoa.hears()[0] == "A reminder: 1 report"


def test_one_chat_of_a_person_is_enough(office: Office, channel: str) -> None:
    someone(office, channel, "Mai", "QT", Role.REPORTER)
    assert tick(office) == 1


@only_on_postgres
def test_two_ticks_at_once_remind_nobody_twice(office: Office) -> None:
    names = [f"Người {number}" for number in range(8)]
    phones = [someone(office, "telegram", name, "LL", Role.REPORTER) for name in names]
    start = threading.Barrier(3)

    def work(_number: int) -> int:
        start.wait()
        return tick(office)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(work, range(3)))
    tick(office)  # one may have left to the next what another was just looking at
    assert [phone.hears().count("A reminder: 1 report") for phone in phones] == [1] * 8
    with Session(office.engine) as session:
        assert len(session.exec(select(Nudge)).all()) == 8


@only_on_postgres
@only_with_buttons
@pytest.mark.parametrize("decided", [False, True])
def test_what_is_just_handed_in_or_moved_is_left_for_the_next_tick(
    office: Office, lan: Phone, decided: bool
) -> None:
    office.now = MORNING.replace(day=27)
    if decided:
        assert tick(office) == 0  # before the hour
    office.wait(hours=2)
    with Session(office.engine) as moving:
        fire = select(Report).where(Report.title == "Fire safety tháng 10/2026")
        for report in moving.exec(fire.with_for_update(key_share=True)):
            report.due_on = date(2026, 12, 1)
        moving.flush()
        assert tick(office) == 0
        moving.commit()
    assert tick(office) == 0
    assert lan.hears() == []
