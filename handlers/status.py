"""Who has handed in and who has not, for the office; and reading what arrived."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.message import Message, _, quiet, strong, verbatim
from core.review import HANDED_IN
from core.roles import AT_A_SCHOOL
from core.screen import Choice, Enclosed, Screen, number, show
from handlers import due, phrases
from handlers.checklist import questions
from handlers.flow import Gone, Turn
from storage import closed_days, files, people, reports
from storage.checklists import Duty
from storage.people import Person
from storage.reports import Report, Submission
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class Round:
    """One duty in one period: every school's report with the school."""

    duty: Duty
    period: str
    reports: list[tuple[Report, Unit]]

    @property
    def title(self) -> str:
        return self.reports[0][0].title

    @property
    def handed_in(self) -> list[tuple[Report, Unit]]:
        return [(r, u) for r, u in self.reports if r.state in HANDED_IN]

    @property
    def missing(self) -> list[tuple[Report, Unit]]:
        return [(r, u) for r, u in self.reports if r.state not in HANDED_IN]


def status(turn: Turn, about: str) -> Screen:
    """about: "" for all duties, or "duty.period" for one."""
    rounds = _rounds(turn)
    if about:
        return _one(turn, rounds, about)
    now = [r for r in rounds if _is_open(r, turn)]
    if not now:
        return Screen((_("No report is being collected now."),))
    lines = [strong(_("Who has handed in"))]
    lines += [_line(turn, r) for r in now]
    return Screen(tuple(lines), tuple(_button(r) for r in now))


def read(turn: Turn, report_id: str) -> Screen:
    """One report as it was submitted, question by question."""
    report, sent = _submission(turn, report_id)
    unit = turn.session.get_one(Unit, report.unit_id)
    answers = reports.answers(turn.session, sent)
    sender = turn.session.get_one(Person, sent.sent_by_id)
    lines = [
        strong(_("{title} – {unit}", title=report.title, unit=unit.name)),
        _sent_line(turn, report, sent, sender),
    ]
    for question in questions(turn.session, report, turn.today):
        if (answer := answers.get(question.key)) not in (None, []):
            shown = {"question": question.text, "answer": question.show(answer)}
            lines.append(Message("• {question} → {answer}", shown))
    choices = [Choice(_("Who has handed in"), show("status", f"{report.duty_id}.{report.period}"))]
    if uploads := files.in_answers(answers.values()):
        get = _("Get the files ({count})", count=len(uploads))
        choices.insert(0, Choice(get, show("files", str(report.id))))
    return Screen(tuple(lines), tuple(choices))


def get_files(turn: Turn, report_id: str) -> Screen:
    """Every file of a report, sent to whoever asks."""
    report, sent = _submission(turn, report_id)
    uploads = files.in_answers(reports.answers(turn.session, sent).values())
    unit = turn.session.get_one(Unit, report.unit_id)
    heading = _("Files of {title} – {unit}", title=report.title, unit=unit.name)
    back = Choice(_("Back to the report"), show("read", str(report.id)))
    return Screen((heading,), (back,), files=tuple(Enclosed(upload) for upload in uploads))


def _submission(turn: Turn, report_id: str) -> tuple[Report, Submission]:
    """Raises Gone, alike whether it does not exist or is not for this reader."""
    report = reports.readable(turn.session, turn.me, number(report_id))
    sent = reports.last_sent(turn.session, report) if report else None
    if report is None or sent is None:
        raise Gone(_("There is no such report for you."))
    return report, sent


def _rounds(turn: Turn) -> list[Round]:
    """Raises Gone for somebody who is not at an office."""
    if not turn.me.at_the_office:
        raise Gone(_("Only the office can see this."))
    grouped: dict[tuple[int, str], Round] = {}
    for duty, report, unit in reports.by_duty(turn.session, turn.me):
        key = (duty.id, report.period)
        grouped.setdefault(key, Round(duty, report.period, [])).reports.append((report, unit))
    return list(grouped.values())


def _is_open(round_: Round, turn: Turn) -> bool:
    opens = round_.reports[0][0].opens_on
    return opens is None or opens <= turn.today


def _line(turn: Turn, round_: Round) -> Message:
    counts = {"done": len(round_.handed_in), "all": len(round_.reports)}
    works = closed_days.works(turn.session)
    dates = due.both_dates(round_.reports[0][0], turn.today, works)
    return _("• {title}: {done}/{all} schools; {dates}", title=round_.title, dates=dates, **counts)


def _button(round_: Round) -> Choice:
    counts = {"done": len(round_.handed_in), "all": len(round_.reports)}
    label = _("{title} ({done}/{all})", title=round_.title, **counts)
    return Choice(label, show("status", f"{round_.duty.id}.{round_.period}"))


def _one(turn: Turn, rounds: list[Round], about: str) -> Screen:
    chosen = next((r for r in rounds if f"{r.duty.id}.{r.period}" == about), None)
    if chosen is None:
        raise Gone(_("There is no such duty for you."))
    counts = {"done": len(chosen.handed_in), "all": len(chosen.reports)}
    report = chosen.reports[0][0]
    lines = [
        strong(verbatim(chosen.title)),
        due.both_dates(report, turn.today, closed_days.works(turn.session)),
        *due.also_written({chosen.duty.id: chosen.duty}, report),
        _("{done} of {all} schools have handed in.", **counts),
    ]
    if chosen.missing:
        lines.append(strong(_("Not yet ({count}):", count=len(chosen.missing))))
        lines += [_missing(turn, report, unit) for report, unit in chosen.missing]
    choices = [
        Choice(_("Read {unit}", unit=unit.name), show("read", str(report.id)))
        for report, unit in chosen.handed_in
        if reports.last_sent(turn.session, report)
    ]
    return Screen(tuple(lines), (*choices, Choice(_("All duties"), show("status"))))


def _missing(turn: Turn, report: Report, unit: Unit) -> Message:
    line = {"unit": unit.name, "state": phrases.STATE[report.state]}
    if not people.holders(turn.session, unit.id, AT_A_SCHOOL):
        return _("• {unit}: {state}, nobody registered", **line)
    return _("• {unit}: {state}", **line)


def _sent_line(turn: Turn, report: Report, sent: Submission, sender: Person) -> Message:
    when = phrases.moment(turn, sent.sent_at or turn.now)
    late = (
        report.due_on is not None
        and sent.sent_at is not None
        and sent.sent_at.astimezone(turn.zone).date() > report.due_on
    )
    name = phrases.name(sender)
    line: Mapping[str, object] = {"name": name, "when": when, "code": sent.receipt}
    if late:
        return quiet(_("Sent by {name}, {when}, after the deadline; receipt {code}.", **line))
    return quiet(_("Sent by {name}, {when}; receipt {code}.", **line))
