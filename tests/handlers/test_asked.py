"""Words of one's own: answered at once where they are clear, and never mistaken."""

import pytest
from sqlmodel import Session, select

from core.roles import Role
from core.screen import Picked
from core.understanding.shape import Shape
from storage import submissions
from storage.people import Person
from storage.reports import Report
from tests.conftest import someone
from tests.handlers.test_nudge import tick as nudged
from tests.handlers.test_report import FILLED, answers, begin
from tests.phone import Office, Phone

LEAVE = "[Leave this for now]"


def rename(office: Office, title: str, new: str) -> None:
    with Session(office.engine) as session:
        for report in session.exec(select(Report).where(Report.title == title)):
            report.title = new
        session.commit()


def test_what_is_due_in_a_week(office: Office, lan: Phone) -> None:
    lan.plays("""
        > tuan nay truong em phai nop gi a
        1 report is due this week:
        • Fire safety tháng 10/2026: before 30 October, … (3 days left)
        [Fill in Fire safety tháng 10/2026] [All that is due]
        > tháng sau phải nộp những gì
        1 report is due next month:
        • Fire safety tháng 11/2026: before 30 November, … (34 days left)
        [All that is due]
        > hôm nay nộp gì
        Nothing is due today.
        [All that is due]
        > con no gi k ad
        2 reports are due:
        Within seven days
        • Fire safety tháng 10/2026: …
        No date set yet
        • Safety plan: the office has not set a date yet
        Coming: …
        [Fill in Fire …] [Fill in Safety plan] [Ask for more time] [Into my calendar]
    """)
    lan.plays("""
        > tháng 11 phải nộp những gì
        1 report is due from 1 November 2026 to 30 November 2026:
        • Fire safety tháng 11/2026: before 30 November, … (34 days left)
        [All that is due]
        > từ nay đến 31/10 phải nộp gì
        1 report is due from 27 October 2026 to 31 October 2026:
        • Fire safety tháng 10/2026: before 30 October, … (3 days left)
        [Fill in Fire safety tháng 10/2026] [All that is due]
    """)
    office.wait(days=7)
    assert lan.says("tuần này nộp gì")[1].endswith("(4 days late)")


def test_a_deadline_is_told_for_the_duty_that_is_named(office: Office, lan: Phone) -> None:
    lan.plays("""
        > hạn fire safety tháng 10 khi nào
        • Fire safety tháng 10/2026: before 30 October, … (3 days left)
        Clause II.1 says “before the 30th”: every month before day 30.
        Here it is still in time on 30 October itself.
        [Fill in Fire safety tháng 10/2026] [What is due]
    """)
    rename(office, "Safety plan", "Kế hoạch an toàn")
    lan.plays("""
        > kh an toan nop hom nao vay c
        • Kế hoạch an toàn: the office has not set a date yet
        [Fill in Kế hoạch an toàn] [What is due]
        > em muốn nộp kế hoạch an toàn
        Which report shall we fill in?
        [Fill in Kế hoạch an toàn]
        > em muốn nộp báo cáo nuôi dưỡng
        Which report shall we fill in?
        [Fill in Fire safety tháng 10/2026] [Fill in Kế hoạch an toàn]
        > xin gia hạn kế hoạch an toàn
        Which report needs more time?
        [Fire safety tháng 10/2026]
        > xin gia hạn fire safety tháng 10
        More time for Fire safety tháng 10/2026 (1/2)
        How much more time do you need?
        …
    """)


def test_a_question_that_was_taken_as_an_answer_can_still_be_asked(
    office: Office, lan: Phone
) -> None:
    begin(lan, "[Yes]", "4")
    lan.plays("""
        > what is due?
        I took “what is due?” as your answer. If you were asking me, choose “What is due”.
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        [Back] [What is due]
    """)
    assert lan.says("[What is due]")[0] == "2 reports are due:"
    assert answers(office)["notes"] == "what is due?"


def test_a_late_report_and_the_next_of_its_kind_are_both_told(office: Office, lan: Phone) -> None:
    office.wait(days=20)
    heard = lan.says("hạn fire safety khi nào")
    assert [line.partition(":")[0] for line in heard if line.startswith("•")] == [
        "• Fire safety tháng 10/2026",
        "• Fire safety tháng 11/2026",
    ]


