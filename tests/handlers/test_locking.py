"""Locking by hand and by the calendar, and asking the office to unlock."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.locking import lock_overdue
from bot.nudging import remind
from core.review import State
from core.roles import Role
from storage import plans
from storage.audit import Audit
from storage.checklists import Duty
from storage.reports import Report
from storage.units import Unit
from tests.conftest import PLAN, someone
from tests.databases import BOTH
from tests.handlers.test_extension import ask as ask_for_time
from tests.handlers.test_nudge import LATER, tick
from tests.handlers.test_report import FILLED, answers, begin
from tests.phone import HANOI, MACHINE_NOW, Office, Phone

only_on_postgres = pytest.mark.parametrize("engine", BOTH[1:], indirect=True)
only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

CARD = "[Card for the Zalo group]"
FIRE = "Fire safety tháng 10/2026"
LOCKED = f"{FIRE} is locked; everything you answered is kept."
ASK = f"[Send a request to unlock: {FIRE}]"
OPENED = f"{FIRE} is unlocked; you can go on where you were."


def look(officer: Phone, school: str = "Trường TH Lê Lợi") -> list[str]:
    """Open a school's report from the board."""
    officer.hears()
    board = officer.says("/tinhhinh")[-1]
    officer.says(f"[{FIRE} {board.split(FIRE)[1][:6].strip()}]")
    return officer.says(f"[{school}]")


def lock(officer: Phone) -> None:
    look(officer)
    for line in ("[Lock]", "[Lock]"):
        officer.says(line)


def ask_to_unlock(phone: Phone, why: str = "we were ill") -> None:
    for line in ("/han", ASK, why):
        phone.says(line)


def states(office: Office) -> dict[str, State]:
    """Of the schools' fire safety reports, by the code of the school."""
    with Session(office.engine) as session:
        rows = select(Unit.code, Report.state).join(Report).where(Report.title == FIRE)
        return {str(code): State(state) for code, state in session.exec(rows)}


def locks_after(office: Office, days: int) -> None:
    with Session(office.engine) as session:
        for duty in session.exec(select(Duty).where(Duty.code == "fire")):
            duty.locks_after = days
        session.commit()


def run_calendar(office: Office, now: datetime | None = None) -> int:
    office.now = now or office.now
    return lock_overdue(office.engine, HANOI, office.now)


# By hand


def test_one_report_is_locked_and_unlocked(office: Office, lan: Phone, minh: Phone) -> None:
    look(minh)
    minh.plays(f"""
        > [Lock]
        Lock
        Lock {FIRE}, Trường TH Lê Lợi? Then it can be neither filled in nor sent.
        [Lock] [No]
        > [No]
        {FIRE}, Trường TH Lê Lợi: not handed in
        [Look at the report] [Who has handed in]
    """)
    assert lan.hears() == []
    lock(minh)
    assert states(office) == {"LL": State.LOCKED, "QT": State.OPEN}
    lan.plays(f"""
        {LOCKED}
        {ASK} [What is due]
        > /han
        1 report is due:
        No date set yet
        • Safety plan: the office has not set a date yet
        Locked by the office
        • {FIRE}: before 30 October, better sent on Thursday 29 October (3 days left)
        Coming: …
        [Fill in Safety plan] {ASK}
    """)
    minh.says("[Look at the report]")
    minh.plays(f"""
        > [Unlock]
        Unlock
        Unlock {FIRE}, Trường TH Lê Lợi?
        [Unlock] [No]
        > [Unlock]
        {FIRE}, Trường TH Lê Lợi: not handed in
        [Look at the report] [Who has handed in]
    """)
    assert lan.hears() == [OPENED, f"[Fill in {FIRE}]"]
    assert states(office)["LL"] is State.OPEN


def test_a_whole_round(office: Office, lan: Phone, minh: Phone) -> None:
    mai = someone(office, lan.channel, "Mai", "QT", Role.REPORTER)
    begin(lan, *FILLED, "[Submit]")
    minh.hears()
    minh.says("/tinhhinh")
    minh.says(f"[{FIRE} (1/2)]")
    minh.plays(f"""
        > [Lock all]
        Lock all
        Lock {FIRE} of 2 schools, 1 of which have not handed in?
        [Lock all] [No]
        > [Lock all]
        {FIRE}, 2 schools: locked
        [Who has handed in]
        > [Who has handed in]
        {FIRE}
        before 30 October, better sent on Thursday 29 October
        1 of 2 schools have handed in.
        Not yet (1):
        • Trường TH Quyết Thắng: locked
        [Read Trường TH Lê Lợi] [Trường TH Quyết Thắng] [Unlock all] {CARD} [All duties]
    """)
    assert mai.hears()[0] == LOCKED
    assert lan.hears() == []  # has nothing more to do
    minh.says("[Unlock all]")
    assert minh.says("[Unlock all]")[0] == f"{FIRE}, 2 schools: handed in"
    assert states(office) == {"LL": State.SUBMITTED, "QT": State.OPEN}
    assert mai.hears()[0] == OPENED
    assert lan.hears() == []


