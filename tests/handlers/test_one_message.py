"""One message a day: at each person's hour, never in the middle of a form, never two."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import Session, col, select

from core.roles import Role
from storage import nudges
from storage.nudges import Nudge
from storage.outbox import Outgoing, Sending
from storage.reports import Report
from tests.conftest import close, someone
from tests.handlers.test_nudge import FIRE, LATER, PAST_THE_AIM, set_due, tick
from tests.handlers.test_report import begin
from tests.phone import HANOI, Office, Phone

FIRST = "A reminder: 1 report"


def at(office: Office, day: int, hour: int, minute: int = 0, month: int = 10) -> None:
    office.now = datetime(2026, month, day, hour, minute, tzinfo=HANOI)


# At their hour


def test_each_person_has_an_hour_of_their_own(office: Office, lan: Phone, hoa: Phone) -> None:
    lan.plays("""
        > /me
        Lan
        Phone: –
        • report writer, Trường TH Lê Lợi (you act for this one)
        [Change my name] [Change my phone number] [Time of reminders] …
        > [Time of reminders]
        Time of reminders
        At what time shall I remind you?
        Now: 07:15. You get one message a day, and none at night.
        [06:30] [07:15] …
        > [11:30]
        From now on I remind you at 11:30.
        [About me]
    """)
    at(office, 29, 7, 20)
    assert tick(office) == 1
    assert (lan.hears(), hoa.hears()[0]) == ([], FIRST)
    at(office, 29, 11, 30)
    assert tick(office) == 1
    assert lan.hears()[0] == FIRST


def test_who_comes_on_the_last_day_is_reminded_at_once(office: Office, channel: str) -> None:
    at(office, 30, 10)
    tick(office)
    late = someone(office, channel, "Tú", "LL", Role.REPORTER)
    office.wait(minutes=1)
    assert tick(office) == 1
    assert late.hears()[2] == f"{PAST_THE_AIM} (today is the day)"


def test_what_is_new_waits_for_the_next_morning(office: Office, lan: Phone) -> None:
    at(office, 20, 10)
    assert tick(office) == 0
    at(office, 21, 7, 15)
    assert tick(office) == 1
    assert lan.hears()[:2] == [FIRST, "New"]


def test_nobody_gets_two_in_a_day(office: Office, lan: Phone) -> None:
    at(office, 29, 8)
    tick(office)
    lan.hears()
    set_due(office, "Safety plan", date(2026, 10, 30))
    office.wait(hours=2)
    assert tick(office) == 0
    at(office, 30, 7, 15)
    assert tick(office) == 1
    heard = lan.hears()
    assert heard[0] == "A reminder: 2 reports"
    with Session(office.engine) as session:
        keys = session.exec(select(Outgoing.key).where(col(Outgoing.lane) == "nudge")).all()
    assert sorted(map(str, keys)) == ["digest:1:2026-10-29", "digest:1:2026-10-30"]


def test_nobody_is_disturbed_in_the_middle_of_a_form(office: Office, lan: Phone) -> None:
    begin(lan, "[Yes]")
    assert tick(office) == 0
    office.wait(minutes=19)
    lan.says("6")
    office.wait(minutes=19)
    assert tick(office) == 0
    office.wait(minutes=1)
    assert tick(office) == 1


def test_days_on_which_the_office_is_closed_are_quiet(office: Office, lan: Phone) -> None:
    close(office, date(2026, 10, 29))
    at(office, 29, 9)
    assert tick(office) == 0
    at(office, 30, 7, 15)
    assert tick(office) == 1
    assert lan.hears()[2] == f"{PAST_THE_AIM} (today is the day)"


# Again


def test_it_is_said_again_in_the_afternoon(office: Office, lan: Phone) -> None:
    at(office, 29, 8)
    tick(office)
    lan.plays(f"""
        {FIRST}
        Within seven days
        {FIRE} (1 day left)
        [Fill in Fire safety tháng 10/2026] [What is due] {LATER}
        > [Again this afternoon]
        I will remind you again at 14:00 today.
        [What is due]
    """)
    at(office, 29, 13, 59)
    assert tick(office) == 0
    at(office, 29, 14)
    assert tick(office) == 1
    assert lan.hears()[0] == FIRST
    office.wait(hours=1)
    assert tick(office) == 0


@pytest.mark.parametrize("hour", [8, 19])
def test_it_is_said_again_tomorrow_together_with_what_is_due_then(
    office: Office, lan: Phone, hour: int
) -> None:
    at(office, 29, hour)
    tick(office)
    lan.hears()
    label = "Again tomorrow" if hour == 8 else "Again this afternoon"
    tapped_or_typed = f"[{label}]" if hour == 8 else label
    assert lan.says(tapped_or_typed)[0] == "I will remind you again at 07:15 on 30 October 2026."
    at(office, 29, 20)
    assert tick(office) == 0
    at(office, 30, 7, 15)
    assert tick(office) == 1
    assert lan.hears()[:2] == [FIRST, "Today"]


def test_it_is_not_said_again_once_it_is_done(office: Office, lan: Phone) -> None:
    at(office, 29, 8)
    tick(office)
    lan.hears()
    lan.says("[Again this afternoon]")
    with Session(office.engine) as session:
        for report in session.exec(select(Report)):
            nudges.withdraw(session, report)
            report.due_on = None
        session.commit()
    at(office, 29, 15)
    assert tick(office) == 0


def test_an_old_message_is_not_said_again(office: Office, lan: Phone) -> None:
    at(office, 29, 8)
    tick(office)
    lan.hears()
    at(office, 31, 6, 40)
    assert "There is nothing left to remind you of." in lan.says("[Again tomorrow]")


def test_who_leaves_before_their_hour_is_told_nothing(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    at(office, 29, 7)
    tick(office)
    for line in ("/me", "[Erase my data]", "[Erase my data]"):
        lan.says(line)
    at(office, 29, 7, 30)
    assert tick(office) == 1
    assert (lan.hears(), hoa.hears()[0]) == ([], FIRST)


# Outages


def waiting(office: Office) -> list[Outgoing]:
    with Session(office.engine) as session:
        unsent = select(Outgoing).where(Outgoing.sending == Sending.WAITING)
        return list(session.exec(unsent))


def test_a_backlog_becomes_one_message(office: Office, lan: Phone) -> None:
    """The channel is away for days, while the clock goes on."""
    for day in (27, 29, 30, 31):
        at(office, day, 8)
        tick(office)
        assert len(waiting(office)) == 1
    assert lan.hears()[:3] == [FIRST, "Overdue", f"{PAST_THE_AIM} (1 day late)"]
    with Session(office.engine) as session:
        rows = session.exec(select(Nudge)).all()
    assert {(row.rung, row.message_key, row.send_at) for row in rows} == {
        (rung, "digest:1:2026-10-31", None) for rung in (3, 1, 0, -1)
    }


def test_what_waited_over_night_is_written_anew(office: Office, lan: Phone) -> None:
    """It says "today", so it may not be sent on another day."""
    at(office, 30, 20, 29)
    tick(office)
    [old] = waiting(office)
    with office.engine.begin() as connection:
        assert nudges.drop_old(connection, [old.id], date(2026, 10, 30)) == set()
        assert nudges.drop_old(connection, [old.id], date(2026, 10, 31)) == {old.id}
    at(office, 31, 6, 30)
    assert tick(office) == 0  # nobody's hour
    at(office, 31, 7, 15)
    assert tick(office) == 1
    assert lan.hears()[2] == f"{PAST_THE_AIM} (1 day late)"


def test_a_clock_that_jumps_back_says_nothing_again(office: Office, lan: Phone) -> None:
    said = []
    for day in (21, 23, 27, 20, 22, 23, 26, 27, 29, 21, 29, 30):
        at(office, day, 8)
        tick(office)
        if heard := lan.hears():
            said.append((day, heard[2].rpartition("(")[2]))
    assert said == [
        (23, "7 days left)"),
        (27, "3 days left)"),
        (29, "1 day left)"),
        (30, "today is the day)"),
    ]


@pytest.mark.parametrize(("hour", "minute"), [(23, 30), (0, 30)])
def test_nothing_is_said_around_midnight_and_days_are_the_office_s(
    office: Office, lan: Phone, hour: int, minute: int
) -> None:
    """At half past midnight in Hà Nội it is still yesterday in UTC."""
    at(office, 30 if hour else 31, hour, minute)
    assert tick(office) == 0
    office.now = datetime.combine(date(2026, 10, 31), time(7, 15), HANOI)
    assert tick(office) == 1
    assert lan.hears()[2] == f"{PAST_THE_AIM} (1 day late)"


def test_a_program_that_was_off_for_three_days_says_one_thing(office: Office, lan: Phone) -> None:
    at(office, 26, 8)
    tick(office)
    lan.hears()
    office.now += timedelta(days=4, hours=3)
    assert tick(office) == 1
    assert lan.hears()[2] == f"{PAST_THE_AIM} (today is the day)"
    assert tick(office) == 0
