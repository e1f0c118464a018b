"""Whatever a plan becomes and wherever its reports stand: nothing that was filed is lost."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core import scope
from core.calendar import parse_rule
from core.review import HANDED_IN, TO_COME, State
from core.units import Level, UnitKind
from storage import excusing, plans, samples
from storage.checklists import Duty
from storage.people import Person
from storage.plan_changes import BY_US
from storage.plans import Plan
from storage.reports import Report
from storage.submissions import Answer, Submission
from storage.units import Unit
from tests.conftest import NOW
from tests.databases import BOTH

SAMPLE = plans.read_plan(samples.PLAN)
RULES = (
    "none",
    "none 2018..2020",
    "on before 2018-06-10",
    "yearly before 06-10 2018..2020",
    "yearly by 06-15 2019..2021",
    "quarterly by last-month day 20 2018-01..2019-12",
    "monthly by day 31 2018-02..2018-09",
    "window 2018-07-01..2018-09-30",
)
AUDIENCES: tuple[dict[str, list[str]], ...] = ({}, {"levels": ["TH"]}, {"levels": ["MN", "THCS"]})
REMEMBERS = (State.LOCKED, State.EXCUSED, State.FILED_ELSEWHERE)
BEFORE = (State.OPEN, State.DRAFT, State.SUBMITTED, State.ACCEPTED)


def some_plan(dice: random.Random) -> Plan:
    """Up to three duties, each with a rule and an audience of its own."""
    duties = [
        SAMPLE.duty[0].model_copy(
            update={
                "code": code,
                "title": f"Duty {code} {{period}}",
                "due": dice.choice(RULES),
                "audience": dice.choice(AUDIENCES),
                "also": [],
            }
        )
        for code in ("a", "b", "c")
        if dice.random() < 0.8
    ]
    return SAMPLE.model_copy(update={"duty": duties})


def renumbered(plan: Plan, number: int, replaces: str) -> Plan:
    document = {"number": str(number), "replaces": replaces}
    return plan.model_copy(update={"document": plan.document.model_copy(update=document)})


def get_busy(session: Session, plan: Plan, dice: random.Random) -> None:
    """Schools do something about half of the reports that the plan asks of them."""
    asked = expected(session, plan)
    for duty, unit, report in all_reports(session):
        if dice.random() < 0.5 or (duty, unit, report.period) not in asked:
            continue
        report.state = dice.choice(list(State))
        report.state_before = dice.choice(BEFORE) if report.state in REMEMBERS else None
        if report.state is State.LOCKED:
            report.locked_for = report.due_on
        if report.due_on and dice.random() < 0.2:
            report.due_on += timedelta(days=dice.randint(1, 20))
        if report.standing is not State.OPEN:
            file(session, report)
    session.flush()


def all_reports(session: Session) -> list[tuple[str, str, Report]]:
    """With the codes of their duties and schools."""
    found = session.exec(
        select(Duty.code, Unit.code, Report)
        .join(Report, col(Report.duty_id) == Duty.id)
        .join(Unit, col(Unit.id) == Report.unit_id)
        .order_by(col(Report.id))
    )
    return list(found)


def file(session: Session, report: Report) -> None:
    known = select(Submission.id).where(Submission.report_id == report.id)
    if session.exec(known).first() is None:
        sent_at = NOW if report.standing in HANDED_IN else None
        version = Submission(
            report_id=report.id,
            version=1,
            holder_id=1,
            held_since=NOW,
            touched_at=NOW,
            sent_at=sent_at,
        )
        session.add(version)
        session.flush()
        session.add(Answer(submission_id=version.id, key="any", value=report.id))


def filed(session: Session) -> dict[str, Any]:
    """What must never change."""
    done = [r for r in session.exec(select(Report)) if r.standing in HANDED_IN]
    return {
        "answers": {(a.submission_id, a.key, a.value) for a in session.exec(select(Answer))},
        "done": {(r.id, r.state, r.state_before, r.due_on, r.title, r.operator) for r in done},
    }


def expected(session: Session, plan: Plan) -> set[tuple[str, str, str]]:
    """Each duty, school and period that the plan asks for."""
    schools = session.exec(select(Unit).where(Unit.kind == UnitKind.SCHOOL)).all()
    return {
        (duty.code, school.code, one.period)
        for duty in plan.duty
        for school in schools
        if scope.asks(duty.audience, school.levels, school.flags)
        for one in parse_rule(duty.due).occurrences()
    }


# In the last one a duty goes on under the code of another that was dropped before.
LEAN = (*range(4), 16)


@pytest.mark.parametrize("engine", BOTH[:1], indirect=True)
@pytest.mark.parametrize(
    "seed",
    [
        *LEAN,
        *(pytest.param(n, marks=pytest.mark.soak) for n in range(100) if n not in LEAN),
    ],
)
def test_nothing_that_was_filed_is_lost(engine: Engine, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    with Session(engine) as session:
        session.add(Unit(code="PHONG", name="Phòng", kind=UnitKind.OFFICE))
        session.add(Person(name="Lan"))
        for level in Level:
            session.add(Unit(code=level, name=level, kind=UnitKind.SCHOOL, levels=[level]))
        session.flush()
        older = ""
        for number in range(1, 5):
            wanted = renumbered(some_plan(dice), number, older)
            before = filed(session)
            done = plans.publish(session, wanted, NOW)
            session.flush()
            after = filed(session)
            assert before["answers"] == after["answers"]
            assert before["done"] <= after["done"]
            _check(session, wanted)
            assert plans.changes(session, wanted).is_empty
            again = plans.publish(session, wanted, NOW)
            assert (again.reports, again.moves.moved, again.moves.dropped) == (0, [], [])
            told = Counter(one.report.id for one in done.moves.moved)
            assert set(told.values()) <= {1}
            get_busy(session, wanted, dice)
            older = wanted.document.name if dice.random() < 0.8 else older
            if older != wanted.document.name:
                return


def _check(session: Session, plan: Plan) -> None:
    """All that is asked is there, once, and nothing else is still to come."""
    rows = all_reports(session)
    asked = expected(session, plan)
    there = {(duty, unit, report.period) for duty, unit, report in rows}
    assert asked <= there
    to_come = {(d, u, r.period) for d, u, r in rows if r.standing in TO_COME}
    assert to_come <= asked
    asked_of = [r for d, u, r in rows if (d, u, r.period) in asked]
    assert [r for r in asked_of if excused_by_us(session, r)] == []


def excused_by_us(session: Session, report: Report) -> bool:
    return report.state is State.EXCUSED and excusing.why(session, report) in BY_US
