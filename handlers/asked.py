"""Answer what somebody asks in words of their own, as the button that means it would."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from core.fold import fold
from core.message import Message, _
from core.review import OWED
from core.screen import Choice, Screen, open_flow, show
from core.understanding.named import named
from core.understanding.rules import Intent
from core.understanding.sentence import Understood, question, understand
from core.understanding.shape import shape
from handlers import acknowledge, commands, due, invited, papers
from handlers.flow import Turn
from storage import people, phrasebooks, receipts, reports
from storage.reports import Report

MOST_NAMED = 3  # reports that words may name at once; more names none
LONGEST_WISH = 40  # letters
JUST_NEW = timedelta(days=1)  # what "understood" means without saying so
Action = Callable[[Turn, Understood], str]


def choices(turn: Turn, text: str) -> list[Choice]:
    """What the words may mean, as buttons; one where that is clear, none for no meaning."""
    if named := papers.asked(turn, text) or invited.meant(turn, text):
        return named
    if command := _command(turn, text):
        return [command]
    told = understand(text, turn.today, phrasebooks.all_books())
    actions = _of_role(turn)
    found = [(i, actions[i](turn, told)) for i in told.candidates if i in actions]
    by_action = {action: Choice(LABELS[intent], action) for intent, action in reversed(found)}
    return list(reversed(by_action.values()))


def perhaps(turn: Turn, text: str) -> Choice | None:
    """What words that were taken for an answer may have asked for, where few mistake them."""
    found = choices(turn, text) if len(text) <= LONGEST_WISH else []
    clear = len(found) == 1 and found[0].label in [LABELS[intent] for intent in _WISHES]
    return found[0] if clear else None


_WISHES = (Intent.WHATS_DUE, Intent.MY_STATUS, Intent.HELP)


def carried(action: str, text: str) -> str:
    """The action; a question to the office takes what was typed along."""
    return show("ask", question(text, phrasebooks.all_books())) if action == _ASK else action


_ASK = show("ask")
LETTERS = 7  # of a command's word in one; of shorter ones, others may be meant


def _command(turn: Turn, text: str) -> Choice | None:
    """The words of a command as one writes them: "tài liệu" for /tailieu."""
    words = fold(text).split()
    written = "".join(words)
    if len(words) < 2 and len(written) < LETTERS:
        return None
    for command in commands.offered(turn.me.role):
        if written in command.names.values():
            return Choice(command.about, show(command.query))
    return None


def not_understood(turn: Turn, text: str) -> None:
    turn.missed(shape(text, phrasebooks.all_books()))


def which(found: list[Choice]) -> Screen:
    return Screen((_("Which of these do you mean?"),), tuple(found))


def may_leave(screen: Screen) -> Screen:
    """A question that was answered with a wish: how to leave it first."""
    if any(choice.action == _CANCEL for choice in screen.choices):
        return screen
    leave = Choice(_("Leave this for now"), _CANCEL)
    return replace(screen, choices=(*screen.choices, leave))


_CANCEL = show("cancel")

LABELS: Mapping[Intent, Message] = {
    Intent.WHATS_DUE: _("What is due"),
    Intent.MY_STATUS: _("What we have handed in"),
    Intent.DEADLINE_OF: _("A deadline"),
    Intent.SUBMIT_REPORT: _("Fill in or continue a report"),
    Intent.UPLOAD_DOCUMENT: _("Send a file for a report"),
    Intent.ALREADY_SUBMITTED: _("We have handed it in already"),
    Intent.EXTENSION_REQUEST: _("Ask for more time"),
    Intent.RESEND_FILE: _("Get a file again"),
    Intent.ASK_PHONG: _("Ask the office"),
    Intent.MY_CONTACT: _("Who is there for us at the office"),
    Intent.REGISTER: _("Register for my school"),
    Intent.CHANGE_SCHOOL: _("Change my school"),
    Intent.STOP: _("Get no more messages"),
    Intent.CANCEL: _("Stop what I am doing"),
    Intent.LANGUAGE: _("Tiếng Việt / English"),
    Intent.HELP: _("Help"),
    Intent.THANKS: _("Say thank you"),
    Intent.ACKNOWLEDGE: _("Acknowledge a message"),
    Intent.HAND_OVER: _("Hand my post over"),
    Intent.REMIND_AGAIN: _("Remind me again later"),
    Intent.RECALL: _("Recall a report"),
}


def _of_role(turn: Turn) -> Mapping[Intent, Action]:
    if turn.me.role is None:
        return _OF_A_STRANGER
    return _OF_A_SCHOOL if turn.me.at_a_school else _OF_THE_OFFICE


def _always(action: str) -> Action:
    return lambda _turn, _told: action


def _language(_turn: Turn, told: Understood) -> str:
    return show("language", told.language)


def _register(turn: Turn, _told: Understood) -> str:
    """Whoever waits for the office already is told so."""
    waits = people.posts_of(turn.session, turn.me.id)
    return show("menu") if waits else open_flow("register")


def _what_is_due(turn: Turn, told: Understood) -> str:
    """In the time that is named, of which a single day is the end."""
    if told.period:
        return show("due", told.period)
    span = told.span
    if span is None and len(told.dates) == 1 and told.dates[0] >= turn.today:
        span = turn.today, told.dates[0]
    return show("due", f"{span[0]}..{span[1]}" if span else "")


def _again(turn: Turn, told: Understood) -> str:
    """Today's message once more; where no time is named, it is asked for."""
    return show("later", f"{told.again}.{turn.today}") if told.again else show("again")


