"""One school's report as the office sees it: where it stands, and what can be done about it."""

from collections.abc import Mapping

from core.message import Message, _, ngettext, quiet, strong
from core.review import OWED, Move, may
from core.roles import AT_A_SCHOOL, MAY_DECIDE
from core.screen import Choice, Screen, number, open_flow, show
from handlers import deadline, easing, extension, holding, locking, office, phrases, version
from handlers.asking import found
from handlers.flow import Gone, Turn
from storage import easings, extensions, pauses, people, reports, requests, submissions
from storage.extensions import Extension
from storage.locks import UnlockRequest
from storage.reports import Report
from storage.units import Unit


def case(turn: Turn, report_id: str) -> Screen:
    report = _load(turn, report_id)
    unit = turn.session.get_one(Unit, report.unit_id)
    eased = easings.current(turn.session, [report.id]).get(report.id)
    state = easing.noted(eased) if eased else version.standing(turn, report)
    lines = [
        strong(_("{title} – {unit}", title=report.title, unit=unit.name)),
        _("Now: {state}", state=state),
        *_deadlines(turn, report),
        *_people(turn, report),
        *found(report),
    ]
    choices: list[Choice] = []
    if submissions.last_sent(turn.session, report):
        choices.append(Choice(_("Read it"), show("read", str(report.id))))
    if report.finding:
        choices.append(Choice(_("See what was found"), show("finding", str(report.id))))
    if turn.me.role in MAY_DECIDE:
        if eased and eased.with_files:
            choices.append(Choice(_("Get the proof"), show("proof", str(report.id))))
        asked, answers = _asked(turn, report)
        held = pauses.of_report(turn.session, report)
        lines += [*asked, *holding.lines(held)]
        choices += [*answers, *_moves(report, answers), *holding.choices(report, held)]
    choices.append(office.board(report))
    return Screen(tuple(lines), tuple(choices))


def asked(turn: Turn, _about: str) -> Screen:
    """What schools ask and nobody has decided, the oldest first."""
    if turn.me.role not in MAY_DECIDE:
        raise Gone(_("Only the office can see this."))
    found = waiting(turn)
    lines = [strong(ngettext("{count} school asks", "{count} schools ask", len(found)))]
    choices = []
    for report in found:
        of = {"title": report.title, "unit": turn.session.get_one(Unit, report.unit_id).name}
        choices.append(Choice(_("{title} – {unit}", **of), show("case", str(report.id))))
    all_duties = Choice(_("All duties"), show("status"))
    return Screen(tuple(lines), (*choices, all_duties))


def waiting(turn: Turn) -> list[Report]:
    """Reports about which the office was asked, each once."""
    found = [
        *requests.all_waiting(turn.session, Extension, turn.me),
        *requests.all_waiting(turn.session, UnlockRequest, turn.me),
    ]
    return list({report.id: report for _request, report in found}.values())


def _load(turn: Turn, report_id: str) -> Report:
    report = reports.readable(turn.session, turn.me, number(report_id))
    if report is None or not turn.me.at_the_office:
        raise Gone(_("There is no such report for you."))
    return report


def _deadlines(turn: Turn, report: Report) -> list[Message]:
    moved = extensions.extended(turn.session, [report.id]).get(report.id)
    lines = [deadline.both_dates(turn.session, report, turn.today, moved)]
    if moved:
        written = phrases.deadline(moved.written_on, moved.operator, moved.due_at)
        lines.append(quiet(_("As written: {deadline}", deadline=written)))
    return lines


def _people(turn: Turn, report: Report) -> list[Message]:
    held = people.holders(turn.session, report.unit_id, AT_A_SCHOOL)
    return [phrases.holder(post.role, person) for post, person in held] or [
        _("Nobody is registered yet.")
    ]


def _asked(turn: Turn, report: Report) -> tuple[list[Message], list[Choice]]:
    """What the school asks and nobody has decided, with the answers to it."""
    lines: list[Message] = []
    answers: list[Choice] = []
    if time := requests.waiting(turn.session, Extension, report):
        lines += extension.request(turn, time)
        answers += extension.verdicts(turn, time)
    if key := requests.waiting(turn.session, UnlockRequest, report):
        lines += locking.request(turn, key)
        answers += locking.verdicts(key)
    return lines, answers


def _moves(report: Report, asked: list[Choice]) -> list[Choice]:
    """What may be done unasked."""
    offered = {
        extension.GiveTime.name: report.state in OWED and report.due_on and not asked,
        easing.FiledElsewhere.name: may(report.state, Move.FILE_ELSEWHERE),
        easing.Excuse.name: may(report.state, Move.EXCUSE),
        easing.Restore.name: may(report.state, Move.RESTORE),
        locking.Lock.name: may(report.state, Move.LOCK),
        locking.Unlock.name: may(report.state, Move.UNLOCK) and not asked,
    }
    return [
        Choice(MOVES[name], open_flow(name, report.id)) for name, fits in offered.items() if fits
    ]


MOVES: Mapping[str, Message] = {
    extension.GiveTime.name: _("Give more time"),
    easing.FiledElsewhere.name: _("Handed in outside the system"),
    easing.Excuse.name: _("Excuse the school"),
    easing.Restore.name: _("Take it back"),
    locking.Lock.name: _("Lock"),
    locking.Unlock.name: _("Unlock"),
}
