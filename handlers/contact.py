"""Tell a school whom to ask at the office, and how to reach them."""

from core.message import Message, _, strong
from core.screen import Choice, Screen, show
from handlers import phrases
from handlers.flow import Gone, Turn
from storage import people, units
from storage.people import Person
from storage.units import Unit


def contact(turn: Turn, _about: str) -> Screen:
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so nothing is due from you."))
    office = _office(turn)
    lines = [strong(_("Whom to ask at {office}", office=office.name))]
    found = people.responsible(turn.session, office.id, "")
    lines += [_line(person) for person in found] or [_("Nobody of the office is here yet.")]
    return Screen(tuple(lines), (Choice(_("Open the menu"), show("menu")),))


def button() -> Choice:
    return Choice(_("Whom to ask at the office"), show("contact"))


def _office(turn: Turn) -> Unit:
    """The one above the school where somebody is there, else the one this program serves."""
    school = turn.session.get_one(Unit, turn.me.unit_id)
    above = turn.session.get(Unit, school.parent_id) if school.parent_id else None
    if above and people.responsible(turn.session, above.id, ""):
        return above
    return units.office(turn.session)


def _line(person: Person) -> Message:
    line = {"name": phrases.name(person), "phone": person.phone or "–"}
    return _("• {name}, phone {phone}", **line)
