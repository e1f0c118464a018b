"""A message to many on its way: each once, stopped between any two, every failure with its why."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlmodel import Session, col, select

from bot import broadcasting
from bot.broadcasting import PART, Post
from bot.channels.base import Membership
from bot.inbound import Times
from core.roles import Role, Standing
from core.screen import Picked
from storage import copies, deliveries, people
from storage.broadcasts import Broadcast, Fate, Recipient, Stage, Why, set_needs_second
from storage.copies import Counts
from storage.files import Arrival, Upload
from storage.outbox import Lane, Outgoing, Sending
from storage.people import Address, Person
from storage.people import Post as Held
from storage.units import with_code
from tests.conftest import someone
from tests.handlers.test_broadcast import stages, write
from tests.handlers.test_registration import says_all
from tests.phone import MACHINE_NOW, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

SEND = ("[Done]", "[All schools]", "[Done]", "[At once]", "[Send it]")


def tick(office: Office, *, rate: float = 25, seconds: float = 0) -> int:
    """seconds: of machine time since the tests began."""
    times = Times(office.now, MACHINE_NOW + timedelta(seconds=seconds))
    return broadcasting.tick(Post(office.engine, office.desk, rate), times)


def fates(office: Office) -> dict[str, tuple[Fate, Why]]:
    with Session(office.engine) as session:
        rows = session.exec(select(Person.name, Recipient).join(Recipient)).all()
        return {name: (its.fate, its.why) for name, its in rows}


def counts(office: Office) -> Counts:
    with Session(office.engine) as session:
        return copies.count(session, session.get_one(Broadcast, 1))


def crowd(office: Office, count: int, channel: str = "telegram") -> None:
    """So many more people at one school."""
    with Session(office.engine) as session:
        unit = with_code(session, "QT")
        assert unit
        numbers = range(1000, 1000 + count)
        session.connection().execute(
            insert(Person),
            [{"id": n, "name": f"N{n}", "phone": "", "language": "vi"} for n in numbers],
        )
        session.connection().execute(
            insert(Address),
            [
                {"person_id": n, "channel": channel, "chat": str(n), "reachable": True, "menu": ""}
                for n in numbers
            ],
        )
        held = {"unit_id": unit.id, "role": Role.REPORTER, "topics": [], "since": office.now}
        held["standing"] = Standing.ACTIVE
        session.connection().execute(insert(Held), [{"person_id": n, **held} for n in numbers])
        session.commit()


def deliver(office: Office, most: int = 10_000, fails: str = "") -> list[str]:
    """Lease and send what may go, as the sender does; return the chats that got something.

    fails: a chat that turns out to be closed.
    """
    with office.engine.begin() as connection:
        now = MACHINE_NOW + timedelta(hours=1)
        letters = deliveries.lease(connection, 7, now, "telegram", Lane.BROADCAST, most)
        dropped = copies.drop_unwanted(connection, [letter.id for letter in letters])
    sent = [letter for letter in letters if letter.id not in dropped]
    closed = [letter for letter in sent if letter.chat == fails]
    done = [letter for letter in sent if letter.chat != fails]
    with office.engine.begin() as connection:
        for letter in closed:
            fate = deliveries.Fate(letter, Sending.FAILED, now, 1, error="gone", unreachable=True)
            deliveries.mark(connection, [fate])
        for letter in done:
            reference = f"m{letter.id}"
            fate = deliveries.Fate(letter, Sending.SENT, now, reference=reference)
            deliveries.mark(connection, [fate])
    return [letter.chat for letter in done]


def test_each_gets_it_once_and_its_author_sees_how_far_it_is(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    write(minh, "Fire drill", *SEND)
    assert tick(office) == (3 if minh.channel == "telegram" else 2)
    for phone in (lan, hoa):
        phone.plays("""
            📢 The office
            Fire drill
            [✅ Understood] [❓ Ask back]
        """)
    if minh.channel == "telegram":
        minh.plays("""
            Fire drill
            ▱▱▱▱▱▱▱▱▱▱ 0 %
            Sent to 0 of 2 people; being sent.
            Acknowledged by 0.
            0 of 2 schools have acknowledged.
            [Pause] [Stop] [Who has not acknowledged] [Correct it] [See the message]
        """)
    assert tick(office, seconds=4) == 1
    minh.plays("""
        Fire drill
        Sent to 2 of 2 people; sent.
        Acknowledged by 0.
        0 of 2 schools have acknowledged.
        [Who has not acknowledged] [Correct it] [See the message]
    """)
    assert tick(office, seconds=8) == 0
    assert lan.hears() == hoa.hears() == minh.hears() == []
    assert stages(office) == [Stage.SENT]


@only_with_buttons
def test_progress_is_one_message_that_changes_no_faster_than_it_may(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    assert lan.name != hoa.name
    write(minh, "Fire drill", *SEND)
    for seconds in range(6):
        tick(office, rate=0.25, seconds=seconds)
        minh.hears()
        deliver(office)
    with Session(office.engine) as session:
        shown = session.exec(
            select(Outgoing).where(col(Outgoing.key).like("progress%")).order_by(col(Outgoing.id))
        ).all()
    assert len(shown) == 2  # at 0 s and at 3 s
    assert shown[1].edits == shown[0].reference


@only_with_buttons
def test_it_waits_for_its_moment_and_for_its_files(
    office: Office, lan: Phone, minh: Phone
) -> None:
    assert lan.name
    write(minh, "(plan.pdf)", "[Done]", "[All schools]", "[Done]", "9h30", "[Send it then]")
    assert tick(office) == 0
    office.wait(hours=1)
    assert tick(office) == 0
    with Session(office.engine) as session:
        session.exec(select(Upload)).one().arrival = Arrival.STORED
        session.commit()
    assert tick(office) > 0
    assert lan.hears() == ["📢 The office", "(plan.pdf)", "[✅ Understood] [❓ Ask back]"]


@only_with_buttons
def test_a_file_that_cannot_be_used_is_sent_to_nobody(
    office: Office, lan: Phone, minh: Phone
) -> None:
    write(minh, "(virus.pdf)", *SEND)
    with Session(office.engine) as session:
        session.exec(select(Upload)).one().arrival = Arrival.REFUSED
        session.commit()
    tick(office)
    minh.plays("""
        It was not sent, as “virus.pdf” cannot be used. Please change it.
        [See the message]
    """)
    assert lan.hears() == []
    assert stages(office) == [Stage.DRAFT]


@only_with_buttons
def test_every_failure_has_its_reason(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    nga = someone(office, channel, "Nga", "QT", Role.HEAD)
    write(minh, "Fire drill", *SEND)
    tick(office, rate=0.01)  # recipients are made; the outbox gets one copy
    hoa.gives(Membership(reachable=False))
    with Session(office.engine) as session:
        posts = dict(session.exec(select(Person.name, Held).join(Held)).all())
        people.end_post(session, posts["Mai"], 1, office.now, "left")
        session.commit()
    assert deliver(office) == [lan.chat]
    tick(office, seconds=4)
    assert deliver(office, fails=nga.chat) == []
    tick(office, seconds=8)
    assert fates(office) == {
        "Lan": (Fate.SENT, Why.NONE),
        "Hoa": (Fate.FAILED, Why.CLOSED),
        "Mai": (Fate.FAILED, Why.ENDED),
        "Nga": (Fate.FAILED, Why.CLOSED),
    }
    assert mai.hears() == []
    assert stages(office) == [Stage.SENT]


@only_with_buttons
def test_whoever_is_meant_by_several_posts_gets_it_once(
    office: Office, lan: Phone, minh: Phone
) -> None:
    with Session(office.engine) as session:
        person = session.exec(select(Person.id).where(Person.name == lan.name)).one()
        other = with_code(session, "QT")
        assert other
        head = (Role.HEAD, office.now)
        people.give_post(session, person, other.id, *head, standing=Standing.ACTIVE)
        session.commit()
    write(minh, "Fire drill", *SEND)
    for seconds in (0, 4, 8):
        tick(office, seconds=seconds)
    assert lan.hears().count("Fire drill") == 1
    assert counts(office).all == 1


@only_with_buttons
def test_stop_is_checked_before_every_copy(office: Office, minh: Phone) -> None:
    crowd(office, 20)
    write(minh, "Fire drill", *SEND)
    tick(office, rate=2)
    assert len(deliver(office, most=3)) == 3
    minh.hears()
    minh.plays("""
        > [Stop]
        Fire drill
        Sent to 0 of 20 people; stopped.
        Acknowledged by 0.
        0 of 2 schools have acknowledged.
        Not delivered to 12.
        [Who has not acknowledged] [Correct it] [See the message]
    """)
    assert deliver(office) == []
    tick(office, seconds=4)
    assert counts(office) == Counts(all=20, open=0, sent=3, failed=17, schools=2)
    assert set(fates(office).values()) == {(Fate.SENT, Why.NONE), (Fate.FAILED, Why.STOPPED)}
    minh.gives(Picked("show:stop:1"))
    minh.hears()
    minh.gives(Picked("show:stop:1"))
    assert minh.hears()[0] == "This message is already: stopped."


@only_with_buttons
def test_a_pause_holds_back_what_waits_already(office: Office, minh: Phone) -> None:
    crowd(office, 20)
    write(minh, "Fire drill", *SEND)
    tick(office, rate=2)
    minh.hears()
    minh.says("[Pause]")
    assert deliver(office) == []
    tick(office, seconds=4)
    assert counts(office) == Counts(all=20, open=20, schools=2)
    minh.hears()
    minh.says("[Go on sending]")
    got = []
    for seconds in range(8, 40, 4):
        tick(office, rate=2, seconds=seconds)
        got += deliver(office)
    tick(office, seconds=60)
    assert Counter(got) == {str(n): 1 for n in range(1000, 1020)}
    assert stages(office) == [Stage.SENT]


@only_with_buttons
def test_a_stop_before_the_moment_sends_nothing(office: Office, lan: Phone, minh: Phone) -> None:
    write(minh, "Hi", "[Done]", "[All schools]", "[Done]", "9h30", "[Send it then]")
    says_all(minh, "[See the message]", "[Stop]")
    office.wait(hours=2)
    assert tick(office) == 0
    assert lan.hears() == []


@only_with_buttons
def test_recipients_are_made_in_parts_and_once_after_a_kill(
    office: Office, minh: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(office, 2 * PART + 10)
    write(minh, "Hi", *SEND)
    parts: list[int] = []
    make = copies.make

    def die_in_the_second(session: Session, id: int, holders: list[object]) -> None:
        parts.append(len(holders))
        if len(parts) == 2:
            raise KeyboardInterrupt
        make(session, id, holders)  # type: ignore[arg-type]

    monkeypatch.setattr(copies, "make", die_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        tick(office)
    assert counts(office).all == PART
    assert stages(office) == [Stage.WAITING]
    tick(office)
    assert parts == [PART, PART, PART, PART, 10]
    assert counts(office) == Counts(all=2 * PART + 10, open=2 * PART + 10, schools=2)
    assert stages(office) == [Stage.SENDING]


@only_with_buttons
def test_a_correction_too_needs_a_second_officer(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    assert lan.name
    an = someone(office, channel, "An", "PHONG", Role.ADMIN)
    write(minh, "Drill on Friday", *SEND)
    tick(office)
    with Session(office.engine) as session:
        set_needs_second(session, True, 1, office.now)
        session.commit()
    minh.hears()
    minh.says("[Correct it]")
    minh.gives(Picked("open:correct:1"))
    alone = "Where two have to agree, somebody else writes the correction."
    assert minh.hears()[0] == alone
    an.gives(Picked("open:correct:1"))
    assert an.hears()[0] == "Correction"


@only_with_buttons
def test_a_correction_reaches_all_who_have_the_old_words(
    office: Office, lan: Phone, hoa: Phone, minh: Phone
) -> None:
    write(minh, "Drill on Friday", *SEND)
    tick(office, rate=0.01)
    deliver(office, most=1)
    tick(office, rate=0.01, seconds=4)
    minh.hears()
    minh.plays("""
        > [Correct it]
        Correction
        Write it as it should read.
        📢 The office
        Drill on Friday
        [Cancel]
        > Drill on Monday
        Correction
        Write it as it should read.
        📢 The office
        Drill on Friday
        Your answer so far: Drill on Monday
        [Done] [Write it anew] [Cancel]
        > [Done]
        Correction: check your answers
        1. Write it as it should read. → Drill on Monday
        [Send the correction] [Change an answer] [Cancel]
        > [Send the correction]
        The correction goes to all who got it; the others get it at once.
        📢 The office
        Drill on Monday
        ———
        Sent to 1 of 2 people; being sent.
        Acknowledged by 0.
        0 of 2 schools have acknowledged.
        [Pause] [Stop] [Who has not acknowledged] [Correct it] [See the message] [All messages]
    """)
    for seconds in (8, 12, 16):
        tick(office, seconds=seconds)
        deliver(office)
    with Session(office.engine) as session:
        sent = session.exec(
            select(Address.chat, Outgoing.edits, Outgoing.reference, Outgoing.lines)
            .join(Outgoing)
            .where(Outgoing.lane == Lane.BROADCAST)
            .order_by(col(Outgoing.id))
        ).all()
        version = session.exec(select(Broadcast.version)).one()
    (_lan, _none, first, _old), *others = sent
    assert [
        (chat, edits, [text for _style, text in lines]) for chat, edits, _ref, lines in others
    ] == [
        (
            lan.chat,
            first,
            ["📢 The office", "Correction: this is how it reads now.", "Drill on Monday"],
        ),
        (hoa.chat, None, ["📢 The office", "Drill on Monday"]),
    ]
    assert version == 2
