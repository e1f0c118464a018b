"""What single schools owe because of an event: to remedy what was found there, to give a talk.

Each is a report of a duty like any other, so it is listed, reminded of, moved, reviewed and
excused like any other. An event has one such duty, and a school at most one report of it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from core import scope
from core.calendar import Deadline, Operator
from core.events import EventKind
from core.review import OWED, Move, may
from storage import audit, easings, nudges, plans
from storage.checklists import Checklist, Duty, SourceDocument
from storage.events import Event
from storage.plan_items import ChecklistPart
from storage.reports import Report
from storage.units import Unit

EVE = timedelta(1)  # before an event, when a talk is to be there
REMINDED = {"steps": [7, 3, 1, 0], "officer": None, "letter": None}  # of a talk; later is too late

# Like all that a plan's file says, these are the office's own words and in its language.
TITLE = {EventKind.INSPECTION: "Khắc phục: {event}", EventKind.EXCHANGE: "Tham luận: {event}"}
DOCUMENT = {EventKind.INSPECTION: "Kết quả {event}", EventKind.EXCHANGE: "Giấy mời {event}"}
ITEMS: Mapping[EventKind, list[dict[str, Any]]] = {
    EventKind.INSPECTION: [
        {"key": "remedy", "kind": "text", "text": "Trường đã khắc phục thế nào?"},
        {"key": "proof", "kind": "files", "text": "Ảnh, tệp minh chứng", "optional": True},
    ],
    EventKind.EXCHANGE: [
        {"key": "about", "kind": "text", "text": "Tên bài, người trình bày", "longest": 300},
        {"key": "talk", "kind": "files", "text": "Tệp bài tham luận"},
    ],
}


def duty_of(session: Session, event: Event) -> Duty | None:
    return session.exec(select(Duty).where(Duty.code == _code(event))).first()


def all_of(session: Session, event: Event) -> dict[int, Report]:
    """What schools owe or owed because of it, by school."""
    found = select(Report).join(Duty).where(Duty.code == _code(event)).order_by(col(Report.id))
    return {report.unit_id: report for report in session.exec(found)}


def of_school(session: Session, event: Event, unit_id: int) -> Report | None:
    return all_of(session, event).get(unit_id)


def find(
    session: Session,
    event: Event,
    unit: Unit,
    finding: dict[str, Any],
    due_on: date,
    by_id: int,
    now: datetime,
) -> Report:
    """Note what an inspection found, in place of what it found before. The caller locks the event.

    finding: as `core.writing` stores it. due_on: by when the school has to remedy it.
    """
    report = _ask(session, event, unit, now)
    before = {"finding": report.finding, "due": str(report.due_on)}
    report.finding = finding
    _move(session, report, due_on)
    after = {"finding": finding, "due": str(due_on)}
    audit.record(session, now, by_id, report, "found", before, after)
    return report


def ask_for_talk(
    session: Session, event: Event, unit: Unit, by_id: int, now: datetime
) -> Report | None:
    """The talk a school is asked for; None where it was before. The caller locks the event."""
    if of_school(session, event, unit.id):
        return None
    report = _ask(session, event, unit, now)
    _move(session, report, _eve(event))
    audit.record(session, now, by_id, report, "asked for a talk")
    return report


def follow(session: Session, event: Event) -> None:
    """The talks are due by another day, as the event is."""
    if event.kind is EventKind.EXCHANGE:
        for report in all_of(session, event).values():
            if report.state in OWED:
                _move(session, report, _eve(event))


def end(session: Session, event: Event, by_id: int, now: datetime) -> None:
    """A cancelled event asks for nothing more."""
    for report in all_of(session, event).values():
        if may(report.state, Move.EXCUSE):
            easings.excuse(session, report, event.why, by_id, now)


def _ask(session: Session, event: Event, unit: Unit, now: datetime) -> Report:
    if known := of_school(session, event, unit.id):
        return known
    duty = duty_of(session, event) or _duty(session, event, now)
    asked = {unit.code, *duty.audience.get(scope.UNITS, ())}
    duty.audience = {scope.UNITS: sorted(asked)}
    report = Report(duty_id=duty.id, unit_id=unit.id, title=duty.title)
    session.add(report)
    session.flush()
    return report


def _duty(session: Session, event: Event, now: datetime) -> Duty:
    """Its days are those of its reports, so its own rule names none."""
    code, title = _code(event), TITLE[event.kind].format(event=event.title)
    part = ChecklistPart.model_validate({"code": code, "title": title, "item": ITEMS[event.kind]})
    plans.put_checklist(session, part, now)
    duty = Duty(
        code=code,
        title=title,
        document_id=_document(session, event, now).id,
        clause="",
        checklist_id=session.exec(select(Checklist.id).where(Checklist.code == code)).one(),
        due="none yet",
        receiver_id=event.unit_id,
        nudges=REMINDED if event.kind is EventKind.EXCHANGE else None,
    )
    session.add(duty)
    session.flush()
    return duty


def _document(session: Session, event: Event, now: datetime) -> SourceDocument:
    """One without a number, for this alone: what a plan asks ends when another replaces it."""
    issued_on = event.first_day or now.date()
    made = SourceDocument(
        issuer_id=event.unit_id,
        number="",
        symbol=DOCUMENT[event.kind].format(event=event.title),
        year=issued_on.year,
        issued_on=issued_on,
        title=event.title,
    )
    same = select(SourceDocument).where(
        SourceDocument.issuer_id == made.issuer_id,
        SourceDocument.number == made.number,
        SourceDocument.symbol == made.symbol,
        SourceDocument.year == made.year,
    )
    document = session.exec(same).first() or made
    session.add(document)
    session.flush()
    return document


def _move(session: Session, report: Report, due_on: date | None) -> None:
    if report.due_on != due_on:
        nudges.withdraw(session, report)
        report.set_deadline(Deadline(due_on, Operator.BY))
        session.flush()


def _eve(event: Event) -> date | None:
    return event.first_day - EVE if event.first_day else None


def _code(event: Event) -> str:
    return f"event-{event.id}"
