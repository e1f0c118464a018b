"""The office answers what schools ask: by a button or by replying; takes, hands over, closes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.form import Form
from core.message import Message, _, ngettext, quiet, strong, verbatim
from core.question import Misread, OneChoice, Text
from core.roles import MAY_ANSWER
from core.screen import Choice, Input, Screen, number, open_flow, show
from core.writing import Writing
from handlers import phrases, question
from handlers.flow import Answers, FormFlow, Gone, Opens, Turn
from handlers.question import NO_QUESTION, Ask, AskFurther
from storage import people, questions
from storage.people import Person
from storage.questions import Note, Question, Standing

MOST_SHOWN = 20
LOOK_BACK = timedelta(days=30)  # for how long a first answer takes


class AnswerQuestion(FormFlow[Question]):
    name = "answer"
    anew = True  # the question stays

    def subject(self, turn: Turn, subject_id: int) -> Question:
        return _to_answer(turn, subject_id)

    def form(self, turn: Turn, subject: Question, answers: Answers) -> Form:  # noqa: ARG002
        asked = question.card(turn.session, subject).lines
        letter = Writing("letter", _("Your answer, please."), under=asked)
        return Form(_("An answer"), (letter,), reviewed=False)

    def finish(self, turn: Turn, subject: Question, answers: Answers) -> Screen:
        return answer(turn, subject, answers["letter"])


class PassOn(FormFlow[Question]):
    """Give a question to somebody else at the office."""

    name = "pass_on"

    def subject(self, turn: Turn, subject_id: int) -> Question:
        return _to_answer(turn, subject_id)

    def form(self, turn: Turn, subject: Question, answers: Answers) -> Form:  # noqa: ARG002
        held = people.holders(turn.session, subject.office_id, MAY_ANSWER)
        others = {str(p.id): phrases.name(p) for _post, p in held if p.id != turn.me.id}
        if not others:
            raise Gone(_("Nobody else at the office could answer it."))
        to = OneChoice("to", _("To whom shall it go?"), options=others)
        return Form(_("Hand over"), (to,), reviewed=False)

    def finish(self, turn: Turn, subject: Question, answers: Answers) -> Screen:
        to = turn.session.get_one(Person, int(answers["to"]))
        questions.give_to(turn.session, subject, to.id, turn.me.id, turn.now)
        given = _("{name} hands this over to you:", name=turn.me.name)
        turn.tell(to.id, question.card(turn.session, subject).under(given))
        return Screen((_("{name} has it now.", name=phrases.name(to)),), (_inbox(),))


class ShareAnswer(FormFlow[Question]):
    """Keep an answer for others who ask alike. Nobody's name goes with it."""

    name = "share"

    def subject(self, turn: Turn, subject_id: int) -> Question:
        found = _to_answer(turn, subject_id)
        if not _answers(turn, found):
            raise Gone(_("This question has no answer yet."))
        return found

    def form(self, turn: Turn, subject: Question, answers: Answers) -> Form:  # noqa: ARG002
        ask = _("Write the question as anybody might ask it, without names.")
        under = (quiet(question.title(turn.session, subject)),)
        return Form(_("Share an answer"), (Text("asked", ask, under=under),), reviewed=False)

    def finish(self, turn: Turn, subject: Question, answers: Answers) -> Screen:
        note = Note(
            office_id=subject.office_id,
            question_id=subject.id,
            asked=answers["asked"],
            letter=_answers(turn, subject)[-1],
            made_by_id=turn.me.id,
            made_at=turn.now,
        )
        questions.share(turn.session, note)
        shared = _("Who asks alike is offered this answer first.")
        return Screen((shared,), (_inbox(),))


def ask(turn: Turn, _about: str) -> Screen | Opens:
    """A school asks; the office sees what it was asked."""
    return inbox(turn, "") if turn.me.at_the_office else Opens(Ask.name)


