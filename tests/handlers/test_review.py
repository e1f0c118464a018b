"""The office reviews: a queue, accept or return, undo in time, and what the school is told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time

import pytest
from sqlmodel import Session, col, select

from bot.nudging import remind
from bot.verdicts import tell_verdicts
from core.calendar import Deadline, Operator
from core.review import State
from core.roles import Role
from core.screen import Picked
from storage import extensions
from storage.audit import Audit
from storage.conversations import Conversation
from storage.reports import Report
from storage.reviews import Review, Verdict
from storage.submissions import Answer, Submission
from tests.conftest import someone
from tests.databases import BOTH
from tests.handlers.test_approval import TITLE, says_all, state
from tests.handlers.test_due import change
from tests.handlers.test_report import FILLED, begin
from tests.phone import MACHINE_NOW, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)
only_on_postgres = pytest.mark.parametrize("engine", BOTH[1:], indirect=True)

OF_LAN = f"[Trường TH Lê Lợi: {TITLE}]"
EXTINGUISHERS = "[How many extinguishers work?]"
RETURN = ("[Return for correction]", EXTINGUISHERS, "Count again.", "[That is all]")
RETURNED = (*RETURN, "[Skip]", "[Return for correction]")


def hand_in(*phones: Phone) -> None:
    for phone in phones:
        begin(phone, *FILLED, "[Submit]")


def tick(office: Office) -> int:
    return tell_verdicts(office.engine, office.desk, office.now, MACHINE_NOW)


def due_on(office: Office) -> date | None:
    return deadline(office).due_on


def deadline(office: Office) -> Deadline:
    with Session(office.engine) as session:
        first = select(Report).where(Report.title == TITLE).order_by(col(Report.unit_id))
        return session.exec(first.limit(1)).one().deadline


@pytest.fixture
def mai(office: Office, channel: str) -> Phone:
    """Mai's phone; she writes the reports of Quyết Thắng school."""
    return someone(office, channel, "Mai", "QT", Role.REPORTER)


@pytest.fixture
def nga(office: Office, channel: str) -> Phone:
    """Nga's phone; she is another officer."""
    return someone(office, channel, "Nga", "PHONG", Role.OFFICER)


# The queue


def test_the_queue_is_the_oldest_first(
    office: Office, lan: Phone, mai: Phone, minh: Phone
) -> None:
    minh.plays("""
        > /duyet
        No report waits for your review.
        [Who has handed in]
    """)
    hand_in(mai)
    office.wait(hours=1)
    hand_in(lan)
    office.wait(days=4)
    minh.hears()
    minh.plays(f"""
        > /review
        2 reports wait for your review:
        The one that has waited longest comes first.
        [Accept 2 clean reports] [Trường TH Quyết Thắng: {TITLE}] {OF_LAN}
    """)


@pytest.mark.parametrize(
    ("topics", "others", "sees"),
    [
        ([], [], True),
        (["safety"], [], True),
        (["food"], [], True),  # as nobody else holds the topic
        (["food"], ["safety"], False),
        ([], ["safety"], True),
        (["TH"], [], True),
        (["MN"], [], False),
        (["safety", "THCS"], [], False),
        (["safety", "TH"], ["food"], True),
    ],
)
@only_with_buttons
def test_an_officer_s_queue_is_of_their_topics_and_levels(
    office: Office, lan: Phone, topics: list[str], others: list[str], sees: bool
) -> None:
    officer = someone(office, "telegram", "An", "PHONG", Role.OFFICER, topics=topics)
    someone(office, "telegram", "Bảo", "PHONG", Role.OFFICER, topics=others)
    hand_in(lan)
    officer.hears()
    assert (officer.says("/duyet")[0] == "1 report waits for your review:") is sees


@only_with_buttons
def test_officers_of_another_level_hear_nothing_where_there_are_others(
    office: Office, lan: Phone
) -> None:
    of_primary = someone(office, "telegram", "An", "PHONG", Role.OFFICER, topics=["TH"])
    of_nursery = someone(office, "telegram", "Bảo", "PHONG", Role.OFFICER, topics=["MN"])
    hand_in(lan)
    assert of_primary.hears()[0] == f"Trường TH Lê Lợi handed in {TITLE}."
    assert of_nursery.hears() == []


