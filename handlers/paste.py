"""Schools that are reached in another messenger's group: a card to paste, answers pasted back."""

from collections.abc import Collection, Mapping, Sequence

from core import cards
from core.cards import Answer
from core.events import Reply
from core.message import Message, Tappable, _, ngettext
from core.roles import MAY_BROADCAST
from core.screen import Enclosed, Screen, joined
from handlers import acknowledge, deadline, delivery, invited, letters, occasion, status
from handlers.flow import Gone, Opens, Turn
from handlers.report import FillReport
from storage import broadcasts, events, guests, people, receipts, reports, units
from storage.broadcasts import Broadcast
from storage.events import Event
from storage.reports import Report
from storage.units import Unit


def card(turn: Turn, about: str) -> Screen:
    """The message in a few words with the way to it, and who has not acknowledged, by code."""
    broadcast = letters.one(turn, about)
    silent = broadcasts.silent(turn.session, broadcast)
    names = [u for u in units.schools(turn.session, turn.today) if u.id in silent]
    link = _link(turn, f"b{broadcast.id}")
    return _card(turn, _words(turn, broadcast, link), link, names)


def late(turn: Turn, about: str) -> Screen:
    """The same of a duty and who has not handed in. about: "duty.period"."""
    round_ = status.round_of(turn, about)
    link = _link(turn, f"d{round_.reports[0][0].id}")
    office = turn.session.get_one(Unit, round_.duty.receiver_id).name
    dates = deadline.both_dates(turn.session, round_.usual, turn.today)
    said = {"office": office, "title": round_.title, "dates": dates}
    lines = [_("📢 {office}: {title}, {dates}", **said)]
    if link:
        lines.append(_("Open it here: {link}", link=Tappable(link)))
    return _card(turn, lines, link, [unit for _report, unit in round_.missing])


def _card(turn: Turn, lines: list[Message], link: str, missing: Sequence[Unit]) -> Screen:
    """The schools that are missing come in blocks of their own, each short enough to paste."""
    listed = (f"{cards.code(unit.id)} {unit.name}" for unit in missing)
    for block in cards.blocks(listed):
        schools = Tappable(block)  # to be copied: a code has to stay as it is
        turn.tell(turn.me.id, Screen((_("Not yet: {schools}", schools=schools),)))
    return Screen(tuple(lines), files=(Enclosed(qr=link),) if link else ())


def _words(turn: Turn, broadcast: Broadcast, link: str) -> list[Message]:
    """Plain and short enough for a group, see `core.cards.LIMIT`."""
    office = turn.session.get_one(Unit, broadcast.unit_id).name
    lines = [_("📢 {office}: {words}", office=office, words=letters.title(broadcast))]
    code = Tappable(cards.EXAMPLE)
    if broadcast.event_id:
        if link:
            lines.append(_("Open it here and answer: {link}", link=Tappable(link)))
        how = _(
            "Without the bot, answer with your school's code: {code} tham gia {event}, or "
            "{code} vắng {event}: and why",
            code=code,
            event=cards.event_code(broadcast.event_id),
        )
        return [*lines, how]
    if link:
        lines.append(_("Open it here and tap Understood: {link}", link=Tappable(link)))
    lines.append(
        _("Without the bot, answer with your school's code, such as: {code} đã rõ", code=code)
    )
    return lines


def _link(turn: Turn, opens: str) -> str:
    """opens: see `handlers.menu.start`."""
    return f"https://t.me/{turn.bot_name}?start={opens}" if turn.bot_name else ""


def opened(turn: Turn, broadcast_id: int) -> Screen:
    """What the link opens: the reader's own copy."""
    broadcast = turn.session.get(Broadcast, broadcast_id)
    if broadcast and broadcast.event_id and turn.me.at_a_school:
        return invited.invited(turn, str(broadcast.event_id))
    if broadcast is None or receipts.of_person(turn.session, broadcast_id, turn.me.id) is None:
        raise Gone(letters.NONE)
    return delivery.copy(turn.session, broadcast)