def test_what_was_handed_in(office: Office, lan: Phone) -> None:
    begin(lan, *FILLED, "[Submit]")
    rename(office, "Safety plan", "Kế hoạch an toàn")
    lan.plays("""
        > trường mình nộp đủ chưa ad
        What your school has handed in
        • Kế hoạch an toàn: not handed in
        • Fire safety tháng 10/2026: handed in, 09:00 today, receipt …
        [Read Fire safety tháng 10/2026] [What is due]
        > nộp kế hoạch an toàn chưa vậy
        What your school has handed in
        • Kế hoạch an toàn: not handed in
        [What is due]
        > em gui zalo roi ma
        1 report is handed in:
        • Fire safety tháng 10/2026: handed in
        What was sent in another way, …
        [Read Fire safety tháng 10/2026] [What is due] [Whom to ask at the office]
        > xin lại file báo cáo
        Trường TH Lê Lợi
        1 file handed in
        [Search the files] [2026 · Fire safety tháng 10/2026 (1)] [Open the menu]
        > hạn fire safety tháng 10 là khi nào
        • Fire safety tháng 10/2026: handed in, 09:00 today, receipt …
        Clause II.1 says “before the 30th”: every month before day 30.
        [What is due]
    """)
    assert lan.says("[What is due]")[0] == "1 report is due:"


def test_whom_to_ask(lan: Phone) -> None:
    lan.plays("""
        > ai phụ trách trường em
        Whom to ask at The office
        Nobody of the office is here yet.
        [Ask the office] [Open the menu]
    """)
    for name, topics in (("Minh", ["safety", "TH"]), ("Dung", ["MN"]), ("Vi", [])):
        someone(lan.office, lan.channel, name, "PHONG", Role.OFFICER, topics=topics)
    with Session(lan.office.engine) as session:
        session.exec(select(Person).where(Person.name == "Minh")).one().phone = "0912345678"
        session.commit()
    lan.plays("""
        > /lienhe
        Whom to ask at The office
        • Minh (safety, TH), phone +84912345678
        • Vi, phone –
        [Ask the office] [Open the menu]
        > cho gặp chuyên viên ạ
        A question to the office (1/2)
        What would you like to ask? Write, or send photos and files.
    """)


def test_a_post_is_handed_over_in_words(hoa: Phone) -> None:
    assert hoa.says("em bàn giao cho cô Mai")[0] == "Which post shall be handed over?"


def test_small_talk_and_ways_out(lan: Phone) -> None:
    lan.plays("""
        > Dạ em cảm ơn ạ 🙏
        You are welcome! I am here whenever you need me.
        [Open the menu]
        > đừng nhắn nữa
        Reminders about a report stop by themselves once it is handed in.
        To get no messages at all any more, erase your data; your posts then end at once.
        [Open the menu] [Erase my data]
        > thôi khỏi
        There is nothing to stop.
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
        > tiếng việt
        Từ giờ dùng tiếng Việt.
        Chào thầy/cô Lan.
        …
        Thầy/cô cần làm gì ạ?
        [Báo cáo cần nộp] [Làm báo cáo] [Tài liệu đã nộp] …
    """)
    assert lan.says("english please")[0] == "From now on we speak English."
    assert lan.says("?")[0] == "What you can type"
    assert lan.says("em chuyển trường rồi ạ")[0] == "Lan"


def test_two_meanings_are_asked_back(lan: Phone) -> None:
    lan.plays("""
        > em nộp báo cáo, cho gặp chuyên viên với
        Which of these do you mean?
        [Fill in or continue a report] [Ask the office]
        > [Ask the office]
        A question to the office
        What would you like to ask? Write, or send photos and files.
        [Cancel]
    """)


def test_a_typed_answer_is_an_answer_whatever_it_says(lan: Phone) -> None:
    begin(lan, "[Yes]", "6")
    assert lan.says("hạn nộp báo cáo là khi nào")[0] == "Fire safety tháng 10/2026 (4/4)"


def test_a_wish_in_place_of_a_button_or_a_number_leaves_the_question_where_it_is(
    lan: Phone,
) -> None:
    begin(lan)
    lan.plays(f"""
        > bao cao nay han khi nao
        Please choose Yes or No.
        Fire safety tháng 10/2026 (1/4)
        Are all exits clear?
        …
        [Yes] [No] {LEAVE}
        > [Yes]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        [Back]
        > thôi khỏi
        Please send a whole number …
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        [Back] {LEAVE}
        > {LEAVE}
        Stopped. Everything you answered is kept.
        [Continue] [What is due]
    """)


