"""What all that is done with messages to many needs: loading one, its words, its name."""

from sqlmodel import Session

from core import writing
from core.message import Message, _, quiet, strong, verbatim
from core.roles import MAY_BROADCAST
from core.screen import Choice, number, show
from core.writing import excerpt
from handlers import occasion
from handlers.flow import Gone, Turn
from storage import broadcasts
from storage.broadcasts import Broadcast, Stage
from storage.checklists import SourceDocument
from storage.units import Unit

RULE = Message("———")

STAGE = {
    Stage.DRAFT: _("draft"),
    Stage.CONFIRMING: _("waits for a second officer"),
    Stage.WAITING: _("waits for its moment"),
    Stage.SENDING: _("being sent"),
    Stage.PAUSED: _("paused"),
    Stage.STOPPED: _("stopped"),
    Stage.SENT: _("sent"),
}


def may(turn: Turn) -> None:
    if turn.me.role not in MAY_BROADCAST:
        raise Gone(_("Only the office can send messages to the schools."))


def may_see(turn: Turn) -> None:
    if not turn.me.at_the_office:
        raise Gone(_("Only the office can see this."))


def one(turn: Turn, about: str, *stages: Stage) -> Broadcast:
    """Raises Gone. stages: in one of which it is to be acted on; none to read it."""
    if stages:
        return in_stage(turn, number(about), *stages)
    may_see(turn)
    broadcast = broadcasts.readable(turn.session, turn.me, number(about))
    if broadcast is None:
        raise Gone(NONE)
    return broadcast


def in_stage(turn: Turn, broadcast_id: int, *stages: Stage) -> Broadcast:
    """Raises Gone."""
    may(turn)
    broadcast = broadcasts.readable(turn.session, turn.me, broadcast_id)
    if broadcast is None:
        raise Gone(NONE)
    if broadcast.stage not in stages:
        raise Gone(_("This message is already: {stage}.", stage=STAGE[broadcast.stage]))
    return broadcast


NONE = _("There is no such message for you.")


def letter(session: Session, broadcast: Broadcast) -> list[Message]:
    """What its readers read."""
    office = session.get_one(Unit, broadcast.unit_id)
    of = {"office": office.name}
    heading = _("📢 URGENT: {office}", **of) if broadcast.urgent else Message("📢 {office}", of)
    lines = [strong(heading)]
    if words := writing.body(broadcast.letter):
        lines.append(words)
    if broadcast.document_id:
        document = session.get_one(SourceDocument, broadcast.document_id)
        about = {"name": document.name, "day": document.issued_on, "title": document.title}
        lines.append(quiet(_("Document {name} of {day}: {title}", **about)))
    return lines + (occasion.told(session, broadcast) if broadcast.event_id else [])


def title(broadcast: Broadcast) -> Message:
    words = excerpt(broadcast.letter.get("text", ""))
    files = [file["name"] for file in broadcast.letter.get("files", [])]
    return verbatim(words or ", ".join(files)) if words or files else _("a document")


def look(broadcast: Broadcast) -> Choice:
    return Choice(_("See the message"), show("broadcast", str(broadcast.id)))


def all_messages() -> Choice:
    return Choice(_("All messages"), show("broadcast"))
