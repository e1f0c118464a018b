"""A message to many through a Bot API in trouble, sent by the real program."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.clock import machine_now
from bot.demo import ledger
from bot.demo.faults import DROP_AFTER
from core.roles import Role, Standing
from storage import outbox, people, units
from storage.database import connect
from storage.outbox import Draft, Lane
from storage.people import Address, Person
from tests.bot.account import CATCH_UP, wait_until_answered, waiting
from tests.databases import BOTH, database_url
from tests.live import Live, LivePhone, live, until

RATE = 20  # a second; some calls that were held up arrive together with those after them
MOST_A_SECOND = 30  # of the whole bot: core.telegram.org/bots/faq
MOST_OF_A_CHAT = 6  # a burst of five, and one more a second, see `bot.pace`
GONE_ONE_IN = 20
TOLD = "Phòng nhắc các trường"
TROUBLE = {
    "too_many": 0.1,
    "server_error": 0.05,
    "drop_after": 0.05,
    "seed": 7,
    "methods": ["sendMessage"],
}


@pytest.fixture(params=BOTH)
def alive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    with (
        database_url(request.param, tmp_path) as url,
        live(tmp_path, url, SEND_RATE=str(RATE)) as alive,
    ):
        alive.start()
        yield alive


@pytest.mark.parametrize("schools", [60, pytest.param(700, marks=pytest.mark.soak)])
def test_everybody_who_can_be_reached_gets_it(alive: Live, schools: int) -> None:
    engine = connect(alive.env["PHONGBOT_DATABASE_URL"])
    phones = [alive.phone(f"Người {number}") for number in range(schools)]
    officer = alive.phone("Nguyễn Thu Hà")
    for phone in (*phones, officer):
        phone.says("/start")
    wait_until_answered(alive, engine)
    gone = {phone.id for phone in phones[::GONE_ONE_IN]}
    for chat in gone:
        alive.http.post(f"{alive.api}/phones/{chat}/deactivate", json={}).raise_for_status()
    alive.befall(**TROUBLE)
    before = len(alive.entries())
    _tell_all(engine, machine_now(), phones)
    until(lambda: not waiting(engine), CATCH_UP)
    entries = alive.entries()[before:]
    alive.befall()
    _all_who_can_have_it(entries, {phone.id for phone in phones} - gone)
    _within_the_limits(entries)
    assert _unreachable(engine) == set(map(str, gone))
    _the_office_sees_it(engine, officer, len(gone))
    engine.dispose()


def _tell_all(engine: Engine, now: datetime, phones: Sequence[LivePhone]) -> None:
    chats = {str(phone.id) for phone in phones}
    with engine.begin() as connection:
        rows = connection.execute(select(Address.id, Address.chat)).all()
        told = [
            Draft(id, "telegram", chat, [["", TOLD]], lane=Lane.BROADCAST)
            for id, chat in rows
            if chat in chats
        ]
        outbox.add(connection, told, now)


def _all_who_can_have_it(entries: list[dict[str, Any]], reachable: set[int]) -> None:
    """More than once only where the connection broke after the message was taken."""
    told = [call for call in ledger.calls(entries, "sendMessage") if call["text"] == TOLD]
    got = Counter(call["chat_id"] for call in told if call["outcome"] == ledger.OK)
    assert set(got) == reachable
    taken_without_an_answer = sum(call.get("fault") == DROP_AFTER for call in told)
    assert got.total() - len(got) <= taken_without_an_answer
    faults = Counter(call.get("fault") for call in told)
    assert all(faults[kind] for kind in ("429", "502", DROP_AFTER)), faults


def _within_the_limits(entries: list[dict[str, Any]]) -> None:
    calls = list(ledger.calls(entries, "sendMessage"))
    assert _busiest_second([call["at"] for call in calls]) <= MOST_A_SECOND
    for chat in {call["chat_id"] for call in calls}:
        times = [call["at"] for call in calls if call["chat_id"] == chat]
        assert _busiest_second(times) <= MOST_OF_A_CHAT


def _busiest_second(times: Sequence[float]) -> int:
    return max(sum(start <= at < start + 1 for at in times) for start in times)


def _unreachable(engine: Engine) -> set[str]:
    with Session(engine) as session:
        return set(session.exec(select(Address.chat).where(col(Address.reachable).is_(False))))


def _the_office_sees_it(engine: Engine, officer: LivePhone, count: int) -> None:
    with Session(engine) as session:
        address = session.exec(select(Address).where(Address.chat == str(officer.id))).one()
        person = session.get_one(Person, address.person_id)
        person.name, person.consent_at = "Nguyễn Thu Hà", machine_now()
        post = people.give_post(
            session,
            person.id,
            units.office(session).id,
            Role.OFFICER,
            machine_now(),
            standing=Standing.ACTIVE,
        )
        session.flush()
        person.post_id = post.id
        session.commit()
    officer.says("/donvi")
    officer.screen()
    officer.says(f"[Tin không đến nơi ({count})]")
    assert f"7 ngày qua có {count} tin không đến nơi:" in officer.screen()
