"""A message to many phones through the real program, with trouble and a kill in its middle."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from bot.demo import ledger
from bot.demo.limits import Limits
from bot.sender import SECONDS_ON_THE_WAY
from core.roles import Role, Standing
from core.units import Level, UnitKind
from storage import people, units
from storage.broadcasts import Broadcast, Fate, Recipient, Stage, Why
from storage.database import reading
from storage.outbox import Lane, Outgoing, Sending
from storage.people import Address, Person
from storage.units import Unit
from tests.databases import database_url, opened
from tests.live import PATIENCE, TOKEN, Live, LivePhone, live
from tests.phone import MACHINE_NOW

pytestmark = pytest.mark.long

WORDS = "Diễn tập chữa cháy vào thứ Sáu"
TROUBLE = {"too_many": 0.01, "server_error": 0.02, "drop_before": 0.01, "drop_after": 0.01}
LONG = 600.0  # seconds for all of it, on a busy machine
SAYS_AGAIN = 1.5  # seconds after what was said before; a chat gets one message a second
ANSWERED_WITHIN = 1.0  # seconds, for 99 replies of 100
AFTERWARDS = 2.0  # seconds in which a chat may still be left alone after trouble


@pytest.mark.parametrize(
    ("kind", "senders"),
    [("sqlite", 1), *(pytest.param("postgres", n, marks=pytest.mark.postgres) for n in (1, 2))],
)
@pytest.mark.parametrize(
    ("count", "times"), [(300, 4), pytest.param(5000, 20, marks=pytest.mark.soak)]
)
def test_everybody_who_can_be_reached_gets_it(
    tmp_path: Path, kind: str, senders: int, count: int, times: int
) -> None:
    """times: as fast as a bot may send; Telegram's limits are raised likewise."""
    rate = 25 * times
    with (
        database_url(kind, tmp_path) as url,
        live(tmp_path, url, SEND_RATE=str(rate)) as one,
        opened(url) as engine,
    ):
        phones = [_phone(one, number) for number in range(count)]
        closed = _close_some(phones)
        _put_broadcast(engine, _phone(one, count), phones)
        _forget_updates(one)
        one.http.post(f"{one.api}/control/limits", json=_limits(times))
        one.befall(**TROUBLE, methods=["sendmessage"], seed=7)
        programs = [one, *(one.another() for _other in range(senders - 1))]
        for program in programs:  # the first one polls
            before = one.state()["calls"]
            program.start()
            _wait(one, lambda before=before: one.state()["calls"] > before)  # type: ignore[misc]
        with _talking(phones[20:40]):  # whom nobody closes
            _wait(one, lambda: _sent(engine) > count / 3)
            killed_at = time.time()
            one.stop(kill=True)
            have_it, known_at = _have_it(engine), time.time()
            one.start()
            _wait(one, lambda: any(p.health().get("poll") is not None for p in programs))
            up_at = time.time()
            _wait(one, lambda: _is_sent(engine))
        _wait(one, lambda: not one.state()["unanswered"] and _waiting(engine) == 0)
        for program in programs:
            program.stop()
        found = Account(one.entries(), killed_at, up_at)
        found.write(f"{kind}, {senders} at once")
        assert set(found.got) == {str(phone.id) for phone in phones} - closed
        assert have_it.isdisjoint(found.got_after(known_at))
        assert found.repeated <= ceil(rate * SECONDS_ON_THE_WAY) + found.answers_lost
        assert found.refused_for_speed == 0
        # In a few seconds, of which a start takes most, replies say nothing.
        assert times == 4 or found.p99 <= ANSWERED_WITHIN
        _every_failure_has_its_reason(engine, closed, count)