# Return


def test_a_report_is_returned_item_by_item_and_comes_back(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    hand_in(lan)
    hoa.hears()
    says_all(minh, "/duyet")
    minh.plays(f"""
        > {OF_LAN}
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        Sent by Lan, 09:00 today; receipt ….
        • Are all exits clear? → Yes
        • How many extinguishers work? → 6
        • Send photos of the main exit. → 1 file: exit.jpg
        [Accept] [Return for correction] [Get the files (1)] [Reports to review]
        > [Return for correction]
        Return Fire safety tháng 10/2026
        Which item is to be mended?
        [Are all exits clear?] [How many extinguishers work?] [Anything to add?] …
        > {EXTINGUISHERS}
        Return Fire safety tháng 10/2026 (2/3)
        What is to be mended?
        How many extinguishers work?
        Your words will stand beside the item.
        [Back]
        > Count again.
        Return Fire safety tháng 10/2026 (3/3)
        Is another item to be mended?
        [That is all] [Are all exits clear?] [Anything to add?] [Send …] [Back]
        > [That is all]
        Return Fire safety tháng 10/2026 (4/4)
        By which day shall it come back? Skip to leave the day as it is.
        Now due: before 30 October, better sent on Thursday 29 October
        [Skip] [Back]
        > 26/10
        That day is over. Please send a coming day.
        Return Fire safety tháng 10/2026 (4/4)
        By which day shall it come back? Skip to leave the day as it is.
        Now due: before 30 October, better sent on Thursday 29 October
        [Skip] [Back]
        > 5/11
        Return Fire safety tháng 10/2026: check your answers
        1. Which item is to be mended? → How many extinguishers work?
        2. What is to be mended? → Count again.
        3. Is another item to be mended? → That is all
        4. By which day shall it come back? … → 5 November 2026
        [Return for correction] [Change an answer] [Cancel]
        > [Return for correction]
        Returned: Fire safety tháng 10/2026, Trường TH Lê Lợi.
        The school hears of it at 09:05 today; until then you can undo it.
        [Undo] [Reports to review]
    """)
    assert (state(office), due_on(office)) == (State.RETURNED, date(2026, 11, 5))
    assert (tick(office), lan.hears(), hoa.hears()) == (0, [], [])
    office.wait(minutes=5)
    assert (tick(office), tick(office)) == (2, 0)
    assert hoa.hears()[1] == "• How many extinguishers work?: Count again."
    lan.plays("""
        The office returns Fire safety tháng 10/2026 to be mended:
        • How many extinguishers work?: Count again.
        Please send it again by 5 November 2026.
        [Mend Fire safety tháng 10/2026] [What is due]
        > [Mend Fire safety tháng 10/2026]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        ↳ Minh, the office: Count again.
        Your answer so far: 6
        [Keep this answer] [Back]
        > 8
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → Yes
        2. How many extinguishers work? → 8
        ↳ Minh, the office: Count again.
        3. Anything to add? → skipped
        4. Send photos of the main exit. → 1 file: exit.jpg
        [Submit] [Change an answer]
    """)
    says_all(lan, "[Change an answer]", "[3. skipped – Anything to add?]", "We found two.")
    lan.says("[Submit]")
    says_all(minh, "/duyet")
    minh.plays(f"""
        > [(version 2) Trường TH Lê Lợi: {TITLE}]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        Sent by Lan, 09:05 today; receipt ….
        • Are all exits clear? → Yes
        • How many extinguishers work? → 8
        ↳ Minh, the office: Count again.
        • Anything to add? → We found two.
        • Send photos of the main exit. → 1 file: exit.jpg
        Changed since version 1:
        • How many extinguishers work?: 6 → now 8
        • Anything to add?: no answer → now We found two.
        [Accept] [Return for correction] [Get the files (1)] [Reports to review]
    """)


def test_without_an_item_and_a_remark_nothing_is_returned(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, "[Return for correction]")
    for action in ("submit", "done", "skip", "answer:-enough", "answer:nothing"):
        with Session(office.engine) as session:
            talking = session.exec(select(Conversation).where(Conversation.flow == "return")).one()
            seen = f"{talking.id}.{talking.turn}"
        minh.gives(Picked(action), seen=seen)
        assert "Which item is to be mended?" in minh.hears()
    minh.says(EXTINGUISHERS)
    assert minh.says("   ")[0] == "Please send a text of up to 500 characters."
    assert state(office) is State.SUBMITTED


def test_a_return_is_undone_with_its_new_day(office: Office, lan: Phone, minh: Phone) -> None:
    hand_in(lan)
    change(office, TITLE, due_at=time(16))
    says_all(minh, "/duyet", OF_LAN, *RETURN, "5/11", "[Return for correction]")
    assert deadline(office) == Deadline(date(2026, 11, 5), Operator.BY)
    office.wait(minutes=4)
    minh.plays(f"""
        > [Undo]
        Undone: {TITLE}, Trường TH Lê Lợi, waits for your review again.
        [Review it] [Reports to review]
    """)
    before = Deadline(date(2026, 10, 30), Operator.BEFORE, time(16))
    assert (state(office), deadline(office)) == (State.SUBMITTED, before)
    office.wait(minutes=5)
    assert (tick(office), lan.hears()) == (0, [])
    assert "[Accept]" in minh.says("[Review it]")[-1]
    assert minh.says("[Accept]")[0] == f"Accepted: {TITLE}, Trường TH Lê Lợi."


def test_a_draft_begun_before_the_undo_keeps_its_answers_and_loses_the_remarks(
    lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, *RETURNED)
    says_all(lan, "/han", f"[Mend {TITLE}]", "8")
    minh.says("[Undo]")
    assert lan.says("[Submit]")[0] == "This report no longer waits for your answers."
    other = ("[Review it]", "[Return for correction]", "[Anything to add?]", "Say more.")
    says_all(minh, *other, "[That is all]", "[Skip]", "[Return for correction]")
    heard = says_all(lan, "/han", f"[Mend {TITLE}]")
    assert heard[1:3] == ["Anything to add?", "↳ Minh, the office: Say more."]
    assert lan.says("More.")[2:4] == [
        "2. How many extinguishers work? → 8",
        "3. Anything to add? → More.",
    ]


def test_in_vietnamese(office: Office, channel: str, mai: Phone) -> None:
    lan = someone(office, channel, "Lan", "LL", Role.REPORTER, language="vi")
    minh = someone(office, channel, "Minh", "PHONG", Role.OFFICER, language="vi")
    begin(mai, *FILLED, "[Submit]")
    filled = ("[Có]", "6", "[Bỏ qua]", "(exit.jpg)", "[Xong]", "[Nộp]")
    says_all(lan, "/han", f"[Làm: {TITLE}]", *filled)
    minh.hears()
    minh.plays(f"""
        > /duyet
        Có 2 báo cáo chờ thầy/cô duyệt:
        Báo cáo chờ lâu nhất đứng đầu.
        [Duyệt một lượt 2 báo cáo] {OF_LAN} [Trường TH Quyết Thắng: {TITLE}]
        > {OF_LAN}
        {TITLE} – Trường TH Lê Lợi
        Lan nộp lúc 09:00 hôm nay. Mã biên nhận: ….
        • Are all exits clear? → Có
        • How many extinguishers work? → 6
        • Send photos of the main exit. → 1 tệp (exit.jpg)
        [Duyệt] [Trả lại] [Lấy tệp (1)] [Báo cáo chờ duyệt]
        > [Trả lại]
        Trả lại {TITLE}
        Mục nào cần sửa?
        [Are all exits clear?] [How many extinguishers work?] [Anything to add?] …
        > {EXTINGUISHERS}
        Trả lại {TITLE} (2/3)
        Cần sửa gì?
        How many extinguishers work?
        Lời thầy/cô sẽ hiện ngay bên mục này.
        [Quay lại]
        > Đếm lại giúp.
        Trả lại {TITLE} (3/3)
        Còn mục nào cần sửa nữa không?
        [Hết mục cần sửa] [Are all exits clear?] [Anything to add?] … [Quay lại]
        > [Hết mục cần sửa]
        Trả lại {TITLE} (4/4)
        Trường gửi lại chậm nhất ngày nào? Bấm Bỏ qua để giữ nguyên hạn.
        Hạn hiện nay: trước 30/10 (nên gửi thứ Năm 29/10)
        [Bỏ qua] [Quay lại]
        > 5/11
        Trả lại {TITLE}: xem lại trước khi gửi
        1. Mục nào cần sửa? → How many extinguishers work?
        2. Cần sửa gì? → Đếm lại giúp.
        3. Còn mục nào cần sửa nữa không? → Hết mục cần sửa
        4. Trường gửi lại chậm nhất ngày nào? … → 05/11/2026
        [Trả lại] [Sửa câu trả lời] [Thôi]
        > [Trả lại]
        Đã trả lại: {TITLE}, Trường TH Lê Lợi.
        Trường sẽ được báo lúc 09:05 hôm nay; trước đó thầy/cô có thể hoàn tác.
        [Hoàn tác] [Báo cáo chờ duyệt]
    """)
    office.wait(minutes=5)
    tick(office)
    lan.plays(f"""
        Phòng trả lại {TITLE} để trường mình sửa:
        • How many extinguishers work? → Đếm lại giúp.
        Đề nghị gửi lại chậm nhất ngày 05/11/2026.
        [Sửa: {TITLE}] [Báo cáo cần nộp]
    """)


# Accept, and undo


def test_accepted_and_told_to_both_posts_once(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    hand_in(lan)
    hoa.hears()
    says_all(minh, "/duyet", OF_LAN)
    minh.plays(f"""
        > [Accept]
        Accepted: {TITLE}, Trường TH Lê Lợi.
        The school hears of it at 09:05 today; until then you can undo it.
        [Undo] [Reports to review]
    """)
    office.wait(minutes=5)
    assert (tick(office), tick(office)) == (2, 0)
    told = [f"The office has accepted {TITLE}. Thank you!", "[What is due]"]
    assert lan.hears() == hoa.hears() == told
    assert minh.says("[Undo]")[0] == "This can no longer be undone."
    assert state(office) is State.ACCEPTED


def test_an_accepted_one_that_is_undone_is_told_to_nobody(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, "[Accept]")
    office.wait(minutes=4, seconds=59)
    says_all(minh, "[Undo]")
    office.wait(hours=1)
    assert (tick(office), lan.hears()) == (0, [])
    says_all(minh, "/duyet", OF_LAN, "[Accept]")
    office.wait(minutes=5)
    assert tick(office) == 1


def test_five_minutes_later_it_is_too_late_although_nobody_was_told(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, "[Accept]")
    office.wait(minutes=5)
    assert minh.says("[Undo]")[0] == "This can no longer be undone."


def test_only_who_decided_may_undo(office: Office, lan: Phone, minh: Phone, nga: Phone) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, "[Accept]")
    with Session(office.engine) as session:
        review_id = session.exec(select(Review.id)).one()
    nga.gives(Picked(f"show:undo:{review_id}"))
    assert "This can no longer be undone." in nga.hears()


def test_what_was_sent_again_before_it_was_told_is_not_called_returned(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, *RETURNED)
    says_all(lan, "/han", f"[Mend {TITLE}]", "8", "[Submit]")
    office.wait(minutes=5)
    assert (tick(office), lan.hears()) == (0, [])
    with Session(office.engine) as session:
        review_id = session.exec(select(Review.id)).one()
    minh.hears()
    minh.gives(Picked(f"show:undo:{review_id}"))
    assert minh.hears()[0] == "This can no longer be undone."
    assert state(office) is State.SUBMITTED


@only_with_buttons
def test_an_undo_never_reaches_the_verdict_on_a_later_version(
    office: Office, lan: Phone, minh: Phone, nga: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, *RETURNED)
    says_all(lan, "/han", f"[Mend {TITLE}]", "8", "[Submit]")
    says_all(nga, "/duyet", f"[(version 2) Trường TH Lê Lợi: {TITLE}]", *RETURNED)
    minh.hears()
    assert minh.says("[Undo]")[0] == "This can no longer be undone."
    assert state(office) is State.RETURNED
    office.wait(minutes=5)
    assert tick(office) == 1
    assert lan.hears()[0] == f"The office returns {TITLE} to be mended:"


def test_two_ticks_at_once_tell_once(office: Office, lan: Phone, minh: Phone) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, "[Accept]")
    office.wait(minutes=5)
    start = threading.Barrier(2)

    def work() -> int:
        start.wait()
        return tick(office)

    with ThreadPoolExecutor(2) as threads:
        written = [threads.submit(work) for _number in range(2)]
        assert sorted(one.result(60) for one in written) == [0, 1]
    assert lan.hears()[0] == f"The office has accepted {TITLE}. Thank you!"