def inbox(turn: Turn, about: str) -> Screen:
    """about: the id of one question, "" for all that are not closed."""
    if not turn.me.at_the_office:
        raise Gone(_("Only the office can see this."))
    if about:
        found = _to_answer(turn, number(about))
        return question.thread(turn, found, [*question.office_moves(found), _inbox()])
    found_all = questions.of_office(turn.session, turn.me.unit_id or 0, MOST_SHOWN)
    lines = [strong(_("Questions of the schools"))]
    lines += [_line(turn, one, unit.name) for one, unit in found_all]
    since = turn.now - LOOK_BACK
    if took := questions.until_first_answer(turn.session, turn.me.unit_id or 0, since):
        lines.append(quiet(_("A first answer takes {time}, by the median.", time=_span(took))))
    looks = [_look(turn, one, unit.name) for one, unit in found_all]
    return Screen(tuple(lines), tuple(looks) if turn.me.role in MAY_ANSWER else ())


def take(turn: Turn, about: str) -> Screen:
    found = _to_answer(turn, number(about))
    if found.officer_id not in (None, turn.me.id):
        has = phrases.name(turn.session.get_one(Person, found.officer_id))
        raise Gone(_("{name} has taken this question.", name=has))
    questions.give_to(turn.session, found, turn.me.id, turn.me.id, turn.now)
    return question.card(turn.session, found).under(_("This question is yours."))


def close(turn: Turn, about: str) -> Screen:
    found = _to_answer(turn, number(about))
    if found.standing is Standing.CLOSED:
        raise Gone(_("This question is closed already."))
    questions.close(turn.session, found, turn.me.id, turn.now)
    return Screen((_("The question is closed."),), (_inbox(),))


def answer(turn: Turn, found: Question, letter: Mapping[str, Any]) -> Screen:
    """The asker gets a card; what they are in the middle of stays as it is."""
    questions.add(turn.session, found, turn.me.id, dict(letter), turn.now, by_office=True)
    turn.tell(found.asker_id, question.answer_card(turn.session, found, letter))
    asker = phrases.name(turn.session.get_one(Person, found.asker_id))
    share = Choice(_("Share it with others"), open_flow(ShareAnswer.name, found.id))
    close = Choice(_("Close"), show("close", str(found.id)))
    return Screen((_("Your answer is with {name}.", name=asker),), (share, close, _inbox()))


def by_reply(turn: Turn, action: str, given: Input) -> Screen | None:
    """What was said in reply to a card with this action under it; None if it is none of ours."""
    name, _colon, subject_id = action.removeprefix("open:").partition(":")
    if name not in (AnswerQuestion.name, AskFurther.name, Ask.name):
        return None
    try:
        letter = Writing("letter", verbatim("")).read(given, None)
    except Misread as misread:
        return Screen((misread.hint,))
    if name == Ask.name:
        return question.put(turn, letter, Ask().subject(turn, number(subject_id)))
    if name == AskFurther.name:
        return question.add(turn, AskFurther().subject(turn, number(subject_id)), letter)
    return answer(turn, _to_answer(turn, number(subject_id)), letter)


def _to_answer(turn: Turn, question_id: int) -> Question:
    """Raises Gone."""
    if turn.me.role not in MAY_ANSWER:
        raise Gone(_("Only the office can answer."))
    found = questions.to_answer(turn.session, turn.me, question_id)
    if found is None:
        raise Gone(NO_QUESTION)
    return found


def _answers(turn: Turn, found: Question) -> list[dict[str, Any]]:
    return [m.letter for m in questions.messages(turn.session, found) if m.by_office]


def _line(turn: Turn, one: Question, unit: str) -> Message:
    said = {"unit": unit, "words": question.title(turn.session, one)}
    said |= {
        "standing": question.STANDING[one.standing],
        "when": phrases.moment(turn, one.asked_at),
    }
    holder = questions.holder(turn.session, one)
    if holder:
        name = phrases.name(holder)
        return _("• {unit}: {words} ({standing}, {when}, with {name})", **said, name=name)
    return _("• {unit}: {words} ({standing}, {when})", **said)


def _look(turn: Turn, one: Question, unit: str) -> Choice:
    label = _("{unit}: {words}", unit=unit, words=question.title(turn.session, one))
    return Choice(label, show("questions", str(one.id)))


def _span(time: timedelta) -> Message:
    """In the largest unit that says enough."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 120:
        return ngettext("{count} minute", "{count} minutes", minutes)
    if minutes < 48 * 60:
        return ngettext("{count} hour", "{count} hours", round(minutes / 60))
    return ngettext("{count} day", "{count} days", round(minutes / 60 / 24))


def _inbox() -> Choice:
    return Choice(_("All questions"), show("questions"))
