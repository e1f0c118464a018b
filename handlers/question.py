"""Ask the office in one's own words; what was answered before is offered first.

An answer comes as a card of its own and changes nothing of what the asker is in the middle of.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from sqlmodel import Session

from core import writing
from core.form import Form
from core.likeness import likest
from core.message import Message, _, quiet, strong, verbatim
from core.question import OneChoice
from core.question import Question as Asked
from core.review import OWED
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from core.writing import Writing, excerpt
from handlers import letters, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.report import FillReport
from storage import conversations, questions, receipts, units
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.questions import Note, Question, QuestionMessage, Standing
from storage.reports import Report
from storage.units import Unit

MOST_SHOWN = 8
STANDING = {
    Standing.OPEN: _("waits for an answer"),
    Standing.ANSWERED: _("answered"),
    Standing.CLOSED: _("closed"),
}


class Ask(FormFlow[Broadcast | None]):
    """A question to the office, perhaps about a message of it."""

    name = "ask"
    anew = True  # the message it is about stays

    def subject(self, turn: Turn, subject_id: int) -> Broadcast | None:
        _at_a_school(turn)
        if subject_id == 0:
            return None
        if receipts.of_person(turn.session, subject_id, turn.me.id) is None:
            raise Gone(letters.NONE)
        return turn.session.get_one(Broadcast, subject_id)

    def form(self, turn: Turn, subject: Broadcast | None, answers: Answers) -> Form:
        office = _office(turn)
        about = (quiet(_about(subject)),) if subject else ()
        what = _("What would you like to ask? Write, or send photos and files.")
        asked: list[Asked] = [Writing("letter", what, under=about)]
        if not subject and (topics := _topics(turn.session, office.id)):
            asked.append(OneChoice("topic", _("What is it about?"), options=topics))
        if note := _like(turn.session, office.id, answers):
            asked.append(_offered(note))
        return Form(_("A question to the office"), tuple(asked), reviewed=False)

    def finish(self, turn: Turn, subject: Broadcast | None, answers: Answers) -> Screen:
        if answers.get("before") == "yes":
            return Screen((_("Glad that this helped. Nothing was sent."),), _go_on(turn))
        return put(turn, answers["letter"], subject, answers.get("topic"))


def put(
    turn: Turn, letter: Mapping[str, Any], about: Broadcast | None, topic: str | None = None
) -> Screen:
    """Ask it. topic: its code, see `_topics`."""
    office = _office(turn)
    question = Question(
        asker_id=turn.me.id,
        unit_id=turn.me.unit_id or 0,
        office_id=about.unit_id if about else office.id,
        topic=_topic(turn.session, office.id, topic),
        broadcast_id=about.id if about else None,
        officer_id=about.author_id if about else None,
        asked_at=turn.now,
    )
    questions.ask(turn.session, question, dict(letter))
    _tell_office(turn, question)
    sent = _("Your question is with {office}. The answer comes here.", office=office.name)
    return Screen((strong(sent),), _go_on(turn))


class AskFurther(FormFlow[Question]):
    """One more message to the office in the same matter."""

    name = "further"
    anew = True  # the answer stays

    def subject(self, turn: Turn, subject_id: int) -> Question:
        return _own(turn, subject_id)

    def form(self, turn: Turn, subject: Question, answers: Answers) -> Form:  # noqa: ARG002
        under = (quiet(title(turn.session, subject)),)
        letter = Writing("letter", _("What would you like to add or ask?"), under=under)
        return Form(_("A question to the office"), (letter,), reviewed=False)

    def finish(self, turn: Turn, subject: Question, answers: Answers) -> Screen:
        return add(turn, subject, answers["letter"])


def add(turn: Turn, question: Question, letter: Mapping[str, Any]) -> Screen:
    """The asker says more; whoever has the question hears of it."""
    said = dict(letter)
    questions.add(turn.session, question, turn.me.id, said, turn.now, by_office=False)
    _tell_office(turn, question)
    return Screen((_("The office has it."),), _go_on(turn))


def mine(turn: Turn, about: str) -> Screen:
    """about: the id of a question of one's own, "" for all of them."""
    if about:
        question = _own(turn, number(about))
        more = Choice(_("Ask further"), open_flow(AskFurther.name, question.id))
        return thread(turn, question, [more])
    _at_a_school(turn)
    asked = questions.of_person(turn.session, turn.me, MOST_SHOWN)
    lines = [strong(_("Your questions to the office"))]
    lines += [line(turn.session, question) for question in asked]
    looks = [Choice(title(turn.session, q), show("mine", str(q.id))) for q in asked]
    return Screen(tuple(lines), (Choice(_("Ask the office"), open_flow(Ask.name)), *looks))


# What is shown


def card(session: Session, question: Question) -> Screen:
    """For the office: who asks, and the last words of it."""
    unit = session.get_one(Unit, question.unit_id)
    asker = phrases.name(session.get_one(Person, question.asker_id))
    lines = [strong(_("❓ {name}, {unit}, asks:", name=asker, unit=unit.name))]
    if question.topic:
        lines.append(quiet(_("Topic: {topic}", topic=question.topic)))
    if question.broadcast_id:
        lines.append(quiet(_about(session.get_one(Broadcast, question.broadcast_id))))
    session.flush()
    last = questions.messages(session, question)[-1]
    return _with_letter(lines, last.letter, office_moves(question))