# Two officers


def test_of_two_officers_one_decides_and_the_other_is_told_by_whom(
    office: Office, lan: Phone, minh: Phone, nga: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN)
    office.wait(minutes=10)
    opened = says_all(nga, "/duyet", OF_LAN)
    assert opened[2] == "Minh began to review it, 09:00 today."
    says_all(nga, *RETURN, "[Skip]")
    minh.says("[Accept]")
    assert nga.says("[Return for correction]")[0] == "Minh accepted this report, 09:10 today."
    office.wait(minutes=1)
    minh.says("[Undo]")
    says_all(nga, "/duyet", OF_LAN, *RETURNED)
    minh.says("/duyet")
    with Session(office.engine) as session:
        review_id = session.exec(select(Review.id).where(Review.verdict == Verdict.RETURNED)).one()
        report_id = session.exec(select(Review.report_id)).first()
    for action in (f"show:accept:{review_id}", f"show:review:{report_id}"):
        minh.gives(Picked(action))
        minh.plays("""
            Nga returned this report, 09:11 today.
            [Read it] [Reports to review]
        """)


@only_with_buttons
def test_a_verdict_on_a_version_that_was_followed_by_another_is_none(
    office: Office, lan: Phone, minh: Phone, nga: Phone
) -> None:
    hand_in(lan)
    says_all(nga, "/duyet", OF_LAN)
    says_all(minh, "/duyet", OF_LAN, *RETURNED)
    says_all(lan, "/han", f"[Mend {TITLE}]", "8", "[Submit]")
    nga.hears()
    assert nga.says("[Accept]")[0] == "Minh returned this report, 09:00 today."
    assert state(office) is State.SUBMITTED


