"""A newer document: what it changes is shown, accepted in one tap, and loses nothing."""

from datetime import date, time
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import publishing
from bot.inbound import Times
from core.calendar import Operator
from core.review import State
from core.roles import Role
from core.screen import Picked
from core.units import UnitKind
from storage import excusing, extensions, locks, plans
from storage.audit import Audit
from storage.checklists import Approval, Duty, SourceDocument
from storage.plan_changes import NO_MORE, code_once
from storage.plan_items import BadPlan
from storage.plans import AlsoPart, EventPart, Plan
from storage.reports import Report
from storage.submissions import Answer
from storage.units import Unit
from tests.conftest import PLAN, someone
from tests.handlers.test_due import change
from tests.handlers.test_extension import AGREE, GIVEN, ask
from tests.handlers.test_nudge import tick
from tests.handlers.test_report import FILLED, begin
from tests.phone import MACHINE_NOW, Office, Phone

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

FIRE = "Fire safety tháng 10/2026"
LATER = "monthly by day 31 2026-10..2026-12"
KEPT = "If you accept, what schools have not handed in yet moves along …"


def newer(**fire: Any) -> Plan:
    """Document 8, which replaces 7: other days for one duty, one duty dropped, one new."""
    plan = plans.read_plan(PLAN)
    old = plan.duty[0]
    drill = {"code": "drill", "title": "Fire drill", "due": "on by 2026-12-10"}
    duties = [old.model_copy(update={"due": LATER, **fire}), old.model_copy(update=drill)]
    document = {"number": "8", "title": "Safety, anew", "replaces": "7/KH"}
    return plan.model_copy(
        update={"document": plan.document.model_copy(update=document), "duty": duties}
    )


def same(**fire: Any) -> Plan:
    """Document 7 with one duty changed."""
    plan = plans.read_plan(PLAN)
    duties = [plan.duty[0].model_copy(update=fire), *plan.duty[1:]]
    return plan.model_copy(update={"duty": duties})


def publish(office: Office, plan: Plan, *, accepted: bool = False) -> str:
    with Session(office.engine) as session:
        times = Times(office.now, MACHINE_NOW)
        said = publishing.publish(session, office.desk, plan, times, accepted=accepted)
        session.commit()
    return said


def one(office: Office, title: str, school: str = "LL") -> Report:
    with Session(office.engine) as session:
        return session.exec(
            select(Report).join(Unit).where(Report.title == title, Unit.code == school)
        ).one()


def audited(office: Office, change: str) -> list[Audit]:
    with Session(office.engine) as session:
        query = select(Audit).where(Audit.change == change).order_by(col(Audit.id))
        return list(session.exec(query))


