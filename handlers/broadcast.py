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
from core.message import Message, _, ngettext, strong, verbatim
from core.question import AT_ONCE, Moment
from core.roles import MAY_BROADCAST, Role
from core.screen import Choice, Enclosed, Screen, open_flow, show
from core.writing import Writing
from handlers import audience, delivery, letters, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import broadcasts, guests, people, units
from storage.broadcasts import Broadcast, Reach, Stage
from storage.conversations import Conversation
from storage.events import Event
from storage.people import Person

MOST_DOCUMENTS = 4
MOST_SHOWN = 8  # of earlier messages
MOST_NAMED = 30  # of who gets nothing; more would fill a phone several times


class WriteBroadcast(FormFlow[Broadcast | None]):
    name = "broadcast"

    def subject(self, turn: Turn, subject_id: int) -> Broadcast | None:
        if subject_id == 0:
            letters.may(turn)
            return None
        draft = letters.in_stage(turn, subject_id, Stage.DRAFT)
        if draft.event_id:
            raise Gone(letters.NONE)
        return draft

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
        return Form(
            _("Message"),
            (letter, *audience.questions(turn), when),
            reviewed=False,
            submit=_("See how it reads"),
            cancels=True,
        )

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
        broadcast.edition = (broadcast.edition or 0) + 1
        turn.session.add(broadcast)
        turn.session.flush()
        return preview(turn, broadcast)


def list_broadcasts(turn: Turn, about: str) -> Screen:
    """about: the id of one, "" for the latest."""
    if about:
        return _shown(turn, letters.one(turn, about))
    letters.may_see(turn)
    latest = broadcasts.recent(turn.session, turn.me, MOST_SHOWN)
    lines = [strong(_("Messages to the schools"))]
    lines += [_line(turn, broadcast) for broadcast in latest]
    choices = [Choice(letters.title(b), show("broadcast", str(b.id))) for b in latest]
    if turn.me.role in MAY_BROADCAST:
        choices.insert(0, Choice(_("Write a message"), open_flow(WriteBroadcast.name)))
    if turn.me.role is Role.ADMIN:
        choices.append(_second_switch(turn))
    return Screen(tuple(lines), tuple(choices))


def preview(turn: Turn, broadcast: Broadcast) -> Screen:
    """The message as a phone will show it, and below it whom it reaches and whom not."""
    reached = _reach(turn, broadcast)
    below = [letters.RULE, *_counts(turn, broadcast, reached), *_nothing(reached)]
    below += _left_out(turn, broadcast)
    choices = [
        _change(broadcast),
        Choice(_("Throw it away"), show("discard", str(broadcast.id))),
        _urgency(broadcast),
    ]
    if reached.reachable:
        label = _("Send it then") if broadcast.send_at else _("Send it")
        choices.insert(0, Choice(label, show("send", _edition(broadcast))))
    return _with_letter(turn, broadcast, below, choices)


def urgent(turn: Turn, about: str) -> Screen:
    """Make it urgent, or not any more. about: see `_edition`."""
    broadcast = letters.one(turn, _id(about), Stage.DRAFT)
    if about != _edition(broadcast):
        return preview(turn, broadcast).under(_CHANGED)
    broadcast.urgent = not broadcast.urgent
    broadcast.edition += 1
    return preview(turn, broadcast)


def send(turn: Turn, about: str) -> Screen:
    """Its author sends it, or asks a second officer to. about: see `_edition`."""
    broadcast = letters.one(turn, _id(about), Stage.DRAFT)
    if about != _edition(broadcast):
        return preview(turn, broadcast).under(_CHANGED)
    if broadcast.send_at and broadcast.send_at <= turn.now:
        past = _("The moment at which it should be sent has passed.")
        return Screen((past,), (_change(broadcast),))
    _check_day(turn, broadcast)
    if not _reach(turn, broadcast).reachable:
        return preview(turn, broadcast)
    return dispatch(turn, broadcast)


def dispatch(turn: Turn, broadcast: Broadcast) -> Screen:
    """Send a draft, or ask a second officer to agree. Raises Gone, see `check_second`."""
    if broadcasts.needs_second(turn.session):
        return _ask_second(turn, broadcast)
    return _go(turn, broadcast)