@only_on_postgres
@only_with_buttons
def test_exactly_one_of_two_officers_at_once_decides(
    office: Office, lan: Phone, minh: Phone, nga: Phone
) -> None:
    hand_in(lan)
    for officer in (minh, nga):
        says_all(officer, "/duyet", OF_LAN)
    with Session(office.engine) as session:
        review_id = session.exec(select(Review.id)).one()
    start = threading.Barrier(2)

    def work(officer: Phone) -> None:
        start.wait()
        officer.gives(Picked(f"show:accept:{review_id}"))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work, phone) for phone in (minh, nga)]:
            done.result(60)
    heard = {phone.name: phone.hears()[0] for phone in (minh, nga)}
    won = next(name for name, line in heard.items() if line.startswith("Accepted"))
    lost = next(line for name, line in heard.items() if name != won)
    assert lost == f"{won} accepted this report, 09:00 today."
    with Session(office.engine) as session:
        accepts = session.exec(select(Audit).where(Audit.change == "accept")).all()
    assert len(accepts) == 1


def test_time_that_was_given_meanwhile_outlives_an_undone_return(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, *RETURN, "5/11", "[Return for correction]")
    with Session(office.engine) as session:
        report = session.exec(select(Report).where(Report.state == State.RETURNED)).one()
        by = session.exec(select(Review.decided_by_id)).one()
        until = date(2026, 11, 10)
        asked = extensions.ask(session, report, until, "flood", by or 0, office.now)
        extensions.grant(session, asked, report, until, by or 0, office.now, until)
        session.commit()
    minh.says("[Undo]")
    assert due_on(office) == until


