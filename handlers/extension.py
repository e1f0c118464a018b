"""More time for a report: a school asks for it, and the office answers; or gives it unasked."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.fold import fold
from core.form import Form
from core.message import Day, Message, _, ngettext, strong, verbatim
from core.question import Answer, Misread, Question, Text
from core.question import Day as DayQuestion
from core.review import OWED
from core.screen import Choice, Input, Screen, Typed, number, open_flow, show
from handlers import deadline, due, office, phrases
from handlers.flow import Answers, FormFlow, Gone, Opens, Turn
from storage import extensions, reports, requests
from storage.extensions import Extension
from storage.people import Person
from storage.reports import Report
from storage.units import Unit

OFFERED = (1, 3, 5)  # days
LONGEST_REASON = 300  # characters


@dataclass(frozen=True, slots=True)
class Until(DayQuestion):
    """How long: some days more, or a date. due_on: the deadline so far."""

    due_on: date = date.min

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:  # noqa: ARG002
        days = [(count, _later(self.due_on, self.today, count)) for count in OFFERED]
        return tuple(Choice(_how_long(count, day), f"answer:{day}") for count, day in days)

    def read(self, given: Input, so_far: Answer) -> Answer:
        day = self._counted(given) or DayQuestion.read(self, given, so_far)
        if not self.enough(day):
            raise Misread(
                _("Please choose a day after {day} that is not past.", day=Day(self.due_on))
            )
        return day

    def enough(self, answer: Answer) -> bool:
        day = date.fromisoformat(answer) if answer else date.min
        return self.due_on < day and self.today <= day

    def _counted(self, given: Input) -> str | None:
        """The day that "3" or "3 ngày" more lead to."""
        said = fold(given.text).strip() if isinstance(given, Typed) else ""
        found = re.fullmatch(r"(\d{1,3})( ngay| days?)?", said, re.ASCII)
        return str(_later(self.due_on, self.today, int(found[1]))) if found else None


def _later(due_on: date, today: date, days: int) -> date:
    """Where the deadline is past, days count from today, as yesterday would help nobody."""
    return max(due_on, today) + timedelta(days)


def _how_long(days: int, until: date) -> Message:
    day = Day(until, weekday=True)
    return ngettext("{count} day, until {day}", "{count} days, until {day}", days, day=day)


# The school asks


def more_time(turn: Turn, about: str) -> Screen | Opens:
    """Choose the report that needs more time, where there are several.

    about: ids of reports that are named, joined with dots, else "".
    """
    dated = [report for report in due.open_now(turn) if report.due_on]
    if not dated:
        raise Gone(_("Nothing with a deadline is due from your school."))
    meant = due.named(dated, about) if about else dated
    if len(meant) == 1:
        return Opens(AskForTime.name, meant[0].id)
    choices = [
        Choice(verbatim(report.title), open_flow(AskForTime.name, report.id))
        for report in meant or dated
    ]
    return Screen((_("Which report needs more time?"),), tuple(choices))


class AskForTime(FormFlow[Report]):
    name = "more_time"

    def subject(self, turn: Turn, subject_id: int) -> Report:
        report = reports.to_fill(turn.session, turn.me, subject_id)
        if report is None or report.due_on is None or report.state not in OWED:
            raise Gone(_("There is no such report for you."))
        if requests.waiting(turn.session, Extension, report):
            raise Gone(
                _(
                    "Your school has asked for more time for {title} already; "
                    "the office has not answered yet.",
                    title=report.title,
                )
            )
        return report

    def form(self, turn: Turn, subject: Report, answers: Answers) -> Form:  # noqa: ARG002
        until = _until(turn, subject, _("How much more time do you need?"))
        return _form(subject, until, _("Why? The office reads your words."))

    def finish(self, turn: Turn, subject: Report, answers: Answers) -> Screen:
        until = date.fromisoformat(answers["until"])
        extension = _asked(turn, subject, answers)
        office.tell(turn, subject, _card(turn, extension, subject))
        asked = _("The office is asked for time until {day}.", day=Day(until, weekday=True))
        return Screen(
            (strong(asked), _("You will get a message here as soon as it is decided.")),
            (due.button(subject), Choice(_("What is due"), show("due"))),
        )


def _form(report: Report, until: Question, why: Message) -> Form:
    asked = (until, Text("reason", why, longest=LONGEST_REASON))
    title = _("More time for {title}", title=report.title)
    return Form(title, asked, reviewed=False, cancels=True)


def _asked(turn: Turn, report: Report, answers: Answers) -> Extension:
    until = date.fromisoformat(answers["until"])
    return extensions.ask(turn.session, report, until, answers["reason"], turn.me.id, turn.now)


def _until(turn: Turn, report: Report, text: Message) -> Until:
    return Until("until", text, today=turn.today, due_on=report.due_on or date.min)


def _card(turn: Turn, extension: Extension, report: Report) -> Screen:
    unit = turn.session.get_one(Unit, report.unit_id)
    lines = (
        strong(_("{unit} asks for more time", unit=unit.name)),
        _(
            "{title}: {dates}",
            title=report.title,
            dates=deadline.both_dates(turn.session, report, turn.today),
        ),
        *request(turn, extension),
    )
    return Screen(lines, (*verdicts(turn, extension), office.look(report)))


def request(turn: Turn, extension: Extension) -> list[Message]:
    """What is asked, by whom and why."""
    asker = turn.session.get_one(Person, extension.asked_by_id)
    until = Day(extension.asked_until, weekday=True)
    return [
        _("{name} asks for time until {day}.", name=phrases.name(asker), day=until),
        _("Reason: {reason}", reason=extension.reason),
    ]


def verdicts(turn: Turn, extension: Extension) -> list[Choice]:
    """What the office may answer."""
    asked_on = extension.asked_at.astimezone(turn.zone).date()
    days = max((extension.asked_until - max(extension.due_before, asked_on)).days, 1)
    day = Day(extension.asked_until)
    agree = ngettext("Agree: {count} day, {day}", "Agree: {count} days, {day}", days, day=day)
    return [
        Choice(agree, show("agree", str(extension.id))),
        Choice(_("Agree until another day"), open_flow(AgreeUntil.name, extension.id)),
        Choice(_("No"), open_flow(RefuseTime.name, extension.id)),
    ]


# The office answers


def agree(turn: Turn, extension_id: str) -> Screen:
    """To what was asked for."""
    extension, report = _to_decide(turn, number(extension_id))
    return _grant(turn, extension, report, extension.asked_until)


class AgreeUntil(FormFlow[tuple[Extension, Report]]):
    name = "agree_until"

    def subject(self, turn: Turn, subject_id: int) -> tuple[Extension, Report]:
        return _to_decide(turn, subject_id)

    def form(self, turn: Turn, subject: tuple[Extension, Report], answers: Answers) -> Form:  # noqa: ARG002
        _extension, report = subject
        until = _until(turn, report, _("Until which day?"))
        return Form(_("More time for {title}", title=report.title), (until,), reviewed=False)

    def finish(self, turn: Turn, subject: tuple[Extension, Report], answers: Answers) -> Screen:
        return _grant(turn, *subject, date.fromisoformat(answers["until"]))


class RefuseTime(FormFlow[tuple[Extension, Report]]):
    name = "refuse_time"

    def subject(self, turn: Turn, subject_id: int) -> tuple[Extension, Report]:
        return _to_decide(turn, subject_id)

    def form(self, turn: Turn, subject: tuple[Extension, Report], answers: Answers) -> Form:  # noqa: ARG002
        why = Text("why", _("Why not? Your words are passed on."), longest=LONGEST_REASON)
        _extension, report = subject
        return Form(_("More time for {title}", title=report.title), (why,), reviewed=False)

    def finish(self, turn: Turn, subject: tuple[Extension, Report], answers: Answers) -> Screen:
        extension, report = subject
        extensions.refuse(turn.session, extension, answers["why"], turn.me.id, turn.now)
        told = {"title": report.title, "why": answers["why"]}
        lines = (
            strong(_("The office did not give more time for {title}: {why}", **told)),
            _(
                "The deadline stays: {dates}.",
                dates=deadline.both_dates(turn.session, report, turn.today),
            ),
        )
        office.tell_school(turn, report, Screen(lines, (due.way_on(report),)))
        return Screen((_("Declined, and your reason passed on."),), (office.look(report),))


class GiveTime(FormFlow[Report]):
    """Unasked."""

    name = "give"

    def subject(self, turn: Turn, subject_id: int) -> Report:
        report = office.to_decide(turn, subject_id)
        if report.due_on is None or report.state not in OWED:
            raise Gone(_("This report has no deadline that could be moved."))
        if requests.waiting(turn.session, Extension, report):
            raise Gone(_("The school has asked for more time; please answer that first."))
        return report

    def form(self, turn: Turn, subject: Report, answers: Answers) -> Form:  # noqa: ARG002
        until = _until(turn, subject, _("Until which day?"))
        return _form(subject, until, _("Why? Your words are passed on."))

    def finish(self, turn: Turn, subject: Report, answers: Answers) -> Screen:
        until = date.fromisoformat(answers["until"])
        extension = _asked(turn, subject, answers)
        return _grant(turn, extension, subject, until)


def _to_decide(turn: Turn, extension_id: int) -> tuple[Extension, Report]:
    """Raises Gone, also where somebody has just decided."""
    found = requests.to_decide(turn.session, Extension, turn.me, extension_id)
    if found is None:
        raise Gone(_("There is no such request for you."))
    if found[0].decided_at is not None:
        raise Gone(_decided(turn, found[0]))
    return found


def _decided(turn: Turn, extension: Extension) -> Message:
    by = turn.session.get_one(Person, extension.decided_by_id)
    who = {"name": phrases.name(by)}
    if extension.granted_until is None:
        return _("{name} has declined this already: {why}", **who, why=extension.answer)
    day = Day(extension.granted_until)
    return _("{name} has agreed to this already, until {day}.", **who, day=day)


def _grant(turn: Turn, extension: Extension, report: Report, until: date) -> Screen:
    extensions.grant(turn.session, extension, report, until, turn.me.id, turn.now, turn.today)
    day = {"day": Day(until, weekday=True)}
    given = _("The office gives more time for {title}: until {day}.", title=report.title, **day)
    reason = _("Reason: {reason}", reason=extension.reason)
    office.tell_school(turn, report, Screen((strong(given), reason), (due.way_on(report),)))
    unit = turn.session.get_one(Unit, report.unit_id)
    done = _(
        "{unit} has time until {day} for {title}, and is told.",
        unit=unit.name,
        title=report.title,
        **day,
    )
    return Screen((strong(done),), (office.look(report),))
