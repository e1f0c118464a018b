"""Fill in one checklist report and submit it.

Opened from "What's due?". A school's people share one draft: whoever fills it in may go back,
skip, leave for days and carry on from another channel; a colleague who opens it sees who is at
it and may take over. The walk is `core.form`; this file says what is asked and what submitting
means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.form import Form
from core.lateness import Lateness
from core.message import Message, _, ngettext, strong, verbatim
from core.review import OWED, State
from core.roles import AT_A_SCHOOL, Standing
from core.screen import Choice, Screen, open_flow, show
from handlers import pages, phrases, presenting, revision, version
from handlers.asking import form_of
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import daily_lines, files, last, nudges, people, reports, submissions
from storage.checklists import Duty
from storage.conversations import Conversation
from storage.daily_lines import About, Kind
from storage.people import Person
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class Filling:
    """A report and its shared draft."""

    report: Report
    draft: Submission


class FillReport(FormFlow[Filling]):
    name = "report"

    def subject(self, turn: Turn, subject_id: int) -> Filling:
        report = reports.to_fill(turn.session, turn.me, subject_id)
        if report is None:
            raise Gone(_why_not(turn, subject_id))
        if report.opens_on and turn.today < report.opens_on:
            raise Gone(_("This report opens on {day}.", day=report.opens_on))
        draft = submissions.begin_draft(turn.session, report, turn.me.id, turn.now)
        return Filling(report, draft)

    def entered(self, turn: Turn, subject: Filling, how: str) -> None:
        if how == "take" and subject.draft.holder_id != turn.me.id:
            _take_over(turn, subject)
        last.remember(turn.session, subject.report, subject.draft)

    def first(self, turn: Turn, subject: Filling, how: str) -> Screen | None:
        if subject.draft.holder_id != turn.me.id:
            return None
        return revision.offer(turn, subject.report, subject.draft, how)

    def hindrance(self, turn: Turn, subject: Filling) -> Screen | None:
        if subject.draft.holder_id == turn.me.id:
            return None
        return _held_by_another(turn, subject)

    def closed(self, turn: Turn, subject: Filling) -> Screen | None:  # noqa: ARG002
        return is_locked(subject.report) if subject.report.state is State.LOCKED else None

    def answers(self, turn: Turn, subject: Filling, talking: Conversation) -> Answers:  # noqa: ARG002
        return submissions.answers(turn.session, subject.draft)

    def touched_at(self, turn: Turn, subject: Filling, talking: Conversation) -> datetime:  # noqa: ARG002
        return subject.draft.touched_at

    def keep(
        self,
        turn: Turn,
        subject: Filling,
        talking: Conversation,  # noqa: ARG002
        changed: Mapping[str, Any],
    ) -> None:
        reports.start(turn.session, subject.report, turn.me.id, turn.now)
        submissions.keep(turn.session, subject.draft, changed, turn.now)
        pages.ask_for_sheets(turn, subject.draft, changed)

    def noted(self, changed: Mapping[str, Any]) -> tuple[Message, ...]:
        return pages.coming(changed)

    def again(self, turn: Turn, subject: Filling) -> frozenset[str]:  # noqa: ARG002
        return frozenset(subject.draft.again)

    def looked_again(self, turn: Turn, subject: Filling, still: frozenset[str]) -> None:  # noqa: ARG002
        subject.draft.again = [key for key in subject.draft.again if key in still]

    def form(self, turn: Turn, subject: Filling, answers: Answers) -> Form:
        form = form_of(turn.session, subject.report, subject.draft, answers, turn.today)
        presents = presenting.heads_to_ask(turn, subject.report)
        submit = _("Present to the head of school") if presents else form.submit
        return replace(form, remarks=version.to_mend(turn, subject.draft), submit=submit)

    def finish(self, turn: Turn, subject: Filling, answers: Answers) -> Screen:
        if heads := presenting.heads_to_ask(turn, subject.report):
            return presenting.present(turn, subject.report, subject.draft, heads)
        return hand_in(turn, subject.report, answers)


def hand_in(turn: Turn, report: Report, answers: Answers, *, unapproved: bool = False) -> Screen:
    """Send a report to the office, tell everybody concerned, and give the receipt.

    answers: to what was asked. unapproved: see `storage.submissions.submit`.
    """
    sent = submissions.submit(
        turn.session, report, turn.me.id, answers, turn.now, unapproved=unapproved
    )
    nudges.withdraw(turn.session, report)
    take_back = Choice(_("Recall it"), show("recall", str(sent.id)))
    ways_on = (Choice(_("What else is due?"), show("due")), take_back)
    receipt = Screen(_receipt(turn, report, sent, answers), ways_on)
    for colleague in colleagues(turn):
        turn.tell(colleague.id, _news(turn, receipt))
    told = officers(turn, report)
    for officer in told:
        turn.tell(officer.id, _arrived(turn, report, sent))
    waits = About(Kind.TO_REVIEW, sent.id)
    daily_lines.note(turn.session, waits, [one.id for one in told], turn.now, turn.zone)
    return receipt


def officers(turn: Turn, report: Report) -> list[Person]:
    """Those at the office who hear of it."""
    duty = turn.session.get_one(Duty, report.duty_id)
    levels = turn.session.get_one(Unit, report.unit_id).levels
    return people.responsible(turn.session, duty.receiver_id, duty.topic, levels)


def is_locked(report: Report) -> Screen:
    """What its school is shown in place of the questions."""
    return Screen(
        (_("{title} is locked; everything you answered is kept.", title=report.title),),
        (ask_to_unlock(report), Choice(_("What is due"), show("due"))),
    )


def ask_to_unlock(report: Report) -> Choice:
    label = _("Send a request to unlock: {title}", title=report.title)
    return Choice(label, open_flow("ask_unlock", report.id))


def _why_not(turn: Turn, report_id: int) -> Message:
    """The same for every report that is not theirs to fill in, or that there is not."""
    report = turn.session.get(Report, report_id)
    own = report and turn.me.at_a_school and report.unit_id == turn.me.unit_id
    if report and own and report.state is State.AWAITING_HEAD:
        return _("{title} waits for the head of school.", title=report.title)
    for post, unit in people.posts_of(turn.session, turn.me.id):
        theirs = report and report.unit_id == unit.id and report.state in OWED
        if theirs and post.standing is Standing.ACTIVE and post.id != turn.me.post_id:
            return _("This is for {unit}. Choose in /me to act for it.", unit=unit.name)
    return _("This report no longer waits for your answers.")


def _held_by_another(turn: Turn, subject: Filling) -> Screen:
    holder = turn.session.get_one(Person, subject.draft.holder_id)
    name, since = phrases.name(holder), phrases.moment(turn, subject.draft.held_since)
    who = _("{name} is filling in this report, since {since}.", name=name, since=since)
    return Screen(
        (strong(verbatim(subject.report.title)), who),
        (_in_place_of(name, subject.report), Choice(_("What else is due?"), show("due"))),
    )


def _in_place_of(name: Message, report: Report) -> Choice:
    return Choice(_("Go on in place of {name}", name=name), open_flow("report", report.id, "take"))


def _take_over(turn: Turn, subject: Filling) -> None:
    before = subject.draft.holder_id
    submissions.take_over(turn.session, subject.draft, turn.me.id, turn.now)
    if before not in {colleague.id for colleague in colleagues(turn)}:
        return
    title = {"title": subject.report.title}
    told = _("{name} goes on with {title} in your place.", name=turn.me.name, **title)
    kept = _("Everything you answered is kept.")
    back = _in_place_of(verbatim(turn.me.name), subject.report)
    turn.tell(before, Screen((told, kept), (back,)))


def colleagues(turn: Turn) -> list[Person]:
    """The other holders of the school's posts."""
    held = people.holders(turn.session, turn.me.unit_id or 0, AT_A_SCHOOL)
    return list({p.id: p for _post, p in held if p.id != turn.me.id}.values())


