"""Load a plan from a file: its document, clauses, checklists and duties, and the reports due.

Publishing the same file again changes nothing; a changed checklist becomes a new revision, which
reports opened later are made with.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from sqlmodel import Session, col, select

from core import scope
from core.calendar import Occurrence, opens_on, parse_rule, period_name
from core.ladder import FURTHEST, read_steps
from core.units import UnitKind
from storage import audit, reports
from storage.checklists import (
    Approval,
    Checklist,
    ChecklistItem,
    ChecklistRevision,
    Clause,
    Duty,
    SourceDocument,
    document_of,
    items,
    made,
)
from storage.plan_items import BadPlan, ChecklistPart, CheckPart, Item, Strict, check_checklists
from storage.reports import Report
from storage.units import Unit


class Document(Strict):
    issuer: str
    number: str
    symbol: str
    issued_on: date
    title: str


class ClausePart(Strict):
    anchor: str
    title: str
    text: str = ""


class AlsoPart(Strict):
    """Another deadline that the document gives for the same duty."""

    due: str
    written: str
    clause: str


class NudgesPart(Strict):
    """When a duty is reminded of. steps: days left, negative once it is late, or "publishing".

    officer, letter: days late after which the officer in charge is told to call, and to write
    an official letter; false for never.
    """

    steps: list[int | Literal["publishing"]] | None = None
    officer: Annotated[int, Field(ge=0, le=FURTHEST)] | Literal[False] | None = None
    letter: Annotated[int, Field(ge=0, le=FURTHEST)] | Literal[False] | None = None

    @field_validator("steps")
    @classmethod
    def _readable(cls, steps: list[int | str] | None) -> list[int | str] | None:
        read_steps(steps or ())
        return steps

    def said(self) -> dict[str, Any]:
        """As `Duty.nudges` keeps it."""
        written = self.model_dump(exclude_none=True)
        return {name: None if value is False else value for name, value in written.items()}


class DutyPart(Strict):
    code: str
    title: str
    checklist: str
    clause: str
    due: str
    opens: str = ""
    receiver: str
    topic: str = ""
    audience: dict[str, list[str]] = Field(default_factory=dict)
    written: str = ""
    also: list[AlsoPart] = Field(default_factory=list)
    locks_after: int | None = Field(default=None, ge=0, le=366)
    approval: Approval = Approval.HEAD
    nudges: NudgesPart | None = None


class Plan(Strict):
    document: Document
    clause: list[ClausePart]
    checklist: list[ChecklistPart]
    duty: list[DutyPart]


@dataclass(frozen=True, slots=True)
class Published:
    """How many were made by this publishing."""

    duties: int
    revisions: int
    reports: int


def read_plan(path: Path) -> Plan:
    """Raises BadPlan."""
    try:
        return Plan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadPlan(f"{path.name}: {wrong}") from None
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise BadPlan(f"{path.name}: {place}: {first['msg']}") from None


def publish(session: Session, plan: Plan, now: datetime) -> Published:
    """The caller commits. Raises BadPlan, before anything is written."""
    units = {unit.code: unit for unit in session.exec(select(Unit))}
    _check(plan, units)
    document = _document(session, plan, units)
    revisions = [_revision(session, part, now) for part in plan.checklist]
    duties = [_duty(session, part, document, units) for part in plan.duty]
    made = open_reports(session, [duty for duty, _new in duties], units.values())
    audit.record(session, now, None, document, "published", None, {"reports": made})
    return Published(sum(new for _duty, new in duties), sum(revisions), made)


def open_reports(session: Session, duties: Iterable[Duty], units: Iterable[Unit]) -> int:
    """A report for every duty, school and period that has none yet; how many were made."""
    schools = [unit for unit in units if unit.kind is UnitKind.SCHOOL]
    made = 0
    for duty in duties:
        known = set(
            session.exec(
                select(Report.unit_id, Report.period).where(Report.duty_id == duty.id)
            ).all()
        )
        issued_on = document_of(session, duty).issued_on
        asked = _expand(duty, schools, issued_on)
        new = [report for report in asked if (report.unit_id, report.period) not in known]
        session.add_all(new)
        made += len(new)
    session.flush()
    return made


def open_all_reports(session: Session) -> int:
    """As `open_reports`, for every duty; for units that joined later."""
    return open_reports(
        session, session.exec(select(Duty)).all(), session.exec(select(Unit)).all()
    )


def _expand(duty: Duty, schools: list[Unit], issued_on: date) -> Iterable[Report]:
    rule = parse_rule(duty.due)
    asked = [s for s in schools if scope.asks(duty.audience, s.levels, s.flags)]
    for school, occurrence in product(asked, rule.occurrences()):
        if scope.is_there(occurrence, school.valid_from, school.valid_to, issued_on):
            yield Report(
                duty_id=duty.id,
                unit_id=school.id,
                period=occurrence.period,
                title=duty.title.replace("{period}", period_name(occurrence.period)).strip(),
                due_on=occurrence.due_on,
                operator=occurrence.operator,
                due_at=occurrence.due_at,
                opens_on=_opens_on(duty, occurrence),
            )


def _opens_on(duty: Duty, occurrence: Occurrence) -> date | None:
    """What has no date yet but a year of its own opens with that year."""
    if occurrence.due_on is not None:
        return opens_on(duty.opens, occurrence.due_on)
    return date(int(occurrence.period), 1, 1) if occurrence.period else None


def _check(plan: Plan, units: Mapping[str, Unit]) -> None:
    checklists = {part.code for part in plan.checklist}
    anchors = {part.anchor for part in plan.clause}
    for code in (plan.document.issuer, *(duty.receiver for duty in plan.duty)):
        if code not in units:
            raise BadPlan(f"unit {code}: unknown; import the units first")
    for duty in plan.duty:
        if duty.checklist not in checklists:
            raise BadPlan(f"duty {duty.code}: checklist {duty.checklist} is not in this file")
        if duty.clause not in anchors:
            raise BadPlan(f"duty {duty.code}: clause {duty.clause} is not in this file")
        _check_rule(duty)
        _check_whom_and_also(duty, anchors)
    check_checklists(plan.checklist, anchors)


def _check_rule(duty: DutyPart) -> None:
    try:
        for occurrence in parse_rule(duty.due).occurrences():
            if occurrence.due_on:
                opens_on(duty.opens, occurrence.due_on)
    except ValueError as wrong:
        raise BadPlan(f"duty {duty.code}: due: {wrong}") from None


def _check_whom_and_also(duty: DutyPart, anchors: set[str]) -> None:
    if wrong := scope.fault(duty.audience):
        raise BadPlan(f"duty {duty.code}: audience: {wrong}")
    for other in duty.also:
        _check_also(duty, other, anchors)


def _check_also(duty: DutyPart, other: AlsoPart, anchors: set[str]) -> None:
    try:
        parse_rule(other.due)
    except ValueError as wrong:
        raise BadPlan(f"duty {duty.code}: also: {wrong}") from None
    if other.clause not in anchors:
        raise BadPlan(f"duty {duty.code}: also: clause {other.clause} is not in this file")


def _document(session: Session, plan: Plan, units: Mapping[str, Unit]) -> SourceDocument:
    part, issuer = plan.document, units[plan.document.issuer]
    document = session.exec(
        select(SourceDocument).where(
            SourceDocument.issuer_id == issuer.id,
            SourceDocument.number == part.number,
            SourceDocument.symbol == part.symbol,
            SourceDocument.year == part.issued_on.year,
        )
    ).first() or SourceDocument(
        issuer_id=issuer.id,
        number=part.number,
        symbol=part.symbol,
        year=part.issued_on.year,
        issued_on=part.issued_on,
        title=part.title,
    )
    session.add(document)
    session.flush()
    _clauses(session, plan, document)
    return document


def _clauses(session: Session, plan: Plan, document: SourceDocument) -> None:
    query = select(Clause).where(Clause.document_id == document.id)
    known = {clause.anchor: clause for clause in session.exec(query)}
    for part in plan.clause:
        clause = known.get(part.anchor) or Clause(
            document_id=document.id, anchor=part.anchor, title=part.title
        )
        clause.title, clause.text = part.title, part.text
        session.add(clause)


def _revision(session: Session, part: ChecklistPart, now: datetime) -> bool:
    """Whether a new revision was made."""
    checklist = session.exec(
        select(Checklist).where(Checklist.code == part.code)
    ).first() or Checklist(code=part.code, title=part.title)
    checklist.title = part.title
    session.add(checklist)
    session.flush()
    latest = session.exec(
        select(ChecklistRevision)
        .where(ChecklistRevision.checklist_id == checklist.id)
        .order_by(col(ChecklistRevision.number).desc())
    ).first()
    rows = [_item(item, position) for position, item in enumerate(part.item)]
    checks = [_check_row(check) for check in part.check]
    digest = _digest(rows, checks)
    if latest and _digest(items(session, latest.id), latest.checks) == digest:
        return False
    revision = ChecklistRevision(
        checklist_id=checklist.id,
        number=latest.number + 1 if latest else 1,
        published_at=now,
        checks=checks,
        digest=digest,
    )
    session.add(revision)
    session.flush()
    for row in rows:
        row.revision_id = revision.id
        session.add(row)
    return True


def _item(item: Item, position: int) -> ChecklistItem:
    written = item.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return made(written, 0, position)


def _check_row(check: CheckPart) -> dict[str, Any]:
    return check.model_dump(mode="json", by_alias=True)


def _digest(rows: Iterable[ChecklistItem], checks: list[dict[str, Any]]) -> str:
    asked = [row.model_dump(mode="json", exclude={"id", "revision_id"}) for row in rows]
    text = json.dumps([asked, checks], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _duty(
    session: Session, part: DutyPart, document: SourceDocument, units: Mapping[str, Unit]
) -> tuple[Duty, bool]:
    """The duty, and whether it is new."""
    known = session.exec(select(Duty).where(Duty.code == part.code)).first()
    checklist = session.exec(select(Checklist).where(Checklist.code == part.checklist)).one()
    values = part.model_dump(exclude={"checklist", "receiver"})
    values |= {
        "also": values["also"] or None,
        "nudges": part.nudges.said() if part.nudges else None,
        "document_id": document.id,
        "checklist_id": checklist.id,
        "receiver_id": units[part.receiver].id,
    }
    duty = known or Duty(**values)
    before = duty.ladder
    for name, value in values.items():
        setattr(duty, name, value)
    session.add(duty)
    session.flush()
    if known and duty.ladder != before:
        reports.look_again(session, duty_id=duty.id)
    return duty, known is None
