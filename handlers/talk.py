"""Answer what somebody said or did: a query, or one step of the conversation they are in."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from core.form import Form, Progress, Submitted
from core.message import Message, _
from core.question import Misread
from core.screen import Input, Picked, Screen, Typed, Uploaded, number
from handlers import COMMANDS, CONVERSATIONS, QUERIES, answer, asked, document, phrases
from handlers.flow import Answers, FormFlow, Gone, Opens, Turn
from handlers.menu import FROM_EARLIER, lost, menu
from handlers.question import Ask
from storage import conversations, events, invitations
from storage.conversations import Conversation


@dataclass(frozen=True, slots=True)
class _Walk:
    flow: FormFlow[Any]
    subject: object
    talking: Conversation


def reply(turn: Turn, given: Input, seen: str = "", replied: Sequence[str] = ()) -> Screen:
    """seen: conversation and turn that a picked choice was made for, "" when it was typed.

    replied: the actions under the message to which this one is a reply.
    """
    action = _action(given)
    if not action and (answered := _answered(turn, given, replied)):
        return answered
    kind, _colon, rest = action.partition(":")
    if kind == "show":
        return _answer_query(turn, rest)
    if kind == "open":
        return _open(turn, rest)
    talking = conversations.current(turn.session, turn.me)
    if talking is None:
        return _asked(turn, given)
    if isinstance(given, Picked) and seen != f"{talking.id}.{talking.turn}":
        return _walk(turn, talking).under(FROM_EARLIER)
    return _walk(turn, talking, given)


def _asked(turn: Turn, given: Input) -> Screen:
    """Words that are no answer, as nothing is being asked, but may ask for something."""
    if not isinstance(given, Typed):
        return lost(turn, given)
    if turn.me.role is None and invitations.is_code(given.text):
        return _answer_query(turn, f"start:{given.text}")
    if document.is_pasted(turn, given):
        return _begun_with(turn, Opens(document.GiveDocument.name), given)
    found = asked.choices(turn, given.text)
    if not found:
        asked.not_understood(turn, given.text)
        return lost(turn, given)
    if len(found) > 1:
        return asked.which(found)
    return reply(turn, Picked(asked.carried(found[0].action, given.text)))


def _begun_with(turn: Turn, opens: Opens, given: Input) -> Screen:
    """A conversation whose first answer was given before it was asked for."""
    screen = _enter(turn, opens)
    talking = conversations.find(turn.session, turn.me.id, opens.flow, opens.subject_id)
    return _walk(turn, talking, given) if talking else screen


def show_place(turn: Turn) -> Screen:
    """Where the person is now, changing nothing."""
    talking = conversations.current(turn.session, turn.me)
    return _walk(turn, talking) if talking else menu(turn, "")


def refuse_file(turn: Turn, why: Message, album: str | None) -> Screen:
    """Where the person is, and why a file of theirs was not taken; it counts in its album."""
    screen = show_place(turn).under(why)
    talking = conversations.current(turn.session, turn.me)
    return _counted(talking, album, screen, fits=False) if talking else screen


def _answered(turn: Turn, given: Input, replied: Sequence[str]) -> Screen | None:
    try:
        return next(
            filter(None, (answer.by_reply(turn, action, given) for action in replied)), None
        )
    except Gone as gone:
        return show_place(turn).under(gone.why)


def _action(given: Input) -> str:
    match given:
        case Picked(action):
            return action
        case Typed(text) if text.startswith("/"):
            word, about = (*text[1:].split(maxsplit=1), "", "")[:2]
            query = COMMANDS.get(word.casefold(), "menu")
            return f"show:{query}:{about.strip()}"
        case Typed(text) if events.is_code(text):
            return f"show:attend:{text}"
    return ""


def _answer_query(turn: Turn, rest: str) -> Screen:
    name, _colon, about = rest.partition(":")
    try:
        found = QUERIES.get(name, menu)(turn, about)
    except Gone as gone:
        return show_place(turn).under(gone.why)
    if isinstance(found, Opens):
        asks = found.flow == Ask.name and about
        return _begun_with(turn, found, Typed(about)) if asks else _enter(turn, found)
    return found


def _open(turn: Turn, rest: str) -> Screen:
    """rest: "flow:subject" or "flow:subject:how"."""
    name, subject_id, how = (*rest.split(":"), "", "")[:3]
    if name not in CONVERSATIONS or not (number(subject_id) or subject_id == "0"):
        return menu(turn, "")
    opens = Opens(name, number(subject_id), how)
    begun = conversations.find(turn.session, turn.me.id, name, opens.subject_id)
    if not CONVERSATIONS[name].by_button and begun is None:
        return menu(turn, "")
    return _enter(turn, opens)


def _enter(turn: Turn, opens: Opens) -> Screen:
    flow = CONVERSATIONS[opens.flow]
    try:
        subject = flow.subject(turn, opens.subject_id)
    except Gone as gone:
        _leave_if_in_front(turn, opens)
        return show_place(turn).under(gone.why)
    flow.entered(turn, subject, opens.how)
    if first := flow.first(turn, subject, opens.how):
        return first
    talking = conversations.enter(turn.session, turn.me.id, opens.flow, opens.subject_id, turn.now)
    return replace(_resumed(turn, _Walk(flow, subject, talking)), anew=flow.anew)


def _leave_if_in_front(turn: Turn, opens: Opens) -> None:
    talking = conversations.current(turn.session, turn.me)
    if talking and (talking.flow, talking.subject_id) == (opens.flow, opens.subject_id):
        conversations.leave(turn.session, talking)


def _resumed(turn: Turn, walk: _Walk) -> Screen:
    """The first screen, which says how far one was where one was here before."""
    was_here = walk.talking.at != ""
    screen = _walk(turn, walk.talking)
    answers = walk.flow.answers(turn, walk.subject, walk.talking)
    stopped = walk.flow.closed(turn, walk.subject) or walk.flow.hindrance(turn, walk.subject)
    if stopped or not (was_here and answers):
        return screen
    form = walk.flow.form(turn, walk.subject, answers)
    number, total = form.place(form.resume(_progress(turn, walk, answers)))
    since = phrases.moment(turn, walk.flow.touched_at(turn, walk.subject, walk.talking))
    place = {"number": number, "total": total, "since": since}
    return screen.under(
        _("You were in the middle of this: question {number} of {total}, {since}.", **place)
    )


def _walk(turn: Turn, talking: Conversation, given: Input | None = None) -> Screen:
    """Take the conversation one step on, or only show where it is when nothing is given."""
    flow = CONVERSATIONS.get(talking.flow)
    try:
        if flow is None:
            raise Gone(_("That is finished."))
        subject = flow.subject(turn, talking.subject_id)
        walk = _Walk(flow, subject, talking)
        if closed := flow.closed(turn, subject):
            _set_aside(turn, walk, given)
            return closed
        if hindrance := flow.hindrance(turn, subject):
            return hindrance
        return _step(turn, walk, given)
    except Gone as gone:
        conversations.leave(turn.session, talking)
        return menu(turn, "").under(gone.why)


def _set_aside(turn: Turn, walk: _Walk, given: Input | None) -> None:
    """Keep what was just said where it fits, and let nothing be in front any more.

    Only a file may be one of several that were sent together, so the others are awaited.
    """
    if not isinstance(given, Uploaded):
        conversations.pause(turn.session, walk.talking.person_id)
    if given is None or walk.flow.hindrance(turn, walk.subject):
        return
    answers = walk.flow.answers(turn, walk.subject, walk.talking)
    form = walk.flow.form(turn, walk.subject, answers)
    here = form.resume(Progress(walk.talking.at, answers))
    if here.at != walk.talking.at:
        return
    with suppress(Misread, Submitted):
        _keep_changes(turn, walk, answers, form.step(here, given).answers)


def _step(turn: Turn, walk: _Walk, given: Input | None) -> Screen:
    answers = walk.flow.answers(turn, walk.subject, walk.talking)
    form = walk.flow.form(turn, walk.subject, answers)
    here = form.resume(_progress(turn, walk, answers))
    if given is None or here.at != walk.talking.at:
        return _shown(walk.talking, form, here)
    try:
        there = form.step(here, given)
    except Misread as misread:
        screen = _misread(turn, form.screen(here), given, misread)
        return _counted(walk.talking, _album(given), screen, fits=False)
    except Submitted as submitted:
        return _finish(turn, walk, here, submitted.answers)
    return _go_on(turn, walk, given, here, there)


def _misread(turn: Turn, asking: Screen, given: Input, misread: Misread) -> Screen:
    """asking: the screen of the question that this is no answer to."""
    if misread.choices:
        return Screen((misread.hint,), misread.choices)
    if isinstance(given, Typed) and asked.choices(turn, given.text):
        asking = asked.may_leave(asking)
    return asking.under(misread.hint)


def _progress(turn: Turn, walk: _Walk, answers: Answers) -> Progress:
    return Progress(walk.talking.at, answers, walk.flow.again(turn, walk.subject))


def _shown(talking: Conversation, form: Form, here: Progress) -> Screen:
    if talking.at and here.at != talking.at:
        # What was asked is asked no more, and its buttons must answer nothing else.
        talking.turn += 1
    talking.at = here.at
    return form.screen(here)


def _finish(turn: Turn, walk: _Walk, here: Progress, answers: Answers) -> Screen:
    _keep_changes(turn, walk, here.answers, answers)
    conversations.leave(turn.session, walk.talking)
    return walk.flow.finish(turn, walk.subject, answers)


def _go_on(turn: Turn, walk: _Walk, given: Input, here: Progress, there: Progress) -> Screen:
    changed = _keep_changes(turn, walk, here.answers, there.answers)
    if there.again != here.again:
        walk.flow.looked_again(turn, walk.subject, there.again)
    # Asked anew, as the next question may depend on this answer.
    form = walk.flow.form(turn, walk.subject, there.answers)
    there = form.resume(there)
    walk.talking.at, walk.talking.touched_at = there.at, turn.now
    walk.talking.turn += 1
    screen = _in_doubt(turn, given, changed, form.screen(there))
    screen = screen.under(*walk.flow.noted(changed))
    return _counted(walk.talking, _album(given), screen, fits=True)


def _in_doubt(turn: Turn, given: Input, changed: Answers, asking: Screen) -> Screen:
    """asking: the next question. Free words that sound like a wish stay the answer they may be."""
    if not isinstance(given, Typed) or given.text.strip() not in changed.values():
        return asking
    wish = asked.perhaps(turn, given.text)
    if wish is None:
        return asking
    said = {"words": given.text, "wish": wish.label}
    kept = _("I took “{words}” as your answer. If you were asking me, choose “{wish}”.", **said)
    return replace(asking.under(kept), choices=(*asking.choices, wish))


def _keep_changes(turn: Turn, walk: _Walk, before: Answers, after: Answers) -> Answers:
    """Return them."""
    changed = {k: v for k, v in after.items() if k not in before or before[k] != v}
    if changed:
        walk.flow.keep(turn, walk.subject, walk.talking, changed)
    return changed


def _album(given: Input) -> str | None:
    return given.album if isinstance(given, Uploaded) else None


def _counted(talking: Conversation, album: str | None, screen: Screen, *, fits: bool) -> Screen:
    """Files sent together come one by one, and are answered by one screen that counts them."""
    if album is None:
        return screen
    before = talking.album if talking.album and talking.album["id"] == album else None
    got, of = (before["got"], before["of"]) if before else (0, 0)
    talking.album = {"id": album, "got": got + fits, "of": of + 1}
    return screen.under(_("Received {got} of {of} files.", got=got + fits, of=of + 1))