def check_second(turn: Turn) -> None:
    """Raises Gone where a second officer has to agree and there is none."""
    if broadcasts.needs_second(turn.session):
        _others(turn, turn.me.unit_id or 0)


_CHANGED = _("This was written anew meanwhile. It now reads:")


def _change(broadcast: Broadcast) -> Choice:
    """Of an invitation, it is the event that is changed."""
    if broadcast.event_id:
        return Choice(_("Change it"), open_flow("event", broadcast.event_id))
    return Choice(_("Change it"), open_flow(WriteBroadcast.name, broadcast.id))


def _urgency(broadcast: Broadcast) -> Choice:
    label = _("Not urgent") if broadcast.urgent else _("⚡ Make it urgent")
    return Choice(label, show("urgent", _edition(broadcast)))


def _edition(broadcast: Broadcast) -> str:
    """What a button that sends it names, so that nothing goes out that its reader did not see."""
    return f"{broadcast.id}.{broadcast.edition}"


def _id(edition: str) -> str:
    return edition.partition(".")[0]


def confirm(turn: Turn, about: str) -> Screen:
    """The second officer agrees."""
    broadcast = _to_confirm(turn, _id(about))
    if about != _edition(broadcast):
        return _second_card(turn, broadcast).under(_CHANGED)
    _check_day(turn, broadcast)
    broadcast.confirmed_by_id = turn.me.id
    agreed = _("{name} agreed; your message goes out.", name=turn.me.name)
    turn.tell(broadcast.author_id, Screen((agreed,), (letters.look(broadcast),)))
    return _go(turn, broadcast)


def give_back(turn: Turn, about: str) -> Screen:
    """The second officer does not agree; it is a draft again."""
    broadcast = _to_confirm(turn, about)
    broadcasts.move(turn.session, broadcast, Stage.DRAFT, turn.me.id, turn.now)
    refused = _("{name} asks you to look at your message again.", name=turn.me.name)
    turn.tell(broadcast.author_id, Screen((refused,), (letters.look(broadcast),)))
    return Screen((_("It is with its author again."),), (letters.all_messages(),))


def _check_day(turn: Turn, broadcast: Broadcast) -> None:
    """Nobody is invited to what has begun. Raises Gone."""
    event = turn.session.get_one(Event, broadcast.event_id) if broadcast.event_id else None
    if event and event.has_begun(turn.today):
        raise Gone(_("The day of this event has come; please set another day first."))


def discard(turn: Turn, about: str) -> Screen:
    draft = letters.one(turn, about, Stage.DRAFT)
    turn.session.delete(draft)
    if draft.event_id:
        guests.discard(turn.session, draft.event_id)
    return Screen((_("It is thrown away."),), (letters.all_messages(),))


def second(turn: Turn, wanted: str) -> Screen:
    """Whether a second officer has to agree from now on. wanted: "yes" or "no"."""
    if turn.me.role is not Role.ADMIN:
        raise Gone(_("Only the office can set this."))
    if wanted in ("yes", "no"):
        broadcasts.set_needs_second(turn.session, wanted == "yes", turn.me.id, turn.now)
    return list_broadcasts(turn, "")


def _to_confirm(turn: Turn, about: str) -> Broadcast:
    broadcast = letters.one(turn, about, Stage.CONFIRMING)
    if broadcast.author_id == turn.me.id:
        raise Gone(_("Somebody else than its author has to agree."))
    return broadcast


# Sending


def _go(turn: Turn, broadcast: Broadcast) -> Screen:
    broadcasts.move(turn.session, broadcast, Stage.WAITING, turn.me.id, turn.now)
    if broadcast.send_at:
        at = phrases.moment(turn, broadcast.send_at)
        return Screen(
            (_("It will be sent: {moment}.", moment=at),),
            (letters.look(broadcast), letters.all_messages()),
        )
    return Screen(
        (_("It is on its way; you will see here how far it is."),), (letters.all_messages(),)
    )


