"""Load a plan from a file: its document, clauses, checklists and duties, and the reports due.

Publishing the same file again changes nothing; a changed checklist becomes a new revision, which
reports opened later are made with.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator
from sqlmodel import Session, col, select

from core import replacing, scope
from core.calendar import Occurrence, On, opens_on, parse_rule, period_name
from core.events import MOST_SEATS, EventKind, Held
from core.ladder import FURTHEST, read_steps
from core.replacing import Asked, Comparison, EventChange, Gathering, Part, Rest, compare
from core.units import UnitKind
from storage import audit, checklists, events, plan_changes, reports
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
from storage.events import Event
from storage.plan_changes import Moves, Moving, digest_of
from storage.plan_items import BadPlan, ChecklistPart, CheckPart, Item, Strict, check_checklists
from storage.reports import Report
from storage.units import Unit


class Document(Strict):
    """replaces: the name of an older document of this issuer, such as "09/KH-GD&ĐT"."""

    issuer: str
    number: str
    symbol: str
    issued_on: date
    title: str
    replaces: str = ""

    @property
    def name(self) -> str:
        return f"{self.number}/{self.symbol}"


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

    @classmethod
    def kept(cls, said: Mapping[str, Any] | None) -> Self | None:
        """The other way round than `said`."""
        written = {name: False if value is None else value for name, value in (said or {}).items()}
        return cls.model_validate(written) if said else None


class DutyPart(Strict):
    """checklist: one of the file, or one that an earlier file made."""

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


class EventPart(Strict):
    """held: a due rule; only "on" names the day, all others leave it open.

    written: what the document says of it.
    """

    code: str
    kind: EventKind
    title: str
    clause: str
    held: str
    office: str
    written: str = ""
    who: str = ""
    seats: int = Field(default=1, ge=1, le=MOST_SEATS)


class Plan(Strict):
    document: Document
    clause: list[ClausePart]
    checklist: list[ChecklistPart]
    duty: list[DutyPart]
    event: list[EventPart] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Published:
    """How many were made by this publishing. moves: what became of the reports that were there."""

    duties: int
    revisions: int
    reports: int
    moves: Moves


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


def publish(session: Session, plan: Plan, now: datetime, by_id: int | None = None) -> Published:
    """Put a plan in force, with the reports of the one it replaces. The caller commits.

    by_id: who decided it; None for the operator. Raises BadPlan, before anything is written.
    """
    units = {unit.code: unit for unit in session.exec(select(Unit))}
    found = changes(session, plan)
    before = plan_changes.duties_by_code(session, _documents(session, plan))
    document = _document(session, plan, units)
    revisions = [put_checklist(session, part, now) for part in plan.checklist]
    moving = Moving(session, list(units.values()), now, by_id)
    known = {pair.after.code: before[pair.before.code] for pair in found.pairs}
    renamed = [pair.after.code for pair in found.pairs if pair.after.code != pair.before.code]
    plan_changes.free_codes(session, renamed)
    duties = [_put(moving, part, document, units, known.get(part.code)) for part in plan.duty]
    for old in found.dropped:
        moving.drop(before[old.code])
    for event in plan.event:
        _events(session, event, document, units[event.office].id, now)
    made = open_reports(session, duties, units.values())
    audit.record(session, now, by_id, document, "published", None, {"reports": made})
    return Published(len(duties) - len(known), sum(revisions), made, moving.moves)


def changes(session: Session, plan: Plan) -> Comparison:
    """What the plan changes of what is asked so far. Raises BadPlan.

    That is what the document it replaces asks, and this document itself where it is known. What
    the file of this same document leaves out stays as it is, as it may be a part only.
    """
    questions, units = _questions(session, plan), session.exec(select(Unit)).all()
    _check(plan, {unit.code: unit for unit in units}, questions.keys())
    names = {unit.code: unit.name for unit in units}
    own = find_document(session, plan.document)
    documents = _documents(session, plan)
    known = plan_changes.duties_by_code(session, documents)
    before = [plan_changes.asked(session, duty) for duty in known.values()]
    after = [
        Asked(part.code, part.title, part.due, part.audience, questions[part.checklist], rest)
        for part in plan.duty
        for rest in [_rest(part, names)]
    ]
    found = compare(before, after, reworded=any(one is not own for one in documents))
    dropped = [old for old in found.dropped if not own or known[old.code].document_id != own.id]
    given = [*found.added, *(pair.after for pair in found.pairs)]
    _check_codes(session, {one.code for one in given} - known.keys())
    changed = _event_changes(session, plan, documents, own)
    return replace(found, dropped=tuple(dropped), events=changed)


def _rest(part: DutyPart, names: Mapping[str, str]) -> Rest:
    """As `plan_changes.rest`. names: of units, by code."""
    return {
        Part.RECEIVER: names[part.receiver],
        Part.ALSO: [other.due for other in part.also],
        Part.OPENING: part.opens,
        Part.LOCKING: part.locks_after,
        Part.TOPIC: part.topic,
        Part.APPROVAL: part.approval,
    }


def _event_changes(
    session: Session,
    plan: Plan,
    documents: Sequence[SourceDocument],
    own: SourceDocument | None,
) -> tuple[EventChange, ...]:
    """As of duties; the file of the same document may be a part only."""
    after = [one for part in plan.event for one in _gatherings(part)]
    named = {one.code for one in after}
    rows = events.of_documents(session, [document.id for document in documents], named)
    stays = [row for row in rows if own and row.document_id == own.id and row.code not in named]
    before = [events.gathering(row) for row in rows if row.code and row not in stays]
    return replacing.events(before, after)


def _gatherings(part: EventPart) -> Iterator[Gathering]:
    """One for each period."""
    rule = parse_rule(part.held)
    day = rule.day if isinstance(rule, On) else None
    for occurrence in rule.occurrences():
        code, title = _event_name(part, occurrence)
        yield Gathering(code, title, day)


def _event_name(part: EventPart, occurrence: Occurrence) -> tuple[str, str]:
    """Its code and title."""
    code = ".".join(filter(None, (part.code, occurrence.period)))
    return code, part.title.replace("{period}", period_name(occurrence.period)).strip()


def _questions(session: Session, plan: Plan) -> dict[str, str]:
    """Of each checklist that its duties may name, by code; see `plan_changes.digest_of`."""
    written = {part.code: digest_of(*_rows(part)) for part in plan.checklist}
    others = {part.checklist for part in plan.duty} - written.keys()
    known = session.exec(select(Checklist).where(col(Checklist.code).in_(others))).all()
    return {one.code: plan_changes.questions_of(session, one.id) for one in known} | written


def _check_codes(session: Session, codes: Collection[str]) -> None:
    """Raises BadPlan where a code that its document has not used yet is taken."""
    query = (
        select(Duty).where(col(Duty.code).in_(codes), checklists.in_force()).order_by(col(Duty.id))
    )
    if taken := session.exec(query).first():
        name = document_of(session, taken).name
        raise BadPlan(f"duty {taken.code}: the code is that of a duty of {name}")


def _documents(session: Session, plan: Plan) -> list[SourceDocument]:
    """Whose duties the plan is about: those of its document, and of the one it is to replace.

    Raises BadPlan.
    """
    own = find_document(session, plan.document)
    if not plan.document.replaces:
        return [own] if own else []
    old = replaced(session, plan.document)
    if own and own.supersedes_id == old.id:
        return [own]
    return [old, own] if own else [old]


def replaced(session: Session, part: Document) -> SourceDocument:
    """The document that this one replaces. Raises BadPlan."""
    own = find_document(session, part)
    old = named(session, part.replaces, own)
    if old is None:
        raise BadPlan(f"document: replaces: {part.replaces} is not known")
    if by := replaced_already(session, part.replaces, own):
        raise BadPlan(f"document: replaces: {part.replaces} is replaced already, by {by.name}")
    return old


def replaced_already(
    session: Session, name: str, own: SourceDocument | None
) -> SourceDocument | None:
    """What else than this document replaces the one of that name."""
    old = named(session, name, own)
    by = replaced_by(session, old) if old else None
    return by if by is not own else None


def named(session: Session, name: str, but: SourceDocument | None = None) -> SourceDocument | None:
    """The newest document of a name. but: another than this."""
    newest = col(SourceDocument.year).desc(), col(SourceDocument.id).desc()
    known = session.exec(select(SourceDocument).order_by(*newest))
    return next((one for one in known if one.name == name and one is not but), None)


def replaced_by(session: Session, document: SourceDocument) -> SourceDocument | None:
    newer = select(SourceDocument).where(SourceDocument.supersedes_id == document.id)
    return session.exec(newer).first()


def find_document(session: Session, part: Document) -> SourceDocument | None:
    return session.exec(
        select(SourceDocument)
        .join(Unit, col(Unit.id) == SourceDocument.issuer_id)
        .where(
            Unit.code == part.issuer,
            SourceDocument.number == part.number,
            SourceDocument.symbol == part.symbol,
            SourceDocument.year == part.issued_on.year,
        )
    ).first()


def _put(
    moving: Moving,
    part: DutyPart,
    document: SourceDocument,
    units: Mapping[str, Unit],
    known: Duty | None,
) -> Duty:
    """A duty as the plan has it, and its reports where they are there already."""
    row = known or plan_changes.dropped_before(moving.session, part.code)
    was = plan_changes.terms(row) if row else None
    duty = _duty(moving.session, part, document, units, row)
    if was:
        moving.follow(duty, was, again=known is None)
    return duty


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
        asked = plan_changes.expand(duty, schools, issued_on)
        new = [report for report in asked if (report.unit_id, report.period) not in known]
        session.add_all(new)
        made += len(new)
    session.flush()
    return made


def open_all_reports(session: Session) -> int:
    """As `open_reports`, for every duty in force; for units that joined later."""
    duties = session.exec(select(Duty).where(checklists.in_force())).all()
    return open_reports(session, duties, session.exec(select(Unit)).all())


def _check(plan: Plan, units: Mapping[str, Unit], checklists: Collection[str]) -> None:
    """checklists: codes that duties may name."""
    anchors = {part.anchor for part in plan.clause}
    offices = (*(duty.receiver for duty in plan.duty), *(event.office for event in plan.event))
    for code in (plan.document.issuer, *offices):
        if code not in units:
            raise BadPlan(f"unit {code}: unknown; import the units first")
    for duty in plan.duty:
        if duty.checklist not in checklists:
            raise BadPlan(f"duty {duty.code}: checklist {duty.checklist} is not in this file")
        if duty.clause not in anchors:
            raise BadPlan(f"duty {duty.code}: clause {duty.clause} is not in this file")
        _check_rule(duty)
        _check_whom_and_also(duty, anchors)
    for event in plan.event:
        _check_event(event, anchors)
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


def _check_event(event: EventPart, anchors: set[str]) -> None:
    if event.clause not in anchors:
        raise BadPlan(f"event {event.code}: clause {event.clause} is not in this file")
    try:
        parse_rule(event.held)
    except ValueError as wrong:
        raise BadPlan(f"event {event.code}: held: {wrong}") from None


def _document(session: Session, plan: Plan, units: Mapping[str, Unit]) -> SourceDocument:
    part, issuer = plan.document, units[plan.document.issuer]
    document = find_document(session, part) or SourceDocument(
        issuer_id=issuer.id,
        number=part.number,
        symbol=part.symbol,
        year=part.issued_on.year,
        issued_on=part.issued_on,
        title=part.title,
    )
    if part.replaces:
        document.supersedes_id = replaced(session, part).id
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


def put_checklist(session: Session, part: ChecklistPart, now: datetime) -> bool:
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
    rows, checks = _rows(part)
    digest = digest_of(rows, checks)
    if latest and digest_of(items(session, latest.id), latest.checks) == digest:
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


def _rows(part: ChecklistPart) -> tuple[list[ChecklistItem], list[dict[str, Any]]]:
    """The items of a revision, and its checks."""
    rows = [_item(item, position) for position, item in enumerate(part.item)]
    return rows, [_check_row(check) for check in part.check]


def _item(item: Item, position: int) -> ChecklistItem:
    written = item.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return made(written, 0, position)


def _check_row(check: CheckPart) -> dict[str, Any]:
    return check.model_dump(mode="json", by_alias=True)


def _duty(
    session: Session,
    part: DutyPart,
    document: SourceDocument,
    units: Mapping[str, Unit],
    known: Duty | None,
) -> Duty:
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
    return duty


def _events(
    session: Session, part: EventPart, document: SourceDocument, office_id: int, now: datetime
) -> None:
    """One for each period. Published again, it keeps whatever the office made of it."""
    rule = parse_rule(part.held)
    for occurrence in rule.occurrences():
        code, title = _event_name(part, occurrence)
        if session.exec(select(Event.id).where(Event.code == code)).first():
            continue
        event = Event(
            **part.model_dump(include={"kind", "clause", "written", "who", "seats"}),
            unit_id=office_id,
            code=code,
            document_id=document.id,
            title=title,
            made_at=now,
        )
        if isinstance(rule, On):
            event.hold(Held(rule.day, rule.day, rule.at))
        session.add(event)
    session.flush()
