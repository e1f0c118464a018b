"""Write a message to many: words, files, audience, moment; its preview; a second officer."""

from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.channels.base import Membership, Sent
from core.audience import Audience
from core.marks import Look, Mark
from core.roles import Role, Standing
from core.screen import Picked, Typed
from core.units import UnitKind
from storage import broadcasts, people
from storage.audit import Audit
from storage.broadcasts import Broadcast, Stage
from storage.outbox import Outgoing
from storage.people import Person
from storage.units import Unit, with_code
from tests.conftest import someone
from tests.handlers.test_registration import says_all
from tests.phone import Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

WRITE = ("/thongbao", "[Write a message]")


def write(phone: Phone, *then: str) -> list[str]:
    return says_all(phone, *WRITE, *then)


def stages(office: Office) -> list[str]:
    with Session(office.engine) as session:
        return list(session.exec(select(Broadcast.stage).order_by(col(Broadcast.id))))


def put(office: Office, code: str, **values: Any) -> None:
    """Give a unit other values."""
    with Session(office.engine) as session:
        unit = with_code(session, code)
        assert unit
        for name, value in values.items():
            setattr(unit, name, value)
        session.add(unit)
        session.commit()


def test_a_message_is_written_previewed_and_sent(lan: Phone, hoa: Phone, minh: Phone) -> None:
    assert lan.name != hoa.name
    minh.plays("""
        > /thongbao
        Messages to the schools
        [Write a message]
        > [Write a message]
        Message (1/3)
        Write the message; files and photos may go with it.
        [📎 7/KH] [Cancel]
        > Fire drill on Friday.
        Message (1/3)
        Write the message; files and photos may go with it.
        Your answer so far: Fire drill on Friday.
        [Done] [Write it anew] [📎 7/KH] [Cancel]
        > (plan.pdf)
        Message (1/3)
        Write the message; files and photos may go with it.
        Your answer so far: Fire drill on Friday., 1 file
        [Done] [Write it anew] [📎 7/KH] [Cancel]
        > [Done]
        Message (2/3)
        To whom? Tick all that have to fit.
        [All schools] [MN] [TH] [THCS] [report writer] [head of school] …
        > [All schools]
        Message (2/3)
        To whom? Tick all that have to fit.
        Your answer so far: All schools
        [Done] [✓ All schools] [MN] [TH] [THCS] [report writer] …
        > [Done]
        Message (3/3)
        When shall it be sent? Tap, or type a day and an hour.
        [At once] [Back]
        > [At once]
        📢 The office
        Fire drill on Friday.
        ———
        To 2 schools, 2 people. When: At once.
        Nobody registered (1): Trường TH Quyết Thắng
        (plan.pdf)
        [Send it] [Change it] [Throw it away] [⚡ Make it urgent]
        > [Send it]
        It is on its way; you will see here how far it is.
        [All messages]
        > [All messages]
        Messages to the schools
        • Fire drill on Friday.: waits for its moment (Minh, 09:00 today)
        [Write a message] [Fire drill on Friday.]
    """)


def test_words_keep_their_formatting_also_in_several_messages(office: Office, minh: Phone) -> None:
    write(minh, "Read this:")
    minh.gives(Typed("Meet at 8h\n\nin <hall>", (Mark(Look.BOLD, 8, 10),)))
    minh.hears()
    says_all(minh, "[Done]", "[All schools]", "[Done]")
    minh.does("[At once]")
    with Session(office.engine) as session:
        newest = select(Outgoing.lines).order_by(col(Outgoing.id).desc())
        lines = session.exec(newest).first()
    assert lines
    assert lines[1] == ["b19-21", "Read this:\nMeet at 8h\n\nin <hall>"]


def test_a_document_that_was_sent_before_brings_its_files(lan: Phone, minh: Phone) -> None:
    assert lan.name
    write(minh, "First", "[📎 7/KH]", "(7-KH.pdf)", "[Done]", "[All schools]", "[Done]")
    says_all(minh, "[At once]", "[Send it]")
    heard = write(minh, "[📎 7/KH]", "[Done]", "[All schools]", "[Done]", "[At once]")
    assert heard[:2] == ["📢 The office", "Document 7/KH of 1 October 2026: Safety in schools"]
    assert "(7-KH.pdf)" in heard