def _ask_second(turn: Turn, broadcast: Broadcast) -> Screen:
    others = _others(turn, broadcast.unit_id)
    broadcasts.move(turn.session, broadcast, Stage.CONFIRMING, turn.me.id, turn.now)
    card = _second_card(turn, broadcast)
    for id in others:
        turn.tell(id, card)
    return Screen(
        (_("A second officer is asked to agree; then it goes out."),), (letters.all_messages(),)
    )


def _others(turn: Turn, unit_id: int) -> list[int]:
    """Who else may send, each once. Raises Gone where there is nobody."""
    held = people.holders(turn.session, unit_id, MAY_BROADCAST)
    others = list(dict.fromkeys(holder.id for _post, holder in held if holder.id != turn.me.id))
    if not others:
        raise Gone(_("Nobody else at the office could agree; please invite a second officer."))
    return others


def _second_card(turn: Turn, broadcast: Broadcast) -> Screen:
    author = phrases.name(turn.session.get_one(Person, broadcast.author_id))
    reached = _reach(turn, broadcast)
    asks = strong(_("{name} asks you to agree that this is sent.", name=author))
    below = [letters.RULE, asks, *_counts(turn, broadcast, reached), *_nothing(reached)]
    choices = (
        Choice(_("Agree and send it"), show("confirm", _edition(broadcast))),
        Choice(_("Give it back"), show("give_back", str(broadcast.id))),
    )
    return _with_letter(turn, broadcast, below, choices)


# Showing


def _shown(turn: Turn, broadcast: Broadcast) -> Screen:
    if broadcast.stage is Stage.DRAFT:
        return preview(turn, broadcast)
    if broadcast.stage is Stage.CONFIRMING and broadcast.author_id != turn.me.id:
        return _second_card(turn, broadcast)
    if broadcast.begun_at:
        return delivery.details(turn, broadcast)
    choices = (*delivery.moves(broadcast), letters.all_messages())
    return _with_letter(turn, broadcast, [letters.RULE, _line(turn, broadcast)], choices)


def _with_letter(
    turn: Turn, broadcast: Broadcast, below: Sequence[Message], choices: Sequence[Choice]
) -> Screen:
    enclosed = tuple(map(Enclosed, writing.uploads(broadcast.letter)))
    return Screen(
        (*letters.letter(turn.session, broadcast), *below), tuple(choices), files=enclosed
    )


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
    lines = [strong(_("To {schools}, {people}. When: {when}.", **to))]
    if broadcast.urgent:
        lines.append(
            _("Who keeps silent is reminded by a message of its own after 4 working hours.")
        )
    return lines


def _nothing(reached: Reach) -> list[Message]:
    """Who would get nothing, by name."""
    lines: list[Message] = []
    if empty := reached.empty:
        lines.append(_("Nobody registered ({count}): {names}", **_named(empty)))
    if closed := reached.closed:
        who = [f"{holder.name} ({holder.unit_name})" for holder in closed]
        lines.append(_("Closed the chat with the bot ({count}): {names}", **_named(who)))
    return lines


def _left_out(turn: Turn, broadcast: Broadcast) -> list[Message]:
    left_out = Audience.from_json(broadcast.audience).left_out
    schools = units.schools(turn.session, turn.today) if left_out else []
    names = [school.name for school in schools if school.id in left_out]
    return [_("Left out ({count}): {names}", **_named(names))] if names else []


def _named(names: Sequence[str]) -> dict[str, object]:
    shown = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
    return {"count": len(names), "names": shown}


def _line(turn: Turn, broadcast: Broadcast) -> Message:
    author = phrases.name(turn.session.get_one(Person, broadcast.author_id))
    said = {
        "words": letters.title(broadcast),
        "name": author,
        "stage": letters.STAGE[broadcast.stage],
    }
    when = phrases.moment(turn, broadcast.begun_at or broadcast.send_at or broadcast.made_at)
    return _("• {words}: {stage} ({name}, {when})", **said, when=when)


def _second_switch(turn: Turn) -> Choice:
    if broadcasts.needs_second(turn.session):
        return Choice(_("Send without a second officer"), show("second", "no"))
    return Choice(_("Ask a second officer before sending"), show("second", "yes"))
