"""Whether "before 30 October" lets 30 October in: one setting, in words."""

from datetime import date, datetime, time

import pytest
from sqlmodel import Session, col, select

from core.roles import Role
from core.screen import Picked
from storage import overdue
from storage.audit import Audit
from storage.checklists import Duty
from tests.conftest import someone
from tests.handlers.test_due import change
from tests.handlers.test_nudge import FIRE as NEAR_ITS_AIM
from tests.handlers.test_nudge import PAST_THE_AIM
from tests.handlers.test_nudge import tick as nudged
from tests.handlers.test_report import FILLED, begin
from tests.phone import HANOI, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

FIRE = "Fire safety tháng 10/2026"


@pytest.fixture
def an(office: Office, channel: str) -> Phone:
    return someone(office, channel, "An", "PHONG", Role.ADMIN)


def make_strict(an: Phone) -> None:
    an.gives(Picked("show:before:strict"))
    assert "9 June is the last day" in an.hears()[0]


def on(office: Office, day: int, at: time = time(9)) -> None:
    office.now = datetime.combine(date(2026, 10, day), at, HANOI)


def test_the_administrator_sets_it_in_words(office: Office, an: Phone, lan: Phone) -> None:
    an.says("/tinhhinh")
    an.plays("""
        > [What “before a day” means]
        “Before 10 June”: what comes on 10 June itself is still in time.
        [Count the day itself as late] [All duties]
        > [Count the day itself as late]
        “Before 10 June”: 9 June is the last day; what comes on 10 June is late.
        [Count the day itself as in time] [All duties]
    """)
    lan.plays("""
        > hạn fire safety tháng 10 khi nào
        • Fire safety tháng 10/2026: before 30 October, … (2 days left)
        Clause II.1 says “before the 30th”: every month before day 30.
        Here Thursday 29 October is the last day in time; on 30 October it is late.
        [Fill in Fire safety tháng 10/2026] [What is due]
    """)
    an.gives(Picked("show:before:inclusive"))
    an.hears()
    assert "Here it is still in time on 30 October itself." in lan.says("hạn fire safety khi nào")
    with Session(office.engine) as session:
        rows = session.exec(
            select(Audit).where(Audit.change == "set").order_by(col(Audit.id))
        ).all()
    assert [row.after for row in rows] == [
        {"before is strict": True},
        {"before is strict": False},
    ]


@pytest.mark.parametrize("strict", [False, True])
@only_with_buttons
def test_the_day_itself(office: Office, an: Phone, lan: Phone, strict: bool) -> None:
    if strict:
        make_strict(an)
    on(office, 30)
    heard = lan.says("/han")
    assert heard[1] == ("Overdue" if strict else "Within seven days")
    assert ("(1 day late)" in heard[2]) == strict
    begin(lan, *FILLED)
    assert ("after its deadline" in lan.says("[Submit]")[0]) == strict
    an.says("/tinhhinh")
    board = an.says(f"[{FIRE} (1/2)]")
    assert ("Late (1):" in board) == strict


@only_with_buttons
def test_reminders_agree_with_the_receipt(office: Office, an: Phone, lan: Phone) -> None:
    on(office, 29)
    nudged(office)
    assert lan.hears()[1:3] == ["Within seven days", f"{NEAR_ITS_AIM} (1 day left)"]
    make_strict(an)
    on(office, 29, time(9, 1))
    assert nudged(office) == 0  # one message a day
    on(office, 30)
    nudged(office)
    assert lan.hears()[1:3] == ["Overdue", f"{PAST_THE_AIM} (1 day late)"]
    begin(lan, *FILLED)
    assert "after its deadline" in lan.says("[Submit]")[0]


@pytest.mark.parametrize("strict", [False, True])
@only_with_buttons
def test_an_hour_that_is_named(office: Office, an: Phone, lan: Phone, strict: bool) -> None:
    change(office, FIRE, due_at=time(16))
    if strict:
        make_strict(an)
    on(office, 30, time(15, 59))
    assert lan.says("/han")[2].endswith("before 16:00 on 30 October (today is the day)")
    begin(lan, *FILLED)
    on(office, 30, time(16))
    heard = lan.says("/han")
    assert heard[1] == ("Overdue" if strict else "Within seven days")
    on(office, 30, time(16, 1))
    assert lan.says("/han")[1:3] == [
        "Overdue",
        f"• {FIRE}: before 16:00 on 30 October (late since 16:00 today)",
    ]
    lan.says(f"[Continue {FIRE}]")
    assert "after its deadline" in lan.says("[Submit]")[0]


def test_the_calendar_locks_after_the_last_day_in_time(office: Office, an: Phone) -> None:
    with Session(office.engine) as session:
        session.exec(select(Duty).where(Duty.code == "fire")).one().locks_after = 0
        session.commit()

    def to_lock(day: int) -> int:
        with Session(office.engine) as session:
            return len(overdue.to_lock(session, date(2026, 10, day), 50))

    assert [to_lock(day) for day in (29, 30, 31)] == [0, 0, 2]
    make_strict(an)
    assert [to_lock(day) for day in (29, 30, 31)] == [0, 2, 2]
