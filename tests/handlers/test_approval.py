"""The head of school approves what leaves the school, or sends it back item by item."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.nudging import remind
from bot.verdicts import offer_to_send_alone
from core.review import State
from core.roles import Role, Standing
from core.screen import Picked
from storage import people, plans
from storage.checklists import Approval, Duty
from storage.people import Person, Post
from storage.plan_items import BadPlan
from storage.reports import Report
from storage.submissions import Submission
from tests.conftest import PLAN, someone
from tests.handlers.test_nudge import LATER
from tests.handlers.test_report import FILLED, begin
from tests.phone import HANOI, MACHINE_NOW, Office, Phone

TITLE = "Fire safety tháng 10/2026"
PRESENT = "[Present to the head of school]"
APPROVE = "[Approve and send to the office]"
ALONE = f"[Send {TITLE} without approval]"
EXTINGUISHERS = "[How many extinguishers work?]"


def ask_heads(office: Office) -> None:
    """From now on every duty needs the head's word."""
    with Session(office.engine) as session:
        for duty in session.exec(select(Duty)):
            duty.approval = Approval.HEAD
        session.commit()


def state(office: Office, title: str = TITLE) -> State:
    """Of Lê Lợi's report, the first school's."""
    with Session(office.engine) as session:
        mine = select(Report).where(Report.title == title).order_by(col(Report.unit_id))
        return session.exec(mine.limit(1)).one().state


def says_all(phone: Phone, *lines: str) -> list[str]:
    """What is shown after the last of them."""
    heard: list[str] = []
    for line in lines:
        heard = phone.says(line)
    return heard


def offer(office: Office) -> int:
    offer_to_send_alone(office.engine, HANOI, office.now)
    return remind(office.engine, office.desk, office.now, MACHINE_NOW)


@pytest.fixture(autouse=True)
def _heads_are_asked(office: Office) -> None:
    ask_heads(office)


