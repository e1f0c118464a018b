"""Reports due from each school, their drafts and submissions, and the answers in them."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import event, inspect
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from core import review
from core.calendar import Deadline, Operator
from core.comparison import NOTE
from core.review import OWED, Move, State
from core.roles import MAY_DECIDE
from storage import audit, checklists, evidence, files, invitations
from storage.checklists import Duty
from storage.database import Instant, Json, primary_key, words
from storage.evidence import Evidence, Place, Product
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
    locked_for: the deadline after which the calendar locked it, which it does once for each.
    look_on: the day on which there may be something to remind of; None for never.
    told_on: when its school first heard of this deadline; see `core.ladder`.
    finding: what an inspection found at this school, as `core.writing` stores it.
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
    locked_for: date | None = None
    look_on: date | None = Field(default=None, index=True)
    told_on: date | None = None
    finding: dict[str, Any] | None = Field(default=None, sa_type=Json(), nullable=True)

    @property
    def standing(self) -> State:
        """Its state, and of a locked one that in which it was locked."""
        return self.state_before or self.state if self.state is State.LOCKED else self.state

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.due_on, self.operator, self.due_at)

    def set_deadline(self, to: Deadline) -> None:
        self.due_on, self.operator, self.due_at = to.due_on, to.operator, to.due_at
        self.told_on = None


AT_ONCE = date.min  # as `look_on`: a past day, the same for every clock


@event.listens_for(Report, "before_insert")
@event.listens_for(Report, "before_update")
def _look_again(_mapper: object, _connection: object, report: Report) -> None:
    """Whatever makes it owed, or moves its deadline, has it looked at for reminders.

    One without a date is announced, and no more.

    Here, as no code that does so could be trusted never to forget it. Looking again says nothing
    twice.
    """
    attributes = inspect(report).attrs
    if any(attributes[name].history.has_changes() for name in ("state", "due_on", "opens_on")):
        unheard = report.due_on is None and report.told_on is None
        to_come = report.state in OWED and (report.due_on is not None or unheard)
        report.look_on = (report.opens_on or AT_ONCE) if to_come else None


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


def owed(session: Session, unit_id: int) -> list[Report]:
    """What a school still has to hand in, soonest first, those without a date last."""
    return of_school(session, unit_id, OWED)


def to_look_at(session: Session, today: date, most: int) -> Sequence[Report]:
    """Of which there may be something to remind, locked, the longest due first.

    What somebody is just changing is left for later.
    """
    return session.exec(
        select(Report)
        .where(col(Report.look_on) <= today)
        .order_by(col(Report.look_on), col(Report.id))
        .limit(most)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def looked_at_until(session: Session, last: date, office_id: int | None) -> list[int]:
    """Ids of reports that will be looked at on that day or earlier.

    office_id: that is to get them; None for any.
    """
    until = select(Report.id).where(col(Report.look_on) <= last)
    return list(session.exec(_received_by(office_id, until).order_by(col(Report.id))))


def _received_by(office_id: int | None, found: SelectOfScalar[Any]) -> SelectOfScalar[Any]:
    if office_id is None:
        return found
    return found.join(Duty, col(Duty.id) == Report.duty_id).where(Duty.receiver_id == office_id)


def units_owing(
    session: Session,
    first: date,
    last: date,
    office_id: int | None,
    duties: Collection[int] | None = None,
) -> list[int]:
    """Ids of schools that owe something by one of these days, both in. office_id: as above.

    duties: of which; None for all.
    """
    found = select(Report.unit_id).where(col(Report.due_on).between(first, last))
    found = _received_by(office_id, found.where(col(Report.state).in_(OWED)))
    if duties is not None:
        found = found.where(col(Report.duty_id).in_(duties))
    return list(session.exec(found.distinct().order_by(col(Report.unit_id))))


def last_due(session: Session, office_id: int | None) -> date | None:
    """The last deadline that somebody is still to be reminded of. office_id: as above."""
    last = select(func.max(Report.due_on)).where(col(Report.look_on).is_not(None))
    found: date | None = session.exec(_received_by(office_id, last)).one()
    return found


def some(session: Session, report_ids: Collection[int]) -> Sequence[Report]:
    return session.exec(
        select(Report).where(col(Report.id).in_(report_ids)).order_by(col(Report.id))
    ).all()


def owed_of(session: Session, duty_ids: Collection[int]) -> Sequence[Report]:
    """What is owed of some duties."""
    owed = select(Report).where(col(Report.duty_id).in_(duty_ids), col(Report.state).in_(OWED))
    return session.exec(owed.order_by(col(Report.id))).all()


def unchanging(session: Session, report_ids: Collection[int]) -> dict[int, Report]:
    """Those of these reports that nobody is just changing, as they are until the commit."""
    rows = session.exec(
        select(Report)
        .where(col(Report.id).in_(report_ids))
        .order_by(col(Report.id))
        .with_for_update(read=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    return {row.id: row for row in rows}


def look_again_at_school(session: Session, unit_id: int) -> bool:
    """As `look_again`, unless somebody is just changing a report of the school: then False."""
    theirs = select(Report.id).where(Report.unit_id == unit_id, col(Report.state).in_(OWED))
    free = theirs.with_for_update(skip_locked=True, key_share=True)
    if len(session.exec(free).all()) < len(session.exec(theirs).all()):
        return False
    look_again(session, unit_id=unit_id)
    return True


def look_again(session: Session, **which: int | Operator) -> None:
    """Have what is owed looked at for reminders. which: fields of the reports that are meant."""
    dated = col(Report.due_on).is_not(None) & col(Report.state).in_(OWED)
    again = update(Report).where(dated).filter_by(**which)
    opens = func.coalesce(col(Report.opens_on), AT_ONCE)
    session.exec(again.values(look_on=opens).execution_options(synchronize_session=False))


def of_school(session: Session, unit_id: int, states: Collection[State]) -> list[Report]:
    """A school's reports in one of these states, soonest first, those without a date last."""
    return list(
        session.exec(
            select(Report)
            .where(Report.unit_id == unit_id, col(Report.state).in_(states))
            .order_by(col(Report.due_on).is_(None), col(Report.due_on), col(Report.id))
        )
    )


