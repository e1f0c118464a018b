import os
from collections.abc import Generator, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlmodel import Session, col, update

from bot import garbage
from core.roles import Role, Standing
from core.units import Level, UnitKind
from storage import closed_days, people, plans, schema, units
from storage.people import Address, Person
from storage.reports import Report
from storage.units import OFFICE_CODE, Unit
from tests.databases import BOTH, Rows, all_rows, empty_database, put_rows
from tests.phone import HANOI, Office, Phone

NOW = datetime(2026, 10, 27, 9, tzinfo=HANOI)
PLAN = Path(__file__).parent / "plan.toml"

schema.load_tables()

# How long an example takes depends on who else is at the machine.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    for item in items:
        if isinstance(item, pytest.Function) and _is_tried_by_halves(item):
            item.add_marker(pytest.mark.soak)
    yield  # now those that are not asked for are left out
    _begin_with_the_long(items)


def _is_tried_by_halves(test: pytest.Function) -> bool:
    """Each talk is tried on both databases and in both renderings; both rarer ones together
    would find next to nothing more, and take a quarter of the time.
    """
    tried = test.callspec.params if hasattr(test, "callspec") else {}
    return (tried.get("engine"), tried.get("channel")) == ("postgres", "numbered")


def _begin_with_the_long(items: list[pytest.Item]) -> None:
    """Each worker begins with its share of the long tests, or all would wait for the last one."""
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if not item.get_closest_marker("long")]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = -(-len(others) // workers)  # xdist gives each so many in a row
    items[:] = [
        item
        for worker in range(workers)
        for item in (*long[worker::workers], *others[worker * share :][:share])
    ]


def pytest_collection_finish() -> None:
    garbage.settle()


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty database, once on SQLite and once on PostgreSQL."""
    with empty_database(request.param) as engine:
        yield engine


@pytest.fixture
def office(engine: Engine) -> Office:
    """An office with two schools and a plan of two duties."""
    put_rows(engine, an_office())
    return Office(engine, NOW)


@cache
def an_office() -> Rows:
    """Made once, as publishing a plan takes longer than most talks.

    What has no date was announced before.
    """
    with empty_database("sqlite") as engine, Session(engine) as session:
        head = Unit(code=OFFICE_CODE, name="The office", kind=UnitKind.OFFICE)
        session.add(head)
        session.flush()
        for code, name in (("LL", "Lê Lợi"), ("QT", "Quyết Thắng")):
            session.add(
                Unit(
                    code=code,
                    name=f"Trường TH {name}",
                    kind=UnitKind.SCHOOL,
                    parent_id=head.id,
                    levels=[Level.TH],
                )
            )
        session.flush()
        plans.publish(session, plans.read_plan(PLAN), NOW)
        announced = update(Report).where(col(Report.due_on).is_(None))
        session.exec(announced.values(told_on=NOW.date(), look_on=None))
        session.commit()
        return all_rows(engine)


@pytest.fixture(params=["telegram", "numbered"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def close(office: Office, day: date) -> None:
    """The office is closed on it."""
    with Session(office.engine) as session:
        closed_days.close(session, day, "lũ", None, office.now)
        session.commit()


def someone(
    office: Office,
    channel: str,
    name: str,
    unit: str,
    role: Role,
    *,
    language: str = "en",
    topics: Sequence[str] = (),
) -> Phone:
    """The phone of a person who holds a post already."""
    with Session(office.engine) as session:
        person = Person(name=name, language=language, consent_at=office.now)
        session.add(person)
        session.flush()
        session.add(Address(person_id=person.id, channel=channel, chat=f"{name}'s chat"))
        at = units.with_code(session, unit)
        assert at is not None
        post = people.give_post(
            session,
            person.id,
            at.id,
            role,
            office.now,
            standing=Standing.ACTIVE,
            topics=list(topics),
        )
        people.act_for(session, person.id, post.id)
        session.commit()
    return Phone(office, channel, f"{name}'s chat", name)


@pytest.fixture
def lan(office: Office, channel: str) -> Phone:
    """Lan's phone; she writes the reports of Lê Lợi school."""
    return someone(office, channel, "Lan", "LL", Role.REPORTER)


@pytest.fixture
def hoa(office: Office, channel: str) -> Phone:
    """Hoa's phone; she is the head of Lê Lợi school."""
    return someone(office, channel, "Hoa", "LL", Role.HEAD)


@pytest.fixture
def minh(office: Office, channel: str) -> Phone:
    """Minh's phone; he is an officer."""
    return someone(office, channel, "Minh", OFFICE_CODE, Role.OFFICER)


@pytest.fixture
def stranger(office: Office, channel: str) -> Phone:
    """The phone of somebody nobody knows."""
    return Phone(office, channel, "70012345", "Tú")