def test_the_office_sees_what_changes_and_accepts_it_in_one_tap(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    begin(mai, *FILLED, "[Submit]")
    begin(lan, "[Yes]")
    lan.says("/huy")
    mai.hears()
    minh.hears()
    said = publish(office, newer())
    assert said.startswith("The office is asked. Nothing changes until somebody there accepts")
    assert publish(office, newer()).startswith("The office was asked before.")
    assert one(office, FIRE).due_on == date(2026, 10, 30)
    minh.plays(f"""
        8/KH: Safety, anew
        It replaces 7/KH.
        1 duty is new:
        • Fire drill: by 10 December 2026; all schools
        1 duty is asked no more:
        • Safety plan
        1 duty changes:
        • Fire safety
        – deadline: every month before day 30 → now every month by day 31
        {KEPT}
        [Accept these changes] [Leave all as it is]
        > /tinhhinh
        Who has handed in
        …
        …
        [Changes by 8/KH] [Fire safety tháng 10/2026 (1/2)] [Safety plan (0/2)] [Reminders to come]
    """)
    minh.says("[Changes by 8/KH]")
    minh.plays("""
        > [Accept these changes]
        Accepted.
        4 reports are new.
        3 reports have another deadline now.
        2 reports are asked no more.
        1 report is done already and stays as it is.
        [Who has handed in]
    """)
    lan.plays("""
        The office has changed deadlines:
        • Fire safety tháng 10/2026: before 30 October → now by 31 October
        This is asked no more:
        • Safety plan
        Everything you answered is kept.
        [Continue Fire safety tháng 10/2026] [What is due]
        > [Continue Fire safety tháng 10/2026]
        You were in the middle of this: question 2 of 4, 09:00 today.
        …
        How many extinguishers work?
        [Back]
    """)
    assert mai.hears()[:2] == [
        "The office has changed deadlines:",
        "• Fire safety tháng 11/2026: before 30 November → now by 30 November",
    ]
    done = one(office, FIRE, "QT")
    assert (done.state, done.due_on) == (State.SUBMITTED, date(2026, 10, 30))
    moved = one(office, FIRE)
    assert (moved.due_on, moved.operator) == (date(2026, 10, 31), Operator.BY)
    assert one(office, "Safety plan").state is State.EXCUSED
    assert [row.after for row in audited(office, "excuse")] == [
        {"state": "excused", "reason": NO_MORE}
    ] * 2
    assert {row.person_id for row in audited(office, "deadline moved")} != {None}
    [changed] = audited(office, "changed")
    assert changed.before
    assert changed.before["due"] == "monthly before day 30 2026-10..2026-11"
    minh.gives(Picked("show:proposal:1"))
    assert minh.hears()[0] == "There is no such plan to decide about any more."


def test_the_office_may_leave_all_as_it_is(office: Office, lan: Phone, minh: Phone) -> None:
    publish(office, newer())
    minh.hears()
    minh.plays("""
        > /tinhhinh
        Who has handed in
        …
        …
        [Changes by 8/KH] [Fire safety tháng 10/2026 (0/2)] [Safety plan (0/2)] [Reminders to come]
        > [Changes by 8/KH]
        8/KH: Safety, anew
        …
        …
        …
        …
        …
        …
        …
        …
        …
        [Accept these changes] [Leave all as it is]
        > [Leave all as it is]
        Nothing is changed.
        [Who has handed in]
    """)
    assert one(office, FIRE).due_on == date(2026, 10, 30)
    assert lan.hears() == []
    assert "[Changes by 8/KH]" not in minh.says("/tinhhinh")[-1]
    [declined] = audited(office, "declined")
    assert declined.subject == "proposal"


@only_with_buttons
def test_all_that_becomes_otherwise_is_shown(office: Office, minh: Phone) -> None:
    training = {"code": "t", "kind": "training", "title": "Training", "clause": "II.1"}
    held = EventPart.model_validate({**training, "held": "on by 2026-11-20", "office": "PHONG"})
    contest = held.model_copy(update={"code": "c", "title": "Contest"})
    publish(office, same().model_copy(update={"event": [held, contest]}))
    also = [AlsoPart(due="on by 2026-11-12", written="12/11", clause="II.1")]
    rest = {"also": also, "opens": "10-05", "locks_after": 5, "topic": ""}
    plan = newer(approval=Approval.HEAD, due=same().duty[0].due, **rest)
    moved = held.model_copy(update={"held": "on by 2026-11-27"})
    drill = held.model_copy(update={"code": "d", "title": "Drill"})
    publish(office, plan.model_copy(update={"event": [moved, drill]}))
    heard = minh.hears()
    at = heard.index("• Fire safety")
    assert heard[at + 1 : -2] == [
        "– other deadlines for the same: none → now by 12 November 2026",
        "– opens: 20 days before its deadline → now every year on 5 October",
        "– is locked: never → now 5 days after its deadline",
        "– topic: safety → now none",
        "– approved by: nobody → now the head of school",
        "Events",
        "• Training, 20 November 2026 → now Training, 27 November 2026; "
        "it stays as it is until you change it",
        "• new: Drill, 20 November 2026",
        "• Contest, 20 November 2026: named no more; it stays until you cancel it",
    ]
    minh.says("/tinhhinh")
    third = plan.document.model_copy(update={"number": "9"})
    publish(office, newer().model_copy(update={"document": third}), accepted=True)
    minh.hears()
    assert minh.says("[Changes by 8/KH]")[0] == (
        "9/KH has replaced 7/KH already, so this plan cannot any more."
    )


@only_with_buttons
def test_only_what_was_seen_is_accepted(office: Office, minh: Phone) -> None:
    publish(office, newer())
    minh.hears()
    publish(office, same(due="monthly by day 28 2026-10..2026-11"))
    seen = minh.says("[Accept these changes]")
    assert seen[0] == "This has changed since you saw it; please look again."
    assert minh.says("[Accept these changes]")[0] == "Accepted."
    minh.gives(Picked("show:replace:1.12345678"))
    assert minh.hears()[0] == "There is no such plan to decide about any more."


@only_with_buttons
def test_a_newer_file_of_the_same_document_takes_the_place_of_the_older(
    office: Office, minh: Phone
) -> None:
    publish(office, newer())
    publish(office, newer(due="monthly by day 20 2026-10..2026-12"))
    minh.hears()
    assert minh.says("/tinhhinh")[-1].count("[Changes by 8/KH]") == 1
    assert publish(office, newer(), accepted=True).endswith(
        "Moved: 4 reports; asked no more: 2; done already, so untouched: 0."
    )
    assert "[Changes by 8/KH]" not in minh.says("/tinhhinh")[-1]


def test_the_reminders_move_along_and_the_change_is_told_once(office: Office, lan: Phone) -> None:
    tick(office)
    publish(office, same(due="monthly by day 31 2026-10..2026-11"))
    heard = lan.hears()
    assert heard[:2] == [
        "The office has changed deadlines:",
        "• Fire safety tháng 10/2026: before 30 October → now by 31 October",
    ]
    tick(office)
    assert lan.hears() == []
    office.wait(days=3)
    tick(office)
    assert "by 31 October" in " ".join(lan.hears())


@only_with_buttons
def test_publishing_the_same_again_changes_nothing(office: Office, lan: Phone) -> None:
    publish(office, newer(), accepted=True)
    lan.hears()
    before = audited(office, "deadline moved")
    assert publish(office, newer()) == "New: 0 duties, 0 checklist revisions, 0 reports."
    assert audited(office, "deadline moved") == before
    assert lan.hears() == []
    with Session(office.engine) as session:
        old, new = session.exec(select(SourceDocument).order_by(col(SourceDocument.id)))
        assert new.supersedes_id == old.id
        kept = session.exec(select(Duty.code).where(Duty.document_id == old.id)).all()
    assert kept == ["everything"]


@only_with_buttons
def test_nothing_is_asked_of_a_dropped_duty_any_more(office: Office, lan: Phone) -> None:
    begin(lan, "[A new one]", report="[Fill in Safety plan]")
    publish(office, newer(), accepted=True)
    lan.hears()
    assert "Safety plan" not in "\n".join(lan.says("/han"))
    with Session(office.engine) as session:
        session.add(Unit(code="NEW", name="New", kind=UnitKind.SCHOOL, levels=["TH"]))
        session.flush()
        plans.open_all_reports(session)
        excusing.follow_units(session, office.now)
        session.commit()
    with pytest.raises(Exception, match="No row"):
        one(office, "Safety plan", "NEW")
    assert one(office, "Fire drill", "NEW").state is State.OPEN
    again = plans.read_plan(PLAN)
    third = {"number": "9", "replaces": "8/KH"}
    again = again.model_copy(update={"document": again.document.model_copy(update=third)})
    publish(office, again, accepted=True)
    back = one(office, "Safety plan")
    assert back.state is State.DRAFT
    with Session(office.engine) as session:
        assert session.exec(select(Answer.value)).all() == ["new"]


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (State.DRAFT, State.DRAFT),
        (State.RETURNED, State.RETURNED),
        (State.AWAITING_HEAD, State.DRAFT),
        (State.LOCKED, State.OPEN),
    ],
)
def test_whatever_its_state_a_report_that_is_asked_no_more_can_come_back(
    office: Office, state: State, then: State
) -> None:
    change(office, FIRE, state=state, state_before=State.OPEN)
    publish(office, same(audience={"levels": ["MN"]}))
    gone = one(office, FIRE)
    assert (gone.state, gone.state_before) == (State.EXCUSED, then)
    publish(office, same(due=LATER))
    back = one(office, FIRE)
    assert (back.state, back.due_on) == (then, date(2026, 10, 31))