@dataclass
class Account:
    """What the server saw. killed_at, up_at: when one program was killed, and answered again."""

    entries: list[dict[str, Any]]
    killed_at: float
    up_at: float

    @cached_property
    def got(self) -> Counter[str]:
        """How often the message came to each chat."""
        return Counter(self.got_after(0))

    def got_after(self, moment: float) -> list[str]:
        """The chats it came to then, each as often as it came."""
        came = (call for call in self._copies if call["outcome"] == ledger.OK)
        return [str(call["chat_id"]) for call in came if call["at"] > moment]

    @property
    def repeated(self) -> int:
        return sum(self.got.values()) - len(self.got)

    @property
    def answers_lost(self) -> int:
        """Copies that came, but whose sender could not know."""
        return sum(call.get("fault") == "drop_after" for call in self._copies)

    @property
    def refused_for_speed(self) -> int:
        """Besides those that were injected."""
        refused = ledger.calls(self.entries, outcome="Too Many Requests")
        return sum("fault" not in call for call in refused)

    @cached_property
    def waits(self) -> list[float]:
        """Seconds from what was said to its answer, where there was no trouble in between."""
        chats = {entry["chat_id"] for entry in self._said}
        told = {chat: self._calls_to(chat) for chat in chats}
        found = [self._answered(entry, told[entry["chat_id"]]) for entry in self._said]
        return sorted(wait for wait in found if wait is not None)

    @property
    def p99(self) -> float:
        """0 where all is over too soon to say anything of it."""
        return self.waits[int((len(self.waits) - 1) * 0.99)] if self.waits else 0.0

    def write(self, what: str) -> None:
        faults = Counter(call["fault"] for call in self.entries if call.get("fault"))
        sys.stdout.write(
            f"{what}: {len(self.got)} got it, {self.repeated} again ({self.answers_lost} answers"
            f" were lost), {dict(faults)}; {self.refused_for_speed} refused for speed;"
            f" {len(self.waits)} replies, p99 {self.p99:.3f} s\n"
        )

    @cached_property
    def _copies(self) -> list[dict[str, Any]]:
        calls = ledger.calls(self.entries, "sendMessage")
        return [call for call in calls if f"\n{WORDS}" in call["text"]]

    @cached_property
    def _said(self) -> list[dict[str, Any]]:
        return [one for one in self.entries if one["event"] == "update" and one["text"] == SAID]

    def _calls_to(self, chat: int) -> list[dict[str, Any]]:
        return [call for call in ledger.calls(self.entries) if str(call["chat_id"]) == str(chat)]

    def _answered(self, said: dict[str, Any], calls: Sequence[dict[str, Any]]) -> float | None:
        at = said["at"]
        if self.killed_at - ANSWERED_WITHIN < at < self.up_at + AFTERWARDS:
            return None
        later = [call for call in calls if call["at"] >= at and call not in self._copies]
        until = later[0]["at"] if later else inf
        troubled = (one for one in calls if at - AFTERWARDS < one["at"] <= until)
        return None if any("fault" in one for one in troubled) else until - at


def _limits(times: int) -> dict[str, float]:
    """Telegram's, see `bot.demo.limits`, so many times as high."""
    plain = Limits()
    return {
        "private": plain.private * times,
        "burst": plain.burst * times,
        "group": plain.group * times,
        "whole": plain.whole * times,
    }


@contextmanager
def _talking(phones: Sequence[LivePhone]) -> Iterator[None]:
    """Each says something again and again, whatever is answered."""
    enough = threading.Event()

    def talk(phone: LivePhone) -> None:
        with httpx.Client(timeout=PATIENCE) as http:
            while not enough.is_set():
                http.post(f"{phone.live.api}/phones/{phone.id}/say", json={"text": SAID})
                enough.wait(SAYS_AGAIN)

    with ThreadPoolExecutor(len(phones)) as hands:
        talks = [hands.submit(talk, phone) for phone in phones]
        try:
            yield
        finally:
            enough.set()
    for each in talks:
        each.result()


SAID = "/han"


def _forget_updates(alive: Live) -> None:
    """That everybody opened the chat; nobody has to be answered any more."""
    api = f"{alive.api}/bot{TOKEN}/getUpdates"
    while updates := alive.http.post(api, json={"limit": 100}).json()["result"]:
        offset = updates[-1]["update_id"] + 1
        alive.http.post(api, json={"offset": offset, "limit": 1, "timeout": 0})


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
    deadline = time.monotonic() + LONG
    while not done():
        assert time.monotonic() < deadline, alive.log.read_text()[-3000:]
        time.sleep(0.2)


def _is_sent(engine: Engine) -> bool:
    with reading(engine) as session:
        return session.exec(select(Broadcast.stage)).one() == Stage.SENT


def _sent(engine: Engine) -> int:
    """How many copies are written down as sent, also those that are not read back yet."""
    with reading(engine) as session:
        sent = select(func.count()).where(Outgoing.lane == Lane.BROADCAST)
        return session.exec(sent.where(Outgoing.sending == Sending.SENT)).one()


def _waiting(engine: Engine) -> int:
    with reading(engine) as session:
        waiting = select(func.count()).where(Outgoing.sending == Sending.WAITING)
        return session.exec(waiting).one()


def _have_it(engine: Engine) -> set[str]:
    """The chats of those who are written down as having it."""
    with reading(engine) as session:
        rows = select(Address.chat).join(Outgoing, col(Outgoing.address_id) == Address.id)
        rows = rows.where(Outgoing.lane == Lane.BROADCAST, Outgoing.sending == Sending.SENT)
        return set(session.exec(rows))


def _every_failure_has_its_reason(engine: Engine, closed: set[str], count: int) -> None:
    with reading(engine) as session:
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
