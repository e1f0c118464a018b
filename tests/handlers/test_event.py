"""The office makes an event, invites schools, sets its day, moves it and cancels it."""

from datetime import date, datetime, time

import pytest
from sqlmodel import Session, col, select

from bot.nudging import remind
from core.events import EventKind, Held, News
from core.roles import Role
from core.screen import Picked
from storage import units
from storage.audit import Audit
from storage.broadcasts import Broadcast, Stage
from storage.events import Event
from storage.people import Person
from tests.bot.test_broadcasting import tick
from tests.conftest import someone
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, MACHINE_NOW, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

MAKE = ("/sukien", "[Make an event]")
TO_ALL = ("[All schools]", "[Done]")
DAY = Held(date(2026, 11, 12), date(2026, 11, 12), time(8))
PLAN = "by the city's plan"
LOOK = "[Fire training]"


def write(phone: Phone, *when: str) -> list[str]:
    """Up to the preview, which is returned."""
    about = ("Hall", "heads of school", "2", "[Skip]", "[Skip]")
    day = when or ("8h 12/11/2026", "[Skip]")
    return says_all(phone, *MAKE, "[Training]", "Fire training", *day, *about, *TO_ALL)


def invite(
    office: Office,
    phone: Phone,
    *readers: Phone,
    held: Held | None = DAY,
    seats: int = 2,
    kind: EventKind = EventKind.TRAINING,
) -> None:
    """As `write` and sending it does; the readers have looked at it."""
    with Session(office.engine) as session:
        author = session.exec(select(Person.id).where(Person.name == phone.name)).one()
        home, title = units.office(session), "Fire training"
        event = Event(unit_id=home.id, kind=kind, title=title, made_at=office.now, seats=seats)
        event.place, event.who, event.written = "Hall", "heads of school", PLAN
        event.hold(held)
        session.add(event)
        session.flush()
        sent = Broadcast(unit_id=home.id, author_id=author, made_at=office.now)
        sent.stage, sent.event_id, sent.news = Stage.WAITING, event.id, News.INVITATION
        sent.written, sent.audience = {"letter": {"text": title}}, {"everybody": True}
        session.add(sent)
        session.commit()
    news(office, *readers)
    phone.hears()


def news(office: Office, *phones: Phone) -> list[list[str]]:
    """What each is told of an event that was changed."""
    tick(office)
    heard = [phone.hears() for phone in phones]
    tick(office, seconds=4)
    return heard


@only_with_buttons
def test_the_day_may_be_left_open(lan: Phone, minh: Phone) -> None:
    assert lan.name
    assert f"When: no day yet (“{PLAN}”)" in write(minh, "[No day yet]", PLAN)


def test_an_event_is_made_previewed_and_sent(office: Office, lan: Phone, minh: Phone) -> None:
    minh.plays("""
        > /sukien
        Events
        There is none yet.
        [Make an event]
        > [Make an event]
        Event (1/9)
        What kind of event is it?
        [Training] [Exchange of experience] [Contest] [Inspection] [Meeting]
        > [Training]
        Event (2/9)
        What is it called?
        [Back]
        > Fire training
        Event (3/9)
        When does it begin? Send a day and an hour.
        [No day yet] [Back]
        > 8h 12/11/2026
        Event (4/10)
        If it takes several days: which is the last?
        [Skip] [Back]
        > 13/11
        Event (5/10)
        Where is it held?
        [Skip] [Back]
        > Hall
        Event (6/10)
        Who should come?
        [Skip] [Back]
        > heads of school
        Event (7/10)
        How many people may one school send?
        [Back]
        > 2
        Event (8/10)
        Files or photos to go with it?
        [Skip] [Back]
        > (plan.pdf)
        Event (8/10)
        Files or photos to go with it?
        Your answer so far: 1 file: plan.pdf
        [Done] [Send them again from the start] [Skip] [Back]
        > [Done]
        Event (9/10)
        By which day should the schools answer?
        [Skip] [Back]
        > 10/11
        Event (10/10)
        To whom? Tick all that have to fit.
        [All schools] [MN] [TH] [THCS] [report writer] [head of school] …
        > [All schools]
        Event (10/10)
        To whom? Tick all that have to fit.
        Your answer so far: All schools
        [Done] [✓ All schools] [MN] [TH] [THCS] …
        > [Done]
        📢 The office
        Fire training
        Your school is invited.
        Training
        When: 08:00, Thursday 12 November 2026 until Friday 13 November 2026
        Where: Hall
        Who: heads of school
        Up to 2 people of a school
        Please answer by 10 November.
        ———
        To 2 schools, 1 person. When: At once.
        Nobody registered (1): Trường TH Quyết Thắng
        (plan.pdf)
        [Send it] [Change it] [Throw it away] [⚡ Make it urgent]
    """)
    assert minh.says("[Send it]")[0].startswith("It is on its way;")
    with Session(office.engine) as session:
        session.connection().exec_driver_sql("UPDATE upload SET arrival = 'stored'")
        session.commit()
    tick(office)
    heard = lan.hears()
    assert heard[:3] == ["📢 The office", "Fire training", "Your school is invited."]
    assert heard[-2:] == [
        "(plan.pdf)",
        "[✅ We come] [👥 Send somebody else] [✖ We cannot come] [❓ Ask back]",
    ]


