"""Hỏi Phòng: a school asks in its own words, the office answers, and good answers are shared."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from bot.channels.base import Sent
from core.likeness import likest
from core.roles import Role
from core.screen import Picked
from core.units import UnitKind
from storage import questions
from storage.outbox import Outgoing
from storage.people import Address
from storage.questions import Question, Standing
from storage.units import Unit
from tests.bot.test_broadcasting import SEND, tick
from tests.conftest import someone
from tests.handlers.test_broadcast import put, write
from tests.handlers.test_registration import says_all
from tests.handlers.test_report import begin
from tests.phone import Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

WORDS = "May we send the plan a week later?"


def asks(phone: Phone, words: str = WORDS) -> list[str]:
    return says_all(phone, "/hoi", words, "[Done]")


def reference(phone: Phone, words: str) -> str:
    """Of the oldest message of a phone that says this."""
    with Session(phone.office.engine) as session:
        messages = session.exec(
            select(Outgoing)
            .join(Address)
            .where(Address.chat == phone.chat)
            .order_by(col(Outgoing.id))
        )
        found = [message.reference for message in messages if words in str(message.lines)]
    assert found[0]
    return found[0]


def test_a_school_asks_and_the_office_answers(office: Office, lan: Phone, minh: Phone) -> None:
    lan.plays("""
        > /hoi
        A question to the office
        What would you like to ask? Write, or send photos and files.
        [Cancel]
        > May we send the plan a week later?
        A question to the office
        What would you like to ask? Write, or send photos and files.
        Your answer so far: May we send the plan a week later?
        [Done] [Write it anew] [Cancel]
        > [Done]
        Your question is with The office. The answer comes here.
        [My questions]
    """)
    minh.plays("""
        ❓ Lan, Trường TH Lê Lợi, asks:
        May we send the plan a week later?
        [Answer] [I take it] [Hand over] [Close]
        > [Answer]
        An answer
        Your answer, please.
        ❓ Lan, Trường TH Lê Lợi, asks:
        May we send the plan a week later?
        [Cancel]
        > Yes, until Friday.
        An answer
        Your answer, please.
        ❓ Lan, Trường TH Lê Lợi, asks:
        May we send the plan a week later?
        Your answer so far: Yes, until Friday.
        [Done] [Write it anew] [Cancel]
    """)
    office.wait(hours=3)
    assert minh.says("[Done]") == [
        "Your answer is with Lan.",
        "[Share it with others] [Close] [All questions]",
    ]
    lan.plays("""
        The office answers:
        You asked: May we send the plan a week later?
        Yes, until Friday.
        [Ask further]
        > [Ask further]
        A question to the office
        What would you like to add or ask?
        May we send the plan a week later?
        [Cancel]
        > Thank you!
        …
        …
        …
        …
        …
        > [Done]
        The office has it.
        [My questions]
        > [My questions]
        Your questions to the office
        • May we send the plan a week later?: waits for an answer
        [Ask the office] [May we send the plan a week later?]
    """)
    minh.plays("""
        ❓ Lan, Trường TH Lê Lợi, asks:
        Thank you!
        [Answer] [Hand over] [Close]
        > [Close]
        The question is closed.
        [All questions]
        > [All questions]
        Questions of the schools
        A first answer takes 3 hours, by the median.
    """)
    minh.gives(Picked("show:close:1"))
    assert minh.hears()[0] == "This question is closed already."


@only_with_buttons
def test_a_voice_message_is_a_question_but_no_evidence(lan: Phone, minh: Phone) -> None:
    voice = Sent("r", "u", "voice.ogg", 1000, "audio/ogg", "voice")
    lan.says("/hoi")
    lan.gives(voice)
    assert lan.hears()[2] == "Your answer so far: 1 file"
    lan.says("[Done]")
    assert minh.hears()[1] == "(voice.ogg)"
    begin(lan, "[Yes]", "6", "[Skip]")
    lan.gives(voice)
    assert lan.hears()[0] == "Please send a photo or a file here (1 at least)."


@only_with_buttons
def test_it_is_answered_by_replying(lan: Phone, hoa: Phone, minh: Phone) -> None:
    asks(lan)
    minh.hears()
    card = reference(minh, "asks:")
    assert minh.says("Yes, until Friday.", replies_to=card)[0] == "Your answer is with Lan."
    assert lan.hears()[2] == "Yes, until Friday."
    back = reference(lan, "answers:")
    assert lan.says("(plan.jpg)", replies_to=back)[0] == "The office has it."
    assert minh.hears() == [
        "❓ Lan, Trường TH Lê Lợi, asks:",
        "(plan.jpg)",
        "[Answer] [Hand over] [Close]",
    ]
    assert minh.says("/donvi", replies_to=card)[0] == "2 schools"
    assert minh.says("hello", replies_to="m99999")[0] == "Sorry, I did not understand that."
    assert hoa.says("hello", replies_to=card)[0] == "Sorry, I did not understand that."


@only_with_buttons
def test_an_answer_leaves_the_asker_s_draft_where_it_is(lan: Phone, minh: Phone) -> None:
    says_all(lan, "/due", "[Fill in Fire safety tháng 10/2026]", "[Yes]")
    heard = asks(lan)
    assert heard[-1] == "[Continue Fire safety tháng 10/2026] [My questions]"
    lan.says("[Continue Fire safety tháng 10/2026]")
    minh.hears()
    says_all(minh, "[Answer]", "Yes.", "[Done]")
    assert lan.hears()[-1] == "[Continue Fire safety tháng 10/2026] [Ask further]"
    assert lan.says("6")[0] == "Fire safety tháng 10/2026 (3/4)"


@only_with_buttons
def test_it_reaches_the_officer_of_the_topic_and_the_level(
    office: Office, channel: str, lan: Phone
) -> None:
    names = {
        "Bình": ["health", "TH"],
        "Chi": ["health", "MN"],
        "Dung": ["libraries"],
        "An": [],
    }
    officers = {
        name: someone(office, channel, name, "PHONG", Role.OFFICER, topics=topics)
        for name, topics in names.items()
    }
    says_all(lan, "/hoi", "About vaccination", "[Done]")
    lan.says("[health]")
    heard = {name: bool(phone.hears()) for name, phone in officers.items()}
    assert heard == {"Bình": True, "Chi": False, "Dung": False, "An": False}
    says_all(lan, "/hoi", "About books", "[Done]", "[libraries]")
    assert [bool(phone.hears()) for phone in officers.values()] == [False, False, True, False]
    says_all(lan, "/hoi", "About anything", "[Done]", "[Something else]")
    assert [bool(phone.hears()) for phone in officers.values()] == [True, False, False, False]


@only_with_buttons
def test_without_officers_it_reaches_the_administrators(
    office: Office, channel: str, lan: Phone
) -> None:
    an = someone(office, channel, "An", "PHONG", Role.ADMIN)
    asks(lan)
    assert an.hears()[0] == "❓ Lan, Trường TH Lê Lợi, asks:"


@only_with_buttons
def test_a_school_of_another_unit_asks_there_or_where_somebody_answers(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    with Session(office.engine) as session:
        ward = Unit(code="VHXH", name="Phòng VH-XH", kind=UnitKind.OFFICE)
        session.add(ward)
        session.flush()
        ward_id = ward.id
        session.commit()
    put(office, "LL", parent_id=ward_id)
    asks(lan)
    assert minh.hears()[0] == "❓ Lan, Trường TH Lê Lợi, asks:"
    chi = someone(office, channel, "Chi", "VHXH", Role.OFFICER)
    assert asks(lan)[0] == "Your question is with Phòng VH-XH. The answer comes here."
    assert chi.hears()
    assert minh.hears() == []
    minh.gives(Picked("open:answer:2"))
    assert minh.hears()[0] == "There is no such question for you."


@only_with_buttons
def test_it_is_taken_and_handed_over(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    asks(lan)
    minh.plays("""
        …
        …
        …
        > [Hand over]
        Nobody else at the office could answer it.
        Hello Minh!
        …
        …
        …
    """)
    an = someone(office, channel, "An", "PHONG", Role.ADMIN)
    minh.gives(Picked("show:take:1"))
    assert minh.hears()[0] == "This question is yours."
    an.gives(Picked("show:take:1"))
    assert an.hears()[0] == "Minh has taken this question."
    minh.plays("""
        > [Hand over]
        Hand over
        To whom shall it go?
        [An]
        > [An]
        An has it now.
        [All questions]
        > [All questions]
        Questions of the schools
        • Trường TH Lê Lợi: May we send the plan a week later? (waits for an answer, … with An)
        [Trường TH Lê Lợi: May we send the plan a week later?]
        > [Trường TH Lê Lợi: May we send the plan a week later?]
        May we send the plan a week later?
        Lan, Trường TH Lê Lợi, 09:00 today:
        May we send the plan a week later?
        [Answer] [Hand over] [Close] [All questions]
    """)
    assert an.hears()[0] == "Minh hands this over to you:"
    says_all(lan, "[My questions]", f"[{WORDS}]", "[Ask further]", "More", "[Done]")
    assert minh.hears() == []
    assert an.hears()[1] == "More"


def test_a_shared_answer_is_offered_to_who_asks_alike(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    asks(lan, "Báo cáo 6 tháng có cần chữ ký hiệu trưởng không?")
    minh.hears()
    says_all(minh, "[Answer]", "Yes, it does.", "[Done]")
    minh.plays("""
        > [Share it with others]
        Share an answer
        Write the question as anybody might ask it, without names.
        Báo cáo 6 tháng có cần chữ ký hiệu trưởng không?
        [Cancel]
        > Báo cáo 6 tháng có cần hiệu trưởng ký không?
        Who asks alike is offered this answer first.
        [All questions]
    """)
    mai = someone(office, channel, "Mai", "QT", Role.HEAD)
    says_all(mai, "/hoi", "bc 6 thang can hieu truong ky khong a")
    mai.plays("""
        > [Done]
        A question to the office (2/2)
        This was answered before. Does it help?
        Báo cáo 6 tháng có cần hiệu trưởng ký không?
        Yes, it does.
        [Yes, that is it] [No, ask the office] [Back]
        > [Yes, that is it]
        Glad that this helped. Nothing was sent.
        [My questions]
    """)
    assert minh.hears() == []
    says_all(
        mai, "/hoi", "bc 6 thang can hieu truong ky khong a", "[Done]", "[No, ask the office]"
    )
    assert minh.hears()[0] == "❓ Mai, Trường TH Quyết Thắng, asks:"
    says_all(mai, "/hoi", "Hạn nộp kế hoạch năm là ngày nào?", "[Done]")
    assert minh.hears()[1] == "Hạn nộp kế hoạch năm là ngày nào?"


@only_with_buttons
def test_a_question_about_a_message_goes_to_its_sender(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    an = someone(office, channel, "An", "PHONG", Role.OFFICER)
    write(minh, "Fire drill on Friday", *SEND)
    tick(office)
    lan.hears()
    minh.hears()
    lan.plays("""
        > [❓ Ask back]
        A question to the office
        What would you like to ask? Write, or send photos and files.
        About the message “Fire drill on Friday”
        [Cancel]
        > At what hour?
        A question to the office
        What would you like to ask? Write, or send photos and files.
        About the message “Fire drill on Friday”
        Your answer so far: At what hour?
        [Done] [Write it anew] [Cancel]
    """)
    lan.says("[Done]")
    minh.plays("""
        ❓ Lan, Trường TH Lê Lợi, asks:
        About the message “Fire drill on Friday”
        At what hour?
        [Answer] [Hand over] [Close]
    """)
    assert an.hears() == []
    heard = lan.says("And where?", replies_to=reference(lan, "Fire drill on Friday"))
    assert heard[0] == "Your question is with The office. The answer comes here."
    assert minh.hears()[2] == "And where?"


@only_with_buttons
def test_what_is_asked_about_stays_to_be_read(office: Office, lan: Phone, minh: Phone) -> None:
    write(minh, "Fire drill on Friday", *SEND)
    tick(office)
    lan.hears()
    says_all(lan, "[❓ Ask back]", "At what hour?", "[Done]")
    with Session(office.engine) as session:
        shown = session.exec(
            select(Outgoing.edits)
            .join(Address)
            .where(Address.chat == lan.chat)
            .order_by(col(Outgoing.id))
        ).all()
    _copy, form, *_later = shown
    assert form is None


@only_with_buttons
def test_others_of_a_school_do_not_read_along(lan: Phone, hoa: Phone, minh: Phone) -> None:
    asks(lan)
    assert minh.hears()
    for action in ("show:mine:1", "open:further:1"):
        hoa.gives(Picked(action))
        assert hoa.hears()[0] == "There is no such question for you."
    hoa.gives(Picked("show:questions:1"))
    assert hoa.hears()[0] == "Only the office can see this."


def test_the_time_to_a_first_answer(office: Office, lan: Phone, minh: Phone) -> None:
    for hours in (1, 2, 30):
        asks(lan)
        office.wait(hours=hours)
        minh.hears()
        says_all(minh, "[Answer]", "Yes.", "[Done]")
        lan.hears()
    with Session(office.engine) as session:
        asked = session.exec(select(Question)).all()
        took = questions.until_first_answer(
            session, asked[0].office_id, office.now - timedelta(days=30)
        )
    assert took == timedelta(hours=2)
    assert {question.standing for question in asked} == {Standing.ANSWERED}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("thưa Phòng, báo cáo 6 tháng có cần chữ ký hiệu trưởng và đóng dấu không ạ", 1),
        ("BAO CAO 6 THANG CO PHAI KY KHONG", 1),
        ("kế hoạch năm hạn khi nào", 2),
        ("Em gửi nhầm tệp, xóa giúp em", None),
        ("", None),
    ],
)
def test_what_is_alike(asked: str, found: int | None) -> None:
    known = {
        1: "Báo cáo 6 tháng có cần chữ ký của hiệu trưởng không?",
        2: "Hạn nộp kế hoạch năm là khi nào?",
    }
    assert likest(asked, known) == found
    assert likest(asked, {}) is None
