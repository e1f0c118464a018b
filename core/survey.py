"""A short anonymous survey: what it asks, how a web form answers it, and what may be told of it.

A survey's questions are kept as [{"kind", "text", "options"}]; the key of each is its number,
from 1, and so is that of each option. Every question is answered, so that one number says how
many answers there are to each.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from core.message import Message, _, verbatim
from core.question import (
    Answer,
    ItemKind,
    Misread,
    Number,
    OneChoice,
    Question,
    SeveralChoices,
    YesNo,
)
from core.screen import Input, Picked, Typed

KINDS = (ItemKind.CHOICE, ItemKind.CHOICES, ItemKind.YES_NO, ItemKind.NUMBER)
MOST_QUESTIONS = 10  # more than that, and people stop in the middle
MOST_OPTIONS, LONGEST_OPTION = 8, 80

Asked = Sequence[Mapping[str, Any]]
Given = Mapping[str, Sequence[str]]  # what a web form sends, by the name of the field


def questions(asked: Asked) -> list[Question]:
    return [_question(str(number), one) for number, one in enumerate(asked, start=1)]


def _question(key: str, asked: Mapping[str, Any]) -> Question:
    text = verbatim(asked["text"])
    options = {str(n): verbatim(said) for n, said in enumerate(asked.get("options") or [], 1)}
    match ItemKind(asked["kind"]):
        case ItemKind.YES_NO:
            return YesNo(key, text)
        case ItemKind.NUMBER:
            return Number(key, text)
        case ItemKind.CHOICE:
            return OneChoice(key, text, options=options)
        case ItemKind.CHOICES:
            return SeveralChoices(key, text, options=options)
    raise ValueError(f"a survey asks nothing of the kind {asked['kind']}")


def field_of(question: Question) -> str:
    """The name of a question's field in a web form."""
    return f"q{question.key}"


def read(asked: Asked, given: Given) -> tuple[dict[str, Answer], list[str]]:
    """The answers by key, and the keys of the questions that have none."""
    answers: dict[str, Answer] = {}
    missing: list[str] = []
    for question in questions(asked):
        try:
            answers[question.key] = _read(question, given.get(field_of(question), ()))
        except Misread:
            missing.append(question.key)
    return answers, missing


def _read(question: Question, given: Sequence[str]) -> Answer:
    if isinstance(question, SeveralChoices):
        picked = [value for value in question.options if value in given]
        return question.read(Picked("done"), picked)
    first = given[0] if given else ""
    if isinstance(question, Number):
        return question.read(Typed(first), None)
    return question.read(Picked(f"answer:{first}"), None)


# What may be told


@dataclass(frozen=True, slots=True)
class Shares:
    """Of one question. counts: from what can be answered to how many did.

    mean: of numbers, with one decimal; None of all else.
    """

    text: Message
    counts: Mapping[str, tuple[Message, int]]
    mean: Decimal | None = None


def tally(asked: Asked, answers: Sequence[Mapping[str, Answer]]) -> list[Shares]:
    """answers: at least one."""
    return [
        _shares(question, [one[question.key] for one in answers]) for question in questions(asked)
    ]


def _shares(question: Question, said: Sequence[Answer]) -> Shares:
    if isinstance(question, Number):
        mean = sum(map(Decimal, said), Decimal(0)) / len(said)
        return Shares(question.text, {}, round(mean, 1))
    picked = Counter(value for one in said for value in (one if isinstance(one, list) else [one]))
    return Shares(
        question.text,
        {str(value): (label, picked[value]) for value, label in _possible(question)},
    )


def _possible(question: Question) -> list[tuple[Answer, Message]]:
    if isinstance(question, YesNo):
        return [(True, question.show(True)), (False, question.show(False))]
    options: Mapping[str, Message] = question.options  # type: ignore[attr-defined]
    return list(options.items())


def may_be_told(counts: Mapping[int, int], least: int) -> set[int]:
    """The schools whose totals may stand beside the total of all, so that none gives away few.

    counts: from a school to how many answered there. least: answers of which something is told.
    What the total holds beyond the schools told is told, too, by a subtraction. So where those
    left out have few answers together, or one of them is alone, the smallest others join them.
    """
    told = [id for id, count in counts.items() if count >= least]
    told.sort(key=lambda id: (counts[id], id))
    left_out = [id for id, count in counts.items() if 0 < count < least]
    while told and left_out and _gives_away(left_out, counts, least):
        left_out.append(told.pop(0))
    return set(told)


def _gives_away(left_out: Iterable[int], counts: Mapping[int, int], least: int) -> bool:
    few = [counts[id] for id in left_out]
    return len(few) < 2 or sum(few) < least


@dataclass(frozen=True, slots=True)
class Options(Question):
    """What can be answered to a question: typed in lines, or with semicolons in between."""

    typed: ClassVar[bool] = True

    def read(self, given: Input, so_far: Answer) -> Answer:  # noqa: ARG002
        text = given.text if isinstance(given, Typed) else ""
        parts = [" ".join(part.split()) for part in re.split(r"[;\n]", text)]
        options = list(dict.fromkeys(filter(None, parts)))
        if self.fits(options):
            return options
        bounds = {"most": MOST_OPTIONS, "longest": LONGEST_OPTION}
        raise Misread(
            _(
                "Please send 2 to {most} different answers of up to {longest} characters, each "
                "on a line of its own or with ; in between.",
                **bounds,
            )
        )

    def show(self, answer: Answer) -> Message:
        return verbatim("; ".join(answer))

    def fits(self, answer: Answer) -> bool:
        return (
            isinstance(answer, list)
            and 2 <= len(answer) <= MOST_OPTIONS
            and all(isinstance(one, str) and len(one) <= LONGEST_OPTION for one in answer)
        )
