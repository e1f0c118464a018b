"""Answer one incoming message, all in one transaction.

What the person did, what it changed and what the bot replies are committed together or not at
all, so a crash anywhere leaves either nothing or everything, and the update can be tried again.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session

from bot import papers, screens
from bot.channels import numbered
from bot.channels.base import Edited, Incoming, Membership, Moved, Sent, Unknown
from bot.channels.telegram_words import PAGE
from bot.flood import Floods
from bot.i18n import LANGUAGES
from bot.misses import Misses
from bot.taps import Taps
from core.filetype import MOST_BYTES
from core.message import Message, _
from core.screen import Choice, Input, Picked, Screen, Typed, Uploaded, show
from handlers import talk
from handlers.flow import Turn
from storage import conversations, files, inbox, outbox, people
from storage.broadcasts import MOVED
from storage.outbox import Added, Draft, Lane
from storage.people import Acting, Address, Person

ALBUM_PAUSE = timedelta(seconds=1.5)  # an album's files arrive within a second of each other


@dataclass(frozen=True, slots=True)
class Times:
    """now: the program's clock. machine: machine time, on which sending runs."""

    now: datetime
    machine: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What every answer needs to know of the program it is given in.

    language: of people who chose none and whose app speaks none of ours.
    bot_names: from a channel to the bot's own name on it. bundled: see `bot.screens`.
    draw: likewise. misses: counts what nobody understood.
    public_url: the program's own web address, or "".
    survey_least: answers of which something is told, see `core.survey`.
    keep: puts bytes on disk and returns their SHA-256; None where nothing is written.
    floods: who is writing too fast. taps: who has just tapped what.
    """

    zone: ZoneInfo
    language: str = "vi"
    bot_names: dict[str, str] = field(default_factory=dict)
    bundled: screens.Bundled = lambda _name: ""
    draw: screens.Draw = lambda _text: ""
    misses: Misses = field(default_factory=Misses)
    public_url: str = ""
    keep: Callable[[bytes], str] | None = None
    floods: Floods = field(default_factory=Floods)
    taps: Taps = field(default_factory=Taps)
    survey_least: int = 5

    def written_at(self, now: datetime) -> screens.Written | None:
        """Writes and keeps a paper; see `bot.screens`."""
        if self.keep is None:
            return None
        keep = self.keep
        return lambda paper, language: keep(papers.write(paper, language, self.zone, now))


def answer(
    connection: Connection, desk: Desk, incoming: Incoming, times: Times, owner: int | None = None
) -> Added:
    """Return what was written to the outbox; the caller commits.

    owner: the process that sends the replies, see `storage.processes`; None for any.
    """
    if not inbox.is_new(connection, incoming.channel, incoming.update_id, times.machine):
        return Added()
    me = people.meet(connection, incoming.channel, incoming.chat, times.now)
    with Session(connection) as session:
        told: list[Draft] = []
        turn = Turn(
            session,
            me,
            times.now,
            desk.zone,
            partial(_tell, session, desk, told),
            times.machine,
            incoming.name,
            desk.bot_names.get(incoming.channel, ""),
            desk.misses.note,
            desk.public_url,
            partial(_tell, session, desk, told, lane=Lane.NUDGE),
            desk.survey_least,
        )
        replies = _replies(turn, desk, incoming, times.machine)
        session.flush()
    added = _write(connection, [*replies, *told], times.machine, owner)
    added.halted = session.info.get(MOVED)
    return added


def apologize(
    connection: Connection, desk: Desk, incoming: Incoming, times: Times, owner: int | None = None
) -> Added:
    """Say that a message could not be answered; it is kept for the operator."""
    if not incoming.private:
        return Added()
    me = people.meet(connection, incoming.channel, incoming.chat, times.now)
    sorry = Screen((_SORRY,), (Choice(_("Open the menu"), show("menu")),))
    to = _to(me, tap=incoming.tap)
    language = _language(me.language, incoming.language, desk)
    return _write(connection, screens.drafts(sorry, to, language), times.machine, owner)


_SORRY = _(
    "Sorry, something went wrong here with your last message. It is kept and will be looked at; "
    "your earlier answers are safe."
)


def _replies(turn: Turn, desk: Desk, incoming: Incoming, machine_now: datetime) -> list[Draft]:
    if not incoming.private:
        return _in_a_group(turn, desk, incoming)
    if _is_double_tap(desk, incoming, machine_now):
        return []  # or it would be told that the button is from earlier, in place of the answer
    if other := _other_page(turn, incoming):
        return [other]
    screen = _screen(turn, incoming)
    if screen is None:
        return []
    if _is_too_fast(desk, incoming, machine_now):
        screen = screen.under(_TOO_FAST)
    seen = _seen(turn)
    edits = None if screen.anew else incoming.message
    to = _to(turn.me, edits=edits, tap=incoming.tap, page=_page(turn, incoming, screen))
    if isinstance(incoming.given, Sent) and incoming.given.album:
        album = f"album:{incoming.channel}:{incoming.chat}:{incoming.given.album}"
        to = _to(turn.me, key=album, try_at=machine_now + ALBUM_PAUSE)
    language = screen.language or _language(turn.me.language, incoming.language, desk)
    uploads = partial(files.for_sending, turn.session, channel=incoming.channel)
    return screens.drafts(
        screen,
        to,
        language,
        seen=seen,
        uploads=uploads,
        bundled=desk.bundled,
        draw=desk.draw,
        written=desk.written_at(turn.now),
    )


def _is_double_tap(desk: Desk, incoming: Incoming, machine_now: datetime) -> bool:
    match incoming:
        case Incoming(given=Picked(action), message=str(message)):
            chat = f"{incoming.channel}:{incoming.chat}"
            tapped = message, incoming.seen, action
            return desk.taps.is_again(chat, tapped, incoming.update_id, machine_now)
    return False


def _page(turn: Turn, incoming: Incoming, screen: Screen) -> int:
    """That of the list in which a box was ticked, where the same list is shown again."""
    match incoming:
        case Incoming(given=Picked(action), message=str(message)) if _is_ticked(screen, action):
            shown = outbox.shown_as(turn.session.connection(), turn.me.address_id, message)
            return shown.page if shown else 0
    return 0


def _is_ticked(screen: Screen, action: str) -> bool:
    """Whether a long list offers again what was picked from it."""
    offered = [choice.action for choice in screen.choices]
    return len(offered) > PAGE and action.startswith("answer:") and action in offered


def _is_too_fast(desk: Desk, incoming: Incoming, machine_now: datetime) -> bool:
    """Files are not counted: an app sends forty photos at once for a person who picked them."""
    if isinstance(incoming.given, Sent):
        return False
    chat = f"{incoming.channel}:{incoming.chat}"
    return desk.floods.begins(chat, incoming.update_id, machine_now)


_TOO_FAST = _(
    "You are writing very fast, so my answers come a little later. Nothing you sent is lost."
)


def show_place(turn: Turn, *above: Message) -> Screen:
    return talk.show_place(turn).under(*above)


def _screen(turn: Turn, incoming: Incoming) -> Screen | None:
    match incoming.given:
        case Membership(reachable):
            people.set_reachable(turn.session, turn.me.address_id, reachable)
            return None
        case Moved(chat):
            people.move_chat(turn.session, incoming.channel, incoming.chat, chat)
            return None
        case Edited():
            return show_place(turn, _EDITED)
        case Unknown():
            return show_place(turn, _ONLY_TEXT_AND_FILES)
        case Sent() if not turn.me.consented:
            return show_place(turn)  # nothing of theirs is kept yet
        case Sent() as sent if sent.size and sent.size > MOST_BYTES:
            return talk.refuse_file(turn, _TOO_LARGE, sent.album)
        case Sent() as sent:
            file = _recorded(turn, sent, incoming.channel)
            return talk.reply(turn, file, replied=_replied(turn, incoming))
        case given:
            as_choice = _as_choice(turn, given, incoming.seen)
            return talk.reply(turn, *as_choice, _replied(turn, incoming))


_EDITED = _(
    "Changing a message that is already sent changes no answer. To correct one, choose Back, "
    "or Change an answer at the end."
)
_ONLY_TEXT_AND_FILES = _("I can only use text, photos and files.")
_TOO_LARGE = _(
    "This file is larger than 20 MB, more than the app lets me fetch. Please send it in smaller "
    "parts, or as photos."
)


def _replied(turn: Turn, incoming: Incoming) -> list[str]:
    """The actions under the message that this one is a reply to, if it is still known."""
    if incoming.replies_to is None:
        return []
    connection = turn.session.connection()
    shown = outbox.shown_as(connection, turn.me.address_id, incoming.replies_to)
    return [numbered.split(code)[0] for _label, code in shown.choices] if shown else []


def _recorded(turn: Turn, sent: Sent, channel: str) -> Uploaded:
    upload = files.record(turn.session, turn.me.id, turn.me.unit_id, channel, sent, turn.now)
    spoken = sent.kind == files.VOICE
    return Uploaded(upload.id, upload.name, sent.album, upload.caption, upload.number, spoken)


def _as_choice(turn: Turn, given: Input, seen: str) -> tuple[Input, str]:
    """Words that name a choice on screen: a keyboard of words types them, and people do, too."""
    if not isinstance(given, Typed) or given.text.startswith("/"):
        return given, seen
    shown = outbox.last_shown(turn.session.connection(), turn.me.address_id)
    meant = numbered.read_words(given.text, shown.choices) if shown else None
    return (Picked(meant[0]), meant[1]) if meant else (given, seen)


def _in_a_group(turn: Turn, desk: Desk, incoming: Incoming) -> list[Draft]:
    """The bot answers in private only, and says so once in each group that calls it."""
    if not (isinstance(incoming.given, Typed) and incoming.given.text.startswith("/")):
        return []
    once = f"group:{incoming.channel}:{incoming.chat}"
    screen = Screen((_("Please write to me in private; in a group everybody would read along."),))
    language = _language(turn.me.language, incoming.language, desk)
    return screens.drafts(screen, _to(turn.me, key=once), language)


def _other_page(turn: Turn, incoming: Incoming) -> Draft | None:
    """Other choices of the message whose page button was tapped, if it is still known."""
    match incoming:
        case Incoming(given=Picked(action), message=str(message)) if _PAGE.fullmatch(action):
            shown = outbox.shown_as(turn.session.connection(), turn.me.address_id, message)
            page = int(action.removeprefix("page:"))
            return shown and replace(shown, page=page, edits=message, tap=incoming.tap)
    return None


_PAGE = re.compile("page:[0-9]{1,3}")


def _seen(turn: Turn) -> str:
    """What a choice's code begins with, to tell a fresh button from a stale one."""
    talking = conversations.current(turn.session, turn.me)
    return f"{talking.id}.{talking.turn}" if talking else "0.0"