def test_a_caption_is_part_of_the_message(minh: Phone) -> None:
    write(minh)
    minh.gives(Sent("r", "u", "hall.jpg", 1000, "image/jpeg", "photo", caption="Our hall"))
    assert minh.hears()[2] == "Your answer so far: Our hall, 1 file"


# To whom


def everybody(office: Office, channel: str) -> dict[str, Phone]:
    """Two schools of different places, each with a writer and a head; an officer and a leader."""
    put(office, "LL", cluster="Cụm 1", ward="Chiềng Lề")
    put(office, "QT", cluster="Cụm 2", ward="Quyết Thắng", levels=["THCS"])
    posts = [
        *(("Lan", "LL", Role.REPORTER), ("Hoa", "LL", Role.HEAD)),
        *(("Mai", "QT", Role.REPORTER), ("Nga", "QT", Role.HEAD), ("Chi", "PHONG", Role.LEADER)),
    ]
    return {name: someone(office, channel, name, unit, role) for name, unit, role in posts}


def reached(office: Office, phone: Phone, *ticks: str) -> set[str]:
    """Who would get a message for those groups; typed answers begin with no bracket."""
    write(phone, "Hello", "[Done]", *ticks, "[At once]")
    with Session(office.engine) as session:
        draft = session.exec(select(Broadcast).order_by(col(Broadcast.id).desc())).first()
        assert draft
        wanted = Audience.from_json(draft.audience)
        found = broadcasts.reach(session, wanted, draft.unit_id, office.now.date())
        return {holder.name for holder in found.people.values()}


@only_with_buttons
@pytest.mark.parametrize(
    ("ticks", "names"),
    [
        (["[All schools]", "[Done]"], "Lan Hoa Mai Nga"),
        (["[TH]", "[Done]"], "Lan Hoa"),
        (["[TH]", "[THCS]", "[Done]"], "Lan Hoa Mai Nga"),
        (["[TH]", "[Cụm 2]", "[Done]"], ""),
        (["[THCS]", "[Quyết Thắng]", "[head of school]", "[Done]"], "Nga"),
        (["[head of school]", "[Done]"], "Hoa Nga"),
        (["[leader of the office]", "[Done]"], "Chi"),
        (["[All schools]", "[report writer]", "[leader of the office]", "[Done]"], "Lan Mai Chi"),
        (["[＋ schools by name]", "[Done]", "le loi", "[Done]"], "Lan Hoa"),
        (
            ["[Cụm 1]", "[＋ schools by name]", "[Done]", "quyết thắng", "[Done]"],
            "Lan Hoa Mai Nga",
        ),
        (["[－ all but some schools]", "[Done]", "quyet thang", "[Done]"], "Lan Hoa"),
        (["[TH]", "[THCS]", "[－ all but some schools]", "[Done]", "LE LOI", "[Done]"], "Mai Nga"),
        (["[has not handed in Safety plan]", "[Done]"], "Lan Hoa Mai Nga"),
    ],
)
def test_an_audience_is_combined_from_groups(
    office: Office, channel: str, minh: Phone, ticks: list[str], names: str
) -> None:
    everybody(office, channel)
    assert reached(office, minh, *ticks) == set(names.split())


@only_with_buttons
def test_somebody_with_several_posts_is_counted_once(office: Office, minh: Phone) -> None:
    lan = someone(office, "telegram", "Lan", "LL", Role.REPORTER)
    with Session(office.engine) as session:
        person = session.exec(select(Person).where(Person.name == lan.name)).one()
        for code, role in (("LL", Role.HEAD), ("QT", Role.HEAD)):
            unit = with_code(session, code)
            assert unit
            assert unit
            active = Standing.ACTIVE
            people.give_post(session, person.id, unit.id, role, office.now, standing=active)
        session.commit()
    heard = write(minh, "Hello", "[Done]", "[All schools]", "[Done]", "[At once]")
    assert "To 2 schools, 1 person. When: At once." in heard


def test_the_preview_names_who_gets_nothing(office: Office, lan: Phone, minh: Phone) -> None:
    assert office
    lan.gives(Membership(reachable=False))
    heard = write(minh, "Hello", "[Done]", "[All schools]", "[Done]", "[At once]")
    assert heard[2:] == [
        "———",
        "This would reach nobody. Please change to whom it goes.",
        "Nobody registered (1): Trường TH Quyết Thắng",
        "Closed the chat with the bot (1): Lan (Trường TH Lê Lợi)",
        "[Change it] [Throw it away] [⚡ Make it urgent]",
    ]
    minh.gives(Picked("show:send:1.1"))
    assert minh.hears()[3].startswith("This would reach nobody.")
    assert stages(office) == [Stage.DRAFT]


