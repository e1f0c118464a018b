"""Write a message to many, see it as a phone will show it, and send it.

The words, files, audience and moment are a form; once it is filled in, a draft is kept and
previewed. From there it is changed, thrown away or sent, where the office wants it only after a
second officer agreed. What happens then is in `bot/broadcasting.py`.
"""

from collections.abc import Sequence
from datetime import datetime

from core import writing
from core.audience import Audience
from core.form import Form
from core.message import Message, _, ngettext, quiet, strong, verbatim
from core.question import AT_ONCE, Moment
from core.roles import MAY_BROADCAST, Role
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from core.writing import Writing, excerpt
from handlers import audience, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import broadcasts, people
from storage.broadcasts import Broadcast, Reach, Stage
from storage.checklists import SourceDocument
from storage.conversations import Conversation
from storage.people import Person
from storage.units import Unit

MOST_DOCUMENTS = 4
MOST_SHOWN = 8  # of earlier messages
MOST_NAMED = 30  # of who gets nothing; more would fill a phone several times

STAGE = {
    Stage.DRAFT: _("draft"),
    Stage.CONFIRMING: _("waits for a second officer"),
    Stage.WAITING: _("waits for its moment"),
    Stage.SENDING: _("being sent"),
    Stage.PAUSED: _("paused"),
    Stage.STOPPED: _("stopped"),
    Stage.SENT: _("sent"),
}


class WriteBroadcast(FormFlow[Broadcast | None]):
    name = "broadcast"

    def subject(self, turn: Turn, subject_id: int) -> Broadcast | None:
        if subject_id == 0:
            _may(turn)
            return None
        return _in_stage(turn, subject_id, Stage.DRAFT)

    def answers(self, turn: Turn, subject: Broadcast | None, talking: Conversation) -> Answers:  # noqa: ARG002
        return {**(subject.written if subject else {}), **talking.answers}

    def form(self, turn: Turn, subject: Broadcast | None, answers: Answers) -> Form:  # noqa: ARG002
        known = broadcasts.documents(turn.session, MOST_DOCUMENTS)
        documents = {str(document.id): verbatim(document.name) for document in known}
        what = _("Write the message; files and photos may go with it.")
        when = Moment(
            "when",
            _("When shall it be sent? Tap, or type a day and an hour."),
            now=turn.now.astimezone(turn.zone),
        )
        letter = Writing("letter", what, documents=documents)
        return Form(_("Message"), (letter, *audience.questions(turn), when), reviewed=False)

    def finish(self, turn: Turn, subject: Broadcast | None, answers: Answers) -> Screen:
        broadcast = subject or Broadcast(
            unit_id=turn.me.unit_id or 0, author_id=turn.me.id, made_at=turn.now
        )
        letter = dict(answers["letter"])
        broadcast.document_id = int(letter["document"]) if letter.get("document") else None
        if broadcast.document_id and not letter.get("files"):
            letter["files"] = broadcasts.files_of(turn.session, broadcast.document_id)
        broadcast.written = {**answers, "letter": letter}
        broadcast.audience = audience.meant(turn, answers).to_json()
        at_once = answers["when"] == AT_ONCE
        broadcast.send_at = None if at_once else datetime.fromisoformat(answers["when"])
        turn.session.add(broadcast)
        turn.session.flush()
        return preview(turn, broadcast)


def list_broadcasts(turn: Turn, about: str) -> Screen:
    """about: the id of one, "" for the latest."""
    if about:
        return _shown(turn, _one(turn, about))
    _may_see(turn)
    latest = broadcasts.recent(turn.session, turn.me, MOST_SHOWN)
    lines = [strong(_("Messages to the schools"))]
    lines += [_line(turn, broadcast) for broadcast in latest]
    choices = [Choice(_title(b), show("broadcast", str(b.id))) for b in latest]
    if turn.me.role in MAY_BROADCAST:
        choices.insert(0, Choice(_("Write a message"), open_flow(WriteBroadcast.name)))
    if turn.me.role is Role.ADMIN:
        choices.append(_second_switch(turn))
    return Screen(tuple(lines), tuple(choices))


def preview(turn: Turn, broadcast: Broadcast) -> Screen:
    """The message as a phone will show it, and below it whom it reaches and whom not."""
    reached = _reach(turn, broadcast)
    below = [_RULE, *_counts(turn, broadcast, reached), *_nothing(reached)]
    id = str(broadcast.id)
    choices = [
        Choice(_("Change it"), open_flow(WriteBroadcast.name, broadcast.id)),
        Choice(_("Throw it away"), show("discard", id)),
    ]
    if reached.reachable:
        choices.insert(0, Choice(_("Send it"), show("send", id)))
    return _with_letter(turn, broadcast, below, choices)


