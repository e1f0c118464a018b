"""Review at the office: accept a report or return it, item by item; take either back in time.

Whoever opens a report here begins its review, and from then on the school cannot take it back.
A verdict is told to nobody for five minutes; see `bot.verdicts`.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.form import Form
from core.message import Message, _, quiet, strong
from core.question import Answer, Day, Misread
from core.review import State
from core.screen import Choice, Input, Screen, number, open_flow, show
from handlers import deadline, phrases, remarks, version
from handlers.asking import found, questions
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.report import FillReport
from storage import files, reviews, submissions
from storage.people import Person
from storage.reports import Report
from storage.reviews import UNDO, Case, Review, Verdict
from storage.submissions import Submission
from storage.units import Unit

NONE_FOR_YOU = _("There is no such report for you.")


def open_(turn: Turn, report_id: int) -> Screen:
    report, sent = to_review(turn, report_id)
    if report.state is not State.SUBMITTED:
        return _otherwise(turn, report, sent)
    review = reviews.begin(turn.session, report, sent, turn.me.id, turn.now)
    answers = submissions.answers(turn.session, sent)
    unit = turn.session.get_one(Unit, report.unit_id)
    lines = [
        strong(_("{title} – {unit}", title=report.title, unit=unit.name)),
        version.sent_line(turn, report, sent),
        *([version.UNAPPROVED] if sent.unapproved else []),
        *_begun_by_another(turn, review),
        *found(report),
        *version.answer_lines(turn, report, sent, answers, _asked_before(turn, report, sent)),
        *version.copied(turn, sent),
        *_changes(turn, report, sent, answers),
    ]
    return Screen(tuple(lines), _choices(report, review, sent, answers))


def to_review(turn: Turn, report_id: int) -> tuple[Report, Submission]:
    """Raises Gone."""
    found = reviews.to_review(turn.session, turn.me, report_id)
    if found is None:
        raise Gone(NONE_FOR_YOU)
    return found


def _begun_by_another(turn: Turn, review: Review) -> list[Message]:
    if review.begun_by_id == turn.me.id:
        return []
    officer = turn.session.get_one(Person, review.begun_by_id)
    who = {"name": phrases.name(officer), "when": phrases.moment(turn, review.begun_at)}
    return [_("{name} began to review it, {when}.", **who)]


def _asked_before(turn: Turn, report: Report, sent: Submission) -> dict[str, Message]:
    """What the version before was returned for, to stand beside the items."""
    returned = reviews.last_return(turn.session, report, sent)
    if returned is None:
        return {}
    officer = turn.session.get_one(Person, returned.decided_by_id)
    return {key: version.by_the_office(officer, said) for key, said in returned.remarks.items()}


def _changes(turn: Turn, report: Report, sent: Submission, answers: Answers) -> list[Message]:
    earlier = [
        one for one in submissions.versions(turn.session, report) if one.version < sent.version
    ]
    return version.since_version(turn, report, earlier[-1], sent, answers) if earlier else []


def _choices(
    report: Report, review: Review, sent: Submission, answers: Answers
) -> tuple[Choice, ...]:
    choices = [
        Choice(_("Accept"), show("accept", str(review.id))),
        Choice(_("Return for correction"), open_flow("return", review.id)),
    ]
    if enclosed := files.in_answers(answers.values()):
        get = _("Get the files ({count})", count=len(enclosed))
        choices.append(Choice(get, show("files", str(report.id))))
    if sent.version > 2:
        choices.append(Choice(_("What changed"), show("changes", str(report.id))))
    return (*choices, to_queue())


def to_queue() -> Choice:
    return Choice(_("Reports to review"), show("review"))


# The verdict


def accept(turn: Turn, review_id: str) -> Screen:
    case = _case(turn, number(review_id))
    if not case.is_open:
        return _otherwise(turn, case.report, case.sent, case.review)
    reviews.accept(turn.session, case, turn.me.id, turn.now)
    done = _("Accepted: {title}, {unit}.", **place_of(turn, case.report))
    return decided(turn, done, case.review)


@dataclass(frozen=True, slots=True)
class ComingDay(Day):
    """A day from today on."""

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:  # noqa: ARG002
        return ()

    def read(self, given: Input, so_far: Answer) -> Answer:
        day: str = Day.read(self, given, so_far)
        if date.fromisoformat(day) < self.today:
            raise Misread(_("That day is over. Please send a coming day."))
        return day


class Return(FormFlow[Case]):
    """Return a report to its school: which items, why, and by when."""

    name = "return"

    def subject(self, turn: Turn, subject_id: int) -> Case:
        case = _case(turn, subject_id)
        if not case.is_open:
            raise Gone(_why_not(turn, case.report, case.sent, case.review))
        return case

    def form(self, turn: Turn, subject: Case, answers: Answers) -> Form:
        sent = submissions.answers(turn.session, subject.sent)
        asked = questions(turn.session, subject.report, subject.sent, sent, turn.today)
        about = remarks.asked(remarks.items(asked, sent), answers)
        if remarks.are_all(about, answers):
            about.append(_new_day(turn, subject.report))
        title = _("Return {title}", title=subject.report.title)
        return Form(title, tuple(about), submit=_("Return for correction"), cancels=True)

    def finish(self, turn: Turn, subject: Case, answers: Answers) -> Screen:
        day = answers["due"] and date.fromisoformat(answers["due"])
        said = remarks.given(answers)
        reviews.return_(turn.session, subject, turn.me.id, said, day, turn.now)
        done = _("Returned: {title}, {unit}.", **place_of(turn, subject.report))
        return decided(turn, done, subject.review)


def _new_day(turn: Turn, report: Report) -> ComingDay:
    now = quiet(_("Now due: {dates}", dates=deadline.both_dates(turn.session, report, turn.today)))
    text = _("By which day shall it come back? Skip to leave the day as it is.")
    return ComingDay("due", text, optional=True, under=(now,), today=turn.today)


def decided(turn: Turn, done: Message, *found: Review) -> Screen:
    at = phrases.moment(turn, turn.now + UNDO)
    wait = _("The school hears of it at {when}; until then you can undo it.", when=at)
    undo = [Choice(_("Undo"), show("undo", str(review.id))) for review in found]
    return Screen((strong(done), wait), (*undo, to_queue()))


TOO_LATE = _("This can no longer be undone.")


def undo(turn: Turn, review_id: str) -> Screen:
    """Take one's own verdict back, before the school hears of it."""
    case = _case(turn, number(review_id))
    if not reviews.may_undo(case, turn.me.id, turn.now):
        raise Gone(TOO_LATE)
    reviews.undo(turn.session, case, turn.me.id, turn.now)
    place = place_of(turn, case.report)
    back = strong(_("Undone: {title}, {unit}, waits for your review again.", **place))
    again = Choice(_("Review it"), show("review", str(case.report.id)))
    return Screen((back,), (again, to_queue()))