def test_the_preview_names_who_is_left_out(lan: Phone, minh: Phone) -> None:
    assert lan.name
    but_one = ("[All schools]", "[－ all but some schools]", "[Done]", "quyet thang", "[Done]")
    heard = write(minh, "Hello", "[Done]", *but_one, "[At once]")
    assert "Left out (1): Trường TH Quyết Thắng" in heard


def test_a_name_that_may_be_of_several_schools_is_asked_again(office: Office, minh: Phone) -> None:
    with Session(office.engine) as session:
        for code, level in (("QT2", "THCS"), ("QT3", "MN")):
            session.add(
                Unit(
                    code=code,
                    name=f"Trường {level} Quyết Thắng",
                    kind=UnitKind.SCHOOL,
                    levels=[level],
                )
            )
        session.commit()
    write(minh, "Hello", "[Done]", "[＋ schools by name]", "[Done]")
    assert minh.says("quyet thang")[0].startswith("“quyet thang” may be ")
    assert minh.says("le hoi")[0] == (
        "“le hoi” may be Trường TH Lê Lợi. Please type the whole name."
    )
    assert minh.says("nowhere")[0].startswith("No school here is called “nowhere”.")
    assert minh.says(",")[0] == "Please type the names of schools, with commas between them."
    heard = minh.says("Trường MN Quyết Thắng, le loi")
    assert heard[2] == "Your answer so far: Trường MN Quyết Thắng, Trường TH Lê Lợi"


# Wrong input


def test_wrong_input_is_answered_in_one_sentence(lan: Phone, minh: Phone) -> None:
    assert lan.name
    write(minh)
    minh.gives(Picked("done"), seen="1.0")
    assert minh.hears()[0] == "Please write some words or send a file, then choose Done."
    assert minh.says("x" * 3001)[0] == "That is too long: at most 3,000 characters fit."
    minh.says("x" * 2999)
    assert minh.says("yz")[0] == "That is too long: at most 3,000 characters fit."
    for number in range(10):
        minh.says(f"({number}.jpg)")
    assert minh.says("(11.jpg)")[0] == "At most 10 files fit here."
    says_all(minh, "[Done]", "[All schools]", "[Done]")
    again = "Please send a day and an hour, such as 5/6 14:30, or 7h30 mai."
    assert minh.says("some day")[0] == again
    past = "That moment has passed; please send one that is to come."
    assert minh.says("26/10/2026 8:00")[0] == minh.says("8h")[0] == past
    assert "To 2 schools, 1 person. When: 14:30 today." in minh.says("14h30")


def test_a_moment_that_has_passed_meanwhile(office: Office, lan: Phone, minh: Phone) -> None:
    assert lan.name
    write(minh, "Hello", "[Done]", "[All schools]", "[Done]", "14h30")
    office.wait(hours=6)
    minh.plays("""
        > [Send it then]
        The moment at which it should be sent has passed.
        [Change it]
        > [Change it]
        Message (3/3)
        When shall it be sent? Tap, or type a day and an hour.
        Your answer so far: 14:30 on 27 October 2026
        [At once] [Back]
        > 8:00 mai
        📢 The office
        Hello
        ———
        To 2 schools, 1 person. When: 08:00 on 28 October 2026.
        Nobody registered (1): Trường TH Quyết Thắng
        [Send it then] [Change it] [Throw it away] [⚡ Make it urgent]
        > [Send it then]
        It will be sent: 08:00 on 28 October 2026.
        [See the message] [All messages]
    """)


