"""Tell a school whom to ask at the office, about what, and how to reach them."""

from core.message import Message, _, strong
from core.screen import Choice, Screen, show
from handlers import phrases
from handlers.flow import Gone, Turn
from storage import people, units
from storage.people import Person, Post
from storage.units import Unit


def contact(turn: Turn, _about: str) -> Screen:
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so nothing is due from you."))
    school = turn.session.get_one(Unit, turn.me.unit_id)
    office = _office(turn, school)
    lines = [strong(_("Whom to ask at {office}", office=office.name))]
    found = people.contacts(turn.session, office.id, school.levels)
    lines += [_line(*one) for one in found] or [_("Nobody of the office is here yet.")]
    choices = (
        Choice(_("Ask the office"), show("ask")),
        Choice(_("Open the menu"), show("menu")),
    )
    return Screen(tuple(lines), choices)


def button() -> Choice:
    return Choice(_("Whom to ask at the office"), show("contact"))


def _office(turn: Turn, school: Unit) -> Unit:
    """The one above the school where somebody is there, else the one this program serves."""
    above = turn.session.get(Unit, school.parent_id) if school.parent_id else None
    if above and people.contacts(turn.session, above.id, school.levels):
        return above
    return units.office(turn.session)


def _line(post: Post, person: Person) -> Message:
    line = {"name": phrases.name(person), "phone": phrases.telephone(person) or "–"}
    if post.topics:
        return _("• {name} ({topics}), phone {phone}", **line, topics=", ".join(post.topics))
    return _("• {name}, phone {phone}", **line)