def test_the_office_is_answered_with_what_it_has(minh: Phone) -> None:
    assert minh.says("tuần này nộp gì")[0] == "Who has handed in"
    assert minh.says("xin lại file báo cáo")[0] == "Files of which school?"
    assert minh.says("em nộp báo cáo")[0] == "Sorry, I did not understand that."


@pytest.mark.parametrize("query", ["handed", "already", "contact", "deadlines:999"])
def test_what_is_a_school_s_is_refused_to_others(minh: Phone, lan: Phone, query: str) -> None:
    minh.gives(Picked(f"show:{query}"))
    assert minh.hears()[0] in (
        "You act for no school, so nothing is due from you.",
        "There is no such report for you.",
    )
    lan.gives(Picked("show:deadlines:999.x..-1"))
    assert lan.hears()[0] == "There is no such report for you."


def test_another_school_s_report_is_nobody_s(office: Office, lan: Phone) -> None:
    with Session(office.engine) as session:
        ids = session.exec(select(Report.id)).all()
    refused = 0
    for id in ids:
        lan.gives(Picked(f"show:deadlines:{id}"))
        refused += lan.hears()[0] == "There is no such report for you."
    assert refused == len(ids) / 2


def test_a_stranger_may_register_in_words(stranger: Phone) -> None:
    assert stranger.says("bc 6 tháng hạn khi nào")[0].startswith("Hello! This is the office's")
    assert stranger.says("dk tai khoan cho truong th le loi")[0] == "Registration (1/6)"
    assert stranger.says("/huy")


def test_a_miss_is_counted_by_its_shape_alone(office: Office, lan: Phone) -> None:
    lan.says("hôm nay trời đẹp quá")
    lan.says("tuần này nộp gì")
    lan.says("/due")
    lan.says("what 12")
    assert office.desk.misses.counts() == {
        Shape("4-7", False, "vi"): 1,
        Shape("2-3", True, "en"): 1,
    }


def test_the_message_of_the_day_is_put_off_in_words(office: Office, lan: Phone) -> None:
    nothing = "There is nothing left to remind you of."
    assert lan.says("nhắc lại mai")[0] == nothing
    assert lan.says("nhắc lại giúp em")[0] == nothing
    nudged(office)
    lan.hears()
    lan.plays("""
        > nhắc lại giúp em
        When shall I remind you again?
        [Again this afternoon] [Again tomorrow]
        > nhắc lại chiều nay
        I will remind you again at 14:00 today.
        [What is due]
    """)
    office.wait(hours=5)
    assert nudged(office) == 1


def test_recalling_in_words_is_confirmed(office: Office, lan: Phone) -> None:
    assert lan.says("thu hồi")[0] == "No report can be taken back now."
    begin(lan, *FILLED, "[Submit]")
    lan.plays("""
        > thu hồi báo cáo
        Take Fire safety tháng 10/2026 back from the office?
        [Recall Fire safety tháng 10/2026] [Handed in]
        > [Recall Fire safety tháng 10/2026]
        Fire safety tháng 10/2026 is taken back. Everything you answered is kept.
        [Continue Fire safety tháng 10/2026] [What is due]
    """)
    with Session(office.engine) as session:
        for report in session.exec(select(Report).where(Report.unit_id == 2)):
            submissions.submit(session, report, 1, [], office.now)
        session.commit()
    assert lan.says("em xin thu hồi ạ")[0] == "Which report shall be taken back?"


def test_a_command_is_known_by_its_words(lan: Phone, minh: Phone) -> None:
    assert lan.says("tài liệu") == lan.says("/tailieu") == lan.says("tai lieu")
    assert minh.says("Thông báo") == minh.says("/thongbao")
    assert lan.says("thông báo") != lan.says("/thongbao")


def test_a_question_to_the_office_takes_the_sentence_along(lan: Phone, minh: Phone) -> None:
    lan.plays("""
        > hỏi phòng: trường bán trú có phải làm biểu số 3 không ạ?
        A question to the office
        What would you like to ask? Write, or send photos and files.
        Your answer so far: trường bán trú có phải làm biểu số 3 không ạ?
        [Done] [Write it anew] [Cancel]
        > [Done]
        Your question is with The office. The answer comes here.
        [My questions]
        > cho em hỏi phòng chút ạ
        A question to the office
        What would you like to ask? Write, or send photos and files.
        [Cancel]
    """)
    assert "trường bán trú có phải làm biểu số 3 không ạ?" in minh.hears()