def _acknowledge(turn: Turn, _told: Understood) -> str:
    """A message of the office that is just new, else a choice of those that wait."""
    waiting = receipts.waiting(turn.session, turn.me.id, turn.now - acknowledge.LOOK_BACK)
    if not waiting:
        return show("thanks")
    if len(waiting) == 1 and (waiting[0].sent_at or turn.now) > turn.now - JUST_NEW:
        return show("understood", str(waiting[0].broadcast_id))
    return show("unacknowledged")


def _about(query: str, otherwise: str) -> Action:
    """The query about the reports that are named, else another action."""

    def action(turn: Turn, told: Understood) -> str:
        meant = _named(turn, told.duty)
        return show(query, ".".join(str(report.id) for report in meant)) if meant else otherwise

    return action


def _named(turn: Turn, words: str) -> list[Report]:
    """The reports that the words name; none where they name too many."""
    if not words:
        return []
    mine = {r.id: r for r in reports.of_unit(turn.session, turn.me.unit_id or 0)}
    of_duty: dict[int, list[Report]] = defaultdict(list)
    for id in named(words, {r.id: r.title for r in mine.values()}):
        of_duty[mine[id].duty_id].append(mine[id])
    meant = [r for found in of_duty.values() for r in _of_now(found, turn.today)]
    return meant if len(meant) <= MOST_NAMED else []


def _of_now(found: list[Report], today: date) -> list[Report]:
    """Of one duty's reports, soonest first: those to fill in now, else the next, else the last."""
    owed = [report for report in found if report.state in OWED]
    return [report for report in owed if due.is_open(report, today)] or owed[:1] or found[-1:]


_SAME_FOR_ALL: Mapping[Intent, Action] = {
    Intent.REGISTER: _always(show("me")),
    Intent.CHANGE_SCHOOL: _always(show("me")),
    Intent.STOP: _always(show("no_more")),
    Intent.CANCEL: _always(_CANCEL),
    Intent.LANGUAGE: _language,
    Intent.HELP: _always(show("help")),
    Intent.THANKS: _always(show("thanks")),
    Intent.ACKNOWLEDGE: _always(show("thanks")),
    Intent.HAND_OVER: _always(show("handover")),
    Intent.REMIND_AGAIN: _again,
}
_OF_A_SCHOOL: Mapping[Intent, Action] = {
    **_SAME_FOR_ALL,
    Intent.WHATS_DUE: _what_is_due,
    Intent.MY_STATUS: _about("handed", show("handed")),
    Intent.DEADLINE_OF: _about("deadlines", show("due")),
    Intent.SUBMIT_REPORT: _about("fill", show("fill")),
    Intent.UPLOAD_DOCUMENT: _about("fill", show("fill")),
    Intent.ALREADY_SUBMITTED: _always(show("already")),
    Intent.EXTENSION_REQUEST: _about("more_time", show("more_time")),
    Intent.RESEND_FILE: _always(show("archive")),
    Intent.ASK_PHONG: _always(_ASK),
    Intent.RECALL: _about("recallable", show("recallable")),
    Intent.MY_CONTACT: _always(show("contact")),
    Intent.ACKNOWLEDGE: _acknowledge,
}
_OF_THE_OFFICE: Mapping[Intent, Action] = {
    **_SAME_FOR_ALL,
    Intent.WHATS_DUE: _always(show("status")),
    Intent.MY_STATUS: _always(show("status")),
    Intent.DEADLINE_OF: _always(show("status")),
    Intent.RESEND_FILE: _always(show("archive")),
    Intent.MY_CONTACT: _always(show("units")),
}
_OF_A_STRANGER: Mapping[Intent, Action] = {
    Intent.LANGUAGE: _language,
    Intent.REGISTER: _register,
}