def test_a_locked_report_is_not_reminded_of(office: Office, lan: Phone, minh: Phone) -> None:
    assert tick(office) == 1
    look(minh)
    for line in ("[Lock]", "[Lock]"):
        minh.does(line)
        minh.hears()
    assert [line for line in lan.hears() if "reminder" in line] == []
    office.wait(days=2)
    assert tick(office) == 0


@only_with_buttons
def test_a_stale_button_does_not_lock_again(minh: Phone, lan: Phone, office: Office) -> None:
    lock(minh)
    minh.says("[Look at the report]")
    for line in ("[Unlock]", "[Unlock]"):
        minh.says(line)
    minh.says("[Lock]")
    assert states(office)["LL"] is State.OPEN
    assert lan.hears()[0] == LOCKED


# Filling in what is locked


@pytest.mark.parametrize(
    ("given", "kept"), [("6", {"exits": True, "extinguishers": 6}), ("six", {"exits": True})]
)
def test_nothing_typed_into_a_locked_report_is_lost(
    office: Office, lan: Phone, minh: Phone, given: str, kept: object
) -> None:
    begin(lan, "[Yes]")
    lock(minh)
    assert lan.says(given)[-2:] == [LOCKED, f"{ASK} [What is due]"]
    assert answers(office) == kept
    minh.says("[Look at the report]")
    for line in ("[Unlock]", "[Unlock]"):
        minh.says(line)
    lan.hears()
    shown = lan.says(f"[Continue {FIRE}]")
    assert f"{FIRE} (2/4)" in shown
    assert ("Your answer so far: 6" in shown) == (given == "6")


@only_with_buttons
def test_a_button_of_a_locked_report_is_kept(office: Office, lan: Phone, minh: Phone) -> None:
    begin(lan)
    lock(minh)
    assert lan.says("[No]")[-2] == LOCKED
    assert answers(office) == {"exits": False}


def test_several_photos_into_a_locked_report_are_all_kept(
    office: Office, lan: Phone, minh: Phone
) -> None:
    begin(lan, *FILLED[:3])
    lock(minh)
    for name in ("(a.jpg)", "(b.jpg)"):
        assert LOCKED in lan.says(name)
    assert [file["name"] for file in answers(office)["photo"]] == ["a.jpg", "b.jpg"]


def test_what_is_typed_next_changes_no_answer(office: Office, lan: Phone, minh: Phone) -> None:
    begin(lan, "[Yes]")
    lock(minh)
    lan.says("6")
    lan.says("7")
    assert answers(office)["extinguishers"] == 6


@only_with_buttons
def test_it_cannot_be_submitted(office: Office, lan: Phone, minh: Phone) -> None:
    begin(lan, *FILLED)
    lock(minh)
    assert lan.says("[Submit]")[-2] == LOCKED
    assert states(office)["LL"] is State.LOCKED
    with Session(office.engine) as session:
        assert session.exec(select(Report).where(Report.state == State.SUBMITTED)).all() == []


# Asking


def test_the_school_asks_and_the_office_unlocks(lan: Phone, minh: Phone) -> None:
    begin(lan, "[Yes]")
    lock(minh)
    lan.hears()
    lan.plays(f"""
        > {ASK}
        A request to unlock {FIRE}
        Why should it be unlocked?
        [Cancel]
        > we were ill
        The office is asked to unlock {FIRE}.
        You will get a message here as soon as it is decided.
        [What is due]
    """)
    minh.plays(f"""
        Trường TH Lê Lợi asks to unlock {FIRE}
        before 30 October, better sent on Thursday 29 October
        Lan asks to unlock it.
        Reason: we were ill
        [Unlock] [Decline] [Look at the report]
        > [Unlock]
        {FIRE}, Trường TH Lê Lợi: being filled in
        [Look at the report] [Who has handed in]
    """)
    lan.plays(f"""
        {OPENED}
        [Continue {FIRE}]
        > [Continue {FIRE}]
        You were in the middle of this: question 2 of 4, 09:00 today.
        {FIRE} (2/4)
        How many extinguishers work?
        [Back]
    """)