def _case(turn: Turn, review_id: int) -> Case:
    """Raises Gone, alike whether there is none or it is another office's."""
    case = reviews.to_decide(turn.session, turn.me, review_id)
    if case is None:
        raise Gone(NONE_FOR_YOU)
    return case


def _otherwise(
    turn: Turn, report: Report, sent: Submission, review: Review | None = None
) -> Screen:
    read = Choice(_("Read it"), show("read", str(report.id)))
    return Screen((_why_not(turn, report, sent, review),), (read, to_queue()))


def _why_not(
    turn: Turn, report: Report, sent: Submission, review: Review | None = None
) -> Message:
    """Who decided it already, or that it is no more what this officer looked at."""
    decided = review if review and review.verdict else reviews.standing(turn.session, sent)
    if decided is None or decided.undone_at or not decided.decided_at:
        state = phrases.STATE[report.state]
        return _("This has changed since; it is now: {state}.", state=state)
    officer = turn.session.get_one(Person, decided.decided_by_id)
    who = {"name": phrases.name(officer), "when": phrases.moment(turn, decided.decided_at)}
    if decided.verdict is Verdict.ACCEPTED:
        return _("{name} accepted this report, {when}.", **who)
    return _("{name} returned this report, {when}.", **who)


def place_of(turn: Turn, report: Report) -> dict[str, object]:
    return {"title": report.title, "unit": turn.session.get_one(Unit, report.unit_id).name}


# What the school is told once the time for undoing is over


def news(session: Session, case: Case, today: date) -> Screen:
    report, review = case.report, case.review
    if review.verdict is Verdict.ACCEPTED:
        accepted = _("The office has accepted {title}. Thank you!", title=report.title)
        return Screen((strong(accepted),), (Choice(_("What is due"), show("due")),))
    lines = [strong(_("The office returns {title} to be mended:", title=report.title))]
    answers = submissions.answers(session, case.sent)
    asked = questions(session, report, case.sent, answers, today)
    lines += remarks.lines(asked, review.remarks)
    if review.due_on:
        lines.append(_("Please send it again by {day}.", day=review.due_on))
    mend = Choice(_("Mend {title}", title=report.title), open_flow(FillReport.name, report.id))
    return Screen(tuple(lines), (mend, Choice(_("What is due"), show("due"))))