def test_no_reminder_tells_of_a_return_that_may_still_be_undone(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, *RETURNED)
    assert remind(office.engine, office.desk, office.now, MACHINE_NOW) == 0
    office.wait(minutes=5)
    assert tick(office) == 1
    assert remind(office.engine, office.desk, office.now, MACHINE_NOW) == 1


# Many at once


def test_clean_ones_are_accepted_together_after_a_look_at_the_list(
    office: Office, lan: Phone, mai: Phone, minh: Phone
) -> None:
    hand_in(lan, mai)
    minh.says("/duyet")
    minh.plays(f"""
        > [Accept 2 clean reports]
        Accept these? On time, without a mark, every remark answered.
        • {TITLE} (2): Trường TH Lê Lợi, Trường TH Quyết Thắng
        [Yes, accept these 2] [Reports to review]
        > [Yes, accept these 2]
        Accepted: 2 reports.
        The school hears of it at 09:05 today; until then you can undo it.
        [Undo all 2] [Undo: Trường TH Lê Lợi, {TITLE}] [Undo: Trường TH Quyết Thắng, …
        > [Undo: Trường TH Lê Lợi, {TITLE}]
        Undone: {TITLE}, Trường TH Lê Lợi, waits for your review again.
        [Review it] [Reports to review]
    """)
    office.wait(minutes=5)
    assert (tick(office), lan.hears()) == (1, [])
    assert mai.hears()[0] == f"The office has accepted {TITLE}. Thank you!"


