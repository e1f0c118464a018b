"""What becomes of the reports that are there when the duties behind them change.

A report that is not done follows its duty: its deadline, title and reminders move, and where it is
asked no more the school is excused. One that is done stays as it was done.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import product
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from core import scope
from core.calendar import Deadline, Occurrence, opens_on, parse_rule, period_name
from core.replacing import Asked, Part, Rest, moved
from core.review import TO_COME, Move, State
from core.units import UnitKind
from storage import audit, checklists, excusing, extensions, locks, nudges, reports
from storage.checklists import ChecklistItem, Duty, SourceDocument
from storage.nudges import Nudge
from storage.reports import Report
from storage.units import Unit

NO_MORE = "the document asks for it no more"
BY_US = (NO_MORE, excusing.NOT_ASKED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a duty its reports follow."""

    title: str
    due: str
    opens: str
    audience: Mapping[str, list[str]]

    @property
    def said(self) -> dict[str, Any]:
        """What the audit keeps of it."""
        return {"title": self.title, "due": self.due, "audience": dict(self.audience)}


@dataclass(frozen=True, slots=True)
class Moved:
    """A report with the deadline it had before."""

    report: Report
    before: Deadline


@dataclass(slots=True)
class Moves:
    """Reports that are not done: whose deadline is another now, and that are asked no more.

    stood: how many are done, and so stay.
    """

    moved: list[Moved] = field(default_factory=list)
    dropped: list[Report] = field(default_factory=list)
    stood: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.moved or self.dropped or self.stood)


def terms(duty: Duty) -> Terms:
    return Terms(duty.title, duty.due, duty.opens, dict(duty.audience))


def asked(session: Session, duty: Duty) -> Asked:
    """A duty as documents are compared by it."""
    questions = questions_of(session, duty.checklist_id)
    return Asked(duty.code, duty.title, duty.due, duty.audience, questions, rest(session, duty))


def rest(session: Session, duty: Duty) -> Rest:
    return {
        Part.RECEIVER: session.get_one(Unit, duty.receiver_id).name,
        Part.ALSO: [other["due"] for other in duty.also or ()],
        Part.OPENING: duty.opens,
        Part.LOCKING: duty.locks_after,
        Part.TOPIC: duty.topic,
        Part.APPROVAL: duty.approval,
    }


def questions_of(session: Session, checklist_id: int) -> str:
    """As `digest_of`, of what a checklist asks by now."""
    revision = checklists.latest_revision(session, checklist_id)
    return digest_of(checklists.items(session, revision.id), revision.checks)


