"""How long one tick of the reminders takes: with many schools of which nothing is due, and with
ever more that is.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert, text, update
from sqlmodel import Session, SQLModel, col, select

from bot.inbound import Desk
from bot.nudging import remind
from core.calendar import Operator
from core.review import State
from core.roles import Role, Standing
from core.units import Level, UnitKind
from storage import schema, units
from storage.checklists import Checklist, Duty, SourceDocument
from storage.database import connect
from storage.people import Address, Person, Post
from storage.reports import Report
from storage.units import Unit
from tests.databases import database_url

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DUTIES = 10
NOW = datetime(2026, 6, 1, 9, tzinfo=HANOI)
DUE = date(2026, 6, 8)  # within the ladder, but looked at already
TICKS = 7  # of which the middle one counts


@dataclass(slots=True)
class Growth:
    """quiet: seconds of a tick that finds nothing. busy: seconds of one, by people reminded."""

    schools: int
    quiet: float = 0.0
    busy: dict[int, float] = field(default_factory=dict)


def measure(kind: str, schools: int, due: Sequence[int]) -> Growth:
    """kind: "sqlite" or "postgres". due: how many people are to be reminded, one tick each."""
    with _filled(kind, schools) as engine:
        found = Growth(schools)
        found.quiet = statistics.median(_tick(engine, NOW)[0] for _ in range(TICKS))
        for number, count in enumerate(due, start=1):
            now = NOW + timedelta(days=number)
            _make_due(engine, count, now)
            found.busy[count], written = _tick(engine, now)
            if written != count:
                raise AssertionError(f"{written} messages for {count} people")
    return found


def _tick(engine: Engine, now: datetime) -> tuple[float, int]:
    begin = time.perf_counter()
    written = remind(engine, Desk(HANOI), now, now)
    return time.perf_counter() - begin, written


def _make_due(engine: Engine, count: int, now: datetime) -> None:
    """One report each of so many schools that nothing was said about yet."""
    today = now.astimezone(HANOI).date()
    with Session(engine) as session:
        quiet = select(Report.id).where(col(Report.look_on) > today + timedelta(60))
        quiet = quiet.where(Report.duty_id == 1).order_by(col(Report.id)).limit(count)
        reached = {"look_on": today, "due_on": today + timedelta(13), "told_on": date.min}
        some = list(session.exec(quiet))
        session.exec(update(Report).where(col(Report.id).in_(some)).values(reached))
        session.commit()


@contextmanager
def _filled(kind: str, schools: int) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder, database_url(kind, Path(folder)) as url:
        engine = connect(url)
        schema.load_tables()
        schema.migrate(engine)
        _fill(engine, schools)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        yield engine
        engine.dispose()


def _fill(engine: Engine, schools: int) -> None:
    with Session(engine) as session:
        units.make_office(session, "Phòng")
        session.flush()
        office = units.office(session).id
        _add_duties(session, office)
        session.commit()
    ids = range(office + 1, office + 1 + schools)
    _put(engine, Unit, (_unit(id, office) for id in ids))
    _put(engine, Person, ({"id": id, "name": "Lan", "phone": "", "language": ""} for id in ids))
    _put(engine, Address, (_address(id) for id in ids))
    _put(engine, Post, (_post(id) for id in ids))
    _put(engine, Report, (_report(id, duty) for duty in range(1, DUTIES + 1) for id in ids))


def _add_duties(session: Session, office: int) -> None:
    document = SourceDocument(
        issuer_id=office, number="9", symbol="KH", year=2026, issued_on=DUE, title="Plan"
    )
    checklist = Checklist(code="c", title="c")
    session.add_all([document, checklist])
    session.flush()
    for number in range(DUTIES):
        session.add(
            Duty(
                code=f"d{number}",
                title=f"Báo cáo {number}",
                document_id=document.id,
                clause="I",
                checklist_id=checklist.id,
                due="none",
                receiver_id=office,
            )
        )


def _unit(id: int, office: int) -> dict[str, Any]:
    unit = {"id": id, "code": f"S{id}", "name": f"Trường số {id}", "kind": UnitKind.SCHOOL}
    rest = {"parent_id": office, "levels": [Level.TH], "flags": [], "public": True}
    return {**unit, **rest, "cluster": "", "ward": ""}


def _address(id: int) -> dict[str, Any]:
    return {"person_id": id, "channel": "telegram", "chat": str(id), "reachable": True, "menu": ""}


def _post(id: int) -> dict[str, Any]:
    post = {"person_id": id, "unit_id": id, "role": Role.REPORTER, "topics": []}
    return {**post, "standing": Standing.ACTIVE, "since": NOW, "caught_up": True}


def _report(id: int, duty: int) -> dict[str, Any]:
    report = {"duty_id": duty, "unit_id": id, "period": "", "title": f"Báo cáo {duty}"}
    said = {"told_on": DUE - timedelta(20), "look_on": DUE + timedelta(90)}
    return {**report, **said, "due_on": DUE, "operator": Operator.BY, "state": State.OPEN}


def _put(engine: Engine, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    with engine.begin() as connection:
        while some := list(islice(rows, 5_000)):
            connection.execute(insert(table), some)
