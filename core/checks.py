"""Numbers that must agree: with one another, and with those of the last period."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from core.message import Message, _
from core.question import Answer, Number, Question, Text, number_of
from core.screen import EDIT, Choice

# A number is far from the last when it is this many times as large or as small, and so far apart.
# Both, as small counts multiply easily (one meeting, then six) and large ones drift (900, then
# 950 pupils), while a zero too many or too few, the slip to catch, makes ten of one.
FAR_TIMES, FAR_APART = 5, 20


class Relation(StrEnum):
    AT_MOST = "at most"
    AT_LEAST = "at least"
    EQUAL = "equal to"


@dataclass(frozen=True, slots=True)
class Check:
    """The sum on the left must stand so to the sum on the right.

    left, right: keys of questions that ask for numbers; "models.pupils" for that number of every
        thing in a group, see `unfolded`. It is looked at only while all of them are asked and
        answered, so that nobody is told off about what they cannot see.
    refuses: whether it must hold, or is only pointed out.
    before: what the last period adds to the left and to the right. recalled: says these numbers.
    groups: keys of the groups whose things were put in place of them.
    """

    left: tuple[str, ...]
    relation: Relation
    right: tuple[str, ...]
    sentence: Message
    refuses: bool = True
    before: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    recalled: tuple[Message, ...] = ()
    groups: tuple[str, ...] = ()

    def unfolded(self, answers: Mapping[str, Answer]) -> "Check":
        """With the number of each thing there is in place of those of a group.

        answers: to the questions that are asked, those to groups only once they are whole.
        """
        groups = tuple(key.partition(".")[0] for key in self.keys if "." in key)
        if not groups or any(answers.get(group) is None for group in groups):
            return self
        left = tuple(_unfolded(self.left, answers))
        return replace(self, left=left, right=tuple(_unfolded(self.right, answers)), groups=groups)

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.left, *self.right)

    def fails(self, answers: Mapping[str, Answer]) -> bool:
        """answers: those to the questions that are asked."""
        left, right = _numbers(self.left, answers), _numbers(self.right, answers)
        if None in (*left, *right):
            return False
        return not self._holds(
            sum(filter(None, left), self.before[0]), sum(filter(None, right), self.before[1])
        )

    def _holds(self, left: Decimal, right: Decimal) -> bool:
        match self.relation:
            case Relation.AT_MOST:
                return left <= right
            case Relation.AT_LEAST:
                return left >= right
        return left == right


def _unfolded(keys: tuple[str, ...], answers: Mapping[str, Answer]) -> Iterator[str]:
    for key in keys:
        group, dot, own = key.partition(".")
        if dot:
            of_each = [f"{group}.{number}.{own}" for number in answers[group]["present"]]
            yield from (one for one in of_each if one in answers)
        else:
            yield key


def _numbers(keys: tuple[str, ...], answers: Mapping[str, Answer]) -> list[Decimal | None]:
    return [number_of(answers.get(key)) for key in keys]


@dataclass(frozen=True, slots=True)
class Fell:
    """Asked where a number that only grows is lower than the last period's. key: the number's."""

    key: str
    before: Decimal

    def holds(self, answers: Mapping[str, Answer]) -> bool:
        now = number_of(answers.get(self.key))
        return now is not None and now < self.before


@dataclass(frozen=True, slots=True)
class Reason(Text):
    """Why a number fell. about: the key of its question, which may be changed instead."""

    about: str = ""

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:  # noqa: ARG002
        return (Choice(_("Correct the number"), f"{EDIT}:{self.about}"),)


def is_far(question: Question, answer: Answer) -> bool:
    """Whether a number is so far from the last period's that it may be a slip.

    Of several things the first may be another one than it was then, so those are not compared.
    """
    if not isinstance(question, Number) or question.last is None or question.part:
        return False
    last, now = number_of(question.last.answer), number_of(answer)
    if last is None or now is None or (question.grows and now < last):
        return False
    low, high = sorted((abs(now), abs(last)))
    return abs(now - last) >= FAR_APART and high >= FAR_TIMES * low
