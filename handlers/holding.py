"""The office holds back the reminders of a school, one rung or all, for a reason."""

from collections.abc import Sequence

from core.form import Form
from core.ladder import PUBLISHING, Ladder
from core.message import Message, _, ngettext, quiet
from core.question import OneChoice, Text
from core.review import OWED
from core.screen import Choice, Screen, number, open_flow, show
from handlers import office
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import pauses
from storage.checklists import Duty
from storage.pauses import NudgePause
from storage.reports import Report

LONGEST_REASON = 300  # characters
ALL = "all"


class HoldReminders(FormFlow[Report]):
    name = "hold"

    def subject(self, turn: Turn, subject_id: int) -> Report:
        report = office.to_decide(turn, subject_id)
        if report.state not in OWED or report.due_on is None:
            raise Gone(_("Nobody is reminded of this report."))
        return report

    def form(self, turn: Turn, subject: Report, answers: Answers) -> Form:  # noqa: ARG002
        ladder = turn.session.get_one(Duty, subject.duty_id).ladder
        asked = (
            OneChoice("rung", _("Which reminders shall be held back?"), options=_options(ladder)),
            Text("reason", _("Why? It is kept with the report."), longest=LONGEST_REASON),
        )
        return Form(_("Hold back reminders"), asked, reviewed=False)

    def finish(self, turn: Turn, subject: Report, answers: Answers) -> Screen:
        chosen = answers["rung"]
        step = None if chosen == ALL else int(chosen)
        pauses.pause(turn.session, subject, step, answers["reason"], turn.me.id, turn.now)
        return office.done(turn, subject).under(_held(step, answers["reason"]))


def _options(ladder: Ladder) -> dict[str, Message]:
    steps = sorted({*ladder.steps, *ladder.office}, reverse=True)
    return {ALL: _("All reminders"), **{str(step): rung(step) for step in steps}}


def rung(step: int) -> Message:
    """A rung in words, such as "7 days before"."""
    if step == PUBLISHING:
        return _("when it is new")
    if step == 0:
        return _("on the day itself")
    if step > 0:
        return ngettext("{count} day before", "{count} days before", step)
    return ngettext("{count} day after", "{count} days after", -step)


def _held(step: int | None, reason: str) -> Message:
    which = _("all") if step is None else rung(step)
    return _("Reminders held back ({which}): {reason}", which=which, reason=reason)


def lines(holding: Sequence[NudgePause]) -> list[Message]:
    """What stands in the case of a report."""
    return [quiet(_held(one.rung, one.reason)) for one in holding]


def choices(report: Report, holding: Sequence[NudgePause]) -> list[Choice]:
    if report.state not in OWED or report.due_on is None:
        return []
    hold = Choice(_("Hold back reminders"), open_flow(HoldReminders.name, report.id))
    free = Choice(_("Remind again"), show("free", str(report.id)))
    return [hold, free] if holding else [hold]


def free(turn: Turn, report_id: str) -> Screen:
    """End what holds the reminders back; the last of what came meanwhile is said once."""
    report = office.to_decide(turn, number(report_id))
    if not pauses.resume(turn.session, report, turn.me.id, turn.now):
        raise Gone(_("No reminder of this report is held back."))
    return office.done(turn, report).under(_("The school is reminded again."))
