"""Drafts of reports and what was sent of them, version by version, and the answers in them."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, func, select

from core.comparison import NOTE
from core.review import OWED, Move, State
from storage import audit, checklists, evidence, files, invitations, reports
from storage.checklists import Duty
from storage.database import Instant, Json, primary_key
from storage.evidence import Evidence, Place, Product
from storage.files import Upload
from storage.people import Acting
from storage.reports import Report
from storage.units import Unit

RECEIPT_LENGTH = 6


class Submission(SQLModel, table=True):
    """A version of a report: a draft its school shares until it is sent, unchangeable after.

    holder_id, held_since: who is filling it in. touched_at: when somebody last answered.
    receipt: a short code the school can quote; unique.
    last: what was answered in the last period, as the school was shown it; see `storage.last`.
    recorded: what the system itself counted, by item key, as the school was offered it.
    kept_from_id: the newer questions that the school chose not to move to.
    presented_at: when the head of school was asked last; times_presented: how often.
    unapproved: sent without the head, who had not answered.
    remarks: what this draft was sent back with, by item key. remarked_by_id: who wrote them.
    again: keys of answers that are to be looked at once more because of a remark.
    sent_back: the answers as the head sent them back, by key; None where the remarks are not the
    head's, or there are none.
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
    last: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json())
    recorded: dict[str, int] | None = Field(default=None, sa_type=Json(), nullable=True)
    kept_from_id: int | None = Field(default=None, foreign_key="checklist_revision.id")
    presented_at: datetime | None = Field(default=None, sa_type=Instant)
    times_presented: int = 0
    unapproved: bool = False
    remarks: dict[str, str] = Field(default_factory=dict, sa_type=Json())
    remarked_by_id: int | None = None
    again: list[str] = Field(default_factory=list, sa_type=Json())
    sent_back: dict[str, Any] | None = Field(default=None, sa_type=Json(), nullable=True)


class Answer(SQLModel, table=True):
    """value: as stored by `core.question`; None when the item was skipped.

    Of files it is an empty list: which they are stands in `storage.evidence`.
    """

    __table_args__ = (UniqueConstraint("submission_id", "key"),)

    id: int = primary_key()
    submission_id: int = Field(foreign_key="submission.id")
    key: str
    value: Any = Field(default=None, sa_type=Json(), nullable=True)


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


def versions(session: Session, report: Report) -> list[Submission]:
    """Those that were sent, the first one first."""
    return list(
        session.exec(
            select(Submission)
            .where(Submission.report_id == report.id, col(Submission.sent_at).is_not(None))
            .order_by(col(Submission.version))
        )
    )


def of_period_before(session: Session, report: Report) -> tuple[Report, Submission] | None:
    """What the school sent last for the same duty in an earlier period, the latest of them."""
    return session.exec(
        select(Report, Submission)
        .join(Submission, col(Submission.report_id) == Report.id)
        .where(Report.duty_id == report.duty_id, Report.unit_id == report.unit_id)
        .where(Report.period < report.period, col(Submission.sent_at).is_not(None))
        .order_by(col(Report.period).desc(), col(Submission.version).desc())
        .limit(1)
    ).first()


def handed_in(
    session: Session, me: Acting, unit_id: int | None = None
) -> list[tuple[Report, Unit, Submission]]:
    """What this person may read and was ever sent, as it was sent last; newest first.

    unit_id: of one school; None for all.
    """
    newest = (
        select(func.max(Submission.id))
        .where(col(Submission.sent_at).is_not(None))
        .group_by(col(Submission.report_id))
    )
    found = (
        select(Report, Unit, Submission)
        .join(Unit, col(Unit.id) == Report.unit_id)
        .join(Submission, col(Submission.report_id) == Report.id)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .where(col(Submission.id).in_(newest))
        .order_by(col(Submission.sent_at).desc(), col(Report.id).desc())
    )
    if unit_id is not None:
        found = found.where(Report.unit_id == unit_id)
    if me.at_a_school:
        return list(session.exec(found.where(Report.unit_id == me.unit_id)))
    receiver = me.unit_id if me.at_the_office else None
    return list(session.exec(found.where(Duty.receiver_id == receiver)))


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
    given = dict(rows.all())
    if [] in given.values():
        given |= evidence.lists(session, submission.id)
    return given


def keep(session: Session, draft: Submission, changed: Mapping[str, Any], now: datetime) -> None:
    """Store answers in a draft, by key."""
    session.exec(
        delete(Answer).where(
            col(Answer.submission_id) == draft.id, col(Answer.key).in_(list(changed))
        )
    )
    for key, value in changed.items():
        listed = value if files.is_list(value) else []
        if listed or value in ([], None):
            evidence.put(session, draft.id, key, listed)
        session.add(Answer(submission_id=draft.id, key=key, value=[] if listed else value))
    draft.touched_at = now


def present(
    session: Session, report: Report, draft: Submission, person_id: int, now: datetime
) -> None:
    """Ask the head of school about a draft."""
    draft.presented_at, draft.times_presented = now, draft.times_presented + 1
    reports.start(session, report, person_id, now)
    reports.move(session, report, Move.PRESENT, person_id, now)


