"""Schools in another messenger's group: a card for it, the link in it, and answers from there."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.eves import remind_of_events
from bot.qr import draw_qr
from core.screen import Picked
from storage import events
from storage.blobs import Blobs
from storage.units import with_code
from tests.bot.test_acknowledging import sent
from tests.handlers.test_event import invite
from tests.handlers.test_nudge import tick
from tests.phone import HANOI, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)


def number(office: Office, code: str) -> int:
    with Session(office.engine) as session:
        unit = with_code(session, code)
        assert unit
        return unit.id


def test_a_card_to_paste_and_what_comes_back(office: Office, lan: Phone, minh: Phone) -> None:
    sent(office, minh)
    lan.gives(Picked("show:understood:1"))
    lan.hears()
    school = number(office, "QT")
    minh.gives(Picked("show:card:1"))
    minh.plays(f"""
        📢 The office: Fire drill
        Open it here and tap Understood: https://t.me/phong_bot?start=b1
        Without the bot, answer with your school's code, such as: #S… đã rõ
        (qr.png)
        Not yet: #S{school} Trường TH Quyết Thắng
    """)
    assert minh.says(f"Cô Mai: #S{school} đã rõ ạ") == [
        "Noted for “Fire drill”: 1 school knows.",
        "2 of 2 schools have acknowledged.",
        "[See the message]",
    ]
    again = minh.says(f"#S{school} đã rõ, #S999 đã rõ")
    assert again[0] == "Noted for “Fire drill”: 0 schools know."
    assert again[2] == "Not noted, as nothing of it was sent to them: #S999"
    assert lan.says(f"#S{school} đã rõ")[0] == "Sorry, I did not understand that."


@only_with_buttons
def test_the_link_opens_the_reader_s_own_copy(office: Office, lan: Phone, minh: Phone) -> None:
    sent(office, minh)
    lan.hears()
    assert lan.says("/start b1") == [
        "📢 The office",
        "Fire drill",
        "[✅ Understood] [❓ Ask back]",
    ]
    for about in ("b2", "b999999999"):
        assert lan.says(f"/start {about}")[0] == "There is no such message for you."
    assert minh.says("/start b1")[0] == "There is no such message for you."


def test_a_card_of_who_has_not_handed_in(office: Office, lan: Phone, minh: Phone) -> None:
    minh.says("/tinhhinh")
    minh.says("[Fire safety tháng 10/2026 (0/2)]")
    shown = minh.says("[Card for the Zalo group]")
    assert shown[0].startswith("📢 The office: Fire safety tháng 10/2026, before 30 October")
    code = shown[1].partition("?start=")[2]
    assert shown[1] == f"Open it here: https://t.me/phong_bot?start={code}"
    schools = [f"#S{number(office, which)} Trường TH {name}" for which, name in SCHOOLS]
    assert shown[2:] == ["(qr.png)", f"Not yet: {', '.join(schools)}"]
    assert lan.says(f"/start {code}")[0] == "Fire safety tháng 10/2026 (1/4)"
    assert minh.says(f"/start {code}")[0] == "Fire safety tháng 10/2026"
    for phone in (lan, minh):
        assert phone.says("/start d999999999")[0] == "There is no such duty for you."


def test_answers_to_an_invitation_come_back_from_the_group(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    first, second = (number(office, code) for code in ("LL", "QT"))
    assert minh.says(f"Cô Lan: #S{first} tham gia ạ\n#S{second} vắng: thi học kỳ") == [
        "Noted for “Fire training”: 2 schools answer.",
        "2 of 2 schools have answered.",
        "[Fire training]",
    ]
    card = minh.says("[Fire training]")
    assert "• Trường TH Quyết Thắng does not come: thi học kỳ" in card
    assert (
        lan.hears()
        == hoa.hears()
        == [
            "The office noted from the group, for Fire training: your school comes.",
            "[Fire training]",
        ]
    )
    lan.says("[Fire training]")
    assert "Your school comes:" in lan.says("[✅ We come]")
    kept = minh.says(f"#S{first} tham gia, #S999 tham gia")
    assert kept[0] == "Noted for “Fire training”: 0 schools answer."
    lan.gives(Picked("show:invited:1"))
    assert "• Lan" in lan.hears()
    assert lan.says(f"#S{first} vắng: ốm")[0] == "Fire training"  # to be answered there


def test_an_answer_is_noted_for_the_event_that_it_names(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    invite(office, minh, lan, hoa)
    first, second = (number(office, code) for code in ("LL", "QT"))
    noted = minh.says(f"#S{first} tham gia E1, #S{second} vang vi om\n#S999 tham gia")
    assert noted.count("Noted for “Fire training”: 1 school answers.") == 2
    assert noted[4] == "Not noted, as nothing of it was sent to them: #S999"
    with Session(office.engine) as session:
        said = {id: events.replies(session, id) for id in (1, 2)}
    assert [list(of) for of in said.values()] == [[first], [second]]
    assert said[2][second].why == "om"


def test_the_card_itself_may_be_pasted_back(office: Office, lan: Phone, minh: Phone) -> None:
    invite(office, minh, lan)
    minh.gives(Picked("show:card:1"))
    card = "\n".join(minh.hears())
    noted = minh.says(f"{card}\nCô Mai: #S{number(office, 'QT')} tham gia")
    assert noted[0] == "Noted for “Fire training”: 1 school answers."
    assert len([line for line in noted if line.startswith("N")]) == 1


@only_with_buttons
def test_a_school_that_answered_in_the_group_is_reminded(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    minh.says(f"#S{number(office, 'LL')} tham dự")
    assert [phone.hears()[-1] for phone in (lan, hoa)] == ["[Fire training]"] * 2
    office.now = datetime(2026, 11, 11, 8, tzinfo=HANOI)
    remind_of_events(office.engine, HANOI, office.now)
    tick(office)
    for phone in (lan, hoa):
        assert "You are expected" in phone.hears()


SCHOOLS = (("LL", "Lê Lợi"), ("QT", "Quyết Thắng"))


def test_a_picture_of_the_link(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha = draw_qr(blobs, "https://t.me/phong_bot?start=b1")
    assert blobs.read(sha).startswith(b"\x89PNG")
    assert draw_qr(blobs, "https://t.me/phong_bot?start=b1") == sha