_RULE = Message("———")


def letter(turn: Turn, broadcast: Broadcast) -> list[Message]:
    """What its readers read."""
    office = turn.session.get_one(Unit, broadcast.unit_id)
    lines = [strong(Message("📢 {office}", {"office": office.name}))]
    if words := writing.body(broadcast.letter):
        lines.append(words)
    if broadcast.document_id:
        document = turn.session.get_one(SourceDocument, broadcast.document_id)
        about = {"name": document.name, "day": document.issued_on, "title": document.title}
        lines.append(quiet(_("Document {name} of {day}: {title}", **about)))
    return lines


def send(turn: Turn, about: str) -> Screen:
    """Its author sends it, or asks a second officer to."""
    broadcast = _one(turn, about, Stage.DRAFT)
    if broadcast.send_at and broadcast.send_at <= turn.now:
        change = Choice(_("Change it"), open_flow(WriteBroadcast.name, broadcast.id))
        past = _("The moment at which it should be sent has passed.")
        return Screen((past,), (change,))
    if not _reach(turn, broadcast).reachable:
        return preview(turn, broadcast)
    if broadcasts.needs_second(turn.session):
        return _ask_second(turn, broadcast)
    return _go(turn, broadcast)


def confirm(turn: Turn, about: str) -> Screen:
    """The second officer agrees."""
    broadcast = _to_confirm(turn, about)
    broadcast.confirmed_by_id = turn.me.id
    agreed = _("{name} agreed; your message goes out.", name=turn.me.name)
    turn.tell(broadcast.author_id, Screen((agreed,), (_look(broadcast),)))
    return _go(turn, broadcast)


def send_back(turn: Turn, about: str) -> Screen:
    """The second officer does not agree; it is a draft again."""
    broadcast = _to_confirm(turn, about)
    broadcasts.move(turn.session, broadcast, Stage.DRAFT, turn.me.id, turn.now)
    refused = _("{name} asks you to look at your message again.", name=turn.me.name)
    turn.tell(broadcast.author_id, Screen((refused,), (_look(broadcast),)))
    return Screen((_("It is with its author again."),), (_all(),))


def discard(turn: Turn, about: str) -> Screen:
    turn.session.delete(_one(turn, about, Stage.DRAFT))
    return Screen((_("It is thrown away."),), (_all(),))


def second(turn: Turn, wanted: str) -> Screen:
    """Whether a second officer has to agree from now on. wanted: "yes" or "no"."""
    if turn.me.role is not Role.ADMIN:
        raise Gone(_("Only the office can set this."))
    if wanted in ("yes", "no"):
        broadcasts.set_needs_second(turn.session, wanted == "yes", turn.me.id, turn.now)
    return list_broadcasts(turn, "")


# Loading is the permission check


def _may(turn: Turn) -> None:
    if turn.me.role not in MAY_BROADCAST:
        raise Gone(_("Only the office can send messages to the schools."))


def _may_see(turn: Turn) -> None:
    if not turn.me.at_the_office:
        raise Gone(_("Only the office can see this."))


def _one(turn: Turn, about: str, *stages: Stage) -> Broadcast:
    """Raises Gone. stages: in one of which it is to be acted on; none to read it."""
    if stages:
        return _in_stage(turn, number(about), *stages)
    _may_see(turn)
    broadcast = broadcasts.readable(turn.session, turn.me, number(about))
    if broadcast is None:
        raise Gone(_NONE)
    return broadcast


def _in_stage(turn: Turn, broadcast_id: int, *stages: Stage) -> Broadcast:
    """Raises Gone."""
    _may(turn)
    broadcast = broadcasts.readable(turn.session, turn.me, broadcast_id)
    if broadcast is None:
        raise Gone(_NONE)
    if broadcast.stage not in stages:
        raise Gone(_("This message is already: {stage}.", stage=STAGE[broadcast.stage]))
    return broadcast


_NONE = _("There is no such message for you.")


def _to_confirm(turn: Turn, about: str) -> Broadcast:
    broadcast = _one(turn, about, Stage.CONFIRMING)
    if broadcast.author_id == turn.me.id:
        raise Gone(_("Somebody else than its author has to agree."))
    return broadcast


# Sending


def _go(turn: Turn, broadcast: Broadcast) -> Screen:
    broadcasts.move(turn.session, broadcast, Stage.WAITING, turn.me.id, turn.now)
    if broadcast.send_at:
        at = phrases.moment(turn, broadcast.send_at)
        return Screen((_("It will be sent: {moment}.", moment=at),), (_look(broadcast), _all()))
    return Screen((_("It is on its way; you will see here how far it is."),), (_all(),))


