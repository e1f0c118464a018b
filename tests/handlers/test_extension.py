"""More time: asked for by a school, answered by the office, and what follows from it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time

import pytest
from sqlmodel import Session, col, select

from core.review import State
from core.roles import Role
from core.screen import Picked
from storage.audit import Audit
from storage.extensions import Extension
from storage.reports import Report
from storage.units import Unit
from tests.conftest import someone
from tests.databases import BOTH
from tests.handlers.test_due import change
from tests.handlers.test_nudge import days_of_reminders, tick
from tests.handlers.test_report import FILLED, begin
from tests.phone import HANOI, Office, Phone

only_on_postgres = pytest.mark.parametrize("engine", BOTH[1:], indirect=True)
only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

FIRE = "Fire safety tháng 10/2026"
THREE = "[3 days, until Monday 2 November]"
AGREE = "[Agree: 3 days, 2 November]"
OTHER_MOVES = (
    "[Handed in outside the system] [Excuse the school] [Lock] [Hold back reminders] "
    "[Who has handed in]"
)
SENT = "The office is asked for time until Monday 2 November."
GIVEN = f"The office gives more time for {FIRE}: until Monday 2 November."
EXTENDED = f"• {FIRE}: extended until 2 November (the power is cut)"


def ask(phone: Phone, how_long: str = THREE, why: str = "the power is cut") -> None:
    for line in ("/due", "[Ask for more time]", how_long):
        phone.says(line)
    assert phone.says(why)[0].startswith("The office is asked")


def fire(office: Office) -> Report:
    with Session(office.engine) as session:
        return session.exec(
            select(Report).join(Unit).where(Report.title == FIRE, Unit.code == "LL")
        ).one()


def test_two_taps_and_a_reason(lan: Phone, hoa: Phone, minh: Phone) -> None:
    lan.says("/han")
    lan.plays(f"""
        > [Ask for more time]
        More time for {FIRE} (1/2)
        How much more time do you need?
        [1 day, until Saturday 31 October] {THREE} [5 days, until Wednesday 4 November] [Cancel]
        > {THREE}
        More time for {FIRE} (2/2)
        Why? The office reads your words.
        [Back]
        > the power is cut
        {SENT}
        You will get a message here as soon as it is decided.
        [Fill in {FIRE}] [What is due]
    """)
    minh.plays(f"""
        Trường TH Lê Lợi asks for more time
        {FIRE}: before 30 October, better sent on Thursday 29 October
        Lan asks for time until Monday 2 November.
        Reason: the power is cut
        {AGREE} [Agree until another day] [No] [Look at the report]
        > {AGREE}
        Trường TH Lê Lợi has time until Monday 2 November for {FIRE}, and is told.
        [Look at the report]
    """)
    for phone in (lan, hoa):
        phone.plays(f"""
            {GIVEN}
            Reason: the power is cut
            [Fill in {FIRE}]
            > /han
            2 reports are due:
            Within seven days
            {EXTENDED} (6 days left)
            No date set yet
            • Safety plan: the office has not set a date yet
            Coming: …
            [Fill in {FIRE}] [Fill in Safety plan] [Ask for more time] [Into my calendar]
        """)


def test_it_is_said_in_vietnamese(office: Office, channel: str) -> None:
    lan = someone(office, channel, "Lan", "LL", Role.REPORTER, language="vi")
    minh = someone(office, channel, "Minh", "PHONG", Role.OFFICER, language="vi")
    lan.says("/han")
    lan.plays(f"""
        > [Xin gia hạn]
        Gia hạn {FIRE} (1/2)
        Trường mình cần thêm bao lâu?
        [1 ngày, đến thứ Bảy 31/10] [3 ngày, đến thứ Hai 02/11] [5 ngày, đến thứ Tư 04/11] [Thôi]
        > [3 ngày, đến thứ Hai 02/11]
        Gia hạn {FIRE} (2/2)
        Lý do xin gia hạn? Phòng sẽ đọc nguyên văn.
        [Quay lại]
        > mất điện
        Đã gửi Phòng: xin gia hạn đến thứ Hai 02/11.
        Có kết quả, thầy/cô sẽ nhận tin ngay tại đây.
        [Làm: {FIRE}] [Báo cáo cần nộp]
    """)
    minh.plays(f"""
        Trường TH Lê Lợi xin gia hạn
        {FIRE}: trước 30/10 (nên gửi thứ Năm 29/10)
        Lan xin gia hạn đến thứ Hai 02/11.
        Lý do: mất điện
        [Đồng ý 3 ngày (đến 02/11)] [Đồng ý đến…] [Không] [Xem báo cáo này]
        > [Đồng ý 3 ngày (đến 02/11)]
        Đã gia hạn đến thứ Hai 02/11 cho Trường TH Lê Lợi ({FIRE}) và đã báo trường.
        [Xem báo cáo này]
    """)
    lan.hears()
    assert f"• {FIRE}: gia hạn đến 02/11 (mất điện), còn 6 ngày" in lan.says("/han")


@pytest.mark.parametrize("typed", ["2/11", "3", "3 ngày", "3 days", "02-11-2026"])
def test_how_long_may_be_typed(lan: Phone, minh: Phone, typed: str) -> None:
    ask(lan, typed)
    assert "Lan asks for time until Monday 2 November." in minh.hears()


@pytest.mark.parametrize("typed", ["30/10", "26/10", "0", "hôm qua", "1/1/2020"])
def test_a_day_before_the_deadline_or_past_is_refused(lan: Phone, typed: str) -> None:
    lan.says("/due")
    lan.says("[Ask for more time]")
    assert lan.says(typed)[0] == "Please choose a day after 30 October that is not past."
    assert lan.says("some time")[0].startswith("Please send a date such as")


def test_after_the_deadline_days_count_from_today(office: Office, lan: Phone) -> None:
    office.wait(days=5)
    lan.says("/due")
    shown = lan.says("[Ask for more time]")
    assert shown[-1].startswith("[1 day, until Monday 2 November]")
    assert lan.says("31/10")[0].startswith("Please choose a day after 30 October")


def test_a_day_that_passed_meanwhile_is_asked_again(office: Office, lan: Phone) -> None:
    for line in ("/due", "[Ask for more time]", "[1 day, until Saturday 31 October]"):
        lan.says(line)
    office.wait(days=5)
    assert "How much more time do you need?" in lan.says("the power is cut")


def test_which_report_where_several_have_a_deadline(office: Office, lan: Phone) -> None:
    office.wait(days=14)
    lan.says("/due")
    lan.plays("""
        > [Ask for more time]
        Which report needs more time?
        [Fire safety tháng 10/2026] [Fire safety tháng 11/2026]
        > [Fire safety tháng 11/2026]
        More time for Fire safety tháng 11/2026 (1/2)
        How much more time do you need?
        …
    """)


def test_what_has_no_deadline_needs_no_more_time(office: Office, lan: Phone) -> None:
    with Session(office.engine) as session:
        for report in session.exec(select(Report)):
            report.due_on = None
        session.commit()
    assert "[Ask for more time]" not in lan.says("/due")[-1]
    lan.gives(Picked("show:more_time"))
    assert lan.hears()[0] == "Nothing with a deadline is due from your school."


def test_one_request_waits_at_a_time(lan: Phone, hoa: Phone, minh: Phone) -> None:
    ask(lan)
    minh.hears()
    hoa.says("/due")
    assert hoa.says("[Ask for more time]")[0] == (
        f"Your school has asked for more time for {FIRE} already; the office has not answered yet."
    )
    assert minh.hears() == []


def test_two_colleagues_who_ask_at_once_ask_once(office: Office, lan: Phone, hoa: Phone) -> None:
    for phone in (lan, hoa):
        for line in ("/due", "[Ask for more time]", THREE):
            phone.says(line)
    assert lan.says("the power is cut")[0] == SENT
    assert hoa.says("the power is cut")[0].startswith("Your school has asked for more time")
    with Session(office.engine) as session:
        assert len(session.exec(select(Extension)).all()) == 1


def test_another_day_and_no(lan: Phone, hoa: Phone, minh: Phone) -> None:
    ask(lan)
    minh.hears()
    minh.plays(f"""
        > [Agree until another day]
        More time for {FIRE}
        Until which day?
        [1 day, until Saturday 31 October] {THREE} [5 days, until Wednesday 4 November] [Cancel]
        > 29/10
        Please choose a day after 30 October that is not past.
        More time for {FIRE}
        Until which day?
        [1 day, until Saturday 31 October] {THREE} [5 days, until Wednesday 4 November] [Cancel]
        > 31/10
        Trường TH Lê Lợi has time until Saturday 31 October for {FIRE}, and is told.
        [Look at the report]
    """)
    lan.hears()
    hoa.hears()
    ask(lan, "[1 day, until Sunday 1 November]", "still no power")
    minh.hears()
    minh.plays(f"""
        > [No]
        More time for {FIRE}
        Why not? Your words are passed on.
        [Cancel]
        > it is due on Monday
        Declined, and your reason passed on.
        [Look at the report]
    """)
    for phone in (lan, hoa):
        phone.plays(f"""
            The office did not give more time for {FIRE}: it is due on Monday
            The deadline stays: until the end of 31 October, better sent on Friday 30 October.
            [Fill in {FIRE}]
        """)
    ask(lan, "4/11", "and now?")  # what was declined may be asked again


def test_the_second_officer_is_told_who_decided(office: Office, lan: Phone, minh: Phone) -> None:
    binh = someone(office, minh.channel, "Bình", "PHONG", Role.OFFICER)
    ask(lan)
    minh.hears()
    binh.hears()
    binh.says("[Agree until another day]")
    minh.says(AGREE)
    assert binh.says("5/11")[0] == "Minh has agreed to this already, until 2 November."
    assert fire(office).due_on == date(2026, 11, 2)
    lan.hears()
    ask(lan, "9/11")
    minh.hears()
    for line in ("[No]", "enough"):
        minh.says(line)
    binh.hears()
    assert binh.says("[Agree: 7 days, 9 November]")[0] == "Minh has declined this already: enough"
    assert fire(office).due_on == date(2026, 11, 2)


@only_on_postgres
@only_with_buttons
def test_of_two_officers_at_the_same_instant_one_wins(office: Office, lan: Phone) -> None:
    officers = [someone(office, "telegram", name, "PHONG", Role.OFFICER) for name in "ABCD"]
    ask(lan)
    for officer in officers:
        officer.hears()
    start = threading.Barrier(len(officers))

    def work(officer: Phone) -> str:
        start.wait()
        return officer.says(AGREE)[0]

    with ThreadPoolExecutor(len(officers)) as threads:
        heard = list(threads.map(work, officers))
    assert [said.startswith("Trường TH Lê Lợi has time") for said in heard].count(True) == 1
    assert ["has agreed to this already" in said for said in heard].count(True) == 3
    assert lan.hears()[0] == GIVEN
    with Session(office.engine) as session:
        rows = session.exec(select(Audit).where(Audit.change == "extended")).all()
    assert len(rows) == 1


def test_it_goes_to_the_officers_of_the_topic_and_level(
    office: Office, lan: Phone, channel: str
) -> None:
    level = someone(office, channel, "Cúc", "PHONG", Role.OFFICER, topics=["safety", "MN"])
    safety = someone(office, channel, "An", "PHONG", Role.OFFICER, topics=["safety"])
    other = someone(office, channel, "Bình", "PHONG", Role.OFFICER, topics=["music"])
    ask(lan)
    assert safety.hears() != []
    assert level.hears() == other.hears() == []


def test_the_hour_ends_with_the_old_deadline(office: Office, lan: Phone, minh: Phone) -> None:
    change(office, FIRE, due_at=time(16))
    assert f"• {FIRE}: before 16:00 on 30 October (3 days left)" in lan.says("/due")
    ask(lan)
    minh.hears()
    minh.says(AGREE)
    assert (fire(office).due_on, fire(office).due_at) == (date(2026, 11, 2), None)
    assert "As written: before 16:00 on 30 October" in minh.says("[Look at the report]")
    with Session(office.engine) as session:
        row = session.exec(select(Audit).where(Audit.change == "extended")).one()
    assert row.before == {"due_on": "2026-10-30", "operator": "before", "due_at": "16:00"}


def test_the_office_may_give_it_unasked(lan: Phone, hoa: Phone, minh: Phone) -> None:
    for line in ("/tinhhinh", f"[{FIRE} (0/2)]"):
        minh.says(line)
    minh.plays(f"""
        > [Trường TH Lê Lợi]
        {FIRE} – Trường TH Lê Lợi
        Now: not handed in
        before 30 October, better sent on Thursday 29 October
        • Lan, report writer, –
        • Hoa, head of school, –
        [Give more time] {OTHER_MOVES}
        > [Give more time]
        More time for {FIRE} (1/2)
        Until which day?
        [1 day, until Saturday 31 October] {THREE} [5 days, until Wednesday 4 November] [Cancel]
        > {THREE}
        More time for {FIRE} (2/2)
        Why? Your words are passed on.
        [Back]
        > the flood
        Trường TH Lê Lợi has time until Monday 2 November for {FIRE}, and is told.
        [Look at the report]
        > [Look at the report]
        {FIRE} – Trường TH Lê Lợi
        Now: not handed in
        extended until 2 November (the flood)
        As written: before 30 October
        • Lan, report writer, –
        • Hoa, head of school, –
        [Give more time] {OTHER_MOVES}
        > [Who has handed in]
        {FIRE}
        before 30 October, better sent on Thursday 29 October
        0 of 2 schools have handed in.
        Not yet (2):
        • Trường TH Lê Lợi: not handed in, extended until 2 November (the flood)
        • Trường TH Quyết Thắng: not handed in, nobody registered
        [Trường TH Lê Lợi] [Trường TH Quyết Thắng] [Lock all] … [All duties]
    """)
    assert lan.hears()[:2] == hoa.hears()[:2] == [GIVEN, "Reason: the flood"]


def test_a_request_stands_on_the_report_until_it_is_answered(lan: Phone, minh: Phone) -> None:
    ask(lan)
    minh.hears()
    for line in ("/tinhhinh", f"[{FIRE} (0/2)]"):
        minh.says(line)
    shown = minh.says("[Trường TH Lê Lợi]")
    assert "Lan asks for time until Monday 2 November." in shown
    assert shown[-1] == f"{AGREE} [Agree until another day] [No] {OTHER_MOVES}"
    assert minh.says(AGREE)[0].startswith("Trường TH Lê Lợi has time")


def test_requests_that_wait_stand_on_the_board(lan: Phone, minh: Phone) -> None:
    assert "Schools that ask" not in minh.says("/tinhhinh")[-1]
    ask(lan)
    minh.hears()
    assert minh.says("/tinhhinh")[-1].startswith("[Schools that ask (1)]")
    minh.plays(f"""
        > [Schools that ask (1)]
        1 school asks
        [{FIRE} – Trường TH Lê Lợi] [All duties]
        > [{FIRE} – Trường TH Lê Lợi]
        {FIRE} – Trường TH Lê Lợi
        …
        …
        …
        Lan asks for time until Monday 2 November.
        Reason: the power is cut
        {AGREE} [Agree until another day] [No] {OTHER_MOVES}
    """)
    minh.says(AGREE)
    assert "Schools that ask" not in minh.says("/tinhhinh")[-1]


def test_days_are_those_that_were_asked_for(office: Office, lan: Phone, minh: Phone) -> None:
    office.wait(days=5)
    ask(lan, "[3 days, until Wednesday 4 November]")
    assert minh.hears()[-1].startswith("[Agree: 3 days, 4 November]")


# Reminders


def test_reminders_move_with_the_deadline(office: Office, lan: Phone, minh: Phone) -> None:
    ask(lan)
    minh.hears()
    minh.says(AGREE)
    lan.hears()
    assert tick(office) == 0  # being told of the new day was the reminder
    reminded = days_of_reminders(office, lan, 20)
    assert {day: lines[2] for day, lines in reminded.items()} == {
        date(2026, 10, 30): f"{EXTENDED} (3 days left)",
        date(2026, 11, 1): f"{EXTENDED} (1 day left)",
        date(2026, 11, 2): f"{EXTENDED} (today is the day)",
        date(2026, 11, 3): f"{EXTENDED} (1 day late)",
        date(2026, 11, 5): f"{EXTENDED} (3 days late)",
    }


def test_a_reminder_of_the_old_day_that_waits_is_withdrawn(
    office: Office, lan: Phone, minh: Phone
) -> None:
    ask(lan)
    minh.hears()
    assert tick(office) == 1
    minh.does(AGREE)
    assert [line for line in lan.hears() if "reminder" in line] == []


# Late with leave


def test_late_with_leave_is_told_apart_from_late(office: Office, lan: Phone, minh: Phone) -> None:
    mai = someone(office, lan.channel, "Mai", "QT", Role.REPORTER)
    ask(lan)
    minh.hears()
    minh.says(AGREE)
    for phone in (lan, mai):
        begin(phone, *FILLED)
    office.now = datetime(2026, 11, 2, 9, tzinfo=HANOI)
    assert lan.says("[Submit]")[0] == f"{FIRE} is handed in, late with leave. Thank you!"
    assert mai.says("[Submit]")[0] == f"{FIRE} is handed in, after its deadline. Thank you!"
    assert minh.hears()[::2] == [
        f"Trường TH Lê Lợi handed in {FIRE}, late with leave.",
        f"Trường TH Quyết Thắng handed in {FIRE}, after its deadline.",
    ]
    for phone, how in ((lan, "late with leave"), (mai, "late")):
        phone.says("/han")
        assert phone.says("[Handed in (1)]")[1] == f"• {FIRE}: handed in, {how}"
    minh.says("/tinhhinh")
    read_lan = "[Read Trường TH Lê Lợi (late with leave)]"
    minh.plays(f"""
        > [{FIRE} (2/2)]
        {FIRE}
        before 30 October
        2 of 2 schools have handed in.
        Late with leave (1):
        • Trường TH Lê Lợi
        Late (1):
        • Trường TH Quyết Thắng
        {read_lan} [Read Trường TH Quyết Thắng (late)] [Lock all] [All duties]
    """)
    assert minh.says(read_lan)[1].startswith("Sent by Lan, 09:00 today, late with leave; receipt")
    assert minh.says("[More]")[1] == "Now: handed in, late with leave"


def test_after_the_extended_day_it_is_late(office: Office, lan: Phone, minh: Phone) -> None:
    ask(lan)
    minh.hears()
    minh.says(AGREE)
    begin(lan, *FILLED)
    office.now = datetime(2026, 11, 3, 9, tzinfo=HANOI)
    assert lan.says("[Submit]")[0] == f"{FIRE} is handed in, after its deadline. Thank you!"


@only_with_buttons
def test_leave_given_after_it_was_sent_counts(office: Office, lan: Phone, minh: Phone) -> None:
    ask(lan)
    begin(lan, *FILLED)
    office.now = datetime(2026, 11, 2, 9, tzinfo=HANOI)
    lan.says("[Submit]")
    minh.hears()
    assert minh.says(AGREE)[0].startswith("Trường TH Lê Lợi has time")
    assert lan.hears()[-1] == "[What is due]"
    with Session(office.engine) as session:
        sent = session.exec(select(Report).where(Report.state == State.SUBMITTED)).one()
    minh.gives(Picked(f"show:read:{sent.id}"))
    assert "late with leave" in minh.hears()[1]


def test_each_step_is_in_the_audit(office: Office, lan: Phone, minh: Phone) -> None:
    ask(lan)
    minh.hears()
    minh.says(AGREE)
    ask(lan, "9/11")
    minh.hears()
    for line in ("[No]", "enough"):
        minh.says(line)
    with Session(office.engine) as session:
        rows = session.exec(select(Audit).where(Audit.subject != "post").order_by(col(Audit.id)))
        said = [(row.subject, row.change) for row in rows if row.person_id]
        moved = session.exec(select(Audit).where(Audit.change == "extended")).one()
    extension, report = "extension", "report"
    assert said == [
        (extension, "asked"),
        (report, "extended"),
        (extension, "asked"),
        (extension, "refused"),
    ]
    assert moved.before == {"due_on": "2026-10-30", "operator": "before"}
    assert moved.after == {
        "due_on": "2026-11-02",
        "operator": "until end of",
        "reason": "the power is cut",
    }
