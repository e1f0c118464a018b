"""Nothing is lost or done twice when the real program is killed at random moments under load.

The Bot API server is a process of its own and keeps the account. Some people chat idly; others
answer a long form, number after number, so that an answer lost or taken twice shifts all others.
"""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.roles import Role, Standing
from core.units import Level, UnitKind
from storage import people, plans, units
from storage.conversations import Conversation
from storage.database import connect
from storage.people import Address, Person
from storage.plan_items import ChecklistPart, Item
from storage.plans import ClausePart, Document, DutyPart, Plan
from storage.reports import Report
from storage.submissions import Answer, Submission
from storage.units import Unit
from tests.bot.account import CATCH_UP, nothing_twice, received, wait_until_answered
from tests.databases import BOTH, database_url
from tests.live import Live, LivePhone, live
from tests.phone import MACHINE_NOW

pytestmark = pytest.mark.long

QUESTIONS = 400  # more than anybody gets to
WRITERS, IDLERS = 6, 24
A_SECOND = 12  # messages of all together, faster than they can be answered between two kills


@pytest.fixture(params=BOTH)
def alive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    with database_url(request.param, tmp_path) as url, live(tmp_path, url) as alive:
        yield alive


def test_thirty_kills_lose_nothing_and_answer_nothing_twice(alive: Live) -> None:
    _kill_and_count(alive, kills=30)


@pytest.mark.soak
def test_two_hundred_kills_lose_nothing_and_answer_nothing_twice(alive: Live) -> None:
    _kill_and_count(alive, kills=200)


def _kill_and_count(alive: Live, kills: int) -> None:
    engine = connect(alive.env["PHONGBOT_DATABASE_URL"])
    crowd = _crowd(alive, engine)
    with crowd.talking():
        ready = [_live_a_while(alive, Random(kill)) for kill in range(kills)]  # noqa: S311
        alive.start()
    wait_until_answered(alive, engine)
    print(f"ready again after {sorted(ready)[kills // 2]:.1f} s; {len(crowd.said)} messages")  # noqa: T201
    _nothing_lost(engine, crowd)
    nothing_twice(engine, alive, kills)
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(engine.url.database or "")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    engine.dispose()


def _live_a_while(alive: Live, chance: Random) -> float:
    """Start it, kill it somewhere in its work, and say after how many seconds it was ready."""
    began = time.monotonic()
    before = alive.state()["calls"]
    alive.start()
    while alive.state()["calls"] == before:
        assert time.monotonic() - began < CATCH_UP, alive.log.read_text()
        time.sleep(0.02)
    ready = time.monotonic() - began
    time.sleep(chance.uniform(0, 1.5))
    alive.stop(kill=True)
    return ready


@dataclass
class Crowd:
    """said: the chat of each message, in the order of sending."""

    alive: Live
    writers: list[LivePhone]
    idlers: list[LivePhone]
    said: list[int]

    def talking(self) -> "Crowd":
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._talk)
        return self

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _talk(self) -> None:
        numbers = Counter[int]()
        turns = cycle([*self.writers, *self.idlers])
        with httpx.Client(timeout=60) as http:
            while not self._stop.wait(1 / A_SECOND):
                phone = next(turns)
                numbers[phone.id] += 1
                say = f"{self.alive.api}/phones/{phone.id}/say"
                http.post(say, json={"text": str(numbers[phone.id])}).raise_for_status()
                self.said.append(phone.id)


def _crowd(alive: Live, engine: Engine) -> Crowd:
    writers = [alive.phone(f"Người viết {n}") for n in range(WRITERS)]
    idlers = [alive.phone(f"Người rảnh {n}") for n in range(IDLERS)]
    with Session(engine) as session:
        plans.publish(session, _long_plan(session), MACHINE_NOW)
        for phone, school in zip(writers, units.schools(session, MACHINE_NOW.date()), strict=True):
            _begin_the_form(session, phone, school)
        session.commit()
    return Crowd(alive, writers, idlers, [])


def _long_plan(session: Session) -> Plan:
    office = units.office(session)
    for number in range(WRITERS):
        school = Unit(code=f"T{number:02}", name=f"Trường {number}", kind=UnitKind.SCHOOL)
        school.parent_id, school.levels = office.id, [Level.TH]
        session.add(school)
    session.flush()
    asked = [
        Item.model_validate({"key": f"q{n}", "kind": "number", "text": f"Câu hỏi {n}?"})
        for n in range(1, QUESTIONS + 1)
    ]
    day = MACHINE_NOW.date()
    return Plan(
        document=Document(
            issuer=office.code, number="1", symbol="KH", issued_on=day, title="Kế hoạch"
        ),
        clause=[ClausePart(anchor="I", title="Đếm")],
        checklist=[ChecklistPart(code="dem", title="Đếm", item=asked)],
        duty=[
            DutyPart(
                code="dem",
                title="Đếm",
                checklist="dem",
                clause="I",
                due="none",
                receiver=office.code,
            )
        ],
    )


def _begin_the_form(session: Session, phone: LivePhone, school: Unit) -> None:
    person = Person(name=f"Người {phone.id}", language="vi", consent_at=MACHINE_NOW)
    session.add(person)
    session.flush()
    session.add(Address(person_id=person.id, channel="telegram", chat=str(phone.id)))
    post = people.give_post(
        session, person.id, school.id, Role.REPORTER, MACHINE_NOW, standing=Standing.ACTIVE
    )
    report = session.exec(select(Report).where(Report.unit_id == school.id)).one()
    talk = Conversation(
        person_id=person.id,
        flow="report",
        subject_id=report.id,
        at="q1",
        touched_at=MACHINE_NOW,
    )
    session.add(talk)
    session.flush()
    person.post_id, person.conversation_id = post.id, talk.id


def _nothing_lost(engine: Engine, crowd: Crowd) -> None:
    """Every update is in the tables, and every writer's numbers stand under their questions."""
    said = Counter(crowd.said)
    assert received(engine) == len(crowd.said)
    with Session(engine) as session:
        for phone in crowd.writers:
            rows = session.exec(
                select(Answer.key, Answer.value)
                .join(Submission, Submission.id == Answer.submission_id)  # type: ignore[arg-type]
                .join(Address, Address.person_id == Submission.holder_id)  # type: ignore[arg-type]
                .where(Address.chat == str(phone.id))
            ).all()
            assert dict(rows) == {f"q{n}": n for n in range(1, said[phone.id] + 1)}
