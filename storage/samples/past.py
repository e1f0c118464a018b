"""A past for the demo: the sample, with the plans of January 2018 of most schools handed in.

Everybody here is invented. They have posts but no chat, as if they had worked on paper.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import Session, col, select

from core.question import ItemKind, When
from core.roles import Role, Standing
from storage import checklists, invitations, people, plans, submissions, units
from storage.checklists import ChecklistItem, Duty
from storage.people import Person
from storage.reports import Report
from storage.samples import PLAN, sheet
from storage.units import Unit

# The demo's own phones act for the first three; the others did nothing so far.
LEFT_TO_THE_VISITOR = ("MNHB", "CSCHS", "THQT")
SILENT = 3  # more schools that handed nothing in
JANUARY_PLANS = ("kh-giai-doan", "kh-2018")
FAMILY = ("Nguyễn", "Lò", "Cầm", "Quàng", "Hoàng", "Trần", "Tòng", "Lường", "Phạm", "Vì")
MIDDLE = ("Thị", "Văn", "Minh", "Thu", "Đức", "Thanh")
GIVEN = ("An", "Bình", "Chung", "Dung", "Hà", "Hương", "Khánh", "Lan", "Mai", "Nga", "Sơn", "Yến")


def load(session: Session, now: datetime) -> None:
    """The caller commits. now: when the demo starts."""
    units.import_units(session, sheet(), None, now)
    plans.publish(session, plans.read_plan(PLAN), now)
    chance = Random(2018)  # noqa: S311  the same past in every demo
    schools = [
        unit for unit in units.schools(session, now.date()) if unit.code not in LEFT_TO_THE_VISITOR
    ]
    for number, school in enumerate(schools):
        writer = _writer(session, school, chance, now)
        if number >= SILENT:
            _hand_in(session, school, writer, chance, now)


def invite(session: Session, unit: str, role: Role, now: datetime) -> str:
    """The code of an invitation that lasts as long as a visitor may take to open it."""
    at = units.with_code(session, unit)
    if at is None:
        raise ValueError(f"there is no unit {unit} in the sample")
    return invitations.make(session, at.id, role, None, now, lasts=timedelta(days=365 * 5))


def _writer(session: Session, school: Unit, chance: Random, now: datetime) -> Person:
    person = Person(name=_name(chance), language="vi", consent_at=now)
    session.add(person)
    session.flush()
    people.give_post(session, person.id, school.id, Role.REPORTER, now, standing=Standing.ACTIVE)
    return person


def _hand_in(
    session: Session, school: Unit, writer: Person, chance: Random, now: datetime
) -> None:
    plans_of_january = session.exec(
        select(Report)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .where(Report.unit_id == school.id, col(Duty.code).in_(JANUARY_PLANS))
    ).all()
    for report in plans_of_january:
        day = date(2018, 1, 18) + timedelta(days=chance.randint(0, 9))
        at = datetime.combine(day, now.timetz()) + timedelta(minutes=chance.randint(0, 400))
        _submit(session, report, writer, chance, at)


def _submit(
    session: Session, report: Report, writer: Person, chance: Random, at: datetime
) -> None:
    draft = submissions.begin_draft(session, report, writer.id, at)
    answers: dict[str, Any] = {}
    for item in checklists.items(session, report.revision_id or 0):
        when = When(item.when_key, tuple(item.when_values or ())) if item.when_key else None
        if when is None or when.holds(answers):
            answers[item.key] = _answer(item, chance, at)
    submissions.keep(session, draft, answers, at)
    submissions.submit(session, report, writer.id, answers, at)


def _answer(item: ChecklistItem, chance: Random, at: datetime) -> object:
    match item.kind:
        case ItemKind.YES_NO:
            return chance.random() < 0.9
        case ItemKind.CHOICE:
            return chance.choice(item.options["options"])["value"]
        case ItemKind.CHOICES:
            return [option["value"] for option in item.options["options"]]
        case ItemKind.NUMBER:
            return chance.randint(int(item.options.get("low", 0)), 8)
        case ItemKind.DATE:
            return (at - timedelta(days=2)).date().isoformat()
        case ItemKind.TEXT:
            return None if item.optional else _text(item.text, chance)
    return None


def _text(question: str, chance: Random) -> str:
    if question.startswith("Số"):
        return f"{chance.randint(3, 40)}/KH"
    if question.startswith("Họ tên"):
        return _name(chance)
    return "Theo phân công trong kế hoạch."


def _name(chance: Random) -> str:
    return f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"
