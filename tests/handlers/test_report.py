"""Fill in a report and submit it: the main job, as its school and its office see it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.channels.base import Edited, Incoming, Unknown
from bot.i18n import say
from core.review import State
from core.roles import Role
from core.screen import Picked, Typed
from handlers import arrival
from storage import plans, submissions
from storage.files import Arrival, Upload
from storage.reports import Report
from storage.submissions import Submission
from tests.conftest import PLAN as PLAN_FILE
from tests.conftest import someone
from tests.phone import Office, Phone, photo

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

FIRE, PLAN = "[Fill in Fire safety tháng 10/2026]", "[Fill in Safety plan]"
GO_ON = "[Continue Fire safety tháng 10/2026]"
SO_FAR = "Your answer so far: "
FILLED = ("[Yes]", "6", "[Skip]", "(exit.jpg)", "[Done]")


def begin(phone: Phone, *then: str, report: str = FIRE) -> None:
    """Open a report and answer its first questions."""
    for line in ("/due", report, *then):
        phone.says(line)


def answers(office: Office) -> dict[str, Any]:
    with Session(office.engine) as session:
        begun = session.exec(select(Submission).order_by(col(Submission.id))).all()
        return {k: v for one in begun for k, v in submissions.answers(session, one).items()}


# The whole of it


def test_a_report_is_filled_in_checked_and_handed_in(lan: Phone) -> None:
    lan.plays("""
        > /due
        2 reports are due:
        Within seven days
        • Fire safety tháng 10/2026: before 30 October, better sent on Thursday 29 October …
        No date set yet
        • Safety plan: the office has not set a date yet
        Coming: Fire safety tháng 11/2026, …; opens on 10 November 2026.
        [Fill in Fire …] [Fill in Safety plan] [Ask for more time] [Into my calendar]
        > [Fill in Fire safety tháng 10/2026]
        Fire safety tháng 10/2026 (1/4)
        Are all exits clear?
        Clause II.1, document 7/KH
        [Yes] [No]
        > [Yes]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        [Back]
        > 6
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        [Skip] [Back]
        > [Skip]
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        [Back]
        > (exit.jpg)
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 1 file: exit.jpg
        [Done] [Send them again from the start] [Back]
        > [Done]
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → Yes
        2. How many extinguishers work? → 6
        3. Anything to add? → skipped
        4. Send photos of the main exit. → 1 file: exit.jpg
        [Submit] [Change an answer]
        > [Submit]
        Fire safety tháng 10/2026 is handed in. Thank you!
        Receipt …, 09:00 today.
        Received: 3 answers, 1 files.
        Files are still being fetched; you will hear if one is missing.
        [What else is due?] [Recall it]
        > [What else is due?]
        1 report is due:
        No date set yet
        • Safety plan: the office has not set a date yet
        Coming: Fire safety tháng 11/2026, …
        [Fill in Safety plan] [Handed in (1)]
    """)


def test_both_posts_of_the_school_and_the_office_hear_of_it(
    lan: Phone, hoa: Phone, minh: Phone
) -> None:
    begin(lan, *FILLED, "[Submit]")
    hoa.plays("""
        Lan of your school sent this:
        Fire safety tháng 10/2026 is handed in. Thank you!
        Receipt …, 09:00 today.
        Received: 3 answers, 1 files.
        Files are still being fetched; you will hear if one is missing.
        [What else is due?] [Recall it]
    """)
    minh.plays("""
        Trường TH Lê Lợi handed in Fire safety tháng 10/2026.
        [Read it]
        > [Read it]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        Sent by Lan, 09:00 today; receipt ….
        • Are all exits clear? → Yes
        • How many extinguishers work? → 6
        • Send photos of the main exit. → 1 file: exit.jpg
        [Review it] [Get the files (1)] [Who has handed in] [More]
    """)


def test_only_officers_of_its_topic_hear_of_it_where_there_are_any(
    office: Office, channel: str, lan: Phone
) -> None:
    of_topic = someone(office, channel, "Bình", "PHONG", Role.OFFICER, topics=["safety"])
    of_another = someone(office, channel, "Chi", "PHONG", Role.OFFICER, topics=["food"])
    admin = someone(office, channel, "An", "PHONG", Role.ADMIN)
    begin(lan, *FILLED, "[Submit]")
    assert of_topic.hears()[0] == "Trường TH Lê Lợi handed in Fire safety tháng 10/2026."
    assert of_another.hears() == admin.hears() == []


def test_an_administrator_hears_of_it_where_there_is_no_officer(
    office: Office, channel: str, lan: Phone
) -> None:
    admin = someone(office, channel, "An", "PHONG", Role.ADMIN)
    begin(lan, *FILLED, "[Submit]")
    assert admin.hears()[0] == "Trường TH Lê Lợi handed in Fire safety tháng 10/2026."


def test_after_the_deadline_it_is_taken_and_called_late(office: Office, lan: Phone) -> None:
    begin(lan, *FILLED)
    office.wait(days=4)
    heard = lan.says("[Submit]")
    assert heard[0] == "Fire safety tháng 10/2026 is handed in, after its deadline. Thank you!"


def test_in_vietnamese(office: Office, channel: str) -> None:
    lan = someone(office, channel, "Lan", "LL", Role.REPORTER, language="vi")
    lan.plays("""
        > /han
        Trường mình còn 2 báo cáo phải nộp:
        Trong 7 ngày tới
        • Fire safety tháng 10/2026: trước 30/10 (nên gửi thứ Năm 29/10), còn 3 ngày
        Chưa có hạn
        • Safety plan: Phòng chưa ấn định ngày
        Sắp tới: Fire safety tháng 11/2026, trước 30/11 (nên gửi thứ Sáu 27/11); mở từ 10/11/2026.
        [Làm: Fire safety tháng 10/2026] [Làm: Safety plan] [Xin gia hạn] [Đưa vào lịch]
        > [Làm: Fire safety tháng 10/2026]
        Fire safety tháng 10/2026 (1/4)
        Are all exits clear?
        Mục II.1, văn bản 7/KH
        [Có] [Không]
        > [Không]
        Fire safety tháng 10/2026 (2/5)
        Ghi chú thêm, nếu có
        Are all exits clear?
        [Bỏ qua] [Quay lại]
        > Một tủ chắn lối ra
        Fire safety tháng 10/2026 (3/5)
        How many extinguishers work?
        [Quay lại]
        > sáu bình
        Thầy/cô gửi một số nguyên từ 0 đến 500, ví dụ 12.
        Fire safety tháng 10/2026 (3/5)
        How many extinguishers work?
        [Quay lại]
        > 6
        Fire safety tháng 10/2026 (4/5)
        Anything to add?
        [Bỏ qua] [Quay lại]
        > [Bỏ qua]
        Fire safety tháng 10/2026 (5/5)
        Send photos of the main exit.
        [Quay lại]
        > (exit.jpg)
        Fire safety tháng 10/2026 (5/5)
        Send photos of the main exit.
        Đã trả lời: 1 tệp (exit.jpg)
        [Xong] [Gửi lại từ đầu] [Quay lại]
        > [Xong]
        Fire safety tháng 10/2026: xem lại trước khi gửi
        1. Are all exits clear? → Không
        2. Ghi chú thêm, nếu có → Một tủ chắn lối ra
        3. How many extinguishers work? → 6
        4. Anything to add? → bỏ qua
        5. Send photos of the main exit. → 1 tệp (exit.jpg)
        [Nộp] [Sửa câu trả lời]
        > [Nộp]
        Đã nộp Fire safety tháng 10/2026. Cảm ơn thầy/cô.
        Mã biên nhận: …, 09:00 hôm nay.
        Phòng đã nhận: 4 câu trả lời, 1 tệp.
        Đang tải tệp về; nếu thiếu tệp nào, thầy/cô sẽ được báo.
        [Báo cáo còn lại] [Thu hồi]
    """)


# Each kind of question, and what does not answer it


def test_yes_or_no_with_a_note_after_the_answer_that_invites_one(lan: Phone) -> None:
    begin(lan)
    lan.plays("""
        > perhaps
        Please choose Yes or No.
        Fire safety tháng 10/2026 (1/4)
        Are all exits clear?
        Clause II.1, document 7/KH
        [Yes] [No]
        > [No]
        Fire safety tháng 10/2026 (2/5)
        Would you like to add a note?
        Are all exits clear?
        [Skip] [Back]
        > The back door is blocked.
        Fire safety tháng 10/2026 (3/5)
        How many extinguishers work?
        [Back]
    """)


def test_a_whole_number_within_bounds(lan: Phone) -> None:
    begin(lan, "[Yes]")
    for wrong in ("about six", "501", "-1", "2,5", "{0912345678}"):
        hint, *asked = lan.says(wrong)
        assert hint == "Please send a whole number from 0 to 500, such as 12."
        assert asked[1] == "How many extinguishers work?"
    lan.plays("""
        > 2
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        [Skip] [Back]
    """)


def test_a_text_of_a_certain_length(lan: Phone) -> None:
    begin(lan, "[Yes]", "6")
    assert lan.says("x" * 1001)[0] == "Please send a text of up to 1,000 characters."
    assert lan.says("   ")[0] == "Please send a text of up to 1,000 characters."
    assert lan.says("x" * 1000)[1] == "Send photos of the main exit."


def test_one_choice_and_a_date(lan: Phone) -> None:
    begin(lan, report=PLAN)
    lan.plays("""
        > the third
        Please choose one of the answers shown.
        Safety plan (1/4)
        Which plan?
        [The old one] [A new one]
        > [A new one]
        Safety plan (2/5)
        When was it signed?
        The day on its first page.
        [Today] [Yesterday] [Back]
        > one day
        Please send a date such as 5/6, 05-06-2026 or tomorrow.
        Safety plan (2/5)
        When was it signed?
        The day on its first page.
        [Today] [Yesterday] [Back]
        > 5/6
        Safety plan (3/5)
        What does it cover?
        [Fire] [Water] [Traffic] [Done] [Back]
        > [Back]
        Safety plan (2/5)
        When was it signed?
        The day on its first page.
        Your answer so far: 5 June 2026
        [Today] [Yesterday] [Keep this answer] [Back]
        > [Yesterday]
        Safety plan (3/5)
        What does it cover?
        [Fire] [Water] [Traffic] [Done] [Back]
    """)


def test_several_choices_until_done(lan: Phone) -> None:
    begin(lan, "[The old one]", report=PLAN)
    lan.plays("""
        > [Done]
        Please pick at least one answer, then choose Done.
        Safety plan (2/4)
        What does it cover?
        [Fire] [Water] [Traffic] [Done] [Back]
        > [Traffic]
        Safety plan (2/4)
        What does it cover?
        Your answer so far: Traffic
        [Fire] [Water] [✓ Traffic] [Done] [Back]
        > [Fire]
        Safety plan (2/4)
        What does it cover?
        Your answer so far: Fire, Traffic
        [✓ Fire] [Water] [✓ Traffic] [Done] [Back]
        > [✓ Traffic]
        Safety plan (2/4)
        What does it cover?
        Your answer so far: Fire
        [✓ Fire] [Water] [Traffic] [Done] [Back]
        > [Done]
        Safety plan (3/4)
        How large is the yard?
        [Back]
    """)


def test_a_decimal_number_and_a_link(lan: Phone) -> None:
    begin(lan, "[The old one]", "[Fire]", "[Done]", report=PLAN)
    lan.plays("""
        > 1,234
        Please send a number from 0 to 1,000,000, such as 12,5.
        Safety plan (3/4)
        How large is the yard?
        [Back]
        > 1,25 ha
        Safety plan (4/4)
        Where is it published?
        [Skip] [Back]
        > on the board
        Please send a web address such as https://truong.edu.vn.
        Safety plan (4/4)
        Where is it published?
        [Skip] [Back]
        > truong.edu.vn/plan
        Safety plan: check your answers
        1. Which plan? → The old one
        2. What does it cover? → Fire
        3. How large is the yard? → 1.25 ha
        4. Where is it published? → https://truong.edu.vn/plan
        [Submit] [Change an answer]
    """)


# Back, skip, change, stop, go on


def test_back_and_on_again_without_saying_it_twice(lan: Phone) -> None:
    begin(lan, "[Yes]", "6")
    lan.plays("""
        > [Back]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        Your answer so far: 6
        [Keep this answer] [Back]
        > [Back]
        Fire safety tháng 10/2026 (1/4)
        Are all exits clear?
        Clause II.1, document 7/KH
        Your answer so far: Yes
        [Yes] [No] [Keep this answer]
        > [Keep this answer]
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        [Skip] [Back]
    """)


def test_an_answer_is_changed_from_the_review(lan: Phone) -> None:
    begin(lan, *FILLED)
    lan.plays("""
        > fine
        Please check your answers, then choose Submit.
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → Yes
        2. How many extinguishers work? → 6
        3. Anything to add? → skipped
        4. Send photos of the main exit. → 1 file: exit.jpg
        [Submit] [Change an answer]
        > [Change an answer]
        Which answer shall we change? Pick it, or type its number.
        [1. Yes – Are all exits clear?] [2. 6 – How many extinguishers work?] …
        > [2. 6 – How many extinguishers work?]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        Your answer so far: 6
        [Keep this answer] [Back]
        > 8
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → Yes
        2. How many extinguishers work? → 8
        3. Anything to add? → skipped
        4. Send photos of the main exit. → 1 file: exit.jpg
        [Submit] [Change an answer]
    """)


@only_with_buttons
def test_an_answer_is_named_by_its_number_and_given_in_words(lan: Phone) -> None:
    begin(lan, "yes", "6", "Skip", "(exit.jpg)", "done")
    assert lan.says("câu 9")[0] == "There is no number 9 here; the last one is 4."
    assert lan.says("1.")[:2] == ["Fire safety tháng 10/2026 (1/4)", "Are all exits clear?"]
    assert lan.says("no, none")[0] == "Please choose Yes or No."
    assert lan.says("(a.jpg)")[0] == "This question takes no photo, file or voice message."
    assert lan.says("no")[1] == "Would you like to add a note?"


def test_a_change_that_brings_a_question_up_asks_it(office: Office, lan: Phone) -> None:
    begin(lan, "[The old one]", "[Fire]", "[Done]", "2", "[Skip]", report=PLAN)
    lan.says("[Change an answer]")
    lan.plays("""
        > [1. The old one – Which plan?]
        Safety plan (1/4)
        Which plan?
        Your answer so far: The old one
        [The old one] [A new one] [Keep this answer]
        > [A new one]
        Safety plan (2/5)
        When was it signed?
        The day on its first page.
        [Today] [Yesterday] [Back]
    """)
    lan.says("5/6")
    for line in (
        "[Change an answer]",
        "[1. A new one – Which plan?]",
        "[The old one]",
        "[Submit]",
    ):
        lan.says(line)
    assert "signed" not in answers(office)  # it is no longer asked, so it is not handed in


def test_stopped_and_gone_on_with_days_later(office: Office, lan: Phone) -> None:
    office.wait(hours=5, minutes=20)
    begin(lan, "[No]", "A cupboard", "6")
    lan.plays("""
        > /huy
        Stopped. Everything you answered is kept.
        [Continue] [What is due]
        > hello
        Sorry, I did not understand that.
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)
    office.wait(days=1)
    lan.says("/due")
    lan.plays("""
        > [Continue Fire safety tháng 10/2026]
        You were in the middle of this: question 4 of 5, 14:20 yesterday.
        Fire safety tháng 10/2026 (4/5)
        Anything to add?
        [Skip] [Back]
    """)
    office.wait(days=2)
    assert lan.says("/nop")[0] == (
        "You were in the middle of this: question 4 of 5, 14:20 on 27 October 2026."
    )