def _to(me: Acting, **how: Any) -> Draft:
    return Draft(address_id=me.address_id, channel=me.channel, chat=me.chat, lines=[], **how)


def _language(chosen: str, of_the_app: str, desk: Desk) -> str:
    """As the person chose, else that of their app if it is one of ours, else the office's."""
    app = of_the_app[:2]
    return chosen or (app if app in LANGUAGES else desk.language)


def turn_of(session: Session, desk: Desk, person_id: int, times: Times) -> Turn | None:
    """To look at where somebody is when they said nothing; None if their chat is closed.

    Locks the person, as a turn does, and is not for telling others.
    """
    address = people.address_of(session, person_id)
    if address is None or not address.reachable:
        return None
    me = people.acting(session.connection(), address.channel, address.chat)
    if me is None:
        return None
    return Turn(session, me, times.now, desk.zone, lambda _id, _screen: None, times.machine)


def tell(
    session: Session,
    desk: Desk,
    person_id: int,
    screen: Screen,
    *,
    turn: Turn | None = None,
    **how: Any,
) -> list[Draft]:
    """Show somebody a screen where they were heard from last; nothing if that chat is closed.

    turn: of that person, where the screen shows their place in a conversation.
    how: more of the fields of `Draft`, such as its lane.
    """
    address = people.address_of(session, person_id)
    if address is None or not address.reachable:
        return []
    language = session.get_one(Person, person_id).language
    seen = _seen(turn) if turn else "0.0"
    return _shown_at(session, desk, address, language, screen, seen=seen, **how)