def answer_card(session: Session, question: Question, letter: Mapping[str, Any]) -> Screen:
    """For the asker: the answer, and the way back to what they were doing."""
    office = session.get_one(Unit, question.office_id)
    lines = [
        strong(_("{office} answers:", office=office.name)),
        quiet(_("You asked: {words}", words=title(session, question))),
    ]
    more = Choice(_("Ask further"), open_flow(AskFurther.name, question.id))
    return _with_letter(lines, letter, [*back_to_report(session, question.asker_id), more])


def back_to_report(session: Session, person_id: int) -> list[Choice]:
    """For somebody who is in the middle of a report."""
    talking = conversations.latest(session, person_id, FillReport.name)
    report = session.get(Report, talking.subject_id) if talking else None
    if report is None or report.state not in OWED:
        return []
    label = _("Continue {title}", title=report.title)
    return [Choice(label, open_flow(FillReport.name, report.id))]


def office_moves(question: Question) -> list[Choice]:
    id = str(question.id)
    moves = [Choice(_("Answer"), open_flow("answer", question.id))]
    if question.officer_id is None:
        moves.append(Choice(_("I take it"), show("take", id)))
    moves.append(Choice(_("Hand over"), open_flow("pass_on", question.id)))
    if question.standing is not Standing.CLOSED:
        moves.append(Choice(_("Close"), show("close", id)))
    return moves


def thread(turn: Turn, question: Question, moves: Sequence[Choice]) -> Screen:
    """All that was said, oldest first."""
    lines: list[Message] = [strong(title(turn.session, question))]
    enclosed: list[int] = []
    for message in questions.messages(turn.session, question):
        lines += _said(turn, question, message)
        enclosed += writing.uploads(message.letter)
    return Screen(tuple(lines), tuple(moves), files=tuple(map(Enclosed, enclosed)))


def title(session: Session, question: Question) -> Message:
    """The first words of it."""
    first = questions.messages(session, question)[0].letter
    names = [file["name"] for file in first.get("files", [])]
    return verbatim(excerpt(first.get("text", "")) or ", ".join(names))


def line(session: Session, question: Question) -> Message:
    standing = {"standing": STANDING[question.standing]}
    return _("• {words}: {standing}", words=title(session, question), **standing)


def _said(turn: Turn, question: Question, message: QuestionMessage) -> list[Message]:
    person = phrases.name(turn.session.get_one(Person, message.person_id))
    unit_id = question.office_id if message.by_office else question.unit_id
    unit = turn.session.get_one(Unit, unit_id)
    when = phrases.moment(turn, message.at)
    who = quiet(_("{name}, {unit}, {when}:", name=person, unit=unit.name, when=when))
    words = writing.body(message.letter)
    return [who, words] if words else [who]


def _with_letter(
    lines: Sequence[Message], letter: Mapping[str, Any], moves: Sequence[Choice]
) -> Screen:
    words = writing.body(letter)
    enclosed = tuple(map(Enclosed, writing.uploads(letter)))
    return Screen((*lines, *([words] if words else [])), tuple(moves), files=enclosed)


def _about(broadcast: Broadcast) -> Message:
    return _("About the message “{words}”", words=letters.title(broadcast))


# Who may ask, and who hears of it


def _at_a_school(turn: Turn) -> None:
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so you have nothing to ask for it."))


def _own(turn: Turn, question_id: int) -> Question:
    _at_a_school(turn)
    question = questions.own(turn.session, turn.me, question_id)
    if question is None:
        raise Gone(NO_QUESTION)
    return question


NO_QUESTION = _("There is no such question for you.")


def _office(turn: Turn) -> Unit:
    """The one above the school, where somebody answers; else the one this program serves."""
    unit = turn.session.get_one(Unit, turn.me.unit_id)
    above = turn.session.get(Unit, unit.parent_id) if unit.parent_id else None
    answers = above and questions.responsible(turn.session, above.id, "", unit.levels)
    return above if above and answers else units.office(turn.session)


def _tell_office(turn: Turn, question: Question) -> None:
    levels = turn.session.get_one(Unit, question.unit_id).levels
    asked = questions.holder(turn.session, question)
    officers = (
        [asked]
        if asked
        else questions.responsible(turn.session, question.office_id, question.topic, levels)
    )
    screen = card(turn.session, question)
    for officer in officers:
        turn.tell(officer.id, screen)


def _go_on(turn: Turn) -> tuple[Choice, ...]:
    back = back_to_report(turn.session, turn.me.id)
    return (*back, Choice(_("My questions"), show("mine")))


# What was answered before


def _topics(session: Session, office_id: int) -> dict[str, Message]:
    """By codes that fit a button."""
    found = questions.topics(session, office_id)
    if not found:
        return {}
    coded = {f"{crc32(topic.encode()):08x}": verbatim(topic) for topic in found}
    return {**coded, OTHER: _("Something else")}


OTHER = "other"


def _topic(session: Session, office_id: int, code: str | None) -> str:
    coded = {f"{crc32(t.encode()):08x}": t for t in questions.topics(session, office_id)}
    return coded.get(code or "", "")


def _like(session: Session, office_id: int, answers: Answers) -> Note | None:
    asked = (answers.get("letter") or {}).get("text", "")
    found = likest(asked, questions.notes(session, office_id))
    return session.get(Note, found) if found else None


def _offered(note: Note) -> OneChoice:
    before = [quiet(verbatim(note.asked))]
    if words := writing.body(note.letter):
        before.append(words)
    return OneChoice(
        "before",
        _("This was answered before. Does it help?"),
        under=tuple(before),
        options={"yes": _("Yes, that is it"), "no": _("No, ask the office")},
    )
