"""What the office makes of the reports it got: who looks at each version, and each verdict."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, func, text
from sqlmodel import Field, Session, SQLModel, col, select

from core.calendar import Deadline, Operator
from core.review import Move, State
from core.roles import MAY_REVIEW, Role, Standing, at_level, covers
from storage import audit, people, reports, submissions
from storage.checklists import Duty
from storage.database import Instant, Json, primary_key, words
from storage.people import Acting, Post
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit

UNDO = timedelta(minutes=5)  # how long a verdict can be taken back and is told to nobody


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    RETURNED = "returned"


MOVE = {Verdict.ACCEPTED: Move.ACCEPT, Verdict.RETURNED: Move.RETURN}
STATE = {Verdict.ACCEPTED: State.ACCEPTED, Verdict.RETURNED: State.RETURNED}

_STANDS = text("undone_at IS NULL")


class Review(SQLModel, table=True):
    """Somebody's look at one version of a report, and once decided the verdict on it.

    A verdict that is taken back stays as it was, with undone_at, and a new row follows it.
    verdict: None until decided. remarks: by item key. due_on: by which day it is to come back,
    if one was given. due_before, operator_before, due_at_before: the deadline whose place that day
    took.
    told_at: when the school was told, or when there was nothing left to tell.
    together_id: the first review of those that were decided at one go; None for one alone.
    """

    __table_args__ = (
        Index(
            "uq_review_standing",
            "submission_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id", index=True)
    submission_id: int = Field(foreign_key="submission.id")
    begun_by_id: int = Field(foreign_key="person.id")
    begun_at: datetime = Field(sa_type=Instant)
    verdict: Verdict | None = words(Verdict, default=None, nullable=True)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    remarks: dict[str, str] = Field(default_factory=dict, sa_type=Json())
    due_on: date | None = None
    due_before: date | None = None
    operator_before: Operator | None = words(Operator, default=None, nullable=True)
    due_at_before: time | None = None
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    together_id: int | None = Field(default=None, index=True)


@dataclass(frozen=True, slots=True)
class Case:
    """A review with what it is about. The report is locked."""

    review: Review
    report: Report
    sent: Submission

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a verdict."""
        review = self.review
        return (
            self.report.state is State.SUBMITTED
            and review.submission_id == self.sent.id
            and review.verdict is None
            and review.undone_at is None
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that waits for a verdict."""

    report: Report
    sent: Submission
    duty: Duty
    unit: Unit


def queue(session: Session, me: Acting) -> list[Waiting]:
    """What waits for a verdict and is this officer's to give, oldest first."""
    if me.role not in MAY_REVIEW:
        return []
    post = session.get_one(Post, me.post_id)
    is_theirs = _looks_after(session, post)
    waiting = _waiting(session, post.unit_id)
    return [one for one in waiting if is_theirs(one.duty, one.unit)]


def waiting_for(session: Session, person_id: int) -> list[Waiting]:
    """As `queue`, by all the posts that somebody holds at an office."""
    found: dict[int, Waiting] = {}
    for post in _reviewing(session, person_id):
        is_theirs = _looks_after(session, post)
        waiting = _waiting(session, post.unit_id)
        found |= {one.sent.id: one for one in waiting if is_theirs(one.duty, one.unit)}
    return list(found.values())


def before_heads(session: Session, person_id: int, since: datetime) -> list[Report]:
    """What an officer will get, and waits for a head who was asked at that moment or earlier."""
    found: dict[int, Report] = {}
    for post in _reviewing(session, person_id):
        is_theirs = _looks_after(session, post)
        for report, duty, unit in _before_heads(session, post.unit_id, since):
            if is_theirs(duty, unit):
                found[report.id] = report
    return list(found.values())


def _reviewing(session: Session, person_id: int) -> list[Post]:
    """Their posts in which they review."""
    held = people.posts_of(session, person_id)
    active = (post for post, _unit in held if post.standing is Standing.ACTIVE)
    return [post for post in active if post.role in MAY_REVIEW]


def _looks_after(session: Session, post: Post) -> Callable[[Duty, Unit], bool]:
    """Whether a school's report of a duty is for the holder of a post."""
    held = people.holders(session, post.unit_id, {Role.OFFICER})
    claimed = {topic for post, _person in held for topic in post.topics}
    return lambda duty, unit: (
        covers(post.topics, duty.topic, unit.levels)
        or (duty.topic not in claimed and at_level(post.topics, unit.levels))
    )


def _before_heads(
    session: Session, office_id: int, since: datetime
) -> Sequence[tuple[Report, Duty, Unit]]:
    return session.exec(
        select(Report, Duty, Unit)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .join(Unit, col(Unit.id) == Report.unit_id)
        .join(Submission, col(Submission.report_id) == Report.id)
        .where(Duty.receiver_id == office_id, Report.state == State.AWAITING_HEAD)
        .where(col(Submission.sent_at).is_(None), col(Submission.presented_at) <= since)
        .order_by(col(Submission.presented_at), col(Report.id))
    ).all()


def _waiting(session: Session, unit_id: int | None) -> list[Waiting]:
    newest = (
        select(func.max(Submission.version))
        .where(Submission.report_id == Report.id, col(Submission.sent_at).is_not(None))
        .correlate(Report)
        .scalar_subquery()
    )
    rows = session.exec(
        select(Report, Submission, Duty, Unit)
        .join(Submission, col(Submission.report_id) == Report.id)
        .join(Duty, col(Duty.id) == Report.duty_id)
        .join(Unit, col(Unit.id) == Report.unit_id)
        .where(Duty.receiver_id == unit_id, Report.state == State.SUBMITTED)
        .where(Submission.version == newest)
        .order_by(col(Submission.sent_at), col(Report.id))
    )
    return [Waiting(*row) for row in rows]


def to_review(session: Session, me: Acting, report_id: int) -> tuple[Report, Submission] | None:
    """A report of this officer's office with its last version; the report locked."""
    report = reports.lock(session, report_id) if me.role in MAY_REVIEW else None
    if report is None or reports.readable(session, me, report.id) is None:
        return None
    sent = submissions.last_sent(session, report)
    return (report, sent) if sent else None


def to_decide(session: Session, me: Acting, review_id: int) -> Case | None:
    """A review at this officer's office, decided or not, with its report as it is now."""
    review = session.get(Review, review_id) if me.role in MAY_REVIEW else None
    found = to_review(session, me, review.report_id) if review else None
    if review is None or found is None:
        return None
    session.refresh(review)  # it may have been decided while the report was waited for
    return Case(review, *found)


def standing(session: Session, sent: Submission) -> Review | None:
    """The review of a version that was begun, and not taken back."""
    return session.exec(
        select(Review).where(Review.submission_id == sent.id, col(Review.undone_at).is_(None))
    ).first()


def begin(
    session: Session, report: Report, sent: Submission, person_id: int, now: datetime
) -> Review:
    """The review of a version, begun by this person where nobody has yet."""
    review = standing(session, sent)
    if review is None:
        review = _begun(session, report, sent.id, person_id, now)
        audit.record(session, now, person_id, review, "began")
    return review


def _begun(
    session: Session, report: Report, sent_id: int, person_id: int, now: datetime
) -> Review:
    review = Review(
        report_id=report.id, submission_id=sent_id, begun_by_id=person_id, begun_at=now
    )
    session.add(review)
    session.flush()
    return review


def accept(session: Session, case: Case, person_id: int, now: datetime) -> None:
    _decide(session, case, Verdict.ACCEPTED, person_id, now)


def return_(
    session: Session,
    case: Case,
    person_id: int,
    remarks: Mapping[str, str],
    due_on: date | None,
    now: datetime,
) -> None:
    """The school is to mend what the remarks name. due_on: a new day to send it by, if any."""
    case.review.remarks = dict(remarks)
    _decide(session, case, Verdict.RETURNED, person_id, now, remarks=dict(remarks))
    draft = submissions.begin_draft(session, case.report, case.sent.holder_id, now)
    submissions.remark(session, draft, person_id, remarks)
    case.review.due_on = due_on
    before, to = case.report.deadline, Deadline(due_on, Operator.BY)
    if due_on and to != before:
        case.review.due_before, case.review.operator_before = before.due_on, before.operator
        case.review.due_at_before = before.due_at
        _set_due(session, case.report, to, person_id, now)


def undo(session: Session, case: Case, person_id: int, now: datetime) -> Review:
    """Take a verdict back; the review goes on, in a row of its own."""
    review, report = case.review, case.report
    review.undone_at = now
    session.flush()
    reports.move(session, report, Move.UNDO, person_id, now, review=review.id)
    if review.operator_before and report.deadline == Deadline(review.due_on, Operator.BY):
        to = Deadline(review.due_before, review.operator_before, review.due_at_before)
        _set_due(session, report, to, person_id, now)
    if draft := submissions.draft_of(session, report):
        submissions.remark(session, draft, None, {})
    return _begun(session, report, case.sent.id, review.begun_by_id, review.begun_at)


def decided_together(session: Session, me: Acting, review_id: int) -> list[Case]:
    """Those that were decided at one go with this first one; their reports locked, by id."""
    found = session.exec(
        select(Review.id).where(Review.together_id == review_id).order_by(col(Review.report_id))
    )
    return [case for one in found if (case := to_decide(session, me, one))]


def may_undo(case: Case, person_id: int, now: datetime) -> bool:
    review = case.review
    return (
        review.verdict is not None
        and review.decided_by_id == person_id
        and review.decided_at is not None
        and now - review.decided_at < UNDO
        and stands(case)
    )


def stands(case: Case) -> bool:
    """Whether the report is still where its verdict, not told to anybody yet, has moved it."""
    review = case.review
    return (
        review.verdict is not None
        and review.told_at is None
        and review.undone_at is None
        and review.submission_id == case.sent.id
        and case.report.state is STATE[review.verdict]
    )


def being_decided(session: Session, report_ids: Collection[int]) -> set[int]:
    """Those of these reports with a verdict that may still be undone, of which nobody is told."""
    found = session.exec(
        select(Review.report_id)
        .where(col(Review.report_id).in_(report_ids), col(Review.verdict).is_not(None))
        .where(col(Review.told_at).is_(None), col(Review.undone_at).is_(None))
    )
    return set(found)


def untold(session: Session, since: datetime) -> list[int]:
    """Reviews decided at that moment or earlier of which the school was not told, by id."""
    return list(
        session.exec(
            select(Review.id)
            .where(col(Review.decided_at) <= since)
            .where(col(Review.told_at).is_(None), col(Review.undone_at).is_(None))
            .order_by(col(Review.id))
        )
    )


def take_untold(session: Session, review_id: int, now: datetime) -> Case | None:
    """The review, noted as told; None where there is nothing (more) to tell."""
    review = session.get_one(Review, review_id)
    report = reports.lock(session, review.report_id)
    session.refresh(review)
    sent = submissions.last_sent(session, report) if report else None
    if report is None or sent is None:
        return None
    case = Case(review, report, sent)
    to_tell = stands(case)
    if review.undone_at is None and review.told_at is None:
        review.told_at = now
    return case if to_tell else None


def last_return(session: Session, report: Report, before: Submission) -> Review | None:
    """The return that an older version of the report ended with, the last one."""
    return session.exec(
        select(Review)
        .join(Submission, col(Submission.id) == Review.submission_id)
        .where(Review.report_id == report.id, Review.verdict == Verdict.RETURNED)
        .where(col(Review.undone_at).is_(None), Submission.version < before.version)
        .order_by(col(Submission.version).desc())
        .limit(1)
    ).first()


def _decide(
    session: Session, case: Case, verdict: Verdict, person_id: int, now: datetime, **said: Any
) -> None:
    """Raises NotAllowed."""
    review = case.review
    reports.move(session, case.report, MOVE[verdict], person_id, now, review=review.id, **said)
    review.verdict, review.decided_by_id, review.decided_at = verdict, person_id, now


def _set_due(
    session: Session, report: Report, to: Deadline, person_id: int, now: datetime
) -> None:
    before = report.deadline
    report.set_deadline(to)
    audit.record(session, now, person_id, report, "due date", before.said, to.said)
