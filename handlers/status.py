"""Who has handed in and who has not, for the office; and reading what arrived."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.lateness import Lateness
from core.message import Message, _, listed, strong, verbatim
from core.review import EASED, HANDED_IN, Move, State, may
from core.roles import AT_A_SCHOOL, MAY_DECIDE, MAY_REVIEW
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from handlers import before, case, deadline, easing, overdue, phrases, replacing, version
from handlers.asking import found
from handlers.flow import Answers, Gone, Turn
from storage import easings, evidence, extensions, files, people, reports, submissions
from storage.checklists import Duty
from storage.easings import Easing
from storage.extensions import Extended
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class Round:
    """One duty in one period: every school's report with the school.

    moved: of which reports the office moved the deadline, by id.
    """

    duty: Duty
    period: str
    reports: list[tuple[Report, Unit]]
    moved: Mapping[int, Extended]

    @property
    def title(self) -> str:
        return self.reports[0][0].title

    @property
    def usual(self) -> Report:
        """One with the deadline of most schools, if any has it."""
        kept = (report for report, _unit in self.reports if report.id not in self.moved)
        return next(kept, self.reports[0][0])

    @property
    def handed_in(self) -> list[tuple[Report, Unit]]:
        """Here, with the bot."""
        return [(r, u) for r, u in self.reports if r.standing in HANDED_IN - EASED]

    @property
    def elsewhere(self) -> list[tuple[Report, Unit]]:
        return [(r, u) for r, u in self.reports if r.state is State.FILED_ELSEWHERE]

    @property
    def excused(self) -> list[tuple[Report, Unit]]:
        return [(r, u) for r, u in self.reports if r.state is State.EXCUSED]

    @property
    def missing(self) -> list[tuple[Report, Unit]]:
        return [(r, u) for r, u in self.reports if r.standing not in HANDED_IN | EASED]

    @property
    def counts(self) -> Mapping[str, int]:
        return {
            "done": len(self.handed_in),
            "all": len(self.reports),
            "elsewhere": len(self.elsewhere),
            "excused": len(self.excused),
        }


def status(turn: Turn, about: str) -> Screen:
    """about: "" for all duties, or "duty.period" for one."""
    rounds = _rounds(turn)
    if about:
        return _one(turn, rounds, about)
    now = [r for r in rounds if _is_open(r, turn)]
    proposed = replacing.waiting(turn)
    if not now:
        return Screen((_("No report is being collected now."),), tuple(proposed))
    lines = [strong(_("Who has handed in"))]
    lines += [_line(turn, r) for r in now]
    rounds_now = (_button(r) for r in now)
    choices = (*proposed, *_asked(turn), *rounds_now, *_to_come(turn), *before.to_set(turn))
    return Screen(tuple(lines), choices)


def _to_come(turn: Turn) -> list[Choice]:
    return [Choice(_("Reminders to come"), show("schedule"))] if turn.me.role in MAY_DECIDE else []


def _asked(turn: Turn) -> list[Choice]:
    """Where schools wait for a word of the office, it comes first."""
    asking = case.waiting(turn) if turn.me.role in MAY_DECIDE else []
    label = _("Schools that ask ({count})", count=len(asking))
    return [Choice(label, show("asked"))] if asking else []


def read(turn: Turn, report_id: str) -> Screen:
    """One report as it was submitted, question by question."""
    report, sent = _submission(turn, report_id)
    unit = turn.session.get_one(Unit, report.unit_id)
    answers = submissions.answers(turn.session, sent)
    lines = [
        strong(_("{title} – {unit}", title=report.title, unit=unit.name)),
        version.sent_line(turn, report, sent),
    ]
    if sent.unapproved:
        lines.append(version.UNAPPROVED)
    lines += found(report)
    lines += version.answer_lines(turn, report, sent, answers)
    if turn.me.at_the_office:
        lines += version.copied(turn, sent)
    return Screen(tuple(lines), tuple(_about(turn, report, sent, answers)))


def _about(turn: Turn, report: Report, sent: Submission, answers: Answers) -> Iterator[Choice]:
    """What can be done about a report that is read."""
    if report.state is State.SUBMITTED and turn.me.role in MAY_REVIEW:
        yield Choice(_("Review it"), show("review", str(report.id)))
    if uploads := files.in_answers(answers.values()):
        get = _("Get the files ({count})", count=len(uploads))
        yield Choice(get, show("files", str(report.id)))
    if sent.version > 1:
        yield Choice(_("What changed"), show("changes", str(report.id)))
    if turn.me.at_the_office:
        yield from _at_the_office(turn, report)
        return
    if report.state is State.SUBMITTED:
        yield Choice(_("Recall it"), show("recall", str(sent.id)))
    yield Choice(_("What is due"), show("due"))


def _at_the_office(turn: Turn, report: Report) -> Iterator[Choice]:
    where = f"{report.duty_id}.{report.period}"
    yield Choice(_("Who has handed in"), show("status", where))
    if turn.me.role in MAY_DECIDE:
        yield Choice(_("More"), show("case", str(report.id)))


def get_files(turn: Turn, about: str) -> Screen:
    """Every file of a report, sent to whoever asks.

    about: the report's id; with ".photos" after it, photos are sent as they came, and not as the
    PDF they were bound into.
    """
    report_id, _dot, how = about.partition(".")
    report, sent = _submission(turn, report_id)
    as_sent = files.in_answers(submissions.answers(turn.session, sent).values())
    handed = as_sent if how else evidence.to_hand_out(turn.session, sent.id)
    unit = turn.session.get_one(Unit, report.unit_id)
    heading = _("Files of {title} – {unit}", title=report.title, unit=unit.name)
    choices = [Choice(_("Back to the report"), show("read", str(report.id)))]
    if set(as_sent) - set(handed):
        photos = Choice(
            _("Get the photos as they were sent"), show("files", f"{report.id}.photos")
        )
        choices.insert(0, photos)
    return Screen((heading,), tuple(choices), files=tuple(map(Enclosed, handed)))


def _submission(turn: Turn, report_id: str) -> tuple[Report, Submission]:
    """Raises Gone, alike whether it does not exist or is not for this reader."""
    report = reports.readable(turn.session, turn.me, number(report_id))
    sent = submissions.last_sent(turn.session, report) if report else None
    if report is None or sent is None:
        raise Gone(_("There is no such report for you."))
    return report, sent


def _rounds(turn: Turn) -> list[Round]:
    """Raises Gone for somebody who is not at an office."""
    if not turn.me.at_the_office:
        raise Gone(_("Only the office can see this."))
    found = reports.by_duty(turn.session, turn.me)
    moved = extensions.extended(turn.session, [report.id for _duty, report, _unit in found])
    grouped: dict[tuple[int, str], Round] = {}
    for duty, report, unit in found:
        round_ = Round(duty, report.period, [], moved)
        grouped.setdefault((duty.id, report.period), round_).reports.append((report, unit))
    for round_ in grouped.values():
        round_.reports.sort(key=lambda one: one[1].name)
    return list(grouped.values())


def _is_open(round_: Round, turn: Turn) -> bool:
    opens = round_.reports[0][0].opens_on
    return opens is None or opens <= turn.today


def _line(turn: Turn, round_: Round) -> Message:
    dates = deadline.both_dates(turn.session, round_.usual, turn.today)
    counts = round_.counts
    if round_.elsewhere or round_.excused:
        return _(
            "• {title}: {done}/{all} schools, {elsewhere} outside the system, {excused} excused; "
            "{dates}",
            title=round_.title,
            dates=dates,
            **counts,
        )
    return _("• {title}: {done}/{all} schools; {dates}", title=round_.title, dates=dates, **counts)


def _button(round_: Round) -> Choice:
    label = _("{title} ({done}/{all})", title=round_.title, **round_.counts)
    return Choice(label, show("status", f"{round_.duty.id}.{round_.period}"))


def round_of(turn: Turn, about: str) -> Round:
    """about: "duty.period". Raises Gone."""
    return _chosen(_rounds(turn), about)


def _chosen(rounds: list[Round], about: str) -> Round:
    for round_ in rounds:
        if f"{round_.duty.id}.{round_.period}" == about:
            return round_
    raise Gone(_("There is no such duty for you."))


def _one(turn: Turn, rounds: list[Round], about: str) -> Screen:
    chosen = _chosen(rounds, about)
    lines = [
        strong(verbatim(chosen.title)),
        deadline.both_dates(turn.session, chosen.usual, turn.today),
        *deadline.also_written({chosen.duty.id: chosen.duty}, chosen.usual),
        _("{done} of {all} schools have handed in.", **chosen.counts),
    ]
    sent = submissions.all_last_sent(turn.session, [report.id for report, _unit in chosen.reports])
    lines += [*_tardy(turn, chosen, sent), *_eased(turn, chosen)]
    if chosen.missing:
        lines.append(strong(_("Not yet ({count}):", count=len(chosen.missing))))
        lines += _missing(turn, chosen)
    eased = (*chosen.elsewhere, *chosen.excused)
    choices = [_school(turn, *one, sent) for one in (*chosen.handed_in, *chosen.missing, *eased)]
    choices += _for_all(turn, chosen)
    if chosen.missing:
        choices.append(Choice(_("Card for the Zalo group"), show("late", about)))
    return Screen(tuple(lines), (*choices, Choice(_("All duties"), show("status"))))


def _for_all(turn: Turn, round_: Round) -> list[Choice]:
    """What the office may do to all schools at once."""
    if turn.me.role not in MAY_DECIDE:
        return []
    first, states = round_.reports[0][0], [report.state for report, _unit in round_.reports]
    left = [deadline.days_left(turn.session, r, turn.today) or 0 for r, _unit in round_.missing]
    moves = (
        (Move.LOCK, Choice(_("Lock all"), open_flow("lock_round", first.id))),
        (Move.UNLOCK, Choice(_("Unlock all"), open_flow("unlock_round", first.id))),
    )
    fitting = [choice for move, choice in moves if any(may(state, move) for state in states)]
    return [*([overdue.draft(first)] if min(left, default=0) < 0 else []), *fitting]


def _school(turn: Turn, report: Report, unit: Unit, sent: Mapping[int, Submission]) -> Choice:
    if report.standing not in HANDED_IN or report.id not in sent:
        return Choice(verbatim(unit.name), show("case", str(report.id)))
    read = show("read", str(report.id))
    if marks := version.marks(turn, report, sent[report.id]):
        return Choice(_("Read {unit} ({marks})", unit=unit.name, marks=listed(marks)), read)
    return Choice(_("Read {unit}", unit=unit.name), read)


def _tardy(turn: Turn, round_: Round, sent: Mapping[int, Submission]) -> list[Message]:
    """Who handed in late with leave, and who without."""
    late: dict[Lateness, list[Message]] = defaultdict(list)
    for report, unit in round_.handed_in:
        if report.id in sent:
            moved = round_.moved.get(report.id)
            how = version.how_late_with(turn, report, sent[report.id], moved)
            late[how].append(_("• {unit}", unit=unit.name))
    lines: list[Message] = []
    if by_leave := late[Lateness.WITH_LEAVE]:
        lines += [strong(_("Late with leave ({count}):", count=len(by_leave))), *by_leave]
    if without := late[Lateness.LATE]:
        lines += [strong(_("Late ({count}):", count=len(without))), *without]
    return lines


def _eased(turn: Turn, round_: Round) -> list[Message]:
    """Who handed in elsewhere and how, and who is excused and why."""
    eased = [*round_.elsewhere, *round_.excused]
    noted = easings.current(turn.session, [report.id for report, _unit in eased])
    lines: list[Message] = []
    if round_.elsewhere:
        count = len(round_.elsewhere)
        lines.append(strong(_("Outside the system ({count}):", count=count)))
        lines += [_noted(noted, *one) for one in round_.elsewhere]
    if round_.excused:
        lines.append(strong(_("Excused ({count}):", count=len(round_.excused))))
        lines += [_noted(noted, *one) for one in round_.excused]
    return lines


def _noted(noted: Mapping[int, Easing], report: Report, unit: Unit) -> Message:
    if report.id not in noted:
        return _("• {unit}", unit=unit.name)
    return _("• {unit}: {state}", unit=unit.name, state=easing.noted(noted[report.id]))


def _missing(turn: Turn, round_: Round) -> list[Message]:
    """A line for each school of which more can be said, and one for all that did nothing yet."""
    lines: list[Message] = []
    others: list[Message] = []
    for report, unit in round_.missing:
        registered = people.holders(turn.session, unit.id, AT_A_SCHOOL)
        if registered and report.state is State.OPEN and report.id not in round_.moved:
            others.append(verbatim(unit.name))
            continue
        line = {"unit": unit.name, "state": _state(turn, report, round_.moved)}
        said = _("• {unit}: {state}", **line)
        lines.append(said if registered else _("• {unit}: {state}, nobody registered", **line))
    if others:
        same = {"state": phrases.STATE[State.OPEN], "units": listed(others)}
        lines.append(Message("• {state}: {units}", same))
    return lines


def _state(turn: Turn, report: Report, moved: Mapping[int, Extended]) -> Message:
    state = phrases.STATE[report.state]
    if report.id not in moved:
        return state
    given = deadline.both_dates(turn.session, report, turn.today, moved[report.id])
    return Message("{state}, {given}", {"state": state, "given": given})
