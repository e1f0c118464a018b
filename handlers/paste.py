"""Schools that are reached in another messenger's group: a card to paste, answers pasted back."""

from core import cards
from core.message import Message, Tappable, _, ngettext
from core.roles import MAY_BROADCAST
from core.screen import Enclosed, Screen
from handlers import acknowledge, delivery, invited, letters
from handlers.flow import Gone, Turn
from storage import broadcasts, receipts, units
from storage.broadcasts import Broadcast
from storage.units import Unit


def card(turn: Turn, about: str) -> Screen:
    """The message in a few words with the way to it, and who has not acknowledged, by code."""
    broadcast = letters.one(turn, about)
    silent = broadcasts.silent(turn.session, broadcast)
    names = [u for u in units.schools(turn.session, turn.today) if u.id in silent]
    listed = (f"{cards.code(unit.id)} {unit.name}" for unit in names)
    for block in cards.blocks(listed):
        schools = Tappable(block)  # to be copied: a code has to stay as it is
        turn.tell(turn.me.id, Screen((_("Not yet: {schools}", schools=schools),)))
    link = _link(turn, broadcast)
    qr = (Enclosed(qr=link),) if link else ()
    return Screen(tuple(_words(turn, broadcast, link)), files=qr)


def _words(turn: Turn, broadcast: Broadcast, link: str) -> list[Message]:
    """Plain and short enough for a group, see `core.cards.LIMIT`."""
    office = turn.session.get_one(Unit, broadcast.unit_id).name
    lines = [_("📢 {office}: {words}", office=office, words=letters.title(broadcast))]
    if broadcast.event_id:
        return lines + ([_("Open it here and answer: {link}", link=Tappable(link))] * bool(link))
    if link:
        lines.append(_("Open it here and tap Understood: {link}", link=Tappable(link)))
    code = Tappable("#S12")
    lines.append(
        _("Without the bot, answer with your school's code, such as: {code} đã rõ", code=code)
    )
    return lines


def _link(turn: Turn, broadcast: Broadcast) -> str:
    return f"https://t.me/{turn.bot_name}?start=b{broadcast.id}" if turn.bot_name else ""


def opened(turn: Turn, broadcast_id: int) -> Screen:
    """What the link opens: the reader's own copy."""
    broadcast = turn.session.get(Broadcast, broadcast_id)
    if broadcast and broadcast.event_id and turn.me.at_a_school:
        return invited.invited(turn, str(broadcast.event_id))
    if broadcast is None or receipts.of_person(turn.session, broadcast_id, turn.me.id) is None:
        raise Gone(letters.NONE)
    return delivery.copy(turn.session, broadcast)


def pasted(turn: Turn, text: str) -> Screen | None:
    """Lines with codes from the group, about the newest message; None where there are none."""
    said = cards.acknowledged(text) if turn.me.role in MAY_BROADCAST else []
    newest = broadcasts.newest_sent(turn.session, turn.me) if said else None
    if newest is None:
        return None
    silent = broadcasts.silent(turn.session, newest)
    known = {str(id): turn.now.isoformat() for id in said if id in newest.unit_ids}
    newest.told = {**known, **newest.told}
    new = len(silent & set(map(int, known)))
    noted = ngettext(
        "Noted for “{words}”: {count} school knows.",
        "Noted for “{words}”: {count} schools know.",
        new,
        words=letters.title(newest),
    )
    line = acknowledge.schools_line(newest, len(broadcasts.silent(turn.session, newest)))
    return Screen((noted, line), (letters.look(newest),))