def opened_duty(turn: Turn, report_id: int) -> Screen | Opens:
    """What the link opens: the reader's own report of that duty, or the office's list."""
    like = turn.session.get(Report, report_id)
    if like is None:
        raise Gone(_("There is no such duty for you."))
    if turn.me.at_the_office:
        return status.status(turn, f"{like.duty_id}.{like.period}")
    same = (like.duty_id, like.period)
    for report in reports.of_unit(turn.session, turn.me.unit_id or 0):
        if (report.duty_id, report.period) == same:
            return Opens(FillReport.name, report.id)
    raise Gone(_("There is no such duty for you."))


def pasted(turn: Turn, text: str) -> Screen | None:
    """Note what lines from the group say to the newest message, and to invitations."""
    if turn.me.role not in MAY_BROADCAST:
        return None
    noted = [found for found in (_acknowledged(turn, text), _answered(turn, text)) if found]
    return joined(noted) if noted else None


def _answered(turn: Turn, text: str) -> Screen | None:
    said = cards.answered(text)
    open_ = guests.to_answer(turn.session, turn.me, turn.today) if said else []
    if not open_:
        return None
    meant = {unit_id: _meant(open_, unit_id, answer) for unit_id, answer in said.items()}
    noted = [
        _noted(turn, event, sent, {id: said[id] for id in said if meant[id] == event.id})
        for event, sent in open_
        if event.id in meant.values()
    ]
    return _with_strangers(noted, [id for id in said if meant[id] is None])


def _meant(open_: Sequence[tuple[Event, Broadcast]], unit_id: int, answer: Answer) -> int | None:
    """Of the events that a school is invited to, the one it names, else the newest."""
    its = (event.id for event, sent in open_ if unit_id in sent.unit_ids)
    return next((id for id in its if answer.event_id in (0, id)), None)


def _noted(turn: Turn, event: Event, sent: Broadcast, answers: Mapping[int, Answer]) -> Screen:
    """A school that named who comes has said more than its line does, so that stays."""
    known = events.replies(turn.session, event.id)
    new = 0
    for unit_id, answer in answers.items():
        comes = unit_id in known and known[unit_id].reply is not Reply.ABSENT
        if not (comes and answer.reply is Reply.COMING):
            _note(turn, event, unit_id, answer.reply, answer.why[: invited.LONGEST_WHY])
            new += 1
    noted = ngettext(
        "Noted for “{event}”: {count} school answers.",
        "Noted for “{event}”: {count} schools answer.",
        new,
        event=occasion.name(event),
    )
    line = acknowledge.schools_line(sent, len(broadcasts.silent(turn.session, sent)))
    return Screen((noted, line), (occasion.look(event),))


def _with_strangers(noted: Sequence[Screen], strangers: Collection[int]) -> Screen:
    """strangers: numbers of codes in lines that cannot be meant."""
    codes = ", ".join(map(cards.code, sorted(strangers)))
    line = _("Not noted, as nothing of it was sent to them: {codes}", codes=Tappable(codes))
    return joined([*noted, Screen((line,))] if strangers else noted)


def _note(turn: Turn, event: Event, unit_id: int, reply: Reply, why: str) -> None:
    """For a school, whose people are told: perhaps not all of them read the group."""
    guests.answered(turn.session, event, unit_id)
    events.answer(turn.session, event, unit_id, reply, turn.me.id, turn.now, why=why)
    said = {"event": event.title, "answer": occasion.REPLY[reply]}
    news = _("The office noted from the group, for {event}: your school {answer}.", **said)
    for person in people.at_school(turn.session, unit_id):
        turn.tell_by_day(person.id, Screen((news,), (occasion.open_invitation(event),)))


def _acknowledged(turn: Turn, text: str) -> Screen | None:
    said = cards.acknowledged(text)
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
    screen = Screen((noted, line), (letters.look(newest),))
    return _with_strangers([screen], set(said).difference(newest.unit_ids))