def tell_all(
    session: Session, desk: Desk, person_ids: Collection[int], screen: Screen, **how: Any
) -> dict[int, list[Draft]]:
    """As `tell`, to many at once; who can be reached nowhere is left out.

    What is shown is put into words only once for those who read it in the same.
    """
    made: dict[tuple[str, str], list[Draft]] = {}
    told: dict[int, list[Draft]] = {}
    for id, (address, language) in people.addresses_of(session, person_ids).items():
        same = (address.channel, language)
        if same not in made:
            made[same] = _shown_at(session, desk, address, language, screen, **how)
        told[id] = [
            replace(draft, address_id=address.id, chat=address.chat) for draft in made[same]
        ]
    return told


def _shown_at(
    session: Session,
    desk: Desk,
    address: Address,
    language: str,
    screen: Screen,
    *,
    seen: str = "0.0",
    **how: Any,
) -> list[Draft]:
    to = Draft(address_id=address.id, channel=address.channel, chat=address.chat, lines=[], **how)
    return screens.drafts(
        screen,
        to,
        language or desk.language,
        seen=seen,
        uploads=partial(files.for_sending, session, channel=address.channel),
        bundled=desk.bundled,
    )


def _tell(
    session: Session,
    desk: Desk,
    told: list[Draft],
    person_id: int,
    screen: Screen,
    **how: Any,
) -> None:
    told += tell(session, desk, person_id, screen, **how)


def _write(connection: Connection, drafts: list[Draft], now: datetime, owner: int | None) -> Added:
    albums = [draft for draft in drafts if draft.key and draft.key.startswith("album:")]
    added = outbox.add(connection, [d for d in drafts if d not in albums], now, owner)
    for draft in albums:
        one = outbox.replace_waiting(connection, draft, now, owner)
        added.letters += one.letters
        added.waiting += one.waiting
    return added
