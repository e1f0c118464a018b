"""Review at the office: accept a report or return it, item by item; take either back in time.

Whoever opens a report here begins its review, and from then on the school cannot take it back.
A verdict is told to nobody for five minutes; see `bot.verdicts`.
"""

from dataclasses import dataclass
from datetime import date
from zlib import crc32

from sqlmodel import Session

from core.comparison import all_answered
from core.form import Form
from core.lateness import Lateness
from core.message import Message, _, listed, ngettext, quiet, strong
from core.question import Answer, Day, Misread
from core.review import State
from core.roles import MAY_REVIEW
from core.screen import Choice, Input, Screen, number, open_flow, show
from handlers import deadline, phrases, remarks, version
from handlers.asking import questions
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.report import FillReport
from storage import files, reports, reviews
from storage.people import Person
from storage.reports import Report, Submission
from storage.reviews import UNDO, Case, Review, Verdict, Waiting
from storage.units import Unit


def review(turn: Turn, about: str) -> Screen:
    """about: a report's id, to open it; "" for all that wait for this officer."""
    if turn.me.role not in MAY_REVIEW:
        raise Gone(_("Only an officer can review reports."))
    return _open(turn, number(about)) if about else _queue(turn)


def _queue(turn: Turn) -> Screen:
    waiting = reviews.queue(turn.session, turn.me)
    if not waiting:
        none = _("No report waits for your review.")
        return Screen((none,), (Choice(_("Who has handed in"), show("status")),))
    count = len(waiting)
    heading = ngettext(
        "{count} report waits for your review:", "{count} reports wait for your review:", count
    )
    first = _("The one that has waited longest comes first.")
    choices = [_to_open(turn, one) for one in waiting]
    if clean := [one for one in waiting if is_clean(turn, one)]:
        choices.insert(0, _accept_all(clean, show("clean")))
    return Screen((strong(heading), quiet(first)), tuple(choices))


def _to_open(turn: Turn, one: Waiting) -> Choice:
    place: dict[str, object] = {"unit": one.unit.name, "title": one.report.title}
    opens = show("review", str(one.report.id))
    if marks := version.marks(turn, one.report, one.sent):
        # In front, as a long label is cut off at its end.
        return Choice(_("({marks}) {unit}: {title}", **place, marks=listed(marks)), opens)
    return Choice(_("{unit}: {title}", **place), opens)


def _open(turn: Turn, report_id: int) -> Screen:
    report, sent = _to_review(turn, report_id)
    if report.state is not State.SUBMITTED:
        return _otherwise(turn, report, sent)
    review = reviews.begin(turn.session, report, sent, turn.me.id, turn.now)
    answers = reports.answers(turn.session, sent)
    unit = turn.session.get_one(Unit, report.unit_id)
    lines = [
        strong(_("{title} – {unit}", title=report.title, unit=unit.name)),
        version.sent_line(turn, report, sent),
        *([version.UNAPPROVED] if sent.unapproved else []),
        *_begun_by_another(turn, review),
        *version.answer_lines(turn, report, sent, answers, _asked_before(turn, report, sent)),
        *_changes(turn, report, sent, answers),
    ]
    return Screen(tuple(lines), _choices(report, review, sent, answers))


def _to_review(turn: Turn, report_id: int) -> tuple[Report, Submission]:
    """Raises Gone."""
    found = reviews.to_review(turn.session, turn.me, report_id)
    if found is None:
        raise Gone(_("There is no such report for you."))
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
    earlier = [one for one in reports.versions(turn.session, report) if one.version < sent.version]
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
    return (*choices, _to_queue())


def _to_queue() -> Choice:
    return Choice(_("Reports to review"), show("review"))


# The verdict


def accept(turn: Turn, review_id: str) -> Screen:
    case = _case(turn, number(review_id))
    if not case.is_open:
        return _otherwise(turn, case.report, case.sent, case.review)
    reviews.accept(turn.session, case, turn.me.id, turn.now)
    done = _("Accepted: {title}, {unit}.", **_place(turn, case.report))
    return _done(turn, done, case.review)


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
        sent = reports.answers(turn.session, subject.sent)
        asked = questions(turn.session, subject.report, subject.sent, sent, turn.today)
        about = remarks.asked(remarks.items(asked, sent), answers)
        if remarks.are_all(about, answers):
            about.append(_new_day(turn, subject.report))
        title = _("Return {title}", title=subject.report.title)
        return Form(title, tuple(about), submit=_("Return for correction"))

    def finish(self, turn: Turn, subject: Case, answers: Answers) -> Screen:
        day = answers["due"] and date.fromisoformat(answers["due"])
        said = remarks.given(answers)
        reviews.return_(turn.session, subject, turn.me.id, said, day, turn.now)
        done = _("Returned: {title}, {unit}.", **_place(turn, subject.report))
        return _done(turn, done, subject.review)


def _new_day(turn: Turn, report: Report) -> ComingDay:
    now = quiet(_("Now due: {dates}", dates=deadline.both_dates(turn.session, report, turn.today)))
    text = _("By which day shall it come back? Skip to leave the day as it is.")
    return ComingDay("due", text, optional=True, under=(now,), today=turn.today)


def _done(turn: Turn, done: Message, *decided: Review) -> Screen:
    at = phrases.moment(turn, turn.now + UNDO)
    wait = _("The school hears of it at {when}; until then you can undo it.", when=at)
    undo = [Choice(_("Undo"), show("undo", str(review.id))) for review in decided]
    return Screen((strong(done), wait), (*undo, _to_queue()))


