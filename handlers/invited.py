"""A school answers an invitation: it comes, names somebody else, or says why it cannot come.

There is one answer of a school, whoever of it gave it, and it can be changed until the day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from core import cards
from core.events import Reply
from core.form import Form
from core.message import Message, _, listed, ngettext, strong, verbatim
from core.question import Answer, Misread, Question, Text, phone_in
from core.screen import DONE, Choice, Input, Picked, Screen, Typed, number, show
from handlers import event_duties, occasion
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import events, guests, people
from storage.events import Event, Guest

LONGEST_NAME, LONGEST_WHY = 80, 500
NONE = _("There is no such event for you.")


def coming(turn: Turn) -> list[Event]:
    """What the school is invited to from today on."""
    return guests.of_school(turn.session, turn.me.unit_id or 0, turn.today)


def meant(turn: Turn, text: str) -> list[Choice]:
    """The invitations that words such as “trường em vắng” may answer, to be looked at first."""
    if not (turn.me.at_a_school and cards.is_reply(text)):
        return []
    return buttons([event for event in coming(turn) if not event.has_begun(turn.today)])


def lines(turn: Turn, invitations: list[Event]) -> list[Message]:
    """For the list of what is due."""
    heading = [_("Events you are invited to")] if invitations else []
    return heading + [_line(turn, event) for event in invitations]


def _line(turn: Turn, event: Event) -> Message:
    reply = events.reply_of(turn.session, event.id, turn.me.unit_id or 0)
    said = occasion.REPLY[reply.reply] if reply else _("not answered yet")
    return Message("{event} ({said})", {"event": occasion.line(event), "said": said})


def buttons(invitations: list[Event]) -> list[Choice]:
    return [occasion.open_invitation(event) for event in invitations]


def list_invitations(turn: Turn) -> Screen:
    found = coming(turn)
    if not found:
        return Screen((_("No event that you are invited to is coming."),), (_what_is_due(),))
    return Screen(tuple(lines(turn, found)), (*buttons(found), _what_is_due()))


def invited(turn: Turn, about: str) -> Screen:
    """about: the id of an event."""
    return _card(turn, _own(turn, number(about)))


def come(turn: Turn, about: str) -> Screen:
    """Whoever taps it comes. Where others of the school come too, they stay."""
    event = _to_answer(turn, number(about))
    before = events.reply_of(turn.session, event.id, turn.me.unit_id or 0)
    others = before.people if before and before.reply is Reply.COMING else []
    me = {"person": turn.me.id}
    named = [*(one for one in others if one != me), me][-event.seats :]
    return _answered(turn, event, Reply.COMING, named)


class SendOthers(FormFlow[Event]):
    """Who comes, by name: in place of whoever answers, or along with them."""

    name = "others"
    anew = True  # the invitation stays

    def subject(self, turn: Turn, subject_id: int) -> Event:
        return _to_answer(turn, subject_id)

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:  # noqa: ARG002
        staff = people.at_school(turn.session, turn.me.unit_id or 0)
        who = Guests(
            "people",
            _("Who comes? Pick a colleague, or type a name and a phone number."),
            colleagues={str(one.id): verbatim(one.name) for one in staff if one.name},
            most=subject.seats,
        )
        return Form(occasion.name(subject), (who,), reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        named: list[Guest] = answers["people"]
        reply = Reply.COMING if {"person": turn.me.id} in named else Reply.OTHERS
        return _answered(turn, subject, reply, named)


class SayAbsent(FormFlow[Event]):
    name = "absent"
    anew = True

    def subject(self, turn: Turn, subject_id: int) -> Event:
        return _to_answer(turn, subject_id)

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:  # noqa: ARG002
        why = Text("why", _("Why can your school not come?"), longest=LONGEST_WHY)
        return Form(occasion.name(subject), (why,), reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        return _answered(turn, subject, Reply.ABSENT, why=answers["why"])


@dataclass(frozen=True, slots=True)
class Guests(Question):
    """Colleagues that are picked and others that are typed, stored as in `EventReply.people`.

    colleagues: from ids to names. most: people; one is enough.
    """

    colleagues: Mapping[str, Message] = field(default_factory=dict)
    most: int = 1

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        named = so_far or []
        free = [
            Choice(label, f"answer:{id}")
            for id, label in self.colleagues.items()
            if {"person": int(id)} not in named
        ]
        if not named:
            return tuple(free)
        return (Choice(_("Done"), DONE), *free, Choice(_("Write it anew"), "answer:none"))

    def read(self, given: Input, so_far: Answer) -> Answer:
        named: list[Guest] = list(so_far or [])
        match given:
            case Picked("answer:none"):
                return []
            case Picked("done") if named:
                return named
            case Picked(action) if (id := action.removeprefix("answer:")) in self.colleagues:
                return self._with(named, {"person": int(id)})
            case Typed(text) if text.strip():
                return self._with(named, _typed(text))
        raise Misread(_("Please type a name and a phone number, such as Lò Thị Mai, 0912345678."))

    def settles(self, given: Input) -> bool:
        if self.most == 1:
            return given != Picked("answer:none")
        return given == Picked(DONE)

    def enough(self, answer: Answer) -> bool:
        return bool(answer) and self.fits(answer)

    def show(self, answer: Answer) -> Message:
        return listed([self._shown(one) for one in answer])

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, list) and len(answer) <= self.most

    def _with(self, named: list[Guest], one: Guest) -> list[Guest]:
        if self.most == 1:
            return [one]
        if one in named:
            return named
        if len(named) == self.most:
            raise Misread(
                ngettext(
                    "At most {count} person of a school fits here.",
                    "At most {count} people of a school fit here.",
                    self.most,
                )
            )
        return [*named, one]

    def _shown(self, one: Guest) -> Message:
        if "person" in one:
            return self.colleagues.get(str(one["person"]), _("somebody who has left"))
        return verbatim(", ".join(filter(None, (one["name"], one["phone"]))))


def _typed(text: str) -> Guest:
    """Raises Misread."""
    name, phone = phone_in(" ".join(text.split()))
    name = name.strip(" ,;:-–")
    fits = 0 < len(name) <= LONGEST_NAME and not any(letter.isdigit() for letter in name)
    if not (fits and phone):
        raise Misread(_("Please type a name and a phone number, such as Lò Thị Mai, 0912345678."))
    return {"name": name, "phone": phone}


# What an answer does


def _own(turn: Turn, event_id: int) -> Event:
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so you are invited to nothing."))
    event = guests.for_school(turn.session, turn.me, event_id)
    if event is None:
        raise Gone(NONE)
    return event


def _to_answer(turn: Turn, event_id: int) -> Event:
    event = _own(turn, event_id)
    if event.cancelled_at:
        raise Gone(_("This event is cancelled: {why}", why=event.why))
    if event.has_begun(turn.today):
        raise Gone(_("The day has come, so please tell the office by telephone."))
    return event


def _answered(
    turn: Turn, event: Event, reply: Reply, named: Sequence[Guest] = (), why: str = ""
) -> Screen:
    unit_id = turn.me.unit_id or 0
    before = events.reply_of(turn.session, event.id, unit_id)
    known = before.people if before else []
    guests.answered(turn.session, event, unit_id)
    by_me = (reply, turn.me.id, turn.now)
    events.answer(turn.session, event, unit_id, *by_me, people=named, why=why)
    for one in named:
        if one not in known and one.get("person", turn.me.id) != turn.me.id:
            turn.tell(one["person"], _named(turn, event))
    return _card(turn, event).under(strong(_("The office has your answer. Thank you!")))


def _named(turn: Turn, event: Event) -> Screen:
    """For a colleague who is named to come."""
    news = _("{name} of your school named you to come.", name=turn.me.name)
    lines = (strong(occasion.name(event)), news, *occasion.details(event))
    return Screen(lines, (occasion.open_invitation(event),))


def _card(turn: Turn, event: Event) -> Screen:
    lines = [strong(occasion.name(event)), *occasion.details(event)]
    if event.cancelled_at:
        cancelled = strong(_("This event is cancelled: {why}", why=event.why))
        return Screen((*lines, cancelled), (_what_is_due(),))
    if reply := events.reply_of(turn.session, event.id, turn.me.unit_id or 0):
        lines += occasion.answer(turn.session, reply)
    asked, moves = event_duties.of_school(turn, event)
    lines += asked
    if event.has_begun(turn.today):
        return Screen(tuple(lines), (*moves, _what_is_due()))
    if reply:
        lines.append(_("Your school may change its answer until the day."))
    return Screen(tuple(lines), (*occasion.choices(event.id), *moves, _what_is_due()))


def _what_is_due() -> Choice:
    return Choice(_("What is due"), show("due"))
