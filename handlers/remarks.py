"""Say item by item what is to be mended in a report, one at a time until that is all."""

from collections.abc import Iterable, Mapping, Sequence

from core.comparison import NOTE
from core.message import Message, _, quiet
from core.question import OneChoice, Question, Text
from core.shown import named
from handlers.flow import Answers

ENOUGH = "-enough"  # what no item's key can be
LONGEST = 500  # characters of one remark

# Where the answers of the conversation keep them, by number from 1.
_ITEM, _WHY = "item.{}", "why.{}"


def asked(items: Mapping[str, Message], answers: Answers) -> list[Question]:
    """The questions so far: each item picked, why, and whether there is another one.

    items: what can be remarked on, by key.
    """
    questions: list[Question] = []
    left = dict(items)
    for number in range(1, len(items) + 1):
        questions.append(_which(number, left))
        picked = answers.get(_ITEM.format(number))
        if picked not in left:
            return questions
        text = left.pop(picked)
        questions.append(_why(number, text))
    return questions


def are_all(asked: Sequence[Question], answers: Answers) -> bool:
    """Whether the last of the questions so far is answered, so that no other will follow."""
    return asked[-1].key in answers and asked[-1].enough(answers[asked[-1].key])


def given(answers: Answers) -> dict[str, str]:
    """The remarks by item key, as they were given."""
    remarks: dict[str, str] = {}
    number = 1
    while answers.get(_WHY.format(number)) is not None:
        remarks[answers[_ITEM.format(number)]] = answers[_WHY.format(number)]
        number += 1
    return remarks


def items(questions: Iterable[Question], answers: Answers) -> dict[str, Message]:
    """What can be remarked on in a version, by key; a note goes with its item."""
    return {
        question.key: named(question)
        for question in questions
        if question.key in answers and not question.key.endswith(NOTE)
    }


def lines(questions: Iterable[Question], remarks: Mapping[str, str]) -> list[Message]:
    """Each item with its remark, in the order of the questions."""
    return [
        _("• {item}: {remark}", item=named(question), remark=remarks[question.key])
        for question in questions
        if question.key in remarks
    ]


def _which(number: int, left: Mapping[str, Message]) -> OneChoice:
    if number == 1:
        return OneChoice(_ITEM.format(1), _("Which item is to be mended?"), options={**left})
    options = {ENOUGH: _("That is all"), **left}
    return OneChoice(_ITEM.format(number), _("Is another item to be mended?"), options=options)


def _why(number: int, item: Message) -> Text:
    beside = quiet(_("Your words will stand beside the item."))
    text, under = _("What is to be mended?"), (item, beside)
    return Text(_WHY.format(number), text, under=under, longest=LONGEST)
