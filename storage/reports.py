"""Reports due from each school, their drafts and submissions, and the answers in them."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, select

from core import review
from core.calendar import Operator
from core.review import OWED, Move, State
from storage import audit, checklists, files, invitations
from storage.checklists import Duty
from storage.database import Instant, Json, primary_key, words
from storage.files import Upload
from storage.people import Acting
from storage.units import Unit

RECEIPT_LENGTH = 6


class Report(SQLModel, table=True):
    """One school, one duty, one period.

    period: "" for a one-off. title: the duty's, with the period in it.
    due_on, operator: the deadline as written; None where no day is set yet.
    due_at: the local time of that day, None for its end.
    opens_on: first day it can be filled in; None for at once.
    revision_id: the questions it was begun with; None before.
    state_before: where unlocking or restoring leads back to; None in every other state.
    """

    __table_args__ = (UniqueConstraint("duty_id", "unit_id", "period"),)

    id: int = primary_key()
    duty_id: int = Field(foreign_key="duty.id")
    unit_id: int = Field(foreign_key="unit.id", index=True)
    period: str = ""
    title: str
    due_on: date | None = Field(default=None, index=True)
    operator: Operator = words(Operator, default=Operator.BY)
    due_at: time | None = None
    opens_on: date | None = None
    revision_id: int | None = Field(default=None, foreign_key="checklist_revision.id")
    state: State = words(State, default=State.OPEN)
    state_before: State | None = words(State, default=None, nullable=True)


class Submission(SQLModel, table=True):
    """A version of a report: a draft its school shares until it is sent, unchangeable after.

    holder_id, held_since: who is filling it in. touched_at: when somebody last answered.
    receipt: a short code the school can quote; unique.
    """

    __table_args__ = (UniqueConstraint("report_id", "version"),)

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id")
    version: int
    holder_id: int = Field(foreign_key="person.id")
    held_since: datetime = Field(sa_type=Instant)
    touched_at: datetime = Field(sa_type=Instant)
    sent_by_id: int | None = Field(default=None, foreign_key="person.id")
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    receipt: str | None = Field(default=None, unique=True)


class Answer(SQLModel, table=True):
    """value: as stored by `core.question`; None when the item was skipped."""

    __table_args__ = (UniqueConstraint("submission_id", "key"),)

    id: int = primary_key()
    submission_id: int = Field(foreign_key="submission.id")
    key: str
    value: Any = Field(default=None, sa_type=Json(), nullable=True)


def owed(session: Session, unit_id: int) -> list[Report]:
    """What a school still has to hand in, soonest first, those without a date last."""
    return list(
        session.exec(
            select(Report)
            .where(Report.unit_id == unit_id, col(Report.state).in_(OWED))
            .order_by(col(Report.due_on).is_(None), col(Report.due_on), col(Report.id))
        )
    )


def of_unit(session: Session, unit_id: int) -> list[Report]:
    """Every report of a school, soonest first, those without a date last."""
    return list(
        session.exec(
            select(Report)
            .where(Report.unit_id == unit_id)
            .order_by(col(Report.due_on).is_(None), col(Report.due_on), col(Report.id))
        )
    )


def all_owed(session: Session, today: date) -> list[Report]:
    """Of every school: what can be filled in today and has a date, soonest first."""
    return list(
        session.exec(
            select(Report)
            .where(col(Report.state).in_(OWED), col(Report.due_on).is_not(None))
            .where(col(Report.opens_on).is_(None) | (col(Report.opens_on) <= today))
            .order_by(col(Report.due_on), col(Report.id))
        )
    )


def is_owed(session: Session, report_id: int) -> bool:
    """Whether the school still owes it, once nobody is just handing it in; true until commit."""
    return (
        session.exec(
            select(Report.id)
            .where(Report.id == report_id, col(Report.state).in_(OWED))
            .with_for_update(read=True)
        ).first()
        is not None
    )


def to_fill(session: Session, me: Acting, report_id: int) -> Report | None:
    """The report, locked, if this person may fill it in for the school they act for."""
    lock = {"key_share": True}  # others may write rows about it meanwhile
    report = session.get(Report, report_id, with_for_update=lock, populate_existing=True)
    if report is None or not me.at_a_school or report.unit_id != me.unit_id:
        return None
    return report if report.state in OWED else None


def readable(session: Session, me: Acting, report_id: int) -> Report | None:
    """The report if this person's post lets them read it: their school's, or their office's."""
    report = session.get(Report, report_id)
    if report is None:
        return None
    if me.at_a_school and report.unit_id == me.unit_id:
        return report
    receiver = session.get_one(Duty, report.duty_id).receiver_id
    return report if me.at_the_office and receiver == me.unit_id else None


def draft_of(session: Session, report: Report) -> Submission | None:
    return session.exec(
        select(Submission).where(
            Submission.report_id == report.id, col(Submission.sent_at).is_(None)
        )
    ).first()