def test_the_office_declines_with_a_reason(lan: Phone, hoa: Phone, minh: Phone) -> None:
    lock(minh)
    for phone in (lan, hoa):
        phone.hears()
    ask_to_unlock(lan)
    hoa.says("/han")
    assert hoa.says(ASK)[0] == (
        f"Your school has asked to unlock {FIRE} already; the office has not answered yet."
    )
    minh.hears()
    minh.says("[Decline]")
    assert minh.says("it is too late")[0] == "Declined, and your reason passed on."
    for phone in (lan, hoa):
        assert phone.hears() == [f"The office did not unlock {FIRE}: it is too late", ASK]
    ask_to_unlock(hoa)
    assert minh.hears()[2] == "Hoa asks to unlock it."


def test_two_officers_cannot_decide_it_twice(office: Office, lan: Phone, minh: Phone) -> None:
    binh = someone(office, minh.channel, "Bình", "PHONG", Role.OFFICER)
    lock(minh)
    lan.hears()
    ask_to_unlock(lan)
    minh.hears()
    binh.hears()
    binh.says("[Decline]")
    minh.says("[Unlock]")
    assert binh.says("no")[0] == "Minh has unlocked it already."
    assert states(office)["LL"] is State.OPEN


def test_a_request_stands_on_the_report(lan: Phone, minh: Phone) -> None:
    lock(minh)
    lan.hears()
    ask_to_unlock(lan)
    minh.hears()
    shown = look(minh)
    assert shown[-3:-1] == ["Lan asks to unlock it.", "Reason: we were ill"]
    assert shown[-1] == "[Unlock] [Decline] [Who has handed in]"


def test_what_waits_for_the_head_may_be_asked_for_too(
    office: Office, lan: Phone, minh: Phone
) -> None:
    with Session(office.engine) as session:
        report = session.exec(
            select(Report).join(Unit).where(Report.title == FIRE, Unit.code == "LL")
        )
        report.one().state = State.AWAITING_HEAD
        session.commit()
    lock(minh)
    assert lan.hears()[-1] == f"{ASK} [What is due]"
    ask_to_unlock(lan)
    minh.hears()
    minh.says("[Unlock]")
    assert lan.hears() == [OPENED, "[What is due]"]
    assert states(office)["LL"] is State.AWAITING_HEAD


# By the calendar


def test_a_plan_says_after_how_many_days(office: Office) -> None:
    plan = plans.read_plan(PLAN)
    plan.duty[0].locks_after = 5
    with Session(office.engine) as session:
        plans.publish(session, plan, office.now)
        duties = session.exec(select(Duty).order_by(col(Duty.id))).all()
        assert [duty.locks_after for duty in duties] == [5, None]


def test_the_calendar_locks_once_the_days_are_over(
    office: Office, lan: Phone, minh: Phone
) -> None:
    locks_after(office, 2)
    begin(lan, "[Yes]")
    office.now = datetime(2026, 10, 31, 9, tzinfo=HANOI)
    remind(office.engine, office.desk, office.now, MACHINE_NOW)
    assert "After Sunday 1 November it is locked." in lan.hears()
    assert run_calendar(office, datetime(2026, 11, 1, 23, 59, tzinfo=HANOI)) == 0
    assert run_calendar(office, datetime(2026, 11, 2, 0, 0, tzinfo=HANOI)) == 2
    assert run_calendar(office) == 0
    assert lan.hears() == []
    office.wait(hours=7, minutes=15)
    assert remind(office.engine, office.desk, office.now, MACHINE_NOW) == 1
    lan.plays(f"""
        A reminder
        Locked, as the time is over; everything you answered is kept
        • {FIRE}
        [What is due] {ASK} {LATER}
    """)
    with Session(office.engine) as session:
        audited = session.exec(select(Audit).where(Audit.change == "lock")).first()
    assert audited
    assert audited.person_id is None
    assert answers(office) == {"exits": True}
    assert minh.hears() == []


def test_the_calendar_does_not_lock_again_what_was_unlocked(
    office: Office, lan: Phone, minh: Phone
) -> None:
    locks_after(office, 0)
    run_calendar(office, datetime(2026, 10, 31, 9, tzinfo=HANOI))
    lan.hears()
    ask_to_unlock(lan)
    minh.hears()
    minh.says("[Unlock]")
    assert run_calendar(office) == 0
    assert states(office) == {"LL": State.OPEN, "QT": State.LOCKED}