def test_a_draft_stays_open_after_its_deadline(office: Office, lan: Phone) -> None:
    begin(lan, "[Yes]")
    office.wait(days=90)
    assert lan.says("6")[1] == "Anything to add?"


def test_looking_elsewhere_and_odd_messages_end_nothing(lan: Phone) -> None:
    begin(lan, "[Yes]")
    asked = ["Fire safety tháng 10/2026 (2/4)", "How many extinguishers work?", "[Back]"]
    for line in ("/due", "/start", "/trogiup", "/toi", "/nonsense", "/", "/ngonngu"):
        lan.says(line)
    lan.gives(Unknown())
    assert lan.hears() == ["I can only use text, photos and files.", *asked]
    lan.gives(Edited())
    assert lan.hears() == [
        "Changing a message that is already sent changes no answer. "
        "To correct one, choose Back, or Change an answer at the end.",
        *asked,
    ]
    assert lan.says("/nop")[1:] == asked


def test_a_new_revision_leaves_a_begun_report_as_it_is(
    office: Office, channel: str, lan: Phone, tmp_path: Path
) -> None:
    begin(lan, "[Yes]")
    before_this = '[[checklist.item]]\nkey = "extinguishers"'
    another = '[[checklist.item]]\nkey = "who"\nkind = "text"\ntext = "Who looks after them?"\n'
    publish_changed(office, tmp_path, before_this, another + before_this)
    assert lan.says("6")[0] == "Fire safety tháng 10/2026 (3/4)"
    for line in ("[Skip]", "(exit.jpg)", "[Done]"):
        lan.says(line)
    assert lan.says("[Submit]")[0] == "Fire safety tháng 10/2026 is handed in. Thank you!"
    other_school = someone(office, channel, "Mai", "QT", Role.REPORTER)
    begin(other_school)
    assert other_school.says("[Yes]")[:2] == [
        "Fire safety tháng 10/2026 (2/5)",
        "Who looks after them?",
    ]