def test_a_draft_is_changed_or_thrown_away(office: Office, lan: Phone, minh: Phone) -> None:
    assert lan.name
    write(minh, "Hello", "[Done]", "[All schools]", "[Done]", "[At once]")
    minh.plays("""
        > [Change it]
        Message: check your answers
        1. Write the message; files and photos may go with it. → Hello
        2. To whom? Tick all that have to fit. → All schools
        3. When shall it be sent? Tap, or type a day and an hour. → At once
        [See how it reads] [Change an answer] [Cancel]
        > [Change an answer]
        Which answer shall we change? Pick it, or type its number.
        [1. Hello – Write the message; files and photos may go with it.] …
        > [1. Hello – Write the message; files and photos may go with it.]
        Message (1/3)
        Write the message; files and photos may go with it.
        Your answer so far: Hello
        [Done] [Write it anew] [📎 7/KH] [Cancel]
        > [Write it anew]
        Message (1/3)
        Write the message; files and photos may go with it.
        [📎 7/KH] [Cancel]
        > Goodbye
        Message (1/3)
        Write the message; files and photos may go with it.
        Your answer so far: Goodbye
        [Done] [Write it anew] [📎 7/KH] [Cancel]
        > [Done]
        📢 The office
        Goodbye
        ———
        To 2 schools, 1 person. When: At once.
        Nobody registered (1): Trường TH Quyết Thắng
        [Send it] [Change it] [Throw it away] [⚡ Make it urgent]
        > [Throw it away]
        It is thrown away.
        [All messages]
    """)
    minh.gives(Picked("show:send:1"))
    assert minh.hears()[0] == "There is no such message for you."
    assert stages(office) == []


def test_what_is_sent_is_neither_sent_again_nor_changed(
    office: Office, lan: Phone, minh: Phone
) -> None:
    assert lan.name
    write(minh, "Hello", "[Done]", "[All schools]", "[Done]", "[At once]", "[Send it]")
    for action in ("show:send:1", "show:discard:1", "open:broadcast:1"):
        minh.gives(Picked(action))
        assert minh.hears()[0] == "This message is already: waits for its moment."
    assert stages(office) == [Stage.WAITING]


# A second officer


def test_a_second_officer_agrees_where_the_office_wants_it(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    assert lan.name
    an = someone(office, channel, "An", "PHONG", Role.ADMIN)
    an.plays("""
        > /thongbao
        Messages to the schools
        [Write a message] [Ask a second officer before sending]
        > [Ask a second officer before sending]
        Messages to the schools
        [Write a message] [Send without a second officer]
    """)
    heard = write(minh, "Hi", "[Done]", "[All schools]", "[Done]", "[At once]", "[Send it]")
    assert heard == ["A second officer is asked to agree; then it goes out.", "[All messages]"]
    minh.gives(Picked("show:confirm:1"))
    assert minh.hears()[0] == "Somebody else than its author has to agree."
    assert stages(office) == [Stage.CONFIRMING]
    an.plays("""
        📢 The office
        Hi
        ———
        Minh asks you to agree that this is sent.
        To 2 schools, 1 person. When: At once.
        Nobody registered (1): Trường TH Quyết Thắng
        [Agree and send it] [Give it back]
        > [Give it back]
        It is with its author again.
        [All messages]
    """)
    an.gives(Picked("show:confirm:1"))
    assert an.hears()[0] == "There is no such message for you."
    minh.plays("""
        An asks you to look at your message again.
        [See the message]
        > [See the message]
        📢 The office
        Hi
        ———
        To 2 schools, 1 person. When: At once.
        Nobody registered (1): Trường TH Quyết Thắng
        [Send it] [Change it] [Throw it away] [⚡ Make it urgent]
    """)
    minh.says("[Send it]")
    an.hears()
    says_all(minh, "/thongbao")
    an.gives(Picked("show:confirm:1.0"))
    assert an.hears()[0] == "This was written anew meanwhile. It now reads:"
    assert stages(office) == [Stage.CONFIRMING]
    assert an.says("[Agree and send it]")[0].startswith("It is on its way;")
    assert minh.hears() == ["An agreed; your message goes out.", "[See the message]"]
    with Session(office.engine) as session:
        of_messages = select(Audit.change).where(Audit.subject == "broadcast")
        changes = session.exec(of_messages.order_by(col(Audit.id))).all()
        assert changes == ["confirming", "draft", "confirming", "waiting"]
        was_set = session.exec(select(Audit).where(Audit.change == "set")).one()
    assert was_set.after == {broadcasts.NEEDS_SECOND: True}


def test_without_a_second_officer_nothing_waits_for_one(
    office: Office, lan: Phone, minh: Phone
) -> None:
    assert lan.name
    with Session(office.engine) as session:
        broadcasts.set_needs_second(session, True, 1, office.now)
        session.commit()
    heard = write(minh, "Hi", "[Done]", "[All schools]", "[Done]", "[At once]", "[Send it]")
    alone = "Nobody else at the office could agree; please invite a second officer."
    assert heard[0] == alone
    assert stages(office) == [Stage.DRAFT]