def test_all_that_were_accepted_together_are_undone_together(
    office: Office, lan: Phone, mai: Phone, minh: Phone
) -> None:
    hand_in(lan, mai)
    accept = ("/duyet", "[Accept 2 clean reports]", "[Yes, accept these 2]")
    says_all(minh, *accept)
    office.wait(minutes=4)
    minh.plays("""
        > [Undo all 2]
        Undone: 2 reports wait for your review again.
        [Reports to review]
    """)
    says_all(minh, *accept)
    office.wait(minutes=5)
    assert minh.says("[Undo all 2]")[0] == "This can no longer be undone."
    assert (tick(office), state(office)) == (2, State.ACCEPTED)


@only_with_buttons
def test_one_of_those_accepted_together_may_be_undone_before_the_others(
    lan: Phone, mai: Phone, minh: Phone
) -> None:
    hand_in(lan, mai)
    says_all(minh, "/duyet", "[Accept 2 clean reports]", "[Yes, accept these 2]")
    minh.says(f"[Undo: Trường TH Lê Lợi, {TITLE}]")
    assert minh.says("[Undo all 2]")[0] == "Undone: 1 report waits for your review again."
    assert minh.says("[Undo all 2]")[0] == "This can no longer be undone."


@only_with_buttons
def test_a_list_that_has_changed_is_shown_again(lan: Phone, mai: Phone, minh: Phone) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", "[Accept 1 clean report]")
    hand_in(mai)
    minh.hears()
    heard = minh.says("[Yes, accept it]")
    assert heard[0] == "The list has changed meanwhile."
    assert heard[-1] == "[Yes, accept these 2] [Reports to review]"


def test_late_ones_and_those_with_a_remark_left_are_not_clean(
    office: Office, lan: Phone, mai: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, *RETURNED)
    says_all(lan, "/han", f"[Mend {TITLE}]", "[Keep this answer]", "[Submit]")
    begin(mai, *FILLED)
    office.wait(days=4)
    mai.says("[Submit]")
    minh.hears()
    heard = minh.says("/duyet")
    assert heard[-1] == (
        f"[(version 2) Trường TH Lê Lợi: {TITLE}] [(late) Trường TH Quyết Thắng: {TITLE}]"
    )


# Recall