def test_a_draft_is_changed_or_thrown_away(lan: Phone, minh: Phone) -> None:
    assert lan.name
    write(minh)
    heard = minh.says("[Change it]")
    assert heard[0] == "Event: check your answers"
    assert "3. When does it begin? Send a day and an hour. → 08:00 on 12 November 2026" in heard
    [place] = [line for line in says_label(minh, "[Change an answer]") if "Hall" in line]
    assert "Where: Library" in says_all(minh, f"[{place}]", "Library")
    assert minh.says("/sukien")[1:3] == [
        "Coming",
        "• Fire training: 08:00, Thursday 12 November 2026, Library",
    ]
    assert minh.says(LOOK)[-2:] == [
        "The invitation: draft.",
        "[Invite schools] [Move it] [Cancel the event] [See the message] [All events]",
    ]
    says_all(minh, "[See the message]", "[Throw it away]")
    assert minh.says("/sukien")[1] == "There is none yet."


def says_label(phone: Phone, line: str) -> list[str]:
    """The labels that are offered then."""
    return phone.says(line)[-1].strip("[]").split("] [")


def test_a_day_that_is_open_is_shown_as_waiting_and_told_once_when_it_is_set(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa, held=None)
    lan.plays("""
        > [✅ We come]
        The office has your answer. Thank you!
        Fire training
        Training
        When: no day yet (“by the city's plan”)
        Where: Hall
        Who: heads of school
        Up to 2 people of a school
        Your school comes:
        • Lan
        Your school may change its answer until the day.
        [✅ We come] [👥 Send somebody else] [✖ We cannot come] [What is due]
    """)
    assert minh.says("/sukien")[1:3] == [
        "Waiting for a day",
        "• Fire training: no day yet (“by the city's plan”), Hall",
    ]
    minh.says(LOOK)
    minh.plays("""
        > [Set the day]
        Fire training
        When does it begin? Send a day and an hour.
        When: no day yet (“by the city's plan”)
        [Cancel]
        > 8h 12/11/2026
        Fire training (2/2)
        If it takes several days: which is the last?
        [Skip] [Back]
        > [Skip]
        Everybody who is invited is told now, once.
        Fire training
        Training
        When: 08:00, Thursday 12 November 2026
        Where: Hall
        Who: heads of school
        Up to 2 people of a school
        Schools: 1 come, 0 send somebody else, 0 do not come, 1 have not answered.
        Not answered yet (1):
        • Trường TH Quyết Thắng: nobody registered
        [Attendance code] [Tick who is there] [Move it] [Cancel the event] …
    """)
    told = [
        "📢 The office",
        "Fire training",
        "The day of this event is set.",
        "Training",
        "When: 08:00, Thursday 12 November 2026",
        "Where: Hall",
        "Who: heads of school",
        "Up to 2 people of a school",
        "[✅ We come] [👥 Send somebody else] [✖ We cannot come] [❓ Ask back]",
    ]
    assert news(office, lan, hoa) == [told, told]
    assert news(office, lan, hoa) == [[], []]


