"""A reader says that a message is understood; its office sees which schools have not said so."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session

from core.events import News
from core.message import Message, _, ngettext, quiet, strong
from core.screen import Choice, Screen, number, open_flow, show
from handlers import letters, occasion, phrases
from handlers.flow import Gone, Turn
from storage import broadcasts, receipts
from storage.broadcasts import Broadcast, Fate, Why
from storage.receipts import Receipt

LOOK_BACK = timedelta(days=30)  # older messages are past
MOST_SHOWN = 40  # schools; more would fill a phone several times


def choices(broadcast: Broadcast) -> tuple[Choice, ...]:
    """What stands under every copy."""
    if broadcast.news is News.CANCELLED:
        return (ask_back(broadcast),)
    if broadcast.event_id:
        return (*occasion.choices(broadcast.event_id), ask_back(broadcast))
    return (
        Choice(_("✅ Understood"), show("understood", str(broadcast.id))),
        ask_back(broadcast),
    )


def ask_back(broadcast: Broadcast) -> Choice:
    return Choice(_("❓ Ask back"), open_flow("ask", broadcast.id))


def reminder(session: Session, broadcast: Broadcast) -> Screen:
    """For those of whose school nobody has acknowledged it."""
    if broadcast.event_id:
        asks = strong(_("Your school has not answered this invitation yet."))
    else:
        asks = strong(_("Nobody of your school has acknowledged this message yet."))
    return Screen((asks, *letters.letter(session, broadcast)), choices(broadcast))


def understood(turn: Turn, about: str) -> Screen:
    """The copy as it stays, without its button; said twice, it stays as it was.

    about: its id, with an ending where the button was in another message, which stays.
    """
    id, _dot, elsewhere = about.partition(".")
    mine = receipts.of_person(turn.session, number(id), turn.me.id)
    broadcast = turn.session.get_one(Broadcast, mine.broadcast_id) if mine else None
    if mine is None or broadcast is None or broadcast.event_id:
        raise Gone(letters.NONE)
    if mine.acknowledged_at is None:
        receipts.acknowledge(turn.session, mine, turn.now)
    when = phrases.moment(turn, mine.acknowledged_at or turn.now)
    thanks = quiet(_("✅ You understood this: {when}.", when=when))
    if broadcast.letter.get("files"):  # a message with files cannot be changed in place
        lines = [strong(letters.title(broadcast))]
    else:
        lines = letters.letter(turn.session, broadcast)
    return Screen((*lines, thanks), (ask_back(broadcast),), anew=elsewhere != "")


def unacknowledged(turn: Turn, _about: str) -> Screen:
    """The messages that wait for this reader's word, the newest first."""
    waiting = receipts.waiting(turn.session, turn.me.id, turn.now - LOOK_BACK)
    if not waiting:
        return Screen((_("No message waits for you."),))
    found = [turn.session.get_one(Broadcast, one.broadcast_id) for one in waiting]
    choices = tuple(Choice(letters.title(b), show("understood", str(b.id))) for b in found)
    return Screen((_("Which message have you understood?"),), choices)


def who(turn: Turn, about: str) -> Screen:
    """The schools that have not acknowledged, each with the reason and whom to call."""
    broadcast = letters.one(turn, about)
    missing = silent_schools(turn.session, broadcast)
    lines = [strong(letters.title(broadcast)), schools_line(broadcast, len(missing))]
    if missing:
        lines.append(_("Not acknowledged yet ({count}):", count=len(missing)))
        lines += missing_lines(missing)
    return Screen(tuple(lines), tuple(_moves(broadcast)))


def silent_schools(session: Session, broadcast: Broadcast) -> list[list[Receipt]]:
    """What became of it for each of those, by name."""
    silent = broadcasts.silent(session, broadcast)
    by_unit: dict[int, list[Receipt]] = defaultdict(list)
    for receipt in receipts.all_of(session, broadcast):
        by_unit[receipt.unit_id].append(receipt)
    return [its for unit_id, its in by_unit.items() if unit_id in silent]


def missing_lines(missing: Sequence[Sequence[Receipt]]) -> list[Message]:
    lines = [_line(its) for its in missing[:MOST_SHOWN]]
    if (more := len(missing) - MOST_SHOWN) > 0:
        lines.append(_("… and {count} more.", count=more))
    return lines


def sheet(turn: Turn, about: str) -> Screen:
    """Have the receipts written into a spreadsheet after this turn; it comes as a file."""
    broadcast = letters.one(turn, about)
    if broadcast.begun_at is None:
        raise Gone(_("This message is not sent yet."))
    broadcast.sheet_for = sorted({*broadcast.sheet_for, turn.me.id})
    return Screen((_("The sheet is being made; it comes in a moment."),), tuple(_moves(broadcast)))


def schools_line(broadcast: Broadcast, silent: int) -> Message:
    known = {"known": len(broadcast.unit_ids) - silent}
    if broadcast.event_id:
        return ngettext(
            "{known} of {count} school has answered.",
            "{known} of {count} schools have answered.",
            len(broadcast.unit_ids),
            **known,
        )
    return ngettext(
        "{known} of {count} school has acknowledged.",
        "{known} of {count} schools have acknowledged.",
        len(broadcast.unit_ids),
        **known,
    )


def _moves(broadcast: Broadcast) -> list[Choice]:
    id = str(broadcast.id)
    return [
        Choice(_("Get the receipts as a sheet"), show("receipts", id)),
        Choice(_("Recipients outside"), show("outside", id)),
        Choice(_("Card for the Zalo group"), show("card", id)),
        letters.look(broadcast),
    ]


def _line(its: Sequence[Receipt]) -> Message:
    of = {"unit": its[0].unit, "why": why(its)}
    for one in its:
        if one.phone:
            return _("• {unit}: {why}; call {name}, {phone}", **of, name=one.name, phone=one.phone)
    return _("• {unit}: {why}", **of)


def why(its: Sequence[Receipt]) -> Message:
    """Why a school may not know, by what became of its people's copies."""
    fates = {receipt.fate for receipt in its}
    if Fate.SENT in fates:
        return _("no answer yet")
    if fates & {Fate.WAITING, Fate.QUEUED}:
        return _("not sent yet")
    return WHY[max(receipt.why for receipt in its)]


WHY = {
    Why.NONE: _("nobody registered"),
    Why.CLOSED: _("has no open chat with the bot"),
    Why.ENDED: _("their post has ended"),
    Why.STOPPED: _("stopped before their turn"),
    Why.REFUSED: _("the app refused it"),
}
