"""Fill in one checklist report and submit it.

Opened from "What's due?". A school's people share one draft: whoever fills it in may go back,
skip, leave for days and carry on from another channel; a colleague who opens it sees who is at
it and may take over. The walk is `core.form`; this file says what is asked and what submitting
means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.form import Form
from core.message import Message, _, ngettext, strong, verbatim
from core.review import OWED
from core.roles import AT_A_SCHOOL, Standing
from core.screen import Choice, Screen, open_flow, show
from handlers import pages, phrases
from handlers.checklist import questions
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import files, nudges, people, reports
from storage.checklists import Duty
from storage.conversations import Conversation
from storage.people import Person
from storage.reports import Report, Submission


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
        draft = reports.begin_draft(turn.session, report, turn.me.id, turn.now)
        return Filling(report, draft)

    def entered(self, turn: Turn, subject: Filling, how: str) -> None:
        if how == "take" and subject.draft.holder_id != turn.me.id:
            _take_over(turn, subject)

    def hindrance(self, turn: Turn, subject: Filling) -> Screen | None:
        if subject.draft.holder_id == turn.me.id:
            return None
        return _held_by_another(turn, subject)

    def answers(self, turn: Turn, subject: Filling, talking: Conversation) -> Answers:  # noqa: ARG002
        return reports.answers(turn.session, subject.draft)

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
        reports.keep(turn.session, subject.draft, changed, turn.now)
        pages.ask_for_sheets(turn, subject.draft, changed)

    def noted(self, changed: Mapping[str, Any]) -> tuple[Message, ...]:
        return pages.coming(changed)

    def form(self, turn: Turn, subject: Filling, answers: Answers) -> Form:  # noqa: ARG002
        return Form(
            verbatim(subject.report.title), questions(turn.session, subject.report, turn.today)
        )

    def finish(self, turn: Turn, subject: Filling, answers: Answers) -> Screen:
        sent = reports.submit(turn.session, subject.report, turn.me.id, answers, turn.now)
        nudges.withdraw(turn.session, subject.report)
        receipt = _receipt(turn, subject.report, sent, answers)
        for colleague in _colleagues(turn):
            turn.tell(colleague.id, _news(turn, receipt))
        duty = turn.session.get_one(Duty, subject.report.duty_id)
        for officer in people.responsible(turn.session, duty.receiver_id, duty.topic):
            turn.tell(officer.id, _arrived(turn, subject.report))
        more = (Choice(_("What else is due?"), show("due")),)
        return Screen(receipt, more)


def _why_not(turn: Turn, report_id: int) -> Message:
    """The same for every report that is not theirs to fill in, or that there is not."""
    report = turn.session.get(Report, report_id)
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
    reports.take_over(turn.session, subject.draft, turn.me.id, turn.now)
    if before not in {colleague.id for colleague in _colleagues(turn)}:
        return
    title = {"title": subject.report.title}
    told = _("{name} goes on with {title} in your place.", name=turn.me.name, **title)
    kept = _("Everything you answered is kept.")
    back = _in_place_of(verbatim(turn.me.name), subject.report)
    turn.tell(before, Screen((told, kept), (back,)))


def _colleagues(turn: Turn) -> list[Person]:
    """The other holders of the school's posts."""
    held = people.holders(turn.session, turn.me.unit_id or 0, AT_A_SCHOOL)
    return list({p.id: p for _post, p in held if p.id != turn.me.id}.values())


def _receipt(
    turn: Turn, report: Report, sent: Submission, answers: Answers
) -> tuple[Message, ...]:
    """What was received, when, and the code by which the school can quote it."""
    enclosed = sum(len(value) for value in answers.values() if files.is_list(value))
    late = report.due_on is not None and turn.today > report.due_on
    title = {"title": report.title}
    thanks = (
        _("{title} is handed in, after its deadline. Thank you!", **title)
        if late
        else _("{title} is handed in. Thank you!", **title)
    )
    given = sum(value is not None for value in answers.values())
    counted = {"answers": given, "files": enclosed}
    lines = [
        strong(thanks),
        _("Receipt {code}, {moment}.", code=sent.receipt, moment=phrases.moment(turn, turn.now)),
        _("Received: {answers} answers, {files} files.", **counted),
    ]
    if count := pages.to_bind(answers):
        lines.append(
            ngettext(
                "Putting {count} page into one PDF…", "Putting {count} pages into one PDF…", count
            )
        )
    if files.any_on_the_way(turn.session, answers.values()):
        lines.append(_("Files are still being fetched; you will hear if one is missing."))
    return tuple(lines)


def _news(turn: Turn, receipt: tuple[Message, ...]) -> Screen:
    return Screen((_("{name} of your school sent this:", name=turn.me.name), *receipt))


def _arrived(turn: Turn, report: Report) -> Screen:
    place = {"unit": turn.me.unit_name, "title": report.title}
    news = _("{unit} handed in {title}.", **place)
    return Screen((news,), (Choice(_("Read it"), show("read", str(report.id))),))
