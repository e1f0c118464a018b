"""The same questions about each of several things, such as a school's models.

Each thing has a number for good, which stands in the keys of its answers: "model.2.name". So one
can be taken out without the others changing their keys. What people are shown counts only those
that are there. The answer under the group's own key says which these are:

    {"present": [1, 3], "dropped": [2], "whole": true}

whole: whether somebody said that there are no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from core.message import Message, _
from core.question import Answer, Last, Misread, Part, Question, When
from core.screen import DONE, DROP, Choice, Input, Picked

ADD = "answer:add"
MOST = 50  # things in one group; more would be a table, which is better sent as a file


@dataclass(frozen=True, slots=True)
class More(Question):
    """Whether there is one more. It stands after the questions about those there are.

    each: what one of them is called. least, most: inclusive.
    named: those there are and those taken out that can be put back, by their numbers.
    """

    each: Message = None  # type: ignore[assignment]  # always given
    least: int = 1
    most: int = MOST
    named: Mapping[int, Message] = field(default_factory=dict)

    typed: ClassVar[bool] = False

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        present, dropped = self.present(so_far), self.dropped(so_far)
        choices = []
        if len(present) < self.most:
            choices.append(Choice(_("Yes, add one"), ADD))
        if len(present) >= self.least:
            choices.append(Choice(_("No, that is all"), DONE))
        if len(present) > self.least:
            choices += [Choice(_("Take out {one}", one=self._name(n)), drop(n)) for n in present]
        if len(present) < self.most:
            back = [number for number in dropped if number in self.named]
            choices += [Choice(_("Put back {one}", one=self._name(n)), _restore(n)) for n in back]
        return tuple(choices)

    def read(self, given: Input, so_far: Answer) -> Answer:
        if given not in [Picked(choice.action) for choice in self.choices(so_far)]:
            raise Misread(_("Please choose one of the answers shown."))
        action = given.action if isinstance(given, Picked) else ""
        present, dropped = self.present(so_far), self.dropped(so_far)
        if action == DONE:
            return _answer(present, dropped, whole=True)
        if action == ADD:
            return _answer([*present, max([*present, *dropped, 0]) + 1], dropped, whole=False)
        number = int(action.rpartition(":")[2])
        if action == drop(number):
            return _answer([n for n in present if n != number], [*dropped, number])
        return _answer(sorted([*present, number]), [n for n in dropped if n != number])

    def show(self, answer: Answer) -> Message:
        return Message("{each}: {count}", {"each": self.each, "count": len(answer["present"])})

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, dict) and "present" in answer

    def settles(self, given: Input) -> bool:
        return given in (Picked(DONE), Picked(ADD))

    def enough(self, answer: Answer) -> bool:
        count = len(self.present(answer))
        said = self.fits(answer) and bool(answer.get("whole"))
        return count >= self.least and (said or count >= self.most)

    def present(self, answer: Answer) -> list[int]:
        """Numbers of those there are; before anything is said, of as many as there must be."""
        if self.fits(answer):
            return list(answer["present"])
        return list(range(1, self.least + 1))

    def dropped(self, answer: Answer) -> list[int]:
        """Numbers of those taken out, which no other gets."""
        return list(answer.get("dropped", ())) if self.fits(answer) else []

    def _name(self, number: int) -> Message:
        return self.named.get(number, self.each)


@dataclass(frozen=True, slots=True)
class Group:
    """more: has the group's key and condition. questions: with keys of their own, "name".

    before: what the last period said about each, numbered by its place, such as "model.2.name".
    """

    more: More
    questions: tuple[Question, ...]
    before: Mapping[str, Last] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.more.key

    def asked(self, answers: Mapping[str, Answer]) -> list[Question]:
        """The questions about each, then the one about more. Their own conditions still hold."""
        present = self.more.present(answers.get(self.key))
        spare = len(present) > self.more.least
        asked = []
        for place, number in enumerate(present, start=1):
            name = Message("{each} {place}", {"each": self.more.each, "place": place})
            asked += self._about(Part(self.key, number, name, spare))
        return [*asked, replace(self.more, named=self._named(answers, present))]

    def every(self, answers: Mapping[str, Answer]) -> list[Question]:
        """As `asked`, with the questions about those taken out."""
        dropped = self.more.dropped(answers.get(self.key))
        parts = [Part(self.key, number, self.more.each, spare=True) for number in dropped]
        return [*self.asked(answers), *(one for part in parts for one in self._about(part))]

    def _about(self, part: Part) -> list[Question]:
        return [self._one(question, part) for question in self.questions]

    def _one(self, question: Question, part: Part) -> Question:
        when: Any = question.when
        if isinstance(when, When) and when.key in {own.key for own in self.questions}:
            when = replace(when, key=_key(part, when.key))
        section = question.section or self.more.section
        key = _key(part, question.key)
        last = self.before.get(key)
        last = last if last and question.enough(last.answer) else None
        return replace(question, key=key, when=when, part=part, section=section, last=last)

    def _named(self, answers: Mapping[str, Answer], present: list[int]) -> dict[int, Message]:
        """By their places and first answers: "Model 2 – Choir"; without a place when taken out."""
        named: dict[int, Message] = {}
        for place, number in enumerate(present, start=1):
            numbered = Message("{each} {place}", {"each": self.more.each, "place": place})
            named[number] = self._name(numbered, self._first(answers, number))
        for number in self.more.dropped(answers.get(self.key)):
            if (first := self._first(answers, number)) is not None:
                named[number] = self._name(self.more.each, first)
        return named

    def _first(self, answers: Mapping[str, Answer], number: int) -> Answer:
        return answers.get(f"{self.key}.{number}.{self.questions[0].key}")

    def _name(self, called: Message, first: Answer) -> Message:
        if not (isinstance(first, str) and self.questions[0].fits(first)):
            return called
        name = {"called": called, "first": self.questions[0].show(first)}
        return Message("{called} – {first}", name)


def _key(part: Part, own: str) -> str:
    return f"{part.of}.{part.number}.{own}"


def drop(number: int) -> str:
    """The action that takes one out."""
    return f"{DROP}:{number}"


def _restore(number: int) -> str:
    return f"restore:{number}"


def _answer(present: list[int], dropped: list[int], *, whole: bool = False) -> dict[str, Any]:
    return {"present": present, "dropped": dropped, "whole": whole}
