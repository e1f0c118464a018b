"""Publish what was drafted from a document: the document, its duties, and the reports due."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from core import scope
from core.audience import Audience
from core.calendar import Deadline, NoneYet, On, Window, parse_rule
from core.review import OWED
from storage import audit, drafts, plans, units
from storage.checklists import Duty, SourceDocument
from storage.drafts import DraftDuty, ReadDocument, Standing
from storage.plan_items import ChecklistPart
from storage.plans import ClausePart, Document, DutyPart, Plan
from storage.reports import Report
from storage.units import Unit

Scope = Mapping[str, list[str]]


def scope_of(audience: Audience, codes: Sequence[str]) -> Scope:
    """As a duty keeps it. codes: of the schools it means now.

    Where only levels are named, a school that joins later is asked too.
    """
    if audience == Audience(everybody=True):
        return {}
    if audience == Audience(levels=audience.levels):
        return {scope.LEVELS: sorted(audience.levels)}
    return {scope.UNITS: sorted(codes)}


def publish(
    session: Session,
    document: ReadDocument,
    rows: Mapping[int, Scope],
    by_id: int,
    now: datetime,
) -> SourceDocument:
    """The caller commits. rows: from the id of a draft, which is ready, to whom it asks.

    A duty that the replaced document had goes on with its reports, under the new date.
    """
    all_rows = drafts.drafts_of(session, document)
    ready = [row for row in all_rows if row.id in rows and row.is_ready]
    old = drafts.replaced(session, document)
    kept = _kept(session, document, all_rows)
    before = {duty.code: duty.due for row, duty in kept.items() if row in rows}
    unchanged = _unchanged(session, document, ready, kept)
    plan = _plan(session, document, ready, rows, kept)
    plans.publish(session, plan, now)
    published = _found(session, plan)
    published.title = plan.document.title
    if old is not None and old.id != published.id:
        published.supersedes_id = old.id
    _mark(session, document, published, ready, plan)
    for code, checklist_id in unchanged.items():
        _duty(session, code).checklist_id = checklist_id
    for code, due in before.items():
        _follow(session, _duty(session, code), due, by_id, now)
    told = {"duties": [part.code for part in plan.duty]}
    audit.record(session, now, by_id, document, "published", None, told)
    return published


def _kept(session: Session, document: ReadDocument, rows: Sequence[DraftDuty]) -> dict[int, Duty]:
    """Of each draft that is a duty of the replaced document, that duty."""
    found = drafts.compared(session, document, rows)
    kept = found.kept if found else {}
    return {new: session.get_one(Duty, old) for new, old in kept.items()}


def _unchanged(
    session: Session,
    document: ReadDocument,
    ready: Sequence[DraftDuty],
    kept: Mapping[int, Duty],
) -> dict[str, int]:
    """By code, the checklist of those whose questions nobody changed, with all its checks."""
    pairs = [(row, kept[row.id]) for row in ready if row.id in kept]
    return {
        duty.code: duty.checklist_id
        for row, duty in pairs
        if row.items == drafts.items_of(session, document, duty)
    }


def _plan(
    session: Session,
    document: ReadDocument,
    ready: Sequence[DraftDuty],
    scopes: Mapping[int, Scope],
    kept: Mapping[int, Duty],
) -> Plan:
    head = document.head
    issuer = units.issuer(session, head["issuer"])
    clauses = {one["anchor"]: ClausePart(**one) for one in document.found["clauses"]}
    clauses.setdefault("", ClausePart(anchor="", title=head["title"] or document.name))
    return Plan(
        document=Document(
            issuer=issuer.code,
            number=head["number"],
            symbol=head["symbol"],
            issued_on=date.fromisoformat(head["issued_on"]),
            title=head["title"] or (ready[0].title if ready else document.name),
        ),
        clause=list(clauses.values()),
        checklist=[_checklist(row, kept) for row in ready],
        duty=[_part(session, row, scopes[row.id], kept, set(clauses)) for row in ready],
    )


def _code(row: DraftDuty, kept: Mapping[int, Duty]) -> str:
    if row.id in kept:
        return kept[row.id].code
    return f"vb{row.read_document_id}-{row.position + 1}"


def _checklist(row: DraftDuty, kept: Mapping[int, Duty]) -> ChecklistPart:
    """A question that hung on one that was taken out is asked always."""
    earlier: set[str] = set()
    items = []
    for item in row.items:
        hangs = item.get("when")
        stays = hangs is None or hangs["key"] in earlier
        items.append(item if stays else {n: its for n, its in item.items() if n != "when"})
        earlier.add(item["key"])
    return ChecklistPart.model_validate(
        {"code": _code(row, kept), "title": row.title, "item": items}
    )


def _part(
    session: Session,
    row: DraftDuty,
    asks: Scope,
    kept: Mapping[int, Duty],
    anchors: set[str],
) -> DutyPart:
    place, code = row.found["place"], _code(row, kept)
    receiver = session.get(Unit, row.receiver_id) if row.receiver_id else None
    return DutyPart(
        code=code,
        title=row.title if isinstance(parse_rule(row.due), _ONCE) else f"{row.title} {{period}}",
        checklist=code,
        clause=place if place in anchors else "",
        due=row.due,
        receiver=receiver.code if receiver else units.OFFICE_CODE,
        audience=dict(asks),
        written=row.found["written"],
        **_as_before(kept.get(row.id), anchors),
    )


def _as_before(old: Duty | None, anchors: set[str]) -> dict[str, Any]:
    """What no document says, of a duty that goes on."""
    if old is None:
        return {}
    also = [other for other in old.also or [] if other["clause"] in anchors]
    same = {name: getattr(old, name) for name in ("opens", "topic", "locks_after", "approval")}
    return {**same, "also": also}


_ONCE = (On, Window, NoneYet)


def _found(session: Session, plan: Plan) -> SourceDocument:
    part = plan.document
    issuer = units.with_code(session, part.issuer)
    return session.exec(
        select(SourceDocument).where(
            SourceDocument.issuer_id == (issuer.id if issuer else 0),
            SourceDocument.number == part.number,
            SourceDocument.symbol == part.symbol,
            SourceDocument.year == part.issued_on.year,
        )
    ).one()


def _duty(session: Session, code: str) -> Duty:
    return session.exec(select(Duty).where(Duty.code == code)).one()


def _mark(
    session: Session,
    document: ReadDocument,
    published: SourceDocument,
    ready: Sequence[DraftDuty],
    plan: Plan,
) -> None:
    document.document_id = published.id
    for row, part in zip(ready, plan.duty, strict=True):
        row.standing, row.duty_id = Standing.PUBLISHED, _duty(session, part.code).id
        session.add(row)
    drafts.touch(session, document)


def _follow(session: Session, duty: Duty, due_before: str, by_id: int, now: datetime) -> None:
    """Reports that schools still owe by the date of before get the new one."""
    old = {one.period: _deadline(one) for one in parse_rule(due_before).occurrences()}
    new = {one.period: _deadline(one) for one in parse_rule(duty.due).occurrences()}
    owed = select(Report).where(Report.duty_id == duty.id, col(Report.state).in_(OWED))
    for report in session.exec(owed).all():
        to = new.get(report.period)
        if to is None or report.deadline != old.get(report.period) or report.deadline == to:
            continue
        before: dict[str, Any] = dict(report.deadline.said)
        report.set_deadline(to)
        session.add(report)
        audit.record(session, now, by_id, report, "deadline", before, dict(to.said))


def _deadline(occurrence: Any) -> Deadline:
    return Deadline(occurrence.due_on, occurrence.operator, occurrence.due_at)