def test_more_time_moves_the_day_of_locking(office: Office, lan: Phone, minh: Phone) -> None:
    locks_after(office, 0)
    ask_for_time(lan)
    run_calendar(office, datetime(2026, 10, 31, 9, tzinfo=HANOI))
    assert states(office) == {"LL": State.OPEN, "QT": State.LOCKED}  # one waits for an answer
    minh.hears()
    minh.says("[Agree: 3 days, 2 November]")
    assert run_calendar(office, datetime(2026, 11, 2, 9, tzinfo=HANOI)) == 0
    assert run_calendar(office, datetime(2026, 11, 3, 9, tzinfo=HANOI)) == 1
    assert states(office)["LL"] is State.LOCKED


def test_more_time_unlocks(office: Office, lan: Phone, minh: Phone) -> None:
    ask_for_time(lan)
    lock(minh)
    look(minh)
    minh.says("[Agree: 3 days, 2 November]")
    assert states(office)["LL"] is State.OPEN
    assert lan.hears()[-1] == f"[Fill in {FIRE}]"


def test_what_is_handed_in_or_returned_is_not_locked(office: Office, lan: Phone) -> None:
    locks_after(office, 0)
    begin(lan, *FILLED, "[Submit]")
    with Session(office.engine) as session:
        other = select(Report).join(Unit).where(Report.title == FIRE, Unit.code == "QT")
        session.exec(other).one().state = State.RETURNED
        session.commit()
    assert run_calendar(office, datetime(2026, 10, 31, 9, tzinfo=HANOI)) == 0


@only_on_postgres
@only_with_buttons
def test_two_ticks_at_once_lock_once(office: Office, lan: Phone) -> None:
    locks_after(office, 0)
    office.now = datetime(2026, 10, 31, 9, tzinfo=HANOI)
    start = threading.Barrier(3)

    def work(_number: int) -> int:
        start.wait()
        return run_calendar(office)

    with ThreadPoolExecutor(3) as threads:
        assert sum(threads.map(work, range(3))) == 2
    remind(office.engine, office.desk, office.now + timedelta(days=2), MACHINE_NOW)
    assert lan.hears().count(f"• {FIRE}") == 1


@only_on_postgres
@only_with_buttons
def test_who_is_just_handing_in_wins(office: Office, lan: Phone) -> None:
    locks_after(office, 0)
    begin(lan, *FILLED)
    office.now = datetime(2026, 10, 31, 9, tzinfo=HANOI)
    with ThreadPoolExecutor(1) as threads, Session(office.engine) as handing_in:
        begun = select(Report).where(Report.state == State.DRAFT)
        report = handing_in.exec(begun.with_for_update(key_share=True)).one()
        report.state = State.SUBMITTED
        handing_in.flush()
        ticking = threads.submit(run_calendar, office)
        with pytest.raises(TimeoutError):
            ticking.result(0.3)
        handing_in.commit()
        assert ticking.result(30) == 1
    assert states(office) == {"LL": State.SUBMITTED, "QT": State.LOCKED}


def test_what_has_no_such_rule_is_never_locked(office: Office) -> None:
    assert run_calendar(office, datetime(2027, 6, 1, 9, tzinfo=HANOI)) == 0
    assert date(2026, 10, 30) < office.now.date()


def test_what_was_sent_stays_with_the_office_once_the_days_are_over(
    office: Office, lan: Phone
) -> None:
    locks_after(office, 2)
    begin(lan, *FILLED, "[Submit]")
    office.now = datetime(2026, 11, 1, 9, tzinfo=HANOI)
    lan.plays(f"""
        > [Recall it]
        {FIRE} is taken back. Everything you answered is kept.
        Please send it again by 1 November 2026; after that it is locked.
        [Continue {FIRE}] [What is due]
    """)
    for line in ("/han", f"[Continue {FIRE}]", "[Submit]"):
        lan.says(line)
    run_calendar(office, datetime(2026, 11, 2, 9, tzinfo=HANOI))
    lan.hears()
    for line in ("/han", "[Handed in (1)]", f"[Read {FIRE}]"):
        lan.says(line)
    lan.plays(f"""
        > [Recall it]
        The time for {FIRE} is over, so what the office has stays there; to change it, please …
        [Ask the office] [Read {FIRE}]
    """)
    assert states(office)["LL"] is State.SUBMITTED


def test_what_the_office_opened_may_be_taken_back(office: Office, lan: Phone, minh: Phone) -> None:
    locks_after(office, 2)
    begin(lan, *FILLED)
    run_calendar(office, datetime(2026, 11, 2, 9, tzinfo=HANOI))
    look(minh)
    for line in ("[Unlock]", "[Unlock]"):
        minh.says(line)
    lan.hears()
    for line in ("/han", f"[Continue {FIRE}]", "[Submit]", "[Recall it]"):
        lan.says(line)
    run_calendar(office)
    assert states(office)["LL"] is State.DRAFT
