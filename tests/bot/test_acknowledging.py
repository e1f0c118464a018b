"""Đã rõ: who has understood a message, who is reminded, and the sheet that proves it."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.channels.base import Membership
from bot.receipts import Clerk, write_wanted
from bot.sheets import read_sheet_now
from core.calendar import Deadline, Operator, working_later
from core.roles import Role
from core.screen import Picked
from storage import despatches
from storage.blobs import Blobs
from storage.broadcasts import Broadcast, Recipient
from storage.outbox import Lane, Outgoing, Sending
from storage.people import Person
from storage.reports import Report
from tests.bot.test_broadcasting import SEND, tick
from tests.conftest import close, someone
from tests.handlers.test_broadcast import put, write
from tests.handlers.test_nudge import LATER
from tests.handlers.test_nudge import tick as nudged
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, Office, Phone

NINE = "27/10/2026 09:00"

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)


URGENT = (*SEND[:-1], "[⚡ Make it urgent]", SEND[-1])


def sent(
    office: Office, phone: Phone, words: str = "Fire drill", how: tuple[str, ...] = SEND
) -> None:
    """Written and with all its readers."""
    write(phone, words, *how)
    tick(office)
    with Session(office.engine) as session:
        for copy in session.exec(select(Outgoing).where(Outgoing.lane == Lane.BROADCAST)):
            copy.sending, copy.reference = copy.sending.SENT, f"m{copy.id}"
        session.commit()
    tick(office, seconds=4)
    phone.hears()


def reminded(office: Office, *phones: Phone) -> list[list[str]]:
    tick(office, seconds=900)
    return [phone.hears() for phone in phones]


def next_morning(office: Office, *phones: Phone) -> list[list[str]]:
    """What their messages of the next day say."""
    tick(office, seconds=900)
    office.now = datetime.combine(office.now.date() + timedelta(1), time(7, 15), HANOI)
    nudged(office)
    return [phone.hears() for phone in phones]


def fail_last(office: Office) -> None:
    """Have the newest reminder refused by the app."""
    with Session(office.engine) as session:
        newest = (
            select(Outgoing).where(Outgoing.lane == Lane.NUDGE).order_by(col(Outgoing.id).desc())
        )
        letter = session.exec(newest).first()
        assert letter
        letter.sending = Sending.FAILED
        session.commit()


def silence_duties(office: Office) -> None:
    """No deadline is near, so that a message of a day says nothing of reports."""
    with Session(office.engine) as session:
        for report in session.exec(select(Report)):
            report.set_deadline(Deadline(date(2027, 9, 1), Operator.BY))
            report.told_on = date(2026, 9, 1)
        session.commit()


def test_a_reader_says_that_they_understood(office: Office, lan: Phone, minh: Phone) -> None:
    write(minh, "Fire drill", *SEND)
    tick(office)
    lan.plays("""
        📢 The office
        Fire drill
        [✅ Understood] [❓ Ask back]
        > [✅ Understood]
        📢 The office
        Fire drill
        ✅ You understood this: 09:00 today.
        [❓ Ask back]
    """)
    office.wait(minutes=5)
    lan.gives(Picked("show:understood:1"))
    assert lan.hears()[-2] == "✅ You understood this: 09:00 today."
    minh.hears()
    minh.gives(Picked("show:understood:1"))
    assert minh.hears()[0] == "There is no such message for you."


WELCOME = "You are welcome! I am here whenever you need me."


def test_it_may_be_said_in_words_while_it_is_just_new(
    office: Office, lan: Phone, minh: Phone
) -> None:
    assert lan.says("đã rõ ạ")[0] == WELCOME
    sent(office, minh)
    lan.plays("""
        > đã rõ ạ
        📢 The office
        Fire drill
        ✅ You understood this: 09:00 today.
        [❓ Ask back]
    """)
    assert lan.says("đã rõ ạ")[0] == WELCOME


def test_words_that_may_mean_several_messages_are_asked_back(
    office: Office, lan: Phone, minh: Phone
) -> None:
    for words in ("Fire drill", "Bring the forms"):
        sent(office, minh, words)
    lan.plays("""
        > em rõ rồi ạ
        Which message have you understood?
        [Bring the forms] [Fire drill]
    """)
    assert lan.says("[Fire drill]")[-2] == "✅ You understood this: 09:00 today."
    office.wait(days=2)
    lan.plays("""
        > đã rõ
        Which message have you understood?
        [Bring the forms]
    """)
    office.wait(days=31)
    assert lan.says("đã rõ")[0] == WELCOME


@only_with_buttons
def test_understanding_ends_no_draft(office: Office, lan: Phone, minh: Phone) -> None:
    says_all(lan, "/due", "[Fill in Fire safety tháng 10/2026]", "[Yes]")
    sent(office, minh)
    lan.gives(Picked("show:understood:1"))
    lan.hears()
    assert lan.says("6")[0] == "Fire safety tháng 10/2026 (3/4)"


def test_a_reminder_is_a_line_of_the_next_message_of_a_day(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    silence_duties(office)
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    sent(office, minh)
    hoa.gives(Picked("show:understood:1"))
    for phone in (hoa, mai):
        phone.hears()
    office.wait(hours=6)
    assert reminded(office, mai) == [[]]
    assert next_morning(office, lan, hoa) == [[], []]
    mai.plays(f"""
        A reminder
        Not acknowledged yet
        • Fire drill
        [✅ Understood: Fire drill] [Read: Fire drill] [What is due] {LATER}
        > [✅ Understood: Fire drill]
        📢 The office
        Fire drill
        ✅ You understood this: 07:15 today.
        [❓ Ask back]
    """)
    assert next_morning(office, mai) == [[]]


@only_with_buttons
def test_the_others_of_a_silent_school_find_it_in_theirs(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    silence_duties(office)
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    nga = someone(office, channel, "Nga", "QT", Role.HEAD)
    sent(office, minh, how=("[Done]", "[report writer]", "[Done]", "[At once]", "[Send it]"))
    lan.gives(Picked("show:understood:1"))
    for phone in (lan, mai, minh):
        phone.hears()
    assert [said[2:3] for said in next_morning(office, mai, nga)] == [[], []]
    office.wait(hours=4)
    assert reminded(office, nga) == [[]]
    minh.gives(Picked("show:broadcast:1"))
    assert "Sent to 2 of 2 people; sent." in minh.hears()
    assert [said[2:3] for said in next_morning(office, lan, mai, nga)] == [
        [],
        ["• Fire drill"],
        ["• Fire drill"],
    ]
    minh.gives(Picked("show:broadcast:1"))
    assert "Sent to 3 of 3 people; sent." in minh.hears()
    assert nga.says("[Read: Fire drill]")[-1] == "[✅ Understood] [❓ Ask back]"
    assert nga.says("[✅ Understood]")[-2] == "✅ You understood this: 07:15 today."
    minh.gives(Picked("show:who:1"))
    assert "2 of 2 schools have acknowledged." in minh.hears()


def test_a_line_that_could_not_go_is_no_copy(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    silence_duties(office)
    someone(office, channel, "Nga", "LL", Role.HEAD)
    sent(office, minh, how=("[Done]", "[report writer]", "[Done]", "[At once]", "[Send it]"))
    lan.hears()
    office.wait(days=1)
    assert [said[2:3] for said in next_morning(office, lan)] == [["• Fire drill"]]
    fail_last(office)
    tick(office, seconds=910)
    minh.gives(Picked("show:broadcast:1"))
    assert {"Sent to 1 of 2 people; sent.", "Not delivered to 1."} <= set(minh.hears())


@only_with_buttons
def test_only_silent_schools_are_reminded_and_once(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    sent(office, minh, how=URGENT)
    hoa.gives(Picked("show:understood:1"))
    hoa.hears()
    office.wait(hours=5, minutes=59)
    assert reminded(office, lan, hoa, mai) == [[], [], []]
    office.wait(minutes=1)
    assert reminded(office, lan, hoa, mai) == [
        [],
        [],
        [
            "Nobody of your school has acknowledged this message yet.",
            "📢 URGENT: The office",
            "Fire drill",
            "[✅ Understood] [❓ Ask back]",
        ],
    ]
    office.wait(hours=1)
    assert reminded(office, lan, hoa, mai) == [[], [], []]


@only_with_buttons
def test_a_reminder_that_waits_goes_when_somebody_of_the_school_understands(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    sent(office, minh, how=URGENT)
    office.wait(hours=6)
    tick(office, seconds=900)
    lan.gives(Picked("show:understood:1"))
    assert [line for line in lan.hears() + hoa.hears() if "Nobody" in line] == []


@only_with_buttons
def test_after_a_day_the_others_of_a_silent_school_are_asked(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    nga = someone(office, channel, "Nga", "QT", Role.HEAD)
    send = ("[Done]", "[report writer]", "[Done]", *URGENT[-3:])
    write(minh, "Fire drill", *send)
    tick(office)
    for phone in (lan, mai):
        phone.hears()
    tick(office, seconds=4)
    lan.gives(Picked("show:understood:1"))
    lan.hears()
    office.wait(hours=24)
    tick(office, seconds=900)
    assert reminded(office, lan, hoa, nga) == [
        [],
        [],
        ["📢 URGENT: The office", "Fire drill", "[✅ Understood] [❓ Ask back]"],
    ]
    tick(office, seconds=910)
    assert reminded(office, nga) == [[]]


@only_with_buttons
def test_nobody_is_reminded_at_night(office: Office, lan: Phone, minh: Phone) -> None:
    sent(office, minh, how=URGENT)
    office.wait(hours=12)
    assert reminded(office, lan) == [[]]
    office.wait(hours=10)
    assert reminded(office, lan)[0][0].startswith("Nobody of your school")


@only_with_buttons
def test_nobody_is_reminded_on_a_weekend_or_while_the_office_is_closed(
    office: Office, lan: Phone, minh: Phone
) -> None:
    close(office, date(2026, 11, 2))
    office.now = at(30, 16)  # a Friday
    sent(office, minh, how=URGENT)
    for hours in (24, 24, 24):
        office.wait(hours=hours)
        assert reminded(office, lan) == [[]]
    office.wait(hours=18)
    tick(office, seconds=890)
    assert reminded(office, lan)[0][0].startswith("Nobody of your school")


def test_its_sender_sees_who_has_not_and_why(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    assert hoa.name
    mai = someone(office, channel, "Mai", "QT", Role.HEAD)
    sent(office, minh)
    lan.gives(Picked("show:understood:1"))
    with Session(office.engine) as session:
        session.exec(select(Person).where(Person.name == "Mai")).one().phone = "0912345678"
        session.commit()
    minh.gives(Picked("show:who:1"))
    minh.plays("""
        Fire drill
        1 of 2 schools have acknowledged.
        Not acknowledged yet (1):
        • Trường TH Quyết Thắng: no answer yet; call Mai, 0912345678
        [Get the receipts as a sheet] [Recipients outside] …
        > [See the message]
        📢 The office
        Fire drill
        ———
        Sent to 3 of 3 people; sent.
        Acknowledged by 1.
        1 of 2 schools have acknowledged.
        [Who has not acknowledged] [Correct it] [See the message] [All messages]
    """)
    mai.gives(Picked("show:understood:1"))
    minh.says("[Who has not acknowledged]")
    with Session(office.engine) as session:
        known = session.exec(select(Recipient.acknowledged_at)).all()
    assert [at is not None for at in known].count(True) == 2


@only_with_buttons
@pytest.mark.parametrize(
    ("who", "why"),
    [("nobody", "nobody registered"), ("closed", "has no open chat with the bot")],
)
def test_a_school_that_got_nothing_is_named_with_its_reason(
    office: Office, channel: str, lan: Phone, minh: Phone, who: str, why: str
) -> None:
    assert lan.name
    if who == "closed":
        mai = someone(office, channel, "Mai", "QT", Role.HEAD)
        mai.gives(Membership(reachable=False))
    sent(office, minh)
    minh.gives(Picked("show:who:1"))
    assert f"• Trường TH Quyết Thắng: {why}" in minh.hears()


@only_with_buttons
def test_who_has_not_understood_can_be_written_to_again(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.HEAD)
    sent(office, minh)
    lan.gives(Picked("show:understood:1"))
    tick_it = "[has not acknowledged “Fire drill”]"
    heard = write(minh, "Please read it", "[Done]", tick_it, "[Done]", "[At once]")
    assert "To 1 school, 1 person. When: At once." in heard
    assert mai.name


@only_with_buttons
def test_the_receipts_come_as_a_sheet_without_formulas(
    office: Office, lan: Phone, hoa: Phone, minh: Phone, tmp_path: Path
) -> None:
    put(office, "QT", name="=HYPERLINK(1)")
    sent(office, minh)
    lan.gives(Picked("show:understood:1"))
    with Session(office.engine) as session:
        despatches.add(session, session.get_one(Broadcast, 1), ["Website"])
        session.commit()
    minh.gives(Picked("show:receipts:1"))
    assert minh.hears()[0] == "The sheet is being made; it comes in a moment."
    clerk = Clerk(office.engine, office.desk, Blobs(tmp_path))
    assert hoa.name
    assert write_wanted(clerk, office.times()) == 1
    assert minh.hears() == [
        "Receipts of “Fire drill”, as of 09:00, 27 October 2026.",
        "(nguoi-nhan.xlsx)",
    ]
    with Session(office.engine) as session:
        newest = select(Outgoing).order_by(col(Outgoing.id).desc())
        message = session.exec(newest).first()
        assert message
        sha = message.files[0]["sha256"]
    assert [row[:7] for row in read_sheet_now(clerk.blobs.path(sha))] == [
        ["Mã", "Đơn vị", "Người nhận", "Điện thoại", "Gửi lúc", "Đã rõ lúc", "Kết quả"],
        ["QT", "=HYPERLINK(1)", "", "", "", "", "nobody registered"],
        ["LL", "Trường TH Lê Lợi", "Hoa", "", NINE, "", "a colleague has acknowledged"],
        ["LL", "Trường TH Lê Lợi", "Lan", "", NINE, NINE, "has acknowledged"],
        ["", "Website", "", "", "", "", ""],
    ]
    assert write_wanted(clerk, office.times()) == 0


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=HANOI)


@pytest.mark.parametrize(
    ("moment", "later"),
    [
        (at(27, 9), at(27, 15)),
        (at(27, 5), at(27, 11, 30)),
        (at(27, 12), at(27, 17, 30)),
        (at(27, 17), at(28, 11)),
        (at(30, 16), datetime(2026, 11, 2, 10, tzinfo=HANOI)),
    ],
)
def test_four_hours_of_work_later(moment: datetime, later: datetime) -> None:
    assert working_later(moment, timedelta(hours=4), HANOI) == later