@only_with_buttons
def test_an_event_is_moved_and_everybody_invited_is_told_once(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    says_all(lan, "[✅ We come]")
    office.wait(days=5)
    says_all(minh, "/sukien", LOOK, "[Move it]", "14h ngày 13/11/2026", "[Skip]")
    heard = news(office, lan, hoa)
    moved = "This event is moved. It was: 08:00, Thursday 12 November 2026."
    assert [told[2] for told in heard] == [moved, moved]
    assert "When: 14:00, Friday 13 November 2026" in heard[0]
    assert news(office, lan, hoa) == [[], []]
    minh.hears()
    again = says_all(minh, "/sukien", LOOK, "[Move it]", "14h ngày 13/11/2026", "[Skip]")
    assert again[0] == "It is held on that day already."
    assert news(office, lan, hoa) == [[], []]
    lan.says("/sukien")
    assert "• Lan" in lan.says(LOOK)  # the answer stays, and may be changed


@only_with_buttons
def test_an_event_is_cancelled_and_everybody_invited_is_told_once(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    says_all(minh, "/sukien", LOOK, "[Cancel the event]")
    heard = minh.says("Flood.")
    assert heard[0] == "Everybody who is invited is told now, once."
    assert "This event is cancelled: Flood." in heard
    told = [
        "📢 The office",
        "Fire training",
        "This event is cancelled: Flood.",
        "When: 08:00, Thursday 12 November 2026",
        "[❓ Ask back]",
    ]
    assert news(office, lan, hoa) == [told, told]
    assert news(office, lan, hoa) == [[], []]
    for action in ("show:come:1", "open:others:1", "open:absent:1"):
        lan.gives(Picked(action))
        assert lan.hears()[0] == "This event is cancelled: Flood."
    minh.hears()
    for action in ("open:event_day:1", "open:event_off:1", "show:code:1", "show:tick:1"):
        minh.gives(Picked(action))
        assert minh.hears()[0] == "This event is cancelled: Flood."
    assert lan.says("/sukien")[0] == "No event that you are invited to is coming."
    assert minh.says("/sukien")[1] == "There is none yet."
    office.wait(hours=30)
    assert news(office, lan, hoa) == [[], []]  # and nobody is asked to answer any more
    with Session(office.engine) as session:
        changes = session.exec(select(Audit.change).where(Audit.subject == "event")).all()
    assert changes == ["cancelled"]


@only_with_buttons
def test_who_waits_for_the_invitation_is_told_nothing_of_it(
    office: Office, lan: Phone, minh: Phone
) -> None:
    write(minh)
    minh.says("[Send it]")
    says_all(minh, "/sukien", LOOK, "[Cancel the event]")
    assert minh.says("Flood.")[0] == "Nobody had to be told."
    assert news(office, lan) == [[]]
    with Session(office.engine) as session:
        assert session.exec(select(Broadcast.stage)).all() == [Stage.STOPPED]


@only_with_buttons
def test_silent_schools_are_reminded_as_of_any_message(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    invite(office, minh, lan, hoa, mai)
    hoa.gives(Picked("show:come:1"))
    hoa.hears()
    minh.gives(Picked("show:event:1"))
    missing = minh.hears()[-3:-1]
    assert missing == ["Not answered yet (1):", "• Trường TH Quyết Thắng: no answer yet"]
    office.wait(hours=6)
    tick(office, seconds=900)
    office.wait(hours=17)
    remind(office.engine, office.desk, office.now, MACHINE_NOW)
    unread = [phone.hears()[-2:] for phone in (lan, hoa, mai)]
    assert ["Fire training" in words for words, _buttons in unread] == [False, False, True]
    assert "[Read: Fire training]" in unread[2][1]
    mai.gives(Picked("show:come:1"))
    assert mai.hears()[0] == "The office has your answer. Thank you!"


@only_with_buttons
def test_nobody_is_asked_to_answer_on_the_day(office: Office, lan: Phone, minh: Phone) -> None:
    today = date(2026, 10, 27)
    invite(office, minh, lan, held=Held(today, today))
    office.wait(hours=6)
    assert news(office, lan) == [[]]


@only_with_buttons
def test_another_officer_goes_on_with_an_invitation(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    write(minh)
    an = someone(office, channel, "An", "PHONG", Role.OFFICER)
    says_all(an, "/sukien", LOOK, "[Invite schools]")
    assert an.says("[Submit]")[-1] == "[Send it] [Change it] [Throw it away] [⚡ Make it urgent]"
    assert an.says("[Send it]")[0].startswith("It is on its way;")
    assert news(office, lan)[0][1] == "Fire training"


@only_with_buttons
def test_a_reminder_that_waits_goes_when_the_school_answers(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    invite(office, minh, lan, hoa)
    office.wait(hours=6)
    tick(office, seconds=900)
    lan.gives(Picked("show:come:1"))
    assert not [line for line in lan.hears() + hoa.hears() if "not answered" in line]


@only_with_buttons
def test_a_card_for_the_group_opens_the_invitation(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    assert hoa.name
    invite(office, minh, lan)
    lan.gives(Picked("show:come:1"))
    lan.hears()
    minh.gives(Picked("show:card:1"))
    assert minh.hears()[:4] == [
        "📢 The office: Fire training",
        "Open it here and answer: https://t.me/phong_bot?start=b1",
        "Without the bot, answer with your school's code: "
        "#S… tham gia E1, or #S… vắng E1: and why",
        "(qr.png)",
    ]
    assert lan.says("/start b1")[0] == "Fire training"
    assert minh.says("#S2 đã rõ")[0] == "Sorry, I did not understand that."


@only_with_buttons
def test_wrong_input_is_answered_in_one_sentence(office: Office, lan: Phone, minh: Phone) -> None:
    assert lan.name
    says_all(minh, *MAKE, "[Training]", "Fire training")
    again = "Please send a day and an hour, such as 8h 5/6, or only the day."
    assert minh.says("some day")[0] == again
    past = "That moment has passed; please send one that is to come."
    assert minh.says("26/10/2026")[0] == minh.says("8h")[0] == past
    minh.says("12/11")
    assert minh.says("11/11")[0] == "Please send a day from 12 November 2026 on, such as 5/6."
    says_all(minh, "[Skip]", "[Skip]", "[Skip]")
    assert minh.says("0")[0] == "Please send a whole number from 1 to 20, such as 12."
    says_all(minh, "1", "[Skip]")
    heard = minh.says("13/11")[0]
    assert heard.startswith("Please send a day from 27 October 2026 to 12 November 2026")
    says_all(minh, "[Skip]", *TO_ALL)
    office.now = datetime(2026, 11, 12, 9, tzinfo=HANOI)
    refused = minh.says("[Send it]")[0]
    assert refused == "The day of this event has come; please set another day first."
    assert stages(office) == [Stage.DRAFT]
    minh.gives(Picked("open:event_day:1"))
    assert minh.hears()[0] == "This event has begun, so its day stays as it is."
    minh.gives(Picked("show:participants:1"))
    assert minh.hears()[0] == "Nobody is invited yet."


def stages(office: Office) -> list[str]:
    with Session(office.engine) as session:
        return list(session.exec(select(Broadcast.stage).order_by(col(Broadcast.id))))


@only_with_buttons
def test_an_invitation_is_neither_written_nor_corrected_like_a_message(
    office: Office, lan: Phone, minh: Phone
) -> None:
    write(minh)
    minh.gives(Picked("open:broadcast:1"))
    assert minh.hears()[0] == "There is no such message for you."
    minh.says("/thongbao")
    says_all(minh, "[Fire training]", "[Send it]")
    news(office, lan)
    minh.hears()
    minh.gives(Picked("open:correct:1"))
    assert minh.hears()[0] == "Move or cancel the event instead; everybody invited is told."
    lan.gives(Picked("show:understood:1"))
    assert lan.hears()[0] == "There is no such message for you."
    minh.gives(Picked("open:event:1"))
    assert minh.hears()[0] == "This message is already: sent."