def lock(office: Office) -> None:
    with Session(office.engine) as session:
        for report in session.exec(select(Report).where(Report.title == FIRE)):
            report.locked_for = report.due_on
            locks.lock(session, report, None, office.now)
        session.commit()


@only_with_buttons
def test_a_later_deadline_opens_what_the_calendar_locked(office: Office, lan: Phone) -> None:
    lock(office)
    publish(office, same(due="monthly by day 25 2026-10..2026-11"))
    assert one(office, FIRE).state is State.OPEN  # the next tick locks it for that day
    change(office, FIRE, state=State.LOCKED, state_before=State.OPEN)
    publish(office, same(due=LATER))
    assert one(office, FIRE).state is State.LOCKED  # by hand
    assert lan.hears()


@only_with_buttons
def test_time_that_was_given_is_not_taken_back(office: Office, lan: Phone, minh: Phone) -> None:
    ask(lan)
    minh.hears()
    minh.says(AGREE)
    assert lan.hears()[0] == GIVEN
    publish(office, same(due="monthly by day 28 2026-10..2026-11"))
    kept = one(office, FIRE)
    assert kept.due_on == date(2026, 11, 2)
    with Session(office.engine) as session:
        assert extensions.extended(session, [kept.id])[kept.id].written_on == date(2026, 10, 28)
    publish(office, same(due="monthly by day 31 2026-10..2026-11"))
    assert one(office, FIRE).due_on == date(2026, 11, 2)
    publish(office, same(due="on by 2026-11-05 16:00", title="Fire safety"))
    moved = one(office, "Fire safety")
    assert (moved.period, moved.due_on, moved.due_at) == ("", date(2026, 11, 5), time(16))
    with Session(office.engine) as session:
        assert extensions.extended(session, [moved.id]) == {}


