"""Which report is the last before another, question by question."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session, col, select

from core.review import State
from core.roles import Role
from storage import checklists, last, plans, submissions, units
from storage.checklists import Duty
from storage.people import Person
from storage.plan_items import ChecklistPart
from storage.reports import Report
from tests.conftest import PLAN, someone
from tests.phone import Office

NUMBER = {"kind": "number", "text": "?"}
HALF = {"code": "half", "title": "H", "item": [{"key": "talks", **NUMBER}]}
YEAR = {
    "code": "year",
    "title": "Y",
    "item": [
        {"key": "met", **NUMBER, "over": "year", "same_as": "half.talks"},
        {"key": "members", **NUMBER, "same_as": "half.talks"},
        {"key": "own", **NUMBER},
    ],
}
DUTIES = {
    "half": ("half", "yearly before 06-10 2018..2020"),
    "year": ("year", "yearly before 11-20 2018..2020"),
    "first": ("year", "window 2019-07-01..2019-09-30"),
    "middle": ("year", "window 2020-07-01..2020-09-30"),
}


class School:
    """Lê Lợi's reports of four duties over three years."""

    def __init__(self, session: Session, office: Office) -> None:
        self.session, self.now = session, office.now
        self.person = session.exec(select(Person.id).limit(1)).one()
        self.unit = units.with_code(session, "LL")

    def report(self, duty: str, year: str = "") -> Report:
        return self.session.exec(
            select(Report)
            .join(Duty, col(Duty.id) == Report.duty_id)
            .where(Duty.code == duty, Report.period == year)
            .where(Report.unit_id == (self.unit.id if self.unit else 0))
        ).one()

    def sends(self, report: Report, **answers: Any) -> None:
        draft = submissions.begin_draft(self.session, report, self.person, self.now)
        submissions.keep(self.session, draft, answers, self.now)
        submissions.submit(self.session, report, self.person, answers, self.now)
        self.session.flush()

    def last(self, report: Report) -> dict[str, tuple[Any, str]]:
        submissions.begin_draft(self.session, report, self.person, self.now)
        items = checklists.items(self.session, report.revision_id or 0)
        found = last.by_key(last.look_up(self.session, report, items))
        return {key: (one.answer, one.title) for key, one in found.items()}


@pytest.fixture
def school(office: Office) -> Iterator[School]:
    someone(office, "telegram", "Lan", "LL", Role.REPORTER)
    with Session(office.engine) as session:
        plans.publish(session, _plan(), office.now)
        yield School(session, office)


def _plan() -> plans.Plan:
    plan = plans.read_plan(PLAN)
    duties = [
        plan.duty[0].model_copy(
            update={
                "code": code,
                "title": f"{code} {{period}}",
                "checklist": checklist,
                "due": due,
                "opens": "",
            }
        )
        for code, (checklist, due) in DUTIES.items()
    ]
    parts = [ChecklistPart.model_validate(part) for part in (HALF, YEAR)]
    return plan.model_copy(update={"checklist": [*plan.checklist, *parts], "duty": duties})


def test_the_period_before_of_the_same_duty_comes_first(school: School) -> None:
    school.sends(school.report("year", "2018"), met=90, members=20, own=5)
    school.sends(school.report("half", "2019"), talks=30)
    assert school.last(school.report("year", "2019")) == {
        "met": (30, "half năm 2019"),  # a new year counts anew
        "members": (20, "year năm 2018"),
        "own": (5, "year năm 2018"),
    }


def test_what_the_own_duty_does_not_know_comes_from_the_latest_other_before_it(
    school: School,
) -> None:
    school.sends(school.report("half", "2018"), talks=10)
    school.sends(school.report("half", "2019"), talks=30)
    school.sends(school.report("half", "2020"), talks=70)
    found = school.last(school.report("year", "2019"))
    assert found == {"met": (30, "half năm 2019"), "members": (30, "half năm 2019")}


def test_a_late_report_does_not_overtake(school: School) -> None:
    school.sends(school.report("year", "2019"), met=90, members=20, own=5)
    school.sends(school.report("year", "2018"), met=80, members=10, own=4)
    assert school.last(school.report("year", "2020"))["own"] == (5, "year năm 2019")


def test_a_report_about_no_one_year_counts_on_from_none_and_no_year_from_it(
    school: School,
) -> None:
    school.sends(school.report("first"), met=200, members=24, own=5)
    school.sends(school.report("half", "2020"), talks=70)
    assert school.last(school.report("middle")) == {
        "members": (70, "half năm 2020"),
        "own": (5, "first"),
    }
    school.sends(school.report("middle"), met=300, members=25, own=6)
    assert school.last(school.report("year", "2020")) == {
        "met": (70, "half năm 2020"),
        "members": (25, "middle"),
        "own": (6, "middle"),
    }


def test_drafts_skipped_questions_and_later_reports_are_no_last(school: School) -> None:
    draft = submissions.begin_draft(
        school.session, school.report("year", "2018"), school.person, school.now
    )
    submissions.keep(school.session, draft, {"own": 5}, school.now)
    school.sends(school.report("half", "2019"), talks=None)
    school.sends(school.report("year", "2020"), met=1, members=1, own=1)
    assert school.last(school.report("year", "2019")) == {}


def test_a_report_that_was_sent_again_is_last_as_it_was_sent_last(school: School) -> None:
    report = school.report("year", "2018")
    school.sends(report, met=90, members=20, own=5)
    report.state = State.RETURNED
    school.sends(report, met=90, members=20, own=7)
    assert school.last(school.report("year", "2019"))["own"] == (7, "year năm 2018")
