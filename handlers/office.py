"""What the office's moves on a report have in common: loading it, and telling who is concerned."""

from collections.abc import Sequence

from core.message import _
from core.roles import AT_A_SCHOOL
from core.screen import Choice, Screen, show
from handlers import phrases
from handlers.flow import Gone, Turn
from handlers.report import officers
from storage import people, reports, units
from storage.people import Person
from storage.reports import Report
from storage.units import Unit


def to_decide(turn: Turn, report_id: int) -> Report:
    """Locked. Raises Gone, alike whether there is none or it is not theirs to decide about."""
    report = reports.to_decide(turn.session, turn.me, report_id)
    if report is None:
        raise Gone(_("There is no such report for you."))
    return report


def round_to_decide(turn: Turn, report_id: int) -> Sequence[Report]:
    """As `to_decide`, of every school with the same duty and period."""
    found = reports.round_to_decide(turn.session, turn.me, report_id)
    if not found:
        raise Gone(_("There is no such report for you."))
    return found


def tell(turn: Turn, report: Report, screen: Screen) -> None:
    """Show it to the officers who are responsible for the report."""
    for officer in officers(turn, report):
        turn.tell(officer.id, screen)


def in_charge_of(turn: Turn, unit: Unit) -> list[Person]:
    """Who at the office looks after a school and its people."""
    own = units.office(turn.session).id
    return people.responsible(turn.session, unit.parent_id or own, "") or people.responsible(
        turn.session, own, ""
    )


def tell_school(turn: Turn, report: Report, screen: Screen) -> None:
    """Show it to each holder of the school's posts, once."""
    held = people.holders(turn.session, report.unit_id, AT_A_SCHOOL)
    for person_id in dict.fromkeys(person.id for _post, person in held):
        turn.tell(person_id, screen)


def school(turn: Turn, report: Report) -> str:
    return turn.session.get_one(Unit, report.unit_id).name


def done(turn: Turn, report: Report) -> Screen:
    """Where the report stands now."""
    state = phrases.STATE[report.state]
    line = {"title": report.title, "unit": school(turn, report), "state": state}
    return Screen((_("{title}, {unit}: {state}", **line),), (look(report), board(report)))


def board(report: Report) -> Choice:
    """All schools with the same duty and period."""
    return Choice(_("Who has handed in"), show("status", f"{report.duty_id}.{report.period}"))


def look(report: Report) -> Choice:
    return Choice(_("Look at the report"), show("case", str(report.id)))
