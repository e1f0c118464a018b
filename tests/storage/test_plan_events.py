"""Events that a plan declares, and what was noted at them as an offer to who reports about it."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from sqlmodel import Session, select

from core.events import EventKind
from core.screen import Picked
from storage import plans, samples, units
from storage.events import Attendance, Event
from storage.plan_items import BadPlan, ChecklistPart
from storage.plans import EventPart, Plan
from tests.conftest import PLAN
from tests.phone import Office, Phone

pytestmark = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

TRAINED = {"kind": "number", "attended": {"kind": "training", "count": "people"}}
TIMES = {"kind": "number", "attended": {"kind": "training", "count": "events"}}
YEAR = {
    "code": "year",
    "title": "Y",
    "item": [
        {"key": "trained", "text": "How many were trained?", **TRAINED},
        {"key": "times", "text": "How often?", **TIMES},
    ],
}
MEETING = {
    "code": "meeting",
    "kind": "meeting",
    "title": "Meeting {period}",
    "clause": "II.1",
    "held": "none",
    "office": "PHONG",
}


@pytest.fixture
def session(office: Office, channel: str) -> Iterator[Session]:
    assert channel
    with Session(office.engine) as session:
        yield session


def plan_with(**event: Any) -> Plan:
    part = EventPart.model_validate({**MEETING, **event})
    return plans.read_plan(PLAN).model_copy(update={"event": [part]})


def test_the_events_of_the_sample_wait_for_their_days(office: Office, minh: Phone) -> None:
    with Session(office.engine) as session:
        for _time in range(2):
            plans.publish(session, plans.read_plan(samples.PLAN), office.now)
        session.commit()
        assert len(session.exec(select(Event)).all()) == 2 + 3 + 5 + 1 + 1 + 1
    heard = minh.says("/sukien")
    assert heard[1] == "Waiting for a day"
    assert "• Hội thi “Dân vận khéo”: no day yet (“theo kế hoạch của UBND thành phố”)" in heard
    minh.says("[Hội thi “Dân vận khéo”]")
    minh.plays("""
        > [Invite schools]
        Event (3/9)
        When does it begin? Send a day and an hour.
        [No day yet] [Back]
        > [No day yet]
        Event (5/10)
        Where is it held?
        [Skip] [Back]
        > [Skip]
        Event (8/10)
        Files or photos to go with it?
        [Skip] [Back]
    """)


def test_what_the_office_set_stays_when_a_plan_is_published_again(
    office: Office, session: Session
) -> None:
    plans.publish(session, plan_with(held="none 2026..2027"), office.now)
    first, second = session.exec(select(Event).order_by(Event.title))
    assert [first.title, second.title] == ["Meeting năm 2026", "Meeting năm 2027"]
    first.first_day = first.last_day = date(2026, 12, 1)
    plans.publish(session, plan_with(held="none 2026..2027"), office.now)
    assert [e.first_day for e in session.exec(select(Event).order_by(Event.title))] == [
        date(2026, 12, 1),
        None,
    ]


def test_a_plan_may_name_the_day(office: Office, session: Session) -> None:
    plans.publish(session, plan_with(held="on by 2026-12-01 08:00"), office.now)
    event = session.exec(select(Event)).one()
    assert (event.first_day, event.last_day, event.at) == (*[date(2026, 12, 1)] * 2, time(8))


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ({"clause": "IX"}, "event meeting: clause IX is not in this file"),
        ({"held": "some day"}, "event meeting: held: 'some day' is not a due rule"),
        ({"office": "NOBODY"}, "unit NOBODY: unknown"),
    ],
)
def test_a_wrong_event_is_refused(
    office: Office, session: Session, event: dict[str, str], fault: str
) -> None:
    with pytest.raises(BadPlan) as bad:
        plans.publish(session, plan_with(**event), office.now)
    assert str(bad.value).startswith(fault)


def test_what_the_system_counted_is_offered_and_never_filled_in(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    with Session(office.engine) as session:
        _publish_year(session, office)
        _note(session, office, EventKind.TRAINING, 2026, ("Lan", "Nga", "Yên"))
        _note(session, office, EventKind.TRAINING, 2026, ("Lan",))
        _note(session, office, EventKind.TRAINING, 2025, ("Hoa",))
        _note(session, office, EventKind.MEETING, 2026, ("Hoa",))
        session.commit()
    assert hoa.name
    lan.says("/due")
    lan.plays("""
        > [Fill in Year năm 2026]
        Year năm 2026 (1/2)
        How many were trained?
        [As the system has it: 3]
        > [As the system has it: 3]
        Year năm 2026 (2/2)
        How often?
        [As the system has it: 2] [Back]
        > 4
        Year năm 2026: check your answers
        1. How many were trained? → 3
        2. How often? → 4
        [Submit] [Change an answer]
    """)


def test_nothing_is_offered_where_nobody_was_there(office: Office, lan: Phone) -> None:
    with Session(office.engine) as session:
        _publish_year(session, office)
        session.commit()
    lan.says("/due")
    assert lan.says("[Fill in Year năm 2026]") == [
        "Year năm 2026 (1/2)",
        "How many were trained?",
    ]
    lan.gives(Picked("answer:0"), seen="1.0")
    assert lan.hears()[0].startswith("Please send a whole number")


def _publish_year(session: Session, office: Office) -> None:
    plan = plans.read_plan(PLAN)
    duty = {"code": "year", "title": "Year {period}", "checklist": "year", "opens": ""}
    due = "yearly before 11-20 2026..2026"
    plan.duty = [plan.duty[0].model_copy(update={**duty, "due": due})]
    plan.checklist = [*plan.checklist, ChecklistPart.model_validate(YEAR)]
    plans.publish(session, plan, office.now)


def _note(
    session: Session, office: Office, kind: EventKind, year: int, names: tuple[str, ...]
) -> None:
    """People of Lê Lợi at an event of the year; Lan is registered."""
    school, home = units.with_code(session, "LL"), units.office(session)
    assert school
    event = Event(unit_id=home.id, kind=kind, title="An event", made_at=office.now)
    event.first_day = event.last_day = date(year, 3, 1)
    session.add(event)
    session.flush()
    for name in names:
        who: dict[str, Any] = {"person_id": 1} if name == "Lan" else {"name": name}
        session.add(Attendance(event_id=event.id, unit_id=school.id, at=office.now, **who))
