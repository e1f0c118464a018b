"""A plan becomes reports: of the schools it asks, while they exist, with every deadline kept."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.replacing import Part
from core.review import State
from core.units import Level, UnitKind
from storage import excusing, plans, samples, units
from storage.audit import Audit
from storage.checklists import Duty
from storage.plan_items import BadPlan
from storage.plans import Plan
from storage.reports import Report
from storage.units import Unit
from tests.conftest import NOW

SAMPLE = plans.read_plan(samples.PLAN)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        session.add(Unit(code="PHONG", name="Phòng", kind=UnitKind.OFFICE))
        session.flush()
        yield session


def add_school(session: Session, code: str, **values: Any) -> Unit:
    values = {"levels": [Level.TH], **values}
    school = Unit(code=code, name=f"Trường {code}", kind=UnitKind.SCHOOL, **values)
    session.add(school)
    session.flush()
    return school


def reports_of(session: Session, school: Unit) -> list[Report]:
    return list(session.exec(select(Report).where(Report.unit_id == school.id)))


def dated(found: list[Report]) -> list[date]:
    return sorted(report.due_on for report in found if report.due_on)


def test_the_sample_asks_a_school_fourteen_things_with_a_date_and_nineteen_without(
    session: Session,
) -> None:
    school = add_school(session, "A")
    plans.publish(session, SAMPLE, NOW)
    found = reports_of(session, school)
    assert len(dated(found)) == 14
    assert len(found) == 14 + 19


def test_a_school_that_joins_or_closes_in_mid_year_owes_what_is_due_meanwhile(
    session: Session,
) -> None:
    joins = add_school(session, "J", valid_from=date(2020, 8, 1))
    closes = add_school(session, "C", valid_to=date(2019, 7, 31))
    plans.publish(session, SAMPLE, NOW)
    assert dated(reports_of(session, joins)) == [
        date(2020, 9, 30),
        date(2020, 11, 20),
        date(2021, 6, 10),
        date(2021, 11, 20),
        date(2022, 6, 10),
        date(2022, 9, 30),
        date(2022, 11, 20),
    ]
    assert dated(reports_of(session, closes)) == [
        date(2018, 1, 25),
        date(2018, 1, 25),
        date(2018, 6, 10),
        date(2018, 11, 20),
        date(2019, 6, 10),
    ]
    undated = [r.period for r in reports_of(session, closes) if r.due_on is None]
    assert set(undated) == {"2018", "2019"}


def test_a_school_that_closes_later_is_excused_from_what_is_due_after(session: Session) -> None:
    school = add_school(session, "A")
    plans.publish(session, SAMPLE, NOW)
    units.set_days(session, school, None, date(2022, 6, 30), NOW)
    session.flush()
    assert excusing.follow_units(session, NOW) == 2
    excused = [r for r in reports_of(session, school) if r.state is State.EXCUSED]
    excused.sort(key=lambda report: report.due_on or date.max)
    assert dated(excused) == [date(2022, 9, 30), date(2022, 11, 20)]
    row = session.exec(select(Audit).where(Audit.subject_id == excused[0].id)).one()
    assert row.after == {"state": "excused", "reason": excusing.NOT_THERE}
    closed = session.exec(select(Audit).where(Audit.change == "days")).one()
    assert closed.before == {"valid_from": None, "valid_to": None}
    assert closed.after == {"valid_from": None, "valid_to": "2022-06-30"}
    assert excusing.follow_units(session, NOW) == 0
    held_up = excused[0]
    units.set_days(session, school, None, date(2022, 10, 31), NOW)
    assert excusing.follow_units(session, NOW) == 0
    assert held_up.state is State.OPEN
    assert excused[1].state is State.EXCUSED
    assert plans.open_all_reports(session) == 0


def changed(**duty: object) -> Plan:
    """The sample with one duty, changed."""
    part = SAMPLE.duty[0].model_copy(update=duty)
    return SAMPLE.model_copy(update={"duty": [part]})


def test_levels_and_flags_decide_who_is_asked(session: Session) -> None:
    boards = add_school(session, "B", flags=["boarding"])
    plain = add_school(session, "P")
    kindergarten = add_school(session, "K", levels=[Level.MN], flags=["boarding"])
    audience = {"levels": ["TH"], "flags": ["boarding"]}
    plans.publish(session, changed(audience=audience), NOW)
    asked = [bool(reports_of(session, school)) for school in (boards, plain, kindergarten)]
    assert asked == [True, False, False]


def test_a_school_whose_levels_or_flags_change_owes_what_it_is_asked_then(
    session: Session,
) -> None:
    school = add_school(session, "B")
    plans.publish(session, changed(audience={"levels": ["TH"], "flags": ["boarding"]}), NOW)
    assert reports_of(session, school) == []
    units.set_flags(session, school, ["boarding"], NOW)
    assert plans.open_all_reports(session) == 1
    [report] = reports_of(session, school)
    changes: list[dict[str, Any]] = [{"flags": []}, {"levels": [Level.MN]}]
    for change in changes:
        before = {name: getattr(school, name) for name in change}
        for name, value in change.items():
            setattr(school, name, value)
        assert excusing.follow_units(session, NOW) == 1
        assert (report.state, excusing.why(session, report)) == (
            State.EXCUSED,
            excusing.NOT_ASKED,
        )
        for name, value in before.items():
            setattr(school, name, value)
        assert excusing.follow_units(session, NOW) == 0
        assert report.state is State.OPEN
    row = session.exec(select(Audit).where(Audit.change == "flags")).one()
    assert (row.before, row.after) == ({"flags": []}, {"flags": ["boarding"]})


def test_an_hour_is_kept(session: Session) -> None:
    school = add_school(session, "A")
    weekly = "weekly before fri 16:00 2018-09-03..2018-09-16"
    plans.publish(session, changed(due=weekly, also=[], title="Báo cáo {period}"), NOW)
    found = reports_of(session, school)
    assert {(r.due_on, r.due_at) for r in found} == {
        (date(2018, 9, 7), time(16)),
        (date(2018, 9, 14), time(16)),
    }


def test_two_deadlines_of_one_document_are_both_kept(session: Session) -> None:
    add_school(session, "A")
    plans.publish(session, SAMPLE, NOW)
    duty = session.exec(select(Duty).where(Duty.code == "kh-giai-doan")).one()
    assert duty.due == "on before 2018-01-25"
    assert duty.also == [
        {
            "due": "window 2018-01-01..2018-03-31",
            "written": "xong trong quý I năm 2018",
            "clause": "III.1",
        }
    ]
    assert session.exec(select(Duty.also).where(Duty.code == "bc-6-thang")).one() is None


def test_a_duty_may_ask_what_an_earlier_file_asks(session: Session) -> None:
    known = SAMPLE.duty[0].checklist
    later = SAMPLE.document.model_copy(update={"number": "10", "replaces": SAMPLE.document.name})
    duties = [SAMPLE.duty[0].model_copy(update={"also": []})]
    plan = SAMPLE.model_copy(
        update={"document": later, "checklist": [], "duty": duties, "event": []}
    )
    with pytest.raises(BadPlan, match=f"checklist {known} is not in this file"):
        plans.publish(session, plan.model_copy(update={"document": SAMPLE.document}), NOW)
    plans.publish(session, SAMPLE, NOW)
    [pair] = plans.changes(session, plan).pairs
    assert pair.parts == (Part.ALSO,)
    assert plans.publish(session, plan, NOW).revisions == 0


@pytest.mark.parametrize(
    "duty",
    [
        {"audience": {"levels": ["DH"]}},
        {"also": [plans.AlsoPart(due="soon", written="sớm", clause="III.1")]},
        {"also": [plans.AlsoPart(due="none", written="sớm", clause="IX")]},
    ],
)
def test_a_duty_that_cannot_be_right_is_refused(session: Session, duty: dict[str, object]) -> None:
    with pytest.raises(BadPlan, match="duty kh-giai-doan"):
        plans.publish(session, changed(**duty), NOW)
    assert units.office(session)