@only_with_buttons
def test_a_report_that_is_done_is_not_asked_again_under_another_period(
    office: Office, lan: Phone
) -> None:
    begin(lan, *FILLED, "[Submit]")
    publish(office, same(due="yearly by 10-31 2026..2027"))
    done = one(office, FIRE)
    assert (done.state, done.period, done.due_on) == (
        State.SUBMITTED,
        "2026",
        date(2026, 10, 30),
    )
    with Session(office.engine) as session:
        query = select(Report.period).where(Report.unit_id == done.unit_id)
        found = session.exec(query.where(Report.duty_id == done.duty_id)).all()
    assert sorted(found) == ["2026", "2026-11", "2027"]


def test_a_duty_goes_on_under_the_code_of_one_that_was_dropped(office: Office, lan: Phone) -> None:
    begin(lan, *FILLED, "[Submit]")
    publish(office, newer(), accepted=True)
    third = newer(code="everything")
    named = {"number": "9", "replaces": "8/KH"}
    document = third.document.model_copy(update=named)
    publish(office, third.model_copy(update={"document": document}), accepted=True)
    done = one(office, FIRE)
    with Session(office.engine) as session:
        duty = session.get_one(Duty, done.duty_id)
        assert (done.state, duty.code) == (State.SUBMITTED, "everything")
        dropped = session.exec(select(Duty).where(Duty.title == "Safety plan")).one()
        assert (dropped.code == "everything", code_once(dropped)) == (False, "everything")


def test_a_duty_goes_on_under_no_code_that_another_document_uses(office: Office) -> None:
    plan = same(code="drill")
    other = newer()
    lone = {"number": "8", "replaces": ""}
    document = other.document.model_copy(update=lone)
    publish(office, other.model_copy(update={"document": document, "duty": other.duty[1:]}))
    with pytest.raises(BadPlan, match="duty drill: the code is that of a duty of 8/KH"):
        publish(office, plan)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"replaces": "6/KH"}, "document: replaces: 6/KH is not known"),
        ({"replaces": "8/KH", "number": "8"}, "document: replaces: 8/KH is not known"),
        ({"number": "9"}, "duty fire: the code is that of a duty of 7/KH"),
    ],
)
def test_what_cannot_be_replaced_is_refused(
    office: Office, document: dict[str, str], said: str
) -> None:
    plan = plans.read_plan(PLAN)
    wrong = plan.model_copy(update={"document": plan.document.model_copy(update=document)})
    with pytest.raises(BadPlan, match=said):
        publish(office, wrong)


def test_what_is_replaced_already_is_not_replaced_again(office: Office) -> None:
    publish(office, newer(), accepted=True)
    other = newer()
    other = other.model_copy(
        update={"document": other.document.model_copy(update={"number": "9"})}
    )
    with pytest.raises(BadPlan, match="7/KH is replaced already, by 8/KH"):
        publish(office, other)
