"""Recipients outside this system: on whose list a message stands, and that it was sent to them."""

from datetime import date
from zlib import crc32

from core.form import Form
from core.message import Message, _, strong, verbatim
from core.question import Day, SeveralChoices, Text
from core.screen import Choice, Screen, open_flow
from handlers import letters
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import despatches
from storage.broadcasts import Broadcast, Stage
from storage.despatches import Despatch

WEBSITE, ARCHIVE = "Website", "Lưu: VT"  # as lists of recipients have them


class ListOutside(FormFlow[Broadcast]):
    """Who else stands on the list of recipients."""

    name = "outside"

    def subject(self, turn: Turn, subject_id: int) -> Broadcast:
        return letters.in_stage(turn, subject_id, *(s for s in Stage if s is not Stage.DRAFT))

    def form(self, turn: Turn, subject: Broadcast, answers: Answers) -> Form:  # noqa: ARG002
        options: dict[str, Message] = {c: verbatim(p) for c, p in _places(turn).items()}
        who = SeveralChoices("places", _("Who outside gets it, too?"), options=options)
        return Form(_("Recipients outside"), (who,), reviewed=False)

    def finish(self, turn: Turn, subject: Broadcast, answers: Answers) -> Screen:
        places = _places(turn)
        chosen = [places[code] for code in answers["places"] if code in places]
        despatches.add(turn.session, subject, chosen)
        to_do = to_be_sent(turn, subject)
        for clerk in despatches.clerks(turn.session, subject):
            if clerk.id != turn.me.id:
                turn.tell(clerk.id, to_do)
        return to_do


class SentOutside(FormFlow[Despatch]):
    """The clerk has sent it: under which number, on which day."""

    name = "despatch"

    def subject(self, turn: Turn, subject_id: int) -> Despatch:
        found = despatches.to_do(turn.session, turn.me, subject_id)
        if found is None:
            raise Gone(_("There is no such letter to be sent by you."))
        return found

    def form(self, turn: Turn, subject: Despatch, answers: Answers) -> Form:  # noqa: ARG002
        number = Text("number", _("Under which number did it go?"), longest=40)
        day = Day("day", _("On which day?"), today=turn.today)
        return Form(verbatim(subject.place), (number, day), reviewed=False)

    def finish(self, turn: Turn, subject: Despatch, answers: Answers) -> Screen:
        day = date.fromisoformat(answers["day"])
        me, now = turn.me.id, turn.now
        despatches.done(turn.session, subject, answers["number"], day, me, now)
        broadcast = turn.session.get_one(Broadcast, subject.broadcast_id)
        after = to_be_sent(turn, broadcast)
        if broadcast.author_id != turn.me.id:
            turn.tell(broadcast.author_id, after)
        return after


def outside(turn: Turn, about: str) -> Screen:
    """about: the id of a message."""
    return to_be_sent(turn, letters.one(turn, about))


def to_be_sent(turn: Turn, broadcast: Broadcast) -> Screen:
    listed = despatches.of(turn.session, broadcast)
    lines = [strong(letters.title(broadcast)), _("Recipients outside this system:")]
    lines += [_line(one) for one in listed]
    done = [
        Choice(_("Sent: {place}", place=one.place), open_flow(SentOutside.name, one.id))
        for one in listed
        if one.sent_on is None
    ]
    add = Choice(_("Add to the list"), open_flow(ListOutside.name, broadcast.id))
    return Screen(tuple(lines), (*done, add, letters.look(broadcast)))


def _line(one: Despatch) -> Message:
    if one.sent_on is None:
        return _("• {place}: to be sent", place=one.place)
    return _("• {place}: sent, number {number}, {day}", **_sent(one))


def _sent(one: Despatch) -> dict[str, object]:
    return {"place": one.place, "number": one.number, "day": one.sent_on}


def _places(turn: Turn) -> dict[str, str]:
    """By codes that fit a button."""
    known = [*despatches.places(turn.session), WEBSITE, ARCHIVE]
    return {f"{crc32(place.encode()):08x}": place for place in known}
