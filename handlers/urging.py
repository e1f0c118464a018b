"""Draft the official letter to schools that are late, as a Word file for the office to sign."""

from core.message import _, ngettext, strong
from core.review import TO_COME
from core.roles import MAY_DECIDE
from core.screen import Choice, Enclosed, Screen, show
from core.urging import LateSchool, Urging
from handlers import deadline
from handlers.flow import Gone, Turn
from storage import nudges, reports
from storage.checklists import Duty, document_of
from storage.reports import Report
from storage.units import Unit


def urge(turn: Turn, about: str) -> Screen:
    """about: "duty.period"."""
    if turn.me.role not in MAY_DECIDE:
        raise Gone(_("Only the office can see this."))
    late = late_of(turn, about)
    if not late:
        raise Gone(_("No school is late with this."))
    duty = turn.session.get_one(Duty, late[0].duty_id)
    count = ngettext(
        "The draft of a letter to {count} school that is late with {title}:",
        "The draft of a letter to {count} schools that are late with {title}:",
        len(late),
        title=late[0].title,
    )
    sign = _("Its number, its day and the signature are left blank. Nothing is sent by it.")
    board = Choice(_("Who has handed in"), show("status", about))
    paper = Enclosed(paper=_letter(turn, duty, late))
    return Screen((strong(count), sign), (board,), files=(paper,), anew=True)


def late_of(turn: Turn, about: str) -> list[Report]:
    """What the reader's office still waits for after its day, the latest first."""
    duty_id, _dot, period = about.partition(".")
    found = [
        report
        for duty, report, _unit in reports.by_duty(turn.session, turn.me)
        if str(duty.id) == duty_id and report.period == period and report.state in TO_COME
    ]
    late = [report for report in found if _days_late(turn, report) > 0]
    return sorted(late, key=lambda report: (report.due_on, report.unit_id))


def _days_late(turn: Turn, report: Report) -> int:
    return -(deadline.days_left(turn.session, report, turn.today) or 0)


def _letter(turn: Turn, duty: Duty, late: list[Report]) -> Urging:
    office = turn.session.get_one(Unit, turn.me.unit_id)
    above = turn.session.get(Unit, office.parent_id) if office.parent_id else None
    document = document_of(turn.session, duty)
    said = nudges.days_said(turn.session, [report.id for report in late], turn.zone)
    return Urging(
        office=office.name,
        above=above.name if above else "",
        title=late[0].title,
        document=document.name,
        issued_on=document.issued_on,
        clause=duty.clause,
        written=duty.written,
        today=turn.today,
        schools=tuple(
            LateSchool(
                school=turn.session.get_one(Unit, report.unit_id).name,
                due_on=report.due_on,
                days=_days_late(turn, report),
                reminders=len(said.get(report.id, [])),
                last=max(said.get(report.id, []), default=None),
            )
            for report in late
            if report.due_on
        ),
    )