def presented(session: Session, me: Acting, draft_id: int) -> tuple[Report, Submission] | None:
    """A draft of the school this person acts for that waits for its head; its report, locked."""
    draft = session.get(Submission, draft_id)
    report = reports.lock(session, draft.report_id) if draft else None
    if draft is None or report is None or not me.at_a_school or report.unit_id != me.unit_id:
        return None
    session.refresh(draft)
    return (report, draft) if report.state is State.AWAITING_HEAD and not draft.sent_at else None


def silent(session: Session, since: datetime) -> list[tuple[Report, Submission]]:
    """What waits for a head who was asked at that moment or earlier; true until commit."""
    return list(
        session.exec(
            select(Report, Submission)
            .join(Submission, col(Submission.report_id) == Report.id)
            .where(Report.state == State.AWAITING_HEAD, col(Submission.sent_at).is_(None))
            .where(col(Submission.presented_at) <= since)
            .order_by(col(Report.id))
            .with_for_update(of=Report, key_share=True)
        )
    )


def send_back(
    session: Session,
    report: Report,
    draft: Submission,
    person_id: int,
    remarks: Mapping[str, str],
    now: datetime,
) -> None:
    """The head returns a draft inside the school. remarks: by item key."""
    remark(session, draft, person_id, remarks)
    draft.sent_back = answers(session, draft)
    reports.move(session, report, Move.SEND_BACK, person_id, now, remarks=dict(remarks))


def remark(
    session: Session, draft: Submission, person_id: int | None, remarks: Mapping[str, str]
) -> None:
    """What is to be mended in a draft, in place of what was to be mended before.

    The answers stay, and those remarked on are asked once more with the notes on them.
    """
    notes = [f"{key}{NOTE}" for key in remarks]
    known = answers(session, draft)
    draft.remarks, draft.remarked_by_id, draft.sent_back = dict(remarks), person_id, None
    draft.again = [*remarks, *(key for key in notes if key in known)]


def recall(session: Session, report: Report, person_id: int, now: datetime) -> None:
    """The school takes back what it sent, and goes on with a new draft of it."""
    reports.move(session, report, Move.RECALL, person_id, now)
    begin_draft(session, report, person_id, now)


def submit(
    session: Session,
    report: Report,
    person_id: int,
    asked: Iterable[str],
    now: datetime,
    *,
    unapproved: bool = False,
) -> Submission:
    """Send the draft with its answers to what was asked. The caller commits.

    asked: keys of the questions that were asked; what was answered beside them is left out.
    The pages of each of their answers are bound into one PDF afterwards.
    unapproved: the head of school was asked and did not answer.
    """
    asked = list(asked)
    draft = begin_draft(session, report, person_id, now)
    session.exec(
        delete(Answer).where(col(Answer.submission_id) == draft.id, col(Answer.key).not_in(asked))
    )
    evidence.remove_all_but(session, draft.id, asked)
    for key in evidence.lists(session, draft.id):
        evidence.ask(session, draft.id, key, Product.PDF, person_id)
    draft.sent_by_id, draft.sent_at, draft.receipt = person_id, now, _receipt(session)
    draft.unapproved = unapproved
    reports.start(session, report, person_id, now)
    reports.move(session, report, Move.SUBMIT, person_id, now, unapproved=unapproved)
    return draft


def _receipt(session: Session) -> str:
    while True:
        code = "".join(secrets.choice(invitations.ALPHABET) for _ in range(RECEIPT_LENGTH))
        taken = session.exec(select(Submission.id).where(Submission.receipt == code)).first()
        if taken is None:
            return code


def all_last_sent(session: Session, report_ids: Collection[int]) -> dict[int, Submission]:
    """The last version sent of each of these reports, by report."""
    rows = session.exec(
        select(Submission)
        .where(col(Submission.report_id).in_(report_ids), col(Submission.sent_at).is_not(None))
        .order_by(col(Submission.version))
    )
    return {row.report_id: row for row in rows}


def drop_upload(session: Session, upload: Upload) -> list[Report]:
    """Take a file out of the answers of its school's drafts; return their reports.

    What is presented to the head stays as the head sees it.
    """
    dropped = []
    for place, report, draft in drafts_with(session, upload):
        if report.state not in OWED:
            continue
        left = evidence.lists(session, draft.id)[place.key]
        left = [file for file in left if file["upload"] != upload.id]
        evidence.put(session, draft.id, place.key, left)
        evidence.ask(session, draft.id, place.key, Product.SHEET, upload.person_id)
        dropped.append(report)
    return dropped


def drafts_with(session: Session, upload: Upload) -> list[tuple[Evidence, Report, Submission]]:
    """Where in its school's drafts a file stands."""
    return list(
        session.exec(
            select(Evidence, Report, Submission)
            .join(Submission, col(Submission.id) == Evidence.submission_id)
            .join(Report, col(Report.id) == Submission.report_id)
            .where(Evidence.upload_id == upload.id, Evidence.state == Place.KEPT)
            .where(col(Submission.sent_at).is_(None), Report.unit_id == upload.unit_id)
        )
    )