def of_unit(session: Session, unit_id: int) -> list[Report]:
    """Every report of a school, in the same order."""
    return of_school(session, unit_id, set(State))


def lock(session: Session, report_id: int) -> Report | None:
    """The report as it is now, which nobody else changes until the transaction ends."""
    how = {"key_share": True}  # others may write rows about it meanwhile
    return session.get(Report, report_id, with_for_update=how, populate_existing=True)


def to_fill(session: Session, me: Acting, report_id: int) -> Report | None:
    """The report, locked against others, if it is this person's school that owes it.

    While the office has locked it, it can be looked at, but not handed in.
    """
    report = lock(session, report_id)
    if report is None or not me.at_a_school or report.unit_id != me.unit_id:
        return None
    return report if report.standing in OWED else None


def to_decide(session: Session, me: Acting, report_id: int) -> Report | None:
    """The report, locked, if this person's post lets them decide about it for the office."""
    lock = {"key_share": True}
    report = session.get(Report, report_id, with_for_update=lock, populate_existing=True)
    return report if report and may_decide(session, me, report) else None


def round_to_decide(session: Session, me: Acting, report_id: int) -> Sequence[Report]:
    """As `to_decide`, every school's report of the same duty and period; none where they may not.

    They are locked in the order of their ids, as by whoever else locks several.
    """
    report = session.get(Report, report_id)
    if report is None or not may_decide(session, me, report):
        return []
    return session.exec(
        select(Report)
        .where(Report.duty_id == report.duty_id, Report.period == report.period)
        .order_by(col(Report.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def may_decide(session: Session, me: Acting, report: Report) -> bool:
    receiver = session.get_one(Duty, report.duty_id).receiver_id
    return me.role in MAY_DECIDE and receiver == me.unit_id


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


def start(session: Session, report: Report, person_id: int, now: datetime) -> None:
    """Note that its school has begun, at the first answer."""
    if report.state is State.OPEN:
        move(session, report, Move.BEGIN, person_id, now)


def present(
    session: Session, report: Report, draft: Submission, person_id: int, now: datetime
) -> None:
    """Ask the head of school about a draft."""
    draft.presented_at, draft.times_presented = now, draft.times_presented + 1
    start(session, report, person_id, now)
    move(session, report, Move.PRESENT, person_id, now)


def presented(session: Session, me: Acting, draft_id: int) -> tuple[Report, Submission] | None:
    """A draft of the school this person acts for that waits for its head; its report, locked."""
    draft = session.get(Submission, draft_id)
    report = lock(session, draft.report_id) if draft else None
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
    move(session, report, Move.SEND_BACK, person_id, now, remarks=dict(remarks))


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
    move(session, report, Move.RECALL, person_id, now)
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
    start(session, report, person_id, now)
    move(session, report, Move.SUBMIT, person_id, now, unapproved=unapproved)
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
