"""Tell the office which messages reached nobody, and why."""

from datetime import timedelta

from core.message import Message, _, ngettext, strong
from core.screen import Choice, Screen, show
from handlers import phrases
from handlers.flow import Gone, Turn
from storage import outbox, people
from storage.outbox import Undelivered
from storage.people import Person

LOOK_BACK = timedelta(days=7)
MOST_SHOWN = 20  # more would fill a phone several times


def undelivered(turn: Turn, _about: str) -> Screen:
    if not turn.me.at_the_office:
        raise Gone(_("Only the office can see this."))
    failed = of_late(turn)
    if not failed:
        return Screen((_("Every message of the last seven days was delivered."),), (_back(),))
    count = len(failed)
    heading = ngettext(
        "{count} message of the last seven days was not delivered:",
        "{count} messages of the last seven days were not delivered:",
        count,
    )
    lines = [strong(heading), *(_line(turn, one) for one in failed[-MOST_SHOWN:])]
    return Screen(tuple(lines), (_back(),))


def of_late(turn: Turn) -> list[Undelivered]:
    """Sending runs on machine time, so that is what is looked back on."""
    return outbox.failed(turn.session.connection(), turn.machine_now - LOOK_BACK)


def _line(turn: Turn, one: Undelivered) -> Message:
    person = turn.session.get_one(Person, one.person_id)
    posts = people.posts_of(turn.session, person.id)
    line: dict[str, object] = {
        "name": person.name or "–",
        "unit": posts[0][1].name if posts else "–",
        "when": phrases.moment(turn, one.at),
    }
    if people.is_closed(turn.session, one.address_id):
        return _("• {name}, {unit}: closed the chat with the bot ({when})", **line)
    return _("• {name}, {unit}: the app refused it ({when})", **line)


def _back() -> Choice:
    return Choice(_("Schools and their people"), show("units"))
