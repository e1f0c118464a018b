"""Publish what was drafted from a document: the document, its duties, and the reports due."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from core.calendar import NoneYet, On, Window, parse_rule
from core.replacing import without_period
from storage import audit, drafts, plans, units
from storage.checklists import Checklist, Duty
from storage.drafts import DraftDuty, ReadDocument, Scope, Standing
from storage.plan_items import ChecklistPart
from storage.plans import ClausePart, Document, DutyPart, NudgesPart, Plan, Published
from storage.units import Unit

Kept = Mapping[int, Duty]  # from the id of a draft to the duty of before that goes on as it


def publish(
    session: Session,
    document: ReadDocument,
    rows: Mapping[int, Scope],
    by_id: int,
    now: datetime,
) -> Published:
    """The caller commits, and tells the schools. rows: from the id of a draft to whom it asks.

    A duty that the replaced document had goes on with its reports, see `storage.plans`.
    Raises BadPlan.
    """
    all_rows = drafts.drafts_of(session, document)
    ready = [row for row in all_rows if row.id in rows and row.is_ready]
    kept = {row.id: duty for row, duty in drafts.kept(session, document, all_rows)}
    plan = _plan(session, document, ready, rows, kept)
    done = plans.publish(session, plan, now, by_id)
    _mark(session, document, ready, plan)
    told = {"duties": [part.code for part in plan.duty]}
    audit.record(session, now, by_id, document, "published", None, told)
    return done


def _plan(
    session: Session,
    document: ReadDocument,
    ready: Sequence[DraftDuty],
    scopes: Mapping[int, Scope],
    kept: Kept,
) -> Plan:
    clauses = {one["anchor"]: ClausePart(**one) for one in document.found["clauses"]}
    title = document.head["title"] or document.name
    clauses.setdefault("", ClausePart(anchor="", title=title))
    asked = [_Asked(session, document, row, kept.get(row.id)) for row in ready]
    return Plan(
        document=_document(session, document, ready),
        clause=list(clauses.values()),
        checklist=[one.checklist() for one in asked if not one.is_asked_already],
        duty=[one.duty(scopes[one.row.id], set(clauses)) for one in asked],
    )


def _document(session: Session, document: ReadDocument, ready: Sequence[DraftDuty]) -> Document:
    head = document.head
    old = drafts.replaced(session, document)
    newer = old is not None and old is not drafts.published(session, document)
    return Document(
        issuer=units.issuer(session, head["issuer"]).code,
        number=head["number"],
        symbol=head["symbol"],
        issued_on=date.fromisoformat(head["issued_on"]),
        title=head["title"] or (ready[0].title if ready else document.name),
        replaces=old.name if old and newer else "",
    )


class _Asked:
    """One draft as a plan's file would have it. old: the duty that goes on as it."""

    def __init__(
        self, session: Session, document: ReadDocument, row: DraftDuty, old: Duty | None
    ) -> None:
        self.document, self.row, self.old = document, row, old
        self._session = session
        self._code = old.code if old else row.code
        self.is_asked_already = bool(old and row.items == drafts.items_of(session, document, old))

    def duty(self, asks: Scope, anchors: set[str]) -> DutyPart:
        row, place = self.row, self.row.found["place"]
        receiver = self._session.get(Unit, row.receiver_id) if row.receiver_id else None
        return DutyPart(
            code=self._code,
            title=self._title(),
            checklist=self._checklist_code(),
            clause=place if place in anchors else "",
            due=row.due,
            receiver=receiver.code if receiver else units.OFFICE_CODE,
            audience=dict(asks),
            written=row.found["written"],
            **_as_before(self.document, self.old),
        )

    def checklist(self) -> ChecklistPart:
        """A question that hung on one that was taken out is asked always."""
        earlier: set[str] = set()
        items = []
        for item in self.row.items:
            hangs = item.get("when")
            stays = hangs is None or hangs["key"] in earlier
            items.append(item if stays else {n: its for n, its in item.items() if n != "when"})
            earlier.add(item["key"])
        return ChecklistPart.model_validate(
            {"code": self._checklist_code(), "title": self.row.title, "item": items}
        )

    def _title(self) -> str:
        """With its period as before, where the name is the same and there are periods."""
        row, old = self.row, self.old.title if self.old else ""
        if isinstance(parse_rule(row.due), _ONCE):
            return row.title
        same = "{period}" in old and without_period(old) == row.title
        return old if same else f"{row.title} {{period}}"

    def _checklist_code(self) -> str:
        """Its own, so that no other duty's questions change with it."""
        old = self.old
        if old and (self.is_asked_already or not self._is_shared(old)):
            return self._session.get_one(Checklist, old.checklist_id).code
        return self.row.code

    def _is_shared(self, old: Duty) -> bool:
        others = select(Duty.id).where(Duty.checklist_id == old.checklist_id, Duty.id != old.id)
        return self._session.exec(others).first() is not None


def _as_before(document: ReadDocument, old: Duty | None) -> dict[str, Any]:
    """What no document says, of a duty that goes on."""
    if old is None:
        return {}
    also = drafts.also_in(document, old)
    same = {name: getattr(old, name) for name in ("opens", "topic", "locks_after", "approval")}
    return {**same, "also": also, "nudges": NudgesPart.kept(old.nudges)}


_ONCE = (On, Window, NoneYet)


def _mark(
    session: Session, document: ReadDocument, ready: Sequence[DraftDuty], plan: Plan
) -> None:
    known = plans.find_document(session, plan.document)
    if known is None:
        raise LookupError(plan.document.name)
    known.title, document.document_id = plan.document.title, known.id
    codes = [part.code for part in plan.duty]
    found = session.exec(select(Duty).where(col(Duty.code).in_(codes)))
    duties = {duty.code: duty.id for duty in found}
    for row, code in zip(ready, codes, strict=True):
        row.standing, row.duty_id = Standing.PUBLISHED, duties[code]
        session.add(row)
    drafts.touch(session, document)