def test_a_school_takes_its_report_back_until_a_review_has_begun(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    hand_in(lan)
    minh.hears()
    lan.plays("""
        > [Recall it]
        Fire safety tháng 10/2026 is taken back. Everything you answered is kept.
        [Continue Fire safety tháng 10/2026] [What is due]
    """)
    assert state(office) is State.DRAFT
    assert minh.hears() == [f"Trường TH Lê Lợi took {TITLE} back to change it."]
    assert hoa.hears()[-2:] == [f"Lan took {TITLE} back to change it.", "[What is due]"]
    assert says_all(lan, f"[Continue {TITLE}]")[0] == f"{TITLE}: check your answers"
    lan.says("[Submit]")
    office.wait(minutes=3)
    says_all(minh, "/duyet", f"[(version 2) Trường TH Lê Lợi: {TITLE}]")
    hoa.hears()
    says_all(hoa, "/han", "[Handed in (1)]", f"[Read {TITLE}]")
    hoa.plays("""
        > [Recall it]
        Minh of the office began to review Fire safety tháng 10/2026, 09:03 today; it cannot …
        [Read Fire safety tháng 10/2026]
    """)
    assert state(office) is State.SUBMITTED


@only_on_postgres
@only_with_buttons
def test_of_a_recall_and_a_review_at_once_one_comes_first(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    with Session(office.engine) as session:
        sent = session.exec(select(Submission)).one()
        actions = {"Lan": f"show:recall:{sent.id}", "Minh": f"show:review:{sent.report_id}"}
    minh.hears()
    start = threading.Barrier(2)

    def work(phone: Phone) -> None:
        start.wait()
        phone.gives(Picked(actions[phone.name]))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work, phone) for phone in (lan, minh)]:
            done.result(60)
    recalled = "is taken back" in lan.hears()[0]
    with Session(office.engine) as session:
        begun = session.exec(select(Review)).all()
    assert (state(office) is State.DRAFT) is recalled
    assert bool(begun) is not recalled


def test_reading_it_begins_no_review(office: Office, lan: Phone, minh: Phone) -> None:
    hand_in(lan)
    minh.hears()
    minh.says("[Read it]")
    lan.says("[Recall it]")
    assert state(office) is State.DRAFT


@only_with_buttons
def test_what_is_decided_or_not_the_last_version_is_not_taken_back(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    says_all(minh, "/duyet", OF_LAN, *RETURNED)
    assert "began to review" in lan.says("[Recall it]")[0]
    says_all(lan, "/han", f"[Mend {TITLE}]", "8")
    take_back = lan.labels["Recall it"]
    lan.says("[Submit]")
    lan.labels["Recall it"] = take_back
    assert "no longer with the office" in lan.says("[Recall it]")[0]
    assert state(office) is State.SUBMITTED


# Versions


def test_versions_stay_as_they_were_sent_and_can_be_compared(
    office: Office, lan: Phone, minh: Phone
) -> None:
    hand_in(lan)
    for number in ("7", "8"):
        says_all(lan, "[Recall it]", f"[Continue {TITLE}]", "[Change an answer]")
        label = next(label for label in lan.labels if label.startswith(f"2. {int(number) - 1} –"))
        says_all(lan, f"[{label}]", number, "[Submit]")
    with Session(office.engine) as session:
        numbers = session.exec(
            select(Submission.version, Answer.value)
            .join(Answer)
            .where(Answer.key == "extinguishers")
            .order_by(col(Submission.version))
        ).all()
    assert [tuple(row) for row in numbers] == [(1, 6), (2, 7), (3, 8)]
    minh.hears()
    says_all(minh, "/tinhhinh", f"[{TITLE} (1/2)]", "[Read Trường TH Lê Lợi (version 3)]")
    minh.plays("""
        > [What changed]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        Changed since version 2:
        • How many extinguishers work?: 7 → now 8
        [Version 1 to 2] [Back to the report]
        > [Version 1 to 2]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        Changed since version 1:
        • How many extinguishers work?: 6 → now 7
        [Version 2 to 3] [Back to the report]
    """)