def undo(turn: Turn, review_id: str) -> Screen:
    """Take one's own verdict back, before the school hears of it."""
    case = _case(turn, number(review_id))
    if not reviews.may_undo(case, turn.me.id, turn.now):
        raise Gone(_("This can no longer be undone."))
    reviews.undo(turn.session, case, turn.me.id, turn.now)
    place = _place(turn, case.report)
    back = strong(_("Undone: {title}, {unit}, waits for your review again.", **place))
    again = Choice(_("Review it"), show("review", str(case.report.id)))
    return Screen((back,), (again, _to_queue()))


def _case(turn: Turn, review_id: int) -> Case:
    """Raises Gone, alike whether there is none or it is another office's."""
    case = reviews.to_decide(turn.session, turn.me, review_id)
    if case is None:
        raise Gone(_("There is no such report for you."))
    return case


def _otherwise(
    turn: Turn, report: Report, sent: Submission, review: Review | None = None
) -> Screen:
    read = Choice(_("Read it"), show("read", str(report.id)))
    return Screen((_why_not(turn, report, sent, review),), (read, _to_queue()))


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


def _place(turn: Turn, report: Report) -> dict[str, object]:
    return {"title": report.title, "unit": turn.session.get_one(Unit, report.unit_id).name}


# Many at once


def is_clean(turn: Turn, one: Waiting) -> bool:
    """On time, approved where it had to be, and every remark of the last return answered."""
    in_time = version.how_late(turn, one.report, one.sent) is Lateness.IN_TIME
    if not in_time or one.sent.unapproved:
        return False
    first = one.sent.version == 1
    returned = None if first else reviews.last_return(turn.session, one.report, one.sent)
    if returned is None:
        return True
    before = turn.session.get_one(Submission, returned.submission_id)
    old, new = (reports.answers(turn.session, sent) for sent in (before, one.sent))
    now = version.changed(turn, one.report, one.sent, old, new)
    return all_answered(returned.remarks, now)


def clean(turn: Turn, seen: str) -> Screen:
    """Accept all clean ones. seen: what was listed when it was confirmed; "" to be asked first."""
    if turn.me.role not in MAY_REVIEW:
        raise Gone(_("Only an officer can review reports."))
    ready = [one for one in reviews.queue(turn.session, turn.me) if is_clean(turn, one)]
    if not ready:
        return _queue(turn)
    if seen != _listing(ready):
        return _confirm(ready, changed=seen != "")
    # In one order everywhere, so that two officers never wait for each other.
    decided = [_accept_one(turn, one) for one in sorted(ready, key=lambda one: one.report.id)]
    done = [review for review in decided if review]
    count = ngettext("Accepted: {count} report.", "Accepted: {count} reports.", len(done))
    return _undo_each(turn, count, done)


def _accept_one(turn: Turn, one: Waiting) -> Review | None:
    """None where somebody else has just decided it."""
    report, sent = _to_review(turn, one.report.id)
    if report.state is not State.SUBMITTED or sent.id != one.sent.id:
        return None
    review = reviews.begin(turn.session, report, sent, turn.me.id, turn.now)
    reviews.accept(turn.session, Case(review, report, sent), turn.me.id, turn.now)
    return review


def _confirm(ready: list[Waiting], *, changed: bool) -> Screen:
    lines = [_("The list has changed meanwhile.")] if changed else []
    lines.append(strong(_("Accept these? On time, without a mark, every remark answered.")))
    lines += [_("• {unit}: {title}", unit=one.unit.name, title=one.report.title) for one in ready]
    return Screen(tuple(lines), (_accept_all(ready, show("clean", _listing(ready))), _to_queue()))


def _accept_all(ready: list[Waiting], action: str) -> Choice:
    count = len(ready)
    label = ngettext("Accept {count} clean report", "Accept {count} clean reports", count)
    return Choice(label, action)


def _listing(ready: list[Waiting]) -> str:
    """Tells one list from another."""
    return str(crc32(",".join(str(one.sent.id) for one in ready).encode()))


def _undo_each(turn: Turn, done: Message, decided: list[Review]) -> Screen:
    screen = _done(turn, done)
    undo = []
    for review in decided:
        report = turn.session.get_one(Report, review.report_id)
        label = _("Undo: {unit}, {title}", **_place(turn, report))
        undo.append(Choice(label, show("undo", str(review.id))))
    return Screen(screen.lines, (*undo, *screen.choices))


# What the school is told once the time for undoing is over


def news(session: Session, case: Case, today: date) -> Screen:
    report, review = case.report, case.review
    if review.verdict is Verdict.ACCEPTED:
        accepted = _("The office has accepted {title}. Thank you!", title=report.title)
        return Screen((strong(accepted),), (Choice(_("What is due"), show("due")),))
    lines = [strong(_("The office returns {title} to be mended:", title=report.title))]
    answers = reports.answers(session, case.sent)
    asked = questions(session, report, case.sent, answers, today)
    lines += remarks.lines(asked, review.remarks)
    if review.due_on:
        lines.append(_("Please send it again by {day}.", day=review.due_on))
    mend = Choice(_("Mend {title}", title=report.title), open_flow(FillReport.name, report.id))
    return Screen(tuple(lines), (mend, Choice(_("What is due"), show("due"))))