def last_sent(session: Session, report: Report) -> Submission | None:
    return session.exec(
        select(Submission)
        .where(Submission.report_id == report.id, col(Submission.sent_at).is_not(None))
        .order_by(col(Submission.version).desc())
        .limit(1)
    ).first()


def begin_draft(session: Session, report: Report, person_id: int, now: datetime) -> Submission:
    """The draft of a report, made with its next version where there is none."""
    draft = draft_of(session, report)
    if draft is not None:
        return draft
    before = last_sent(session, report)
    if report.revision_id is None:
        duty = session.get_one(Duty, report.duty_id)
        report.revision_id = checklists.latest_revision(session, duty.checklist_id).id
    draft = Submission(
        report_id=report.id,
        version=before.version + 1 if before else 1,
        holder_id=person_id,
        held_since=now,
        touched_at=now,
    )
    session.add(draft)
    session.flush()
    if before:
        keep(session, draft, answers(session, before), now)
    return draft


def take_over(session: Session, draft: Submission, person_id: int, now: datetime) -> None:
    before = {"holder": draft.holder_id}
    draft.holder_id, draft.held_since = person_id, now
    audit.record(session, now, person_id, draft, "took over", before, {"holder": person_id})


def answers(session: Session, submission: Submission) -> dict[str, Any]:
    rows = session.exec(
        select(Answer.key, Answer.value).where(Answer.submission_id == submission.id)
    )
    return dict(rows.all())


def keep(session: Session, draft: Submission, changed: Mapping[str, Any], now: datetime) -> None:
    """Store answers in a draft, by key."""
    session.exec(
        delete(Answer).where(
            col(Answer.submission_id) == draft.id, col(Answer.key).in_(list(changed))
        )
    )
    for key, value in changed.items():
        session.add(Answer(submission_id=draft.id, key=key, value=value))
    draft.touched_at = now


def start(session: Session, report: Report, person_id: int, now: datetime) -> None:
    """Note that its school has begun, at the first answer."""
    if report.state is State.OPEN:
        move(session, report, Move.BEGIN, person_id, now)


def submit(
    session: Session, report: Report, person_id: int, asked: Iterable[str], now: datetime
) -> Submission:
    """Send the draft with its answers to what was asked. The caller commits.

    asked: keys of the questions that were asked; what was answered beside them is left out.
    """
    draft = begin_draft(session, report, person_id, now)
    session.exec(
        delete(Answer).where(
            col(Answer.submission_id) == draft.id, col(Answer.key).not_in(list(asked))
        )
    )
    draft.sent_by_id, draft.sent_at, draft.receipt = person_id, now, _receipt(session)
    start(session, report, person_id, now)
    move(session, report, Move.SUBMIT, person_id, now)
    return draft


def by_duty(session: Session, me: Acting) -> list[tuple[Duty, Report, Unit]]:
    """Every report that the person's office receives, with its duty and school."""
    if not me.at_the_office:
        return []
    return list(
        session.exec(
            select(Duty, Report, Unit)
            .join(Report, col(Report.duty_id) == Duty.id)
            .join(Unit, col(Unit.id) == Report.unit_id)
            .where(Duty.receiver_id == me.unit_id)
            .order_by(col(Report.due_on).is_(None), col(Report.due_on))
            .order_by(col(Duty.id), col(Unit.name))
        )
    )


def move(
    session: Session, report: Report, how: Move, person_id: int | None, now: datetime, **said: Any
) -> None:
    """The only way a report changes its state, with its row in the audit. The caller locks it.

    person_id: None where the program does it. said: JSON that the audit keeps beside the state,
    such as a reason. Raises NotAllowed.
    """
    before, to = report.state, review.after(report.state, how, report.state_before)
    report.state_before = before if review.remembers(how) else None
    report.state = to
    audit.record(
        session, now, person_id, report, str(how), {"state": before}, {"state": to, **said}
    )


def _receipt(session: Session) -> str:
    while True:
        code = "".join(secrets.choice(invitations.ALPHABET) for _ in range(RECEIPT_LENGTH))
        taken = session.exec(select(Submission.id).where(Submission.receipt == code)).first()
        if taken is None:
            return code


def drop_upload(session: Session, upload: Upload) -> list[Report]:
    """Take a file out of the answers of its school's drafts; return their reports."""
    held = session.exec(
        select(Answer, Report)
        .join(Submission, col(Submission.id) == Answer.submission_id)
        .join(Report, col(Report.id) == Submission.report_id)
        .where(col(Submission.sent_at).is_(None), Report.unit_id == upload.unit_id)
    ).all()
    dropped = []
    for answer, report in held:
        if upload.id in files.in_answers([answer.value]):
            answer.value = [file for file in answer.value if file["upload"] != upload.id]
            session.add(answer)
            dropped.append(report)
    return dropped