def _ask_second(turn: Turn, broadcast: Broadcast) -> Screen:
    others = [
        holder
        for _post, holder in people.holders(turn.session, broadcast.unit_id, MAY_BROADCAST)
        if holder.id != turn.me.id
    ]
    if not others:
        raise Gone(_("Nobody else at the office could agree; please invite a second officer."))
    broadcasts.move(turn.session, broadcast, Stage.CONFIRMING, turn.me.id, turn.now)
    card = _second_card(turn, broadcast)
    for id in dict.fromkeys(other.id for other in others):
        turn.tell(id, card)
    return Screen((_("A second officer is asked to agree; then it goes out."),), (_all(),))


def _second_card(turn: Turn, broadcast: Broadcast) -> Screen:
    author = phrases.name(turn.session.get_one(Person, broadcast.author_id))
    reached = _reach(turn, broadcast)
    asks = strong(_("{name} asks you to agree that this is sent.", name=author))
    below = [_RULE, asks, *_counts(turn, broadcast, reached), *_nothing(reached)]
    choices = (
        Choice(_("Agree and send it"), show("confirm", str(broadcast.id))),
        Choice(_("Give it back"), show("sendback", str(broadcast.id))),
    )
    return _with_letter(turn, broadcast, below, choices)


# Showing


def _shown(turn: Turn, broadcast: Broadcast) -> Screen:
    if broadcast.stage is Stage.DRAFT:
        return preview(turn, broadcast)
    if broadcast.stage is Stage.CONFIRMING and broadcast.author_id != turn.me.id:
        return _second_card(turn, broadcast)
    below = [_RULE, _line(turn, broadcast)]
    return _with_letter(turn, broadcast, below, (_all(),))


def _with_letter(
    turn: Turn, broadcast: Broadcast, below: Sequence[Message], choices: Sequence[Choice]
) -> Screen:
    enclosed = tuple(map(Enclosed, writing.uploads(broadcast.letter)))
    return Screen((*letter(turn, broadcast), *below), tuple(choices), files=enclosed)


def _reach(turn: Turn, broadcast: Broadcast) -> Reach:
    wanted = Audience.from_json(broadcast.audience)
    return broadcasts.reach(turn.session, wanted, broadcast.unit_id, turn.today)


def _counts(turn: Turn, broadcast: Broadcast, reached: Reach) -> list[Message]:
    schools = ngettext("{count} school", "{count} schools", len(reached.units))
    persons = ngettext("{count} person", "{count} people", len(reached.reachable))
    at = phrases.moment(turn, broadcast.send_at) if broadcast.send_at else _("At once")
    if not reached.reachable:
        return [strong(_("This would reach nobody. Please change to whom it goes."))]
    to = {"schools": schools, "people": persons, "when": at}
    return [strong(_("To {schools}, {people}. When: {when}.", **to))]


def _nothing(reached: Reach) -> list[Message]:
    """Who would get nothing, by name."""
    lines: list[Message] = []
    if empty := reached.empty:
        lines.append(_("Nobody registered ({count}): {names}", **_named(empty)))
    if closed := reached.closed:
        who = [f"{holder.name} ({holder.unit_name})" for holder in closed]
        lines.append(_("Closed the chat with the bot ({count}): {names}", **_named(who)))
    return lines


def _named(names: Sequence[str]) -> dict[str, object]:
    shown = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
    return {"count": len(names), "names": shown}


def _line(turn: Turn, broadcast: Broadcast) -> Message:
    author = phrases.name(turn.session.get_one(Person, broadcast.author_id))
    said = {"words": _title(broadcast), "name": author, "stage": STAGE[broadcast.stage]}
    when = phrases.moment(turn, broadcast.begun_at or broadcast.send_at or broadcast.made_at)
    return _("• {words}: {stage} ({name}, {when})", **said, when=when)


def _title(broadcast: Broadcast) -> Message:
    words = excerpt(broadcast.letter.get("text", ""))
    files = [file["name"] for file in broadcast.letter.get("files", [])]
    return verbatim(words or ", ".join(files)) if words or files else _("a document")


def _second_switch(turn: Turn) -> Choice:
    if broadcasts.needs_second(turn.session):
        return Choice(_("Send without a second officer"), show("second", "no"))
    return Choice(_("Ask a second officer before sending"), show("second", "yes"))


def _look(broadcast: Broadcast) -> Choice:
    return Choice(_("See the message"), show("broadcast", str(broadcast.id)))


def _all() -> Choice:
    return Choice(_("All messages"), show("broadcast"))
