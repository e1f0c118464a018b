"""How a form looks: a question with what was answered, objections to it, and the review."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.checks import Check
from core.message import Message, _, quiet, strong
from core.question import Answer, Last, Number, Question
from core.screen import AGAIN, EDIT, KEEP, Choice

Asked = Mapping[str, Question]
Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Objections:
    """What is said against an answer, and the ways on from there."""

    lines: tuple[Message, ...] = ()
    choices: tuple[Choice, ...] = ()


def heading(title: Message, question: Question, number: int, total: int) -> Message:
    title = question.section or title
    if total == 1:
        return strong(title)
    return strong(_("{title} ({number}/{total})", title=title, number=number, total=total))


def body(question: Question, so_far: Answer, remark: Message | None = None) -> list[Message]:
    """remark: what somebody asks to have mended in the answer."""
    lines = [named(question), *question.under]
    if remark:
        lines.append(strong(remark))
    if question.last:
        lines.append(quiet(_last(question, question.last)))
    if so_far not in (None, []):
        lines.append(_("Your answer so far: {answer}", answer=question.show(so_far)))
        lines += question.advice(so_far)
    return lines


def _last(question: Question, last: Last) -> Message:
    said = {"answer": question.show(last.answer), "title": last.title}
    if isinstance(question, Number) and question.grows:
        return _("Last time: {answer} ({title}); count on from there.", **said)
    return _("Last time: {answer} ({title})", **said)


def named(question: Question) -> Message:
    """The question, with the thing it is about where it is asked about several."""
    if question.part is None:
        return question.text
    about = {"thing": question.part.name, "question": question.text}
    return Message("{thing}: {question}", about)


def answer(question: Question, given: Answer) -> Message:
    nothing = given is None or given == [] or not question.fits(given)
    return _("skipped") if nothing else question.show(given)


def review(
    title: Message,
    asked: Asked,
    answers: Answers,
    remarks: Mapping[str, Message],
    failing: Iterable[Check],
) -> list[Message]:
    """Each question with its answer, under a heading of its own where it is one of several."""
    lines, before = [strong(title)], None
    for number, question in enumerate(asked.values(), start=1):
        if question.part and question.part != before:
            lines.append(strong(question.part.name))
        before = question.part
        line = {"number": number, "question": question.text}
        line["answer"] = answer(question, answers.get(question.key))
        lines.append(Message("{number}. {question} → {answer}", line))
        if remark := remarks.get(question.key):
            lines.append(quiet(remark))
    return lines + [Message("⚠ {sentence}", {"sentence": check.sentence}) for check in failing]


def each(asked: Asked, answers: Answers) -> list[Choice]:
    """A choice for every question, to change its answer."""
    choices = []
    for number, question in enumerate(asked.values(), start=1):
        line = {"number": number, "question": named(question)}
        line["answer"] = answer(question, answers.get(question.key))
        label = Message("{number}. {answer} – {question}", line)
        choices.append(Choice(label, f"{EDIT}:{question.key}"))
    return choices


def change(question: Question) -> Choice:
    return Choice(_("Change: {question}", question=named(question)), f"{EDIT}:{question.key}")


def objections(
    question: Question, answers: Answers, asked: Asked, failing: Iterable[Check], *, far: bool
) -> Objections:
    lines: list[Message] = []
    others: dict[str, Question] = {}
    refused = False
    for check in failing:
        lines += [check.sentence, *_numbers(check, asked, answers)]
        others |= {key: asked[key] for key in check.keys if key != question.key}
        refused = refused or check.refuses
    if far and question.last:
        last = question.show(question.last.answer)
        lines.append(_("This is far from the last time ({last}). Is it right?", last=last))
    if not lines:
        return Objections()
    keep = Choice(_("Correct it later") if refused else _("It is right"), KEEP)
    again = (Choice(_("Enter it again"), AGAIN),) if far else ()
    return Objections(tuple(lines), (keep, *again, *map(change, others.values())))


def _numbers(check: Check, asked: Asked, answers: Answers) -> list[Message]:
    lines = []
    for key in check.keys:
        line = {"question": named(asked[key]), "answer": asked[key].show(answers[key])}
        lines.append(Message("• {question} → {answer}", line))
    return [*lines, *check.recalled]