def test_a_report_goes_to_the_office_with_the_head_s_word(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    begin(lan, *FILLED)
    lan.plays(f"""
        > {PRESENT}
        Fire safety tháng 10/2026 is presented to Hoa for approval.
        You will hear here when it goes to the office, or what is to be mended.
        [What else is due?]
        > /han
        1 report is due:
        No date set yet
        • Safety plan: the office has not set a date yet
        Waiting for the head of school
        • Fire safety tháng 10/2026: presented 09:00 today
        Coming: Fire safety tháng 11/2026, …
        [Fill in Safety plan]
    """)
    assert minh.hears() == []
    assert state(office) is State.AWAITING_HEAD
    with Session(office.engine) as session:
        report_id = session.exec(select(Submission.report_id)).one()
    lan.gives(Picked(f"open:report:{report_id}"))
    assert lan.hears()[0] == f"{TITLE} waits for the head of school."
    hoa.plays(f"""
        Fire safety tháng 10/2026: may it go to the office?
        Written by Lan, presented 09:00 today.
        Due before 30 October.
        • Are all exits clear? → Yes
        • How many extinguishers work? → 6
        • Send photos of the main exit. → 1 file: exit.jpg
        [Approve and send to the office] [Send back] [Call the writer] [Get the files (1)]
        > {APPROVE}
        Fire safety tháng 10/2026 is handed in. Thank you!
        Receipt …, 09:00 today.
        Received: 3 answers, 1 files.
        Files are still being fetched; you will hear if one is missing.
        [What else is due?] [Recall it]
    """)
    assert lan.hears()[:2] == [
        "Hoa of your school sent this:",
        "Fire safety tháng 10/2026 is handed in. Thank you!",
    ]
    assert minh.hears()[0] == "Trường TH Lê Lợi handed in Fire safety tháng 10/2026."
    assert state(office) is State.SUBMITTED


def test_the_head_gets_the_files_and_the_writer_s_number(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED, PRESENT)
    hoa.hears()
    assert hoa.says("[Call the writer]")[0] == "Lan has given no phone number."
    with Session(office.engine) as session:
        session.exec(select(Person).where(Person.name == "Lan")).one().phone = "0912345678"
        session.commit()
    hoa.says("[Back to the report]")
    hoa.plays("""
        > [Call the writer]
        Lan: +84912345678
        [Back to the report]
    """)
    hoa.says("[Back to the report]")
    hoa.plays("""
        > [Get the files (1)]
        Files of Fire safety tháng 10/2026
        (exit.jpg)
        [Back to the report]
    """)
    assert hoa.says("[Back to the report]")[0] == f"{TITLE}: may it go to the office?"


def test_sent_back_it_opens_with_each_remark_beside_its_item(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED, PRESENT)
    hoa.hears()
    hoa.plays(f"""
        > [Send back]
        Send back Fire safety tháng 10/2026
        Which item is to be mended?
        [Are all exits clear?] [How many extinguishers work?] [Anything to add?] …
        > {EXTINGUISHERS}
        Send back Fire safety tháng 10/2026 (2/3)
        What is to be mended?
        How many extinguishers work?
        Your words will stand beside the item.
        [Back]
        > Count the one in the kitchen.
        Send back Fire safety tháng 10/2026 (3/3)
        Is another item to be mended?
        [That is all] [Are all exits clear?] [Anything to add?] [Send photos …] [Back]
        > [Send photos of the main exit.]
        Send back Fire safety tháng 10/2026 (4/5)
        What is to be mended?
        Send photos of the main exit.
        Your words will stand beside the item.
        [Back]
        > Too dark.
        Send back Fire safety tháng 10/2026 (5/5)
        Is another item to be mended?
        [That is all] [Are all exits clear?] [Anything to add?] [Back]
        > [That is all]
        Send back Fire safety tháng 10/2026: check your answers
        1. Which item is to be mended? → How many extinguishers work?
        2. What is to be mended? → Count the one in the kitchen.
        3. Is another item to be mended? → Send photos of the main exit.
        4. What is to be mended? → Too dark.
        5. Is another item to be mended? → That is all
        [Send back] [Change an answer] [Cancel]
        > [Send back]
        Fire safety tháng 10/2026 is sent back to its writer.
        [Open the menu]
    """)
    assert state(office) is State.DRAFT
    lan.plays("""
        Hoa asks you to mend Fire safety tháng 10/2026 before it goes to the office.
        • How many extinguishers work?: Count the one in the kitchen.
        • Send photos of the main exit.: Too dark.
        [Mend Fire safety tháng 10/2026]
        > [Mend Fire safety tháng 10/2026]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        ↳ Hoa, head of school: Count the one in the kitchen.
        Your answer so far: 6
        [Keep this answer] [Back]
        > 7
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        ↳ Hoa, head of school: Too dark.
        Your answer so far: 1 file: exit.jpg
        [Done] [Send them again from the start] [Back]
        > [Done]
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → Yes
        2. How many extinguishers work? → 7
        ↳ Hoa, head of school: Count the one in the kitchen.
        3. Anything to add? → skipped
        4. Send photos of the main exit. → 1 file: exit.jpg
        ↳ Hoa, head of school: Too dark.
        [Present to the head of school] [Change an answer]
    """)
    lan.says(PRESENT)
    assert hoa.hears()[-3:-1] == [
        "Changed since it was sent back:",
        "• How many extinguishers work?: 6 → now 7",
    ]


def test_a_colleague_goes_on_with_what_is_left_to_mend(
    office: Office, channel: str, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED, PRESENT)
    hoa.hears()
    remarks = ("[Send back]", EXTINGUISHERS, "All?", "[Anything to add?]", "Say more.")
    says_all(hoa, *remarks, "[That is all]", "[Send back]")
    lan.hears()
    says_all(lan, f"[Mend {TITLE}]", "7")
    mai = someone(office, channel, "Mai", "LL", Role.REPORTER)
    heard = says_all(mai, "/han", f"[Continue {TITLE}]", "[Go on in place of Lan]")
    assert heard[1:3] == ["Anything to add?", "↳ Hoa, head of school: Say more."]


def test_an_item_is_asked_again_with_the_note_on_it_whoever_has_left(
    lan: Phone, hoa: Phone
) -> None:
    begin(lan, "[No]", "One is blocked.", *FILLED[1:], PRESENT)
    hoa.hears()
    says_all(hoa, "[Send back]", "[Are all exits clear?]", "Which?", "[That is all]")
    says_all(hoa, "[Send back]", "/toi", "[Erase my data]", "[Erase my data]")
    lan.hears()
    lan.says(f"[Mend {TITLE}]")
    lan.plays("""
        > [Keep this answer]
        Fire safety tháng 10/2026 (2/5)
        Would you like to add a note?
        Are all exits clear?
        Your answer so far: One is blocked.
        [Keep this answer] [Skip] [Back]
        > The back door.
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → No
        ↳ somebody who has left, head of school: Which?
        2. Would you like to add a note? → The back door.
        3. How many extinguishers work? → 6
        4. Anything to add? → skipped
        5. Send photos of the main exit. → 1 file: exit.jpg
        [Submit] [Change an answer]
    """)


def test_nobody_is_reminded_of_what_waits_for_the_head(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED)
    office.wait(minutes=21)  # in which nobody who fills in a form is disturbed
    assert remind(office.engine, office.desk, office.now, MACHINE_NOW) == 2
    lan.does(PRESENT)
    assert "A reminder: 1 report" not in [*lan.hears(), *hoa.hears()]
    office.wait(days=2)
    assert remind(office.engine, office.desk, office.now, MACHINE_NOW) == 0


def test_a_card_from_before_it_was_mended_approves_nothing(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED, PRESENT)
    hoa.hears()
    with Session(office.engine) as session:
        draft_id = session.exec(select(Submission.id)).one()
    says_all(hoa, "[Send back]", EXTINGUISHERS, "All?", "[That is all]", "[Send back]")
    lan.hears()
    hoa.gives(Picked(f"show:approve:{draft_id}.1"))
    assert hoa.hears()[0] == f"{TITLE} is with its writer."
    says_all(lan, f"[Mend {TITLE}]", "7", PRESENT)
    hoa.hears()
    hoa.gives(Picked(f"show:approve:{draft_id}.1"))
    assert hoa.hears()[:2] == [
        "That button is from earlier. You are here:",
        f"{TITLE}: may it go to the office?",
    ]
    assert state(office) is State.AWAITING_HEAD


def test_of_two_heads_one_decides_and_the_other_is_told(
    office: Office, channel: str, lan: Phone, hoa: Phone
) -> None:
    deputy = someone(office, channel, "Sơn", "LL", Role.HEAD)
    begin(lan, *FILLED)
    assert lan.says(PRESENT)[0] == f"{TITLE} is presented to Hoa, Sơn for approval."
    assert deputy.hears() == hoa.hears() != []
    hoa.says(APPROVE)
    deputy.hears()
    with Session(office.engine) as session:
        draft_id = session.exec(select(Submission.id)).one()
    for action in ("show:approve", "open:sendback"):
        deputy.gives(Picked(f"{action}:{draft_id}"))
        assert deputy.hears()[0] == "Hoa sent it to the office, 09:00 today."


@pytest.mark.parametrize(
    ("written", "approval"),
    [('approval = "none"', "none"), ('approval = "head"', "head"), ("", "head")],
)
def test_a_plan_says_of_each_duty_whether_the_head_approves(
    tmp_path: Path, written: str, approval: str
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.read_text(encoding="utf-8").replace('approval = "none"', written))
    assert [duty.approval for duty in plans.read_plan(plan).duty] == [approval, approval]


def test_a_plan_that_names_another_approval_is_refused(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        PLAN.read_text(encoding="utf-8").replace('"none"\n\n[[duty', '"all"\n\n[[duty')
    )
    with pytest.raises(BadPlan, match=r"duty.0.approval"):
        plans.read_plan(plan)


def test_a_head_who_writes_sends_at_once(hoa: Phone, minh: Phone) -> None:
    begin(hoa, *FILLED)
    assert hoa.says("[Submit]")[0] == f"{TITLE} is handed in. Thank you!"
    assert minh.hears()


def test_who_holds_both_posts_sends_at_once(office: Office, lan: Phone) -> None:
    with Session(office.engine) as session:
        post = session.exec(select(Post)).one()
        active = Standing.ACTIVE
        person, unit = post.person_id, post.unit_id
        people.give_post(session, person, unit, Role.HEAD, office.now, standing=active)
        session.commit()
    begin(lan, *FILLED)
    assert lan.says("[Submit]")[0] == f"{TITLE} is handed in. Thank you!"


def test_a_school_without_a_head_is_not_stuck(lan: Phone) -> None:
    begin(lan, *FILLED)
    assert lan.says("[Submit]")[0] == f"{TITLE} is handed in. Thank you!"


def test_a_head_who_leaves_in_between_holds_nothing_up(lan: Phone, hoa: Phone) -> None:
    begin(lan, *FILLED, PRESENT)
    says_all(hoa, "/toi", "[Erase my data]", "[Erase my data]")
    lan.says("/han")
    assert lan.says(ALONE)[0] == f"{TITLE} is handed in. Thank you!"


def test_the_card_says_what_changed_since_the_last_period(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED, PRESENT)
    hoa.hears()
    hoa.says(APPROVE)
    office.now = datetime(2026, 11, 12, 9, tzinfo=HANOI)
    november = "[Fill in Fire safety tháng 11/2026]"
    begin(lan, "[No]", "One is blocked.", *FILLED[1:], PRESENT, report=november)
    assert hoa.hears()[-4:-1] == [
        "Changed since Fire safety tháng 10/2026:",
        "• Are all exits clear?: Yes → now No",
        "• Would you like to add a note?: no answer → now One is blocked.",
    ]


def test_in_vietnamese(office: Office, channel: str) -> None:
    lan = someone(office, channel, "Lan", "LL", Role.REPORTER, language="vi")
    hoa = someone(office, channel, "Hoa", "LL", Role.HEAD, language="vi")
    filled = ("[Có]", "6", "[Bỏ qua]", "(exit.jpg)", "[Xong]")
    says_all(lan, "/han", f"[Làm: {TITLE}]", *filled)
    lan.plays(f"""
        > [Trình]
        Đã trình Hoa duyệt {TITLE}.
        Khi báo cáo được gửi Phòng hoặc cần sửa, thầy/cô sẽ được báo ở đây.
        [Báo cáo còn lại]
    """)
    hoa.plays(f"""
        {TITLE}: thầy/cô có duyệt gửi Phòng không?
        Người soạn: Lan, trình lúc 09:00 hôm nay.
        Hạn: trước 30/10.
        • Are all exits clear? → Có
        • How many extinguishers work? → 6
        • Send photos of the main exit. → 1 tệp (exit.jpg)
        [Duyệt gửi Phòng] [Trả lại] [Gọi người soạn] [Lấy tệp (1)]
    """)
    office.wait(hours=24)
    assert lan.says("/han")[-1] == f"[Làm: Safety plan] [Gửi “chờ duyệt”: {TITLE}]"


# A head who does not answer


def test_after_a_day_of_silence_the_writer_may_send_it_with_a_mark(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    begin(lan, *FILLED, PRESENT)
    office.wait(hours=23, minutes=59)
    assert offer(office) == 0
    assert ALONE not in " ".join(says_all(lan, "/han"))
    office.wait(minutes=1)
    assert offer(office) == 0
    lan.hears()
    hoa.hears()
    office.wait(hours=22, minutes=15)
    assert offer(office) == 2
    assert offer(office) == 0
    hoa.plays(f"""
        A reminder
        These have waited for your word for 24 hours; their writers may send them now
        • {TITLE}
        [What is due] [Decide about {TITLE}] {LATER}
    """)
    lan.plays(f"""
        A reminder
        The head of school has not answered for 24 hours; you may send it without them
        • Fire safety tháng 10/2026
        [What is due] [Send Fire safety tháng 10/2026 without approval] {LATER}
        > /nop
        Which report shall we fill in?
        [Fill in Safety plan] [Send Fire safety tháng 10/2026 without approval]
        > {ALONE}
        Fire safety tháng 10/2026 is handed in. Thank you!
        Receipt …, 07:15 today.
        Received: 3 answers, 1 files.
        The head of school has not approved it: asked, but silent for 24 hours.
        Files are still being fetched; you will hear if one is missing.
        [What else is due?] [Recall it]
    """)
    mark = "The head of school has not approved it: asked, but silent for 24 hours."
    news = hoa.hears()
    assert mark in news
    assert news[-1] == "[What else is due?] [Recall it]"
    assert minh.hears()[1] == mark
    assert minh.says("[Read it]")[2] == mark
    says_all(minh, "/tinhhinh", "[Fire safety tháng 10/2026 (1/2)]")
    assert "Read Trường TH Lê Lợi (head of school has not approved)" in minh.labels
    queue = minh.says("/duyet")
    assert queue[-1] == f"[(head of school has not approved) Trường TH Lê Lợi: {TITLE}]"


def test_too_early_it_is_not_sent_alone(office: Office, lan: Phone, hoa: Phone) -> None:
    begin(lan, *FILLED, PRESENT)
    with Session(office.engine) as session:
        draft_id = session.exec(select(Submission.id)).one()
    lan.gives(Picked(f"show:alone:{draft_id}.1"))
    assert lan.hears()[0].startswith("The head of school still has time to answer")
    assert state(office) is State.AWAITING_HEAD
    assert hoa.hears()


def test_nothing_is_offered_at_night_or_once_it_is_decided(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, *FILLED, PRESENT)
    office.wait(hours=38)  # 23:00 on the next day
    assert offer(office) == 0
    hoa.hears()
    hoa.says(APPROVE)
    office.wait(hours=9)
    assert offer(office) == 0


def test_the_officer_s_message_lists_what_waits_for_them_and_for_heads(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.HEAD)
    begin(lan, *FILLED, PRESENT)
    begin(mai, *FILLED, "[Submit]")
    assert hoa.hears()
    assert len(minh.hears()) == 2
    office.now = datetime(2026, 10, 29, 7, 15, tzinfo=HANOI)
    offer(office)
    minh.plays(f"""
        1 report waits for your review:
        • Trường TH Quyết Thắng: {TITLE}
        Waiting for the head of school for more than a day
        • Trường TH Lê Lợi: {TITLE}
        [Reports to review (1)] {LATER}
    """)
    office.wait(days=1)
    offer(office)
    assert minh.hears() == []


def test_the_offer_comes_at_once_where_tomorrow_is_too_late(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    office.wait(days=2)
    begin(lan, *FILLED, PRESENT)
    office.wait(hours=24)  # the last day
    assert offer(office) == 2
    assert ALONE in lan.hears()[-1]
    assert ALONE not in " ".join(hoa.hears())


def test_the_head_finds_the_card_again_among_what_is_due(lan: Phone, hoa: Phone) -> None:
    begin(lan, *FILLED, PRESENT)
    hoa.hears()
    assert hoa.says("/han")[-1] == f"[Fill in Safety plan] [Decide about {TITLE}]"
    assert hoa.says(f"[Decide about {TITLE}]")[0] == f"{TITLE}: may it go to the office?"
