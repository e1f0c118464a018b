"""The menu, help, language, and every word that may be typed."""

import pytest
from sqlmodel import Session, select

from core.roles import AT_A_SCHOOL, Role
from core.screen import Picked
from handlers import COMMANDS, QUERIES
from handlers.commands import COMMANDS as ALL
from handlers.commands import Command, offered
from storage.outbox import Outgoing
from storage.people import Person
from tests.conftest import someone
from tests.handlers.test_registration import says_all
from tests.phone import Office, Phone

SORRY = ("Sorry", "Only the office", "You act for no school", "Please register")


def of_role(office: Office, channel: str, role: Role) -> Phone:
    unit = "LL" if role in AT_A_SCHOOL else "PHONG"
    return someone(office, channel, "Bình", unit, role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_word_of_a_role_s_menu_answers(
    office: Office, channel: str, role: Role, language: str
) -> None:
    phone = of_role(office, channel, role)
    for command in offered(role):
        heard = phone.says(f"/{command.names[language]}")
        assert heard
        assert not heard[0].startswith(SORRY)
        assert phone.says(f"/{command.names[language].upper()}")


@pytest.mark.parametrize("role", Role)
def test_the_menu_shows_what_its_role_may_do(office: Office, channel: str, role: Role) -> None:
    phone = of_role(office, channel, role)
    buttons = phone.says("/start")[-1]
    for command in ALL:
        in_menu = command in offered(role) and command.query not in ("start", "cancel")
        assert (f"[{command.about.id}]" in buttons) == in_menu
    for command in offered(role):
        if command.query not in ("start", "cancel"):
            phone.says("/start")
            assert not phone.says(f"[{command.about.id}]")[0].startswith(SORRY)


@pytest.mark.parametrize("role", Role)
def test_help_lists_the_words_of_both_languages(office: Office, channel: str, role: Role) -> None:
    heard = of_role(office, channel, role).says("/trogiup")
    words = [line.partition(" –")[0].replace("/", "").split() for line in heard if "–" in line]
    assert words == [list(dict.fromkeys(c.names.values())) for c in offered(role)]


def test_no_role_is_offered_what_it_may_not_do() -> None:
    assert {c.query for c in offered(Role.VIEWER)}.isdisjoint({"invite", "due", "fill"})
    assert {c.query for c in offered(Role.REPORTER)}.isdisjoint({"invite", "status", "units"})
    assert {c.query for c in offered(None)} == {"start", "language", "cancel", "help"}


def test_every_word_opens_one_thing_and_stands_in_a_menu_once() -> None:
    opened = {(word, command.query) for command in ALL for word in command.names.values()}
    assert dict(opened) == COMMANDS
    assert len(opened) == len(COMMANDS)
    for role in (None, *Role):
        words = [word for command in offered(role) for word in set(command.names.values())]
        assert len(words) == len(set(words))
    assert {command.query for command in ALL} <= set(QUERIES)


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.query)
def test_a_stranger_s_words_are_answered(stranger: Phone, command: Command) -> None:
    for word in command.names.values():
        assert stranger.says(f"/{word}")


def test_the_menu_of_a_school(lan: Phone) -> None:
    lan.plays("""
        > /start
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
        > [Help]
        What you can type
        /han /due – What is due
        /nop /report – Fill in or continue a report
        /tailieu /files – Files handed in
        /vanban /documents – Official documents
        /hoi /ask – Questions to the office
        /sukien /events – Events you are invited to
        /diemdanh /attend – Say that I am at an event
        /lienhe /contact – Whom to ask at the office
        /khaosat /survey – Surveys of parents
        /start – Open the menu
        /toi /me – About me
        /ngonngu /language – Tiếng Việt / English
        /huy /cancel – Stop what I am doing
        /trogiup /help – Help
        A half-filled report never gets lost: go away, come back, and continue where you were.
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)


def test_words_that_mean_nothing_bring_the_menu(lan: Phone) -> None:
    lan.plays("""
        > xin chào
        Sorry, I did not understand that.
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
        > /nothing
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
        > /huy
        There is nothing to stop.
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)


def test_a_language_is_spoken_from_its_choice_on(lan: Phone) -> None:
    lan.plays("""
        > /ngonngu
        Which language shall we speak?
        [Tiếng Việt] [English]
        > [Tiếng Việt]
        Từ giờ dùng tiếng Việt.
        Chào thầy/cô Lan.
        Vai trò: Người làm báo cáo, Trường TH Lê Lợi.
        Thầy/cô cần làm gì ạ?
        [Báo cáo cần nộp] [Làm báo cáo] [Tài liệu đã nộp] …
        > /language
        Thầy/cô dùng tiếng nào?
        [Tiếng Việt] [English]
        > [English]
        From now on we speak English.
        Hello Lan!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)


def test_a_stranger_s_language_is_that_of_their_app(office: Office, stranger: Phone) -> None:
    assert stranger.says("hello", language="vi-VN")[0].startswith("Chào thầy/cô.")
    assert stranger.says("hello", language="fr")[0].startswith("Hello!")
    says_all(stranger, "/ngonngu", "[Tiếng Việt]")
    assert stranger.says("hello", language="en")[0].startswith("Chào thầy/cô.")
    with Session(office.engine) as session:
        assert session.exec(select(Person.language)).one() == "vi"


def test_a_language_that_is_not_ours_is_asked_again(lan: Phone) -> None:
    lan.gives(Picked("show:language:fr"))
    assert lan.hears()[0] == "Which language shall we speak?"


def test_a_group_is_told_once_to_write_in_private(lan: Phone) -> None:
    group = {"chat": "-100", "private": False}
    once = ["Please write to me in private; in a group everybody would read along."]
    watching = Phone(lan.office, lan.channel, "-100")
    for said, heard in (("hello", []), ("/start", once), ("/due", []), ("/start", [])):
        lan.says(said, **group)
        assert watching.hears() == heard
    assert lan.hears() == []


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
def test_more_choices_than_fit_are_turned_over(office: Office, minh: Phone) -> None:
    minh.says("/donvi")
    _code, message = minh.labels["Trường TH Lê Lợi"]
    minh.gives(Picked("page:1"), message=message, tap="tap", seen="0.0")
    with Session(office.engine) as session:
        turned = session.exec(select(Outgoing).where(Outgoing.page == 1)).one()
        assert (turned.page, turned.edits, turned.tap) == (1, message, "tap")
    assert minh.hears()[0] == "2 schools"
    assert minh.says("[Trường TH Lê Lợi]")[0] == "Trường TH Lê Lợi"


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
@pytest.mark.parametrize("page", ["page:1", "page:x", "page:", "page:-1", "page:" + "9" * 30])
def test_a_page_of_a_message_that_is_forgotten_shows_where_one_is(lan: Phone, page: str) -> None:
    lan.gives(Picked(page), message="m999", tap="tap", seen="0.0")
    assert lan.hears()[:2] == ["That button is from earlier. You are here:", "Hello Lan!"]
    says_all(lan, "/due", "[Fill in Safety plan]")
    lan.gives(Picked(page), message="m998", tap="tap", seen="0.0")
    assert lan.hears()[:2] == [
        "That button is from earlier. You are here:",
        "Safety plan (1/4)",
    ]