def test_a_returned_report_opens_with_its_own_questions_and_answers(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    begin(lan, *FILLED, "[Submit]")
    publish_changed(office, tmp_path, "How many extinguishers work?", "How many are there?")
    with Session(office.engine) as session:
        report = session.exec(select(Report).where(Report.state == State.SUBMITTED)).one()
        report.state = State.RETURNED
        session.commit()
    lan.says("/due")
    lan.plays("""
        > [Mend Fire safety tháng 10/2026]
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → Yes
        2. How many extinguishers work? → 6
        3. Anything to add? → skipped
        4. Send photos of the main exit. → 1 file: exit.jpg
        [Submit] [Change an answer]
    """)
    assert lan.says("[Submit]")[0] == "Fire safety tháng 10/2026 is handed in. Thank you!"
    with Session(office.engine) as session:
        assert sorted(session.exec(select(Submission.version))) == [1, 2]


def publish_changed(office: Office, folder: Path, before: str, after: str) -> None:
    """Publish the plan again with one thing changed in a checklist."""
    changed = folder / "plan.toml"
    plan = PLAN_FILE.read_text(encoding="utf-8")
    assert plan.count(before) == 1
    changed.write_text(plan.replace(before, after), encoding="utf-8")
    with Session(office.engine) as session:
        assert plans.publish(session, plans.read_plan(changed), office.now).revisions == 1
        session.commit()


# Files


def test_photos_one_by_one_and_too_many(lan: Phone) -> None:
    begin(lan, "[Yes]", "6", "[Skip]")
    lan.says("(a.jpg)")
    lan.says("(b.jpg)")
    lan.plays("""
        > (c.jpg)
        Putting 3 photos on a numbered sheet…
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 3 files: a.jpg, b.jpg, c.jpg
        To correct the order, type for instance “remove 3” or “swap 2 4”.
        [Done] [Arrange them] [Send them again from the start] [Back]
        > (d.jpg)
        At most 3 files fit here.
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 3 files: a.jpg, b.jpg, c.jpg
        To correct the order, type for instance “remove 3” or “swap 2 4”.
        [Done] [Arrange them] [Send them again from the start] [Back]
        > [Send them again from the start]
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        [Back]
        > like this
        Please send a photo or a file here (1 at least).
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        [Back]
    """)


def send_album(phone: Phone, *names: str, large: str = "") -> list[str]:
    for name in names:
        phone.gives(photo(name, album="album", size=21 << 20 if name == large else 1000))
    return phone.hears()


def test_an_album_is_answered_once_and_counted(lan: Phone) -> None:
    begin(lan, "[Yes]", "6", "[Skip]")
    assert send_album(lan, "a.jpg", "b.jpg", "c.jpg") == [
        "Received 3 of 3 files.",
        "Putting 3 photos on a numbered sheet…",
        "Fire safety tháng 10/2026 (4/4)",
        "Send photos of the main exit.",
        "Your answer so far: 3 files: a.jpg, b.jpg, c.jpg",
        "To correct the order, type for instance “remove 3” or “swap 2 4”.",
        "[Done] [Arrange them] [Send them again from the start] [Back]",
    ]
    assert lan.says("[Done]")[0] == "Fire safety tháng 10/2026: check your answers"


def test_an_album_with_more_than_fits_says_how_many_were_taken(lan: Phone) -> None:
    begin(lan, "[Yes]", "6", "[Skip]")
    names = ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    assert send_album(lan, *names)[:2] == ["Received 3 of 5 files.", "At most 3 files fit here."]


@pytest.mark.parametrize("large", ["a.jpg", "c.jpg"])
def test_a_file_too_large_counts_in_its_album(lan: Phone, large: str) -> None:
    begin(lan, "[Yes]", "6", "[Skip]")
    heard = send_album(lan, "a.jpg", "b.jpg", "c.jpg", large=large)
    assert heard[0] == "Received 2 of 3 files."


def test_an_album_nobody_asked_for_is_answered_once(lan: Phone) -> None:
    begin(lan)
    assert send_album(lan, "a.jpg", "b.jpg")[:2] == [
        "Received 0 of 2 files.",
        "This question takes no photo, file or voice message.",
    ]
    lan.says("/huy")
    assert send_album(lan, "c.jpg", "d.jpg")[0].startswith("Your file has arrived, but I do not")


def test_a_file_too_large_is_refused_before_it_is_fetched(office: Office, lan: Phone) -> None:
    begin(lan, "[Yes]", "6", "[Skip]")
    lan.gives(photo("a.jpg", size=21 << 20))
    assert lan.hears() == [
        "This file is larger than 20 MB, more than the app lets me fetch. "
        "Please send it in smaller parts, or as photos.",
        "Fire safety tháng 10/2026 (4/4)",
        "Send photos of the main exit.",
        "[Back]",
    ]
    with Session(office.engine) as session:
        assert session.exec(select(Upload)).all() == []


def test_a_file_nobody_asked_for_says_what_to_do(lan: Phone) -> None:
    lan.plays("""
        > (a.jpg)
        Your file has arrived, but I do not know for which report. Please open the report first, …
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)


# Once, and not from earlier


@only_with_buttons
def test_a_button_from_earlier_changes_nothing(office: Office, lan: Phone) -> None:
    begin(lan, "[No]")
    lan.plays("""
        > [Yes]
        That button is from earlier. You are here:
        Fire safety tháng 10/2026 (2/5)
        Would you like to add a note?
        Are all exits clear?
        [Skip] [Back]
    """)
    assert answers(office) == {"exits": False}


@only_with_buttons
def test_submitted_twice_is_submitted_once(office: Office, lan: Phone, minh: Phone) -> None:
    begin(lan, *FILLED, "[Submit]")
    minh.hears()
    lan.plays("""
        > [Submit]
        That button is from earlier. You are here:
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
        > [Fill in Fire safety tháng 10/2026]
        This report no longer waits for your answers.
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)
    assert minh.hears() == []
    with Session(office.engine) as session:
        assert len(session.exec(select(Submission)).all()) == 1


def test_an_update_delivered_twice_is_answered_once(office: Office, lan: Phone) -> None:
    begin(lan, "[Yes]")
    update = Incoming(lan.channel, "twice", lan.chat, lan.chat, Typed("6"))
    lan.takes(update)
    lan.takes(update)
    heard = lan.hears()
    assert heard == ["Fire safety tháng 10/2026 (3/4)", "Anything to add?", "[Skip] [Back]"]
    assert answers(office) == {"exits": True, "extinguishers": 6}


# Colleagues share a draft


def test_a_colleague_sees_who_is_at_it_and_takes_over(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, "[Yes]")
    office.wait(days=1)
    hoa.says("/due")
    hoa.plays("""
        > [Continue Fire safety tháng 10/2026]
        Fire safety tháng 10/2026
        Lan is filling in this report, since 09:00 yesterday.
        [Go on in place of Lan] [What else is due?]
        > twelve
        Fire safety tháng 10/2026
        Lan is filling in this report, since 09:00 yesterday.
        [Go on in place of Lan] [What else is due?]
        > [Go on in place of Lan]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        [Back]
        > 7
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        [Skip] [Back]
    """)
    assert answers(office) == {"exits": True, "extinguishers": 7}


def test_the_earlier_one_is_told_and_can_take_it_back(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, "[Yes]", "6")
    begin(hoa, "[Go on in place of Lan]", report=GO_ON)
    lan.plays("""
        Hoa goes on with Fire safety tháng 10/2026 in your place.
        Everything you answered is kept.
        [Go on in place of Hoa]
        > Nothing
        Fire safety tháng 10/2026
        Hoa is filling in this report, since 09:00 today.
        [Go on in place of Hoa] [What else is due?]
        > [Go on in place of Hoa]
        You were in the middle of this: question 3 of 4, 09:00 today.
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        [Skip] [Back]
    """)
    hoa.plays("""
        Lan goes on with Fire safety tháng 10/2026 in your place.
        Everything you answered is kept.
        [Go on in place of Lan]
    """)
    assert answers(office) == {"exits": True, "extinguishers": 6}


def test_who_took_over_submits_and_the_earlier_one_hears_of_it(lan: Phone, hoa: Phone) -> None:
    begin(lan, *FILLED)
    begin(hoa, "[Go on in place of Lan]", "[Submit]", report=GO_ON)
    lan.hears()
    assert lan.says("/nop")[0] == "This report no longer waits for your answers."
    assert lan.says("/nop")[0] == "Which report shall we fill in?"


@only_with_buttons
def test_an_old_button_never_answers_what_is_asked_in_its_place(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, "[No]")
    skips_the_note = lan.labels["Skip"]
    begin(hoa, "[Go on in place of Lan]", "[Back]", "[Yes]", "6", report=GO_ON)
    lan.hears()
    assert lan.says("[Go on in place of Hoa]")[2] == "Anything to add?"  # no note any more
    lan.labels["Skip"] = skips_the_note
    lan.plays("""
        > [Skip]
        That button is from earlier. You are here:
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        [Skip] [Back]
    """)
    assert answers(office) == {"exits": True, "extinguishers": 6}


def test_a_file_that_proves_unusable_is_asked_for_again(office: Office, lan: Phone) -> None:
    begin(lan, *FILLED)
    with Session(office.engine) as session:
        upload = session.exec(select(Upload)).one()
        upload.arrival = Arrival.REFUSED
        news = arrival.bad_news(session, upload)
        session.commit()
    assert news
    assert say(news.choices[0].label, "en") == "Continue Fire safety tháng 10/2026"
    lan.plays("""
        > [Submit]
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        [Back]
    """)


def test_two_people_at_once_never_lose_or_mix_answers(
    office: Office, lan: Phone, hoa: Phone, tmp_path: Path
) -> None:
    """Both take the draft from each other and send a photo, again and again, in threads."""
    publish_changed(office, tmp_path, "most = 3", "most = 50")
    begin(lan, "[Yes]", "6", "[Skip]")
    begin(hoa, report=GO_ON)
    with Session(office.engine) as session:
        report_id = session.exec(select(Submission.report_id)).one()
    start = threading.Barrier(2)

    def work(me: Phone) -> None:
        start.wait()
        for number in range(8):
            me.gives(Picked(f"open:report:{report_id}:take"))
            me.gives(photo(f"{me.name}-{number}.jpg"))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work, phone) for phone in (lan, hoa)]:
            done.result(60)
    taken = [line for phone in (lan, hoa) for line in phone.hears() if line.startswith(SO_FAR)]
    kept = answers(office)
    names = [file["name"] for file in kept.pop("photo")]
    assert kept == {"exits": True, "extinguishers": 6, "notes": None}
    assert len(set(names)) == len(names) > 0
    # Whatever either was shown is a beginning of what is kept: nothing was lost or put aside.
    shown = {tuple(line.partition(": ")[2].partition(": ")[2].split(", ")) for line in taken}
    assert shown == {tuple(names[:count]) for count in range(1, len(names) + 1)}
