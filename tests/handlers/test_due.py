"""What is due: sorted, with both dates, and each with its button."""

from datetime import date

import pytest
from sqlmodel import Session, select

from core.calendar import Operator
from storage.checklists import Duty
from storage.reports import Report
from tests.phone import Office, Phone

FIRE = "• Fire safety tháng 10/2026: before 30 October"
AIM = ", better sent on Thursday 29 October"  # said until that day is past


def change(office: Office, title: str, **values: object) -> None:
    """Change every report of this title."""
    with Session(office.engine) as session:
        for report in session.exec(select(Report).where(Report.title == title)):
            for name, value in values.items():
                setattr(report, name, value)
        session.commit()


def test_overdue_soon_later_and_without_a_date(office: Office, lan: Phone) -> None:
    office.wait(days=16)
    lan.plays("""
        > /han
        3 reports are due:
        Overdue
        • Fire safety tháng 10/2026: … (13 days late)
        Later
        • Fire safety tháng 11/2026: before 30 November, better sent on Friday 27 November …
        No date set yet
        • Safety plan: the office has not set a date yet
        [Fill in Fire safety tháng 10/2026] [Fill in Fire safety tháng 11/2026] …
    """)


@pytest.mark.parametrize(
    ("days", "group", "left"),
    [
        (-5, "Later", f"{AIM} (8 days left)"),
        (-4, "Within seven days", f"{AIM} (7 days left)"),
        (2, "Within seven days", f"{AIM} (1 day left)"),
        (3, "Within seven days", " (today is the day)"),
        (4, "Overdue", " (1 day late)"),
    ],
)
def test_the_groups_end_where_they_say(
    office: Office, lan: Phone, days: int, group: str, left: str
) -> None:
    office.wait(days=days)
    assert lan.says("/due")[1:3] == [group, f"{FIRE}{left}"]


def test_a_deadline_is_said_as_it_is_written(office: Office, lan: Phone) -> None:
    thursday = {"due_on": date(2026, 10, 29)}
    for operator, words in (
        (Operator.BY, "by 29 October"),
        (Operator.UNTIL_END_OF, "until the end of 29 October"),
        (Operator.BEFORE, "before 29 October, better sent on Wednesday 28 October"),
    ):
        change(office, "Safety plan", **thursday, operator=operator)
        assert f"• Safety plan: {words} (2 days left)" in lan.says("/due")
    change(office, "Safety plan", due_on=date(2026, 11, 1), operator=Operator.BY)
    assert "• Safety plan: by 1 November, better sent on Friday 30 October (5 days left)" in (
        lan.says("/due")
    )


def test_every_deadline_of_the_document_is_shown(office: Office, lan: Phone, minh: Phone) -> None:
    also = {"due": "window 2026-10-01..2026-12-31", "written": "in quarter IV", "clause": "II.2"}
    with Session(office.engine) as session:
        duty = session.exec(select(Duty).where(Duty.code == "everything")).one()
        duty.also = [also]
        session.commit()
    change(office, "Safety plan", due_on=date(2026, 11, 3))
    both = "The document also says “in quarter IV” (clause II.2): until the end of 31 December."
    heard = lan.says("/due")
    assert heard[heard.index(both) - 1].startswith("• Safety plan: by 3 November")
    assert lan.says("hạn safety plan khi nào")[1] == both
    minh.says("/status")
    assert both in minh.says("[Safety plan (0/2)]")


def test_the_soonest_comes_first(office: Office, lan: Phone) -> None:
    change(office, "Safety plan", due_on=date(2026, 10, 28), operator=Operator.BY)
    assert lan.says("/due")[2].startswith("• Safety plan: by 28 October")


def test_nothing_is_due(office: Office, lan: Phone) -> None:
    change(office, "Safety plan", opens_on=date(2027, 1, 4))
    change(office, "Fire safety tháng 10/2026", opens_on=date(2028, 1, 1))
    lan.plays("""
        > /due
        Nothing is due. Enjoy your day!
        Coming: Fire safety tháng 11/2026, …; opens on 10 November 2026.
        Coming: Safety plan, the office has not set a date yet; opens on 4 January 2027.
        [Open the menu]
        > /nop
        Nothing is due. Enjoy your day!
        Coming: …
        Coming: …
        [Open the menu]
    """)


def test_a_report_opens_on_its_day(office: Office, lan: Phone) -> None:
    office.wait(days=13)
    assert "[Fill in Fire safety tháng 11/2026]" not in lan.says("/due")[-1]
    office.wait(days=1)
    assert "[Fill in Fire safety tháng 11/2026]" in lan.says("/due")[-1]


def test_continue_or_choose(lan: Phone) -> None:
    lan.plays("""
        > /nop
        Which report shall we fill in?
        [Fill in Fire safety tháng 10/2026] [Fill in Safety plan]
        > [Fill in Safety plan]
        Safety plan (1/4)
        Which plan?
        [The old one] [A new one]
        > [The old one]
        Safety plan (2/4)
        What does it cover?
        [Fire] [Water] [Traffic] [Done] [Back]
        > /report
        You were in the middle of this: question 2 of 4, 09:00 today.
        Safety plan (2/4)
        What does it cover?
        [Fire] [Water] [Traffic] [Done] [Back]
        > /huy
        Stopped. Everything you answered is kept.
        [Continue] [What is due]
        > /nop
        Which report shall we fill in?
        [Fill in Fire safety tháng 10/2026] [Continue Safety plan]
    """)


def test_nothing_is_due_from_the_office(minh: Phone) -> None:
    for words in ("/han", "/nop"):
        assert minh.says(words)[0] == "You act for no school, so nothing is due from you."
