"""A message to many phones through the real program, with trouble and a kill in its middle."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from bot.demo import ledger
from core.roles import Role, Standing
from core.units import Level, UnitKind
from storage import people, units
from storage.broadcasts import Broadcast, Fate, Recipient, Stage, Why
from storage.database import connect
from storage.people import Address, Person
from storage.units import Unit
from tests.databases import BOTH, database_url
from tests.live import Live, LivePhone, live
from tests.phone import MACHINE_NOW

WORDS = "Diễn tập chữa cháy vào thứ Sáu"
RATE = 100  # copies a second
PLACES = 15  # messages on their way at this rate, see `bot.sender`
PATIENCE = 600.0  # seconds for all of it, on a busy machine
TROUBLE = {"too_many": 0.01, "server_error": 0.03, "methods": ["sendmessage"], "seed": 7}


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("count", [300, pytest.param(5000, marks=pytest.mark.soak)])
def test_everybody_who_can_be_reached_gets_it(tmp_path: Path, kind: str, count: int) -> None:
    with (
        database_url(kind, tmp_path) as url,
        live(tmp_path, url, SEND_RATE=str(RATE)) as alive,
    ):
        engine = connect(url)
        phones = [_phone(alive, number) for number in range(count)]
        closed = _close_some(phones)
        _put_broadcast(engine, _phone(alive, count), phones)
        alive.http.post(f"{alive.api}/control/limits", json={"off": True})
        alive.http.post(f"{alive.api}/control/faults", json=TROUBLE)
        alive.start()
        _wait(alive, lambda: sum(_got(alive).values()) > count / 3)
        alive.stop(kill=True)
        known_to_have_it = _sent(engine)
        alive.start()
        _wait(alive, lambda: _is_sent(engine))
        got = _got(alive)
        alive.stop()
        assert set(got) == {str(phone.id) for phone in phones} - closed
        assert {got[chat] for chat in known_to_have_it} == {1}
        assert sum(got.values()) - len(got) <= PLACES
        _every_failure_has_its_reason(engine, closed, count)
        engine.dispose()


def _phone(alive: Live, number: int) -> LivePhone:
    phone = alive.phone(f"Người {number}")
    phone._post("start")  # nobody can be written to before
    return phone


def _close_some(phones: list[LivePhone]) -> set[str]:
    """One in a hundred has blocked the bot, another has left the app; their chats."""
    for phone in phones[7::100]:
        phone._post("block", blocked=True)
    for phone in phones[13::100]:
        phone._post("deactivate")
    return {str(phone.id) for phone in [*phones[7::100], *phones[13::100]]}


def _put_broadcast(engine: Engine, author: LivePhone, phones: list[LivePhone]) -> None:
    with Session(engine) as session:
        office = units.office(session)
        school = Unit(code="T1", name="Trường 1", kind=UnitKind.SCHOOL, levels=[Level.TH])
        session.add(school)
        session.flush()
        officer = _put_person(session, author, office, Role.OFFICER)
        for phone in phones:
            _put_person(session, phone, school, Role.REPORTER)
        letter = {"letter": {"text": WORDS}}
        session.add(
            Broadcast(
                unit_id=office.id,
                author_id=officer,
                stage=Stage.WAITING,
                written=letter,
                made_at=MACHINE_NOW,
            )
        )
        session.commit()


def _put_person(session: Session, phone: LivePhone, unit: Unit, role: Role) -> int:
    person = Person(name=f"Người {phone.id}", language="vi", consent_at=MACHINE_NOW)
    session.add(person)
    session.flush()
    session.add(Address(person_id=person.id, channel="telegram", chat=str(phone.id)))
    active = Standing.ACTIVE
    people.give_post(session, person.id, unit.id, role, MACHINE_NOW, standing=active)
    return person.id


def _wait(alive: Live, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, alive.log.read_text()[-3000:]
        time.sleep(0.2)


def _got(alive: Live) -> Counter[str]:
    """How often the message came to each chat."""
    entries = alive.http.get(f"{alive.api}/control/ledger").json()
    calls = ledger.calls(entries, "sendMessage", ledger.OK)
    return Counter(str(one["chat_id"]) for one in calls if f"\n{WORDS}" in one["text"])


def _is_sent(engine: Engine) -> bool:
    with Session(engine) as session:
        return session.exec(select(Broadcast.stage)).one() == Stage.SENT


def _sent(engine: Engine) -> set[str]:
    """The chats of those who are written down as having it."""
    with Session(engine) as session:
        rows = select(Address.chat).join(
            Recipient,
            Recipient.person_id == Address.person_id,  # type: ignore[arg-type]
        )
        return set(session.exec(rows.where(Recipient.fate == Fate.SENT)))


def _every_failure_has_its_reason(engine: Engine, closed: set[str], count: int) -> None:
    with Session(engine) as session:
        rows = session.exec(
            select(Address.chat, Recipient.fate, Recipient.why).join(
                Recipient,
                Recipient.person_id == Address.person_id,  # type: ignore[arg-type]
            )
        ).all()
        assert session.exec(select(func.count()).select_from(Recipient)).one() == count
    assert {chat: why for chat, fate, why in rows if fate is Fate.FAILED} == dict.fromkeys(
        closed, Why.CLOSED
    )
    assert {fate for _chat, fate, _why in rows} == {Fate.SENT, Fate.FAILED}