def digest_of(rows: Iterable[ChecklistItem], checks: list[dict[str, Any]]) -> str:
    """The same only for the same items and checks of a checklist."""
    items = [row.model_dump(mode="json", exclude={"id", "revision_id"}) for row in rows]
    text = json.dumps([items, checks], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def dropped_before(session: Session, code: str) -> Duty | None:
    """A duty that some document has dropped, which may be asked for again."""
    return session.exec(select(Duty).where(Duty.code == code, ~checklists.in_force())).first()


FREED = "~"  # stands behind a code that its duty gave up


def free_codes(session: Session, codes: Collection[str]) -> None:
    """A duty that is asked no more gives its code up to one that goes on under it."""
    had = select(Duty).where(col(Duty.code).in_(codes), ~checklists.in_force())
    for duty in session.exec(had):
        duty.code = f"{duty.code}{FREED}{duty.id}"
    session.flush()


def code_once(duty: Duty) -> str:
    """The code by which it is asked, or was."""
    return duty.code.partition(FREED)[0]


def duties_by_code(session: Session, documents: Iterable[SourceDocument]) -> dict[str, Duty]:
    ids = [document.id for document in documents]
    found = session.exec(select(Duty).where(col(Duty.document_id).in_(ids)).order_by(col(Duty.id)))
    return {duty.code: duty for duty in found}


def expand(duty: Duty, schools: Iterable[Unit], issued_on: date) -> Iterable[Report]:
    """Every report that the duty asks for, as it is before anybody begins."""
    rule = parse_rule(duty.due)
    those = [s for s in schools if scope.asks(duty.audience, s.levels, s.flags, s.code)]
    for school, occurrence in product(those, rule.occurrences()):
        if scope.is_there(occurrence, school.valid_from, school.valid_to, issued_on):
            yield Report(
                duty_id=duty.id,
                unit_id=school.id,
                period=occurrence.period,
                title=_title(duty, occurrence),
                due_on=occurrence.due_on,
                operator=occurrence.operator,
                due_at=occurrence.due_at,
                opens_on=_opens_on(duty, occurrence),
            )


def _title(duty: Duty, occurrence: Occurrence) -> str:
    return duty.title.replace("{period}", period_name(occurrence.period)).strip()


def _opens_on(duty: Duty, occurrence: Occurrence) -> date | None:
    """What has no date yet but a year of its own opens with that year."""
    if occurrence.due_on is not None:
        return opens_on(duty.opens, occurrence.due_on)
    return date(int(occurrence.period), 1, 1) if occurrence.period else None


@dataclass(frozen=True, slots=True)
class Moving:
    """One change of duties. by_id: who decided it; None for the operator. The caller commits."""

    session: Session
    units: Sequence[Unit]
    now: datetime
    by_id: int | None
    moves: Moves = field(default_factory=Moves)

    def follow(self, duty: Duty, was: Terms, *, again: bool = False) -> None:
        """Move the reports of a duty that is changed already.

        was: its terms until now. again: whether it was not asked meanwhile.
        """
        if was == terms(duty) and not again:
            return
        self._note(duty, "changed", was.said, terms(duty).said)
        to = moved(parse_rule(was.due), parse_rule(duty.due))
        to |= {o.period: o for o in parse_rule(duty.due).occurrences() if o.period not in to}
        before = {o.period: deadline_of(o) for o in parse_rule(was.due).occurrences()}
        for report in self._reports(duty):
            self._one(duty, report, to.get(report.period), before.get(report.period))
        self.session.flush()

    def drop(self, duty: Duty) -> None:
        """Ask for nothing of it any more. It stays with its document, for what is done."""
        self._note(duty, "dropped", terms(duty).said, None)
        for report in self._reports(duty):
            self._one(duty, report, None, None)
        self.session.flush()

    def _reports(self, duty: Duty) -> Sequence[Report]:
        """Locked in the order of their ids, as by whoever else locks several."""
        return self.session.exec(
            select(Report)
            .where(Report.duty_id == duty.id)
            .order_by(col(Report.id))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).all()

    def _one(
        self, duty: Duty, report: Report, to: Occurrence | None, before: Deadline | None
    ) -> None:
        """before: the deadline by the older terms; None where they had none for this report."""
        to = to if to and self._is_asked(duty, report, to) else None
        if to and self._is_excused_by_us(report):
            reports.move(self.session, report, Move.RESTORE, self.by_id, self.now)
            before = None
        if report.standing not in TO_COME:
            self.moves.stood += report.state is not State.EXCUSED
        elif to is None:
            self._excuse(report)
        else:
            self._move(duty, report, to, before)
        if to and to.period != report.period:
            self._rename(report, to.period)

    def _is_excused_by_us(self, report: Report) -> bool:
        return report.state is State.EXCUSED and excusing.why(self.session, report) in BY_US

    def _is_asked(self, duty: Duty, report: Report, to: Occurrence) -> bool:
        school = self.session.get_one(Unit, report.unit_id)
        issued_on = checklists.document_of(self.session, duty).issued_on
        return (
            school.kind is UnitKind.SCHOOL
            and scope.asks(duty.audience, school.levels, school.flags, school.code)
            and scope.is_there(to, school.valid_from, school.valid_to, issued_on)
            and not self._is_taken(report, to.period)
        )

    def _is_taken(self, report: Report, period: str) -> bool:
        """Whether another report of the school has the period, from terms before the older."""
        other = select(Report.id).where(
            Report.duty_id == report.duty_id,
            Report.unit_id == report.unit_id,
            Report.period == period,
            Report.id != report.id,
        )
        return period != report.period and self.session.exec(other).first() is not None

    def _move(self, duty: Duty, report: Report, to: Occurrence, before: Deadline | None) -> None:
        """A day that the office set for this school alone stays, unless the new one is later."""
        report.title, report.opens_on = _title(duty, to), _opens_on(duty, to)
        had, has = report.deadline, deadline_of(to)
        extensions.rewrite(self.session, report, has)
        by_hand = before is not None and had != before
        if had == has or (by_hand and not _is_later(has, had)):
            return
        self._quiet(report)
        report.set_deadline(has)
        self._note(report, "deadline moved", had.said, has.said)
        if report.state is State.LOCKED and report.locked_for == had.due_on:
            locks.unlock(self.session, report, self.by_id, self.now)
        self.moves.moved.append(Moved(report, had))

    def _excuse(self, report: Report) -> None:
        """The draft stays, should it be asked for again."""
        self._quiet(report)
        if report.state is State.LOCKED:
            locks.unlock(self.session, report, self.by_id, self.now)
        if report.state is State.AWAITING_HEAD:
            reports.move(self.session, report, Move.SEND_BACK, self.by_id, self.now)
        reports.move(self.session, report, Move.EXCUSE, self.by_id, self.now, reason=NO_MORE)
        self.moves.dropped.append(report)

    def _rename(self, report: Report, period: str) -> None:
        before, report.period = {"period": report.period}, period
        self._note(report, "renamed", before, {"period": period})
        self.session.flush()

    def _note(
        self, about: SQLModel, change: str, before: dict[str, Any], after: dict[str, Any] | None
    ) -> None:
        audit.record(self.session, self.now, self.by_id, about, change, before, after)

    def _quiet(self, report: Report) -> None:
        """Take back what waits to be sent of the old deadline."""
        if self.session.exec(select(Nudge.id).where(Nudge.report_id == report.id)).first():
            nudges.withdraw(self.session, report)


def deadline_of(occurrence: Occurrence) -> Deadline:
    return Deadline(occurrence.due_on, occurrence.operator, occurrence.due_at)


def _is_later(one: Deadline, other: Deadline) -> bool:
    return bool(one.due_on and other.due_on and one.due_on > other.due_on)