def _receipt(
    turn: Turn, report: Report, sent: Submission, answers: Answers
) -> tuple[Message, ...]:
    """What was received, when, and the code by which the school can quote it."""
    enclosed = sum(len(value) for value in answers.values() if files.is_list(value))
    thanks = _thanks(report.title, version.how_late(turn, report, sent))
    given = sum(value is not None for value in answers.values())
    counted = {"answers": given, "files": enclosed}
    lines = [
        strong(thanks),
        _("Receipt {code}, {moment}.", code=sent.receipt, moment=phrases.moment(turn, turn.now)),
        _("Received: {answers} answers, {files} files.", **counted),
    ]
    if sent.unapproved:
        lines.append(version.UNAPPROVED)
    if count := pages.to_bind(answers):
        lines.append(
            ngettext(
                "Putting {count} page into one PDF…", "Putting {count} pages into one PDF…", count
            )
        )
    if files.any_on_the_way(turn.session, answers.values()):
        lines.append(_("Files are still being fetched; you will hear if one is missing."))
    return tuple(lines)


def _thanks(title: str, lateness: Lateness) -> Message:
    match lateness:
        case Lateness.LATE:
            return _("{title} is handed in, after its deadline. Thank you!", title=title)
        case Lateness.WITH_LEAVE:
            return _("{title} is handed in, late with leave. Thank you!", title=title)
    return _("{title} is handed in. Thank you!", title=title)


def _news(turn: Turn, receipt: Screen) -> Screen:
    return receipt.under(_("{name} of your school sent this:", name=turn.me.name))


def _arrived(turn: Turn, report: Report, sent: Submission) -> Screen:
    place = {"unit": turn.me.unit_name, "title": report.title}
    news = [_("{unit} handed in {title}.", **place)]
    match version.how_late(turn, report, sent):
        case Lateness.LATE:
            news = [_("{unit} handed in {title}, after its deadline.", **place)]
        case Lateness.WITH_LEAVE:
            news = [_("{unit} handed in {title}, late with leave.", **place)]
    if sent.unapproved:
        news.append(version.UNAPPROVED)
    return Screen(tuple(news), (Choice(_("Read it"), show("read", str(report.id))),))
