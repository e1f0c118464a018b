"""`/start`, help, language, cancel, and what to say when nothing else fits."""

import re
from dataclasses import replace

from core.message import Message, Tappable, _, strong, verbatim
from core.screen import Choice, Input, Picked, Screen, Typed, Uploaded, open_flow, show
from handlers import attendance, commands, document, paste, phrases, registration, units
from handlers.commands import Command
from handlers.flow import Opens, Turn
from handlers.report import FillReport
from storage import conversations, events, people

LANGUAGES = {"vi": verbatim("Tiếng Việt"), "en": verbatim("English")}
IN_THE_MENU_ALREADY = ("start", "cancel")
FROM_EARLIER = _("That button is from earlier. You are here:")


def start(turn: Turn, code: str) -> Screen | Opens:
    """The menu, or what a link or a code opens."""
    if turn.me.role and (linked := _LINKED.fullmatch(code)):
        opened = paste.opened if linked[1] == "b" else paste.opened_duty
        return opened(turn, int(linked[2]))
    if events.is_code(code):
        return attendance.attend(turn, code)
    if code:
        return registration.with_code(turn, code)
    return menu(turn, "")


_LINKED = re.compile("([bd])([0-9]{1,9})", re.ASCII)  # a message, and a duty by a report


def menu(turn: Turn, _about: str) -> Screen:
    if turn.me.role is None:
        return registration.welcome(turn)
    lines: list[Message] = [strong(_("Hello {name}!", name=turn.me.name)), _whose(turn)]
    return Screen((*lines, _("What shall we do?")), _buttons(turn))


def help_(turn: Turn, _about: str) -> Screen:
    if turn.me.role is None:
        return registration.welcome(turn)
    lines = [strong(_("What you can type")), *_words(turn)]
    if turn.me.at_a_school:
        lines.append(_NEVER_LOST)
    return Screen(tuple(lines), _buttons(turn))


_NEVER_LOST = _(
    "A half-filled report never gets lost: go away, come back, and continue where you were."
)


def language(turn: Turn, chosen: str) -> Screen:
    if chosen not in LANGUAGES:
        choices = [Choice(name, show("language", code)) for code, name in LANGUAGES.items()]
        return Screen((_("Which language shall we speak?"),), tuple(choices))
    people.set_language(turn.session, turn.me.id, chosen)
    chose = _("From now on we speak English.")
    return replace(menu(turn, "").under(chose), language=chosen)


def cancel(turn: Turn, _about: str) -> Screen:
    """Leave the conversation in front; a report keeps what was answered."""
    talking = conversations.current(turn.session, turn.me)
    if talking is None:
        return menu(turn, "").under(_("There is nothing to stop."))
    if talking.flow == FillReport.name:
        conversations.pause(turn.session, turn.me.id)
        again = Choice(_("Continue"), open_flow(talking.flow, talking.subject_id))
        kept = _("Stopped. Everything you answered is kept.")
        return Screen((kept,), (again, Choice(_("What is due"), show("due"))))
    conversations.leave(turn.session, talking)
    return menu(turn, "").under(_("Stopped."))


def stop(turn: Turn, _about: str) -> Screen:  # noqa: ARG001
    """For somebody who wants no more messages."""
    lines = (
        _("Reminders about a report stop by themselves once it is handed in."),
        _("To get no messages at all any more, erase your data; your posts then end at once."),
    )
    erase = Choice(_("Erase my data"), open_flow("erase"))
    return Screen(lines, (Choice(_("Open the menu"), show("menu")), erase))


def thanks(turn: Turn, _about: str) -> Screen:  # noqa: ARG001
    welcome = _("You are welcome! I am here whenever you need me.")
    return Screen((welcome,), (Choice(_("Open the menu"), show("menu")),))


def lost(turn: Turn, given: Input) -> Screen:
    """Nothing is being asked, so nothing was answered."""
    if isinstance(given, Picked):
        return menu(turn, "").under(FROM_EARLIER)
    if turn.me.role is None:
        return registration.welcome(turn)
    if isinstance(given, Uploaded):
        return units.offer_import(turn, given) or document.offer(turn, given) or _stray_file(turn)
    if isinstance(given, Typed) and (noted := paste.pasted(turn, given.text)):
        return noted
    return menu(turn, "").under(_("Sorry, I did not understand that."))


def _stray_file(turn: Turn) -> Screen:
    where = _(
        "Your file has arrived, but I do not know for which report. "
        "Please open the report first, then send it again."
    )
    return menu(turn, "").under(where)


def _whose(turn: Turn) -> Message:
    role = phrases.ROLE[turn.me.role] if turn.me.role else _("no post")
    return _("You act as {role}, {unit}.", role=role, unit=turn.me.unit_name)


def _words(turn: Turn) -> list[Message]:
    return [
        _("/{word} – {about}", word=_either(command), about=command.about)
        for command in commands.offered(turn.me.role)
    ]


def _either(command: Command) -> str:
    """Its words in all languages, as each always works."""
    return Tappable(" /".join(dict.fromkeys(command.names.values())))


def _buttons(turn: Turn) -> tuple[Choice, ...]:
    return tuple(
        Choice(command.about, show(command.query))
        for command in commands.offered(turn.me.role)
        if command.query not in IN_THE_MENU_ALREADY
    )
