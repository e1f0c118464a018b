"""A form: questions asked one by one, then reviewed and submitted.

Everything here is a function of plain data. A person's place in a form is a `Progress`, stored as
JSON between turns, so any process can carry on and a restart loses nothing. Answers are kept by
question key, never by position: a form may gain, lose or reorder questions while somebody is in
the middle of it, and `Form.resume` fits what they already said to what is asked now.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from core import group, shown
from core.checks import Check, is_far
from core.group import Group
from core.message import Message, _
from core.question import Answer, Misread, Part, Question, no_number
from core.screen import (
    AGAIN,
    BACK,
    DONE,
    DROP,
    EDIT,
    KEEP,
    SAME,
    SKIP,
    SUBMIT,
    Choice,
    Input,
    Picked,
    Screen,
    Typed,
    Uploaded,
    show,
)

REVIEW, CHANGE = "-review", "-change"  # places that no question's key can be
SUBMITTING = _("Submit")
_CANCEL = Choice(_("Cancel"), show("cancel"))
# "8", "8." or "câu 8", but no answer that has a number in it.
_NUMBER = re.compile(r"\s*(?:[^\W\d]{1,4}\s+){0,2}([0-9]{1,3})[.)]?\s*")


@dataclass(frozen=True, slots=True)
class Progress:
    """at: key of the question on screen, REVIEW, or CHANGE where one is picked to be changed.

    answers: by question key; None is skipped. Answers to questions that are not asked (now) stay
    in it, as a change of mind may bring the question back.
    again: keys of questions that are asked once more, although they have an answer.
    """

    at: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    again: frozenset[str] = frozenset()


class Submitted(Exception):
    """The person chose Submit on the review, or answered all of a form without one.

    answers: those to the questions that were asked.
    """

    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__()
        self.answers = answers


@dataclass(frozen=True, slots=True)
class Form:
    """reviewed: whether the answers are shown for a last check before they are submitted.

    checks: between the numbers of a reviewed form. One that fails is said when the last of its
        numbers is answered and again on the review, where one that refuses stands in the way.
    remarks: what somebody asks to have mended, by the question's key.
    submit: what submitting is called here.
    cancels: whether the first question and the review offer to leave, for what one may have
        opened by a slip.
    """

    title: Message
    questions: tuple[Question | Group, ...]
    reviewed: bool = True
    checks: tuple[Check, ...] = ()
    remarks: Mapping[str, Message] = field(default_factory=dict)
    submit: Message = SUBMITTING
    cancels: bool = False

    def asked(self, answers: dict[str, Answer]) -> dict[str, Question]:
        """By key, those whose `when` holds; it fails where its own question is not asked."""
        asked: dict[str, Question] = {}
        valid: dict[str, Answer] = {}
        for question in self._unfolded(answers, valid):
            if question.when is None or question.when.holds(valid):
                asked[question.key] = question
                valid[question.key] = answers.get(question.key)
        return asked

    def every(self, answers: dict[str, Answer]) -> dict[str, Question]:
        """As `asked`, with those that are not asked because of other answers."""
        every: dict[str, Question] = {}
        for one in self.questions:
            questions = one.every(answers) if isinstance(one, Group) else [one]
            every |= {question.key: question for question in questions}
        return every

    def _unfolded(
        self, answers: dict[str, Answer], valid: dict[str, Answer]
    ) -> Iterator[Question]:
        """All questions one by one. valid: the answers so far, which decide about a group."""
        for question in self.questions:
            if not isinstance(question, Group):
                yield question
            elif question.more.when is None or question.more.when.holds(valid):
                yield from question.asked(answers)

    def given(self, answers: dict[str, Answer]) -> dict[str, Answer]:
        """The answers to what is asked; None for each that is missing."""
        return {key: answers.get(key) for key in self.asked(answers)}

    def resume(self, saved: Progress) -> Progress:
        """Fit saved progress to this form. Where all is answered already, that is the review."""
        there = self._place(saved)
        if saved.at in there.asked:
            return saved
        if saved.at in (REVIEW, CHANGE) and not there.open():
            return saved
        return replace(saved, at=there.next(there))

    def place(self, here: Progress) -> tuple[int, int]:
        """Number of the question on screen, from 1, and how many there are."""
        return self._place(here).number()

    def screen(self, here: Progress) -> Screen:
        return self._place(here).screen()

    def step(self, here: Progress, given: Input) -> Progress:
        """Move on by one input. Raises Misread, to stay and say why, or Submitted."""
        return self._place(here).step(given)

    def _place(self, here: Progress) -> "_Place":
        return _Place(self, here.at, here.answers, self.asked(here.answers), here.again)


@dataclass(frozen=True, slots=True)
class _Place:
    """A progress, with what is asked after its answers."""

    form: Form
    at: str
    answers: dict[str, Answer]
    asked: dict[str, Question]
    again: frozenset[str]

    @property
    def question(self) -> Question:
        return self.asked[self.at]

    @property
    def so_far(self) -> Answer:
        """None also for an answer to an earlier wording, which this question cannot take up."""
        answer = self.answers.get(self.at)
        return answer if self.question.fits(answer) else None

    def screen(self) -> Screen:
        if self.at == REVIEW:
            return self._review()
        if self.at == CHANGE:
            choices = (*shown.each(self.asked, self.answers), Choice(_("Back"), BACK))
            ask = _("Which answer shall we change? Pick it, or type its number.")
            return Screen((ask,), choices)
        question, objections = self.question, self._objections()
        lines = [*objections.lines, shown.heading(self.form.title, question, *self.number())]
        lines += shown.body(question, self.so_far, self.form.remarks.get(self.at))
        choices = (*question.choices(self.so_far), *self._moves(objections))
        return Screen(tuple(lines), choices, question.typed, question.asks_phone)

    def step(self, given: Input) -> Progress:
        if given == Picked(BACK):
            return self._to(self._before())
        if self.at in (REVIEW, CHANGE):
            return self._from_review(given)
        moves = self._moves(self._objections())
        offered = {choice.action for choice in (*moves, *self.question.choices(self.so_far))}
        if isinstance(given, Picked) and given.action in offered and _leads_on(given.action):
            return self._moved(given.action)
        return self._answered(given, offered)

    def _moved(self, action: str) -> Progress:
        """Do what needs no reading of an answer."""
        if action == KEEP:
            return self._go_on(self)
        if action == AGAIN:
            return Progress(self.at, {**self.answers, self.at: None}, self.again)
        if action == DROP and self.question.part:
            return self._without(self.question.part)
        return self._to(action.removeprefix(f"{EDIT}:"))

    def _answered(self, given: Input, offered: set[str]) -> Progress:
        there = self._with(self.at, self._read(given, offered))
        settled = given in (Picked(SKIP), Picked(SAME)) or self.question.settles(given)
        if not settled or there._objections().lines:
            return there._to(there.at)
        return there._go_on(self)

    def _read(self, given: Input, offered: set[str]) -> Answer:
        if given == Picked(SKIP) and SKIP in offered:
            return None
        if given == Picked(SAME) and SAME in offered and self.question.last:
            return self.question.last.answer
        if isinstance(given, Uploaded) and not self.question.takes_files:
            raise Misread(_("This question takes no photo, file or voice message."))
        return self.question.read(given, self.so_far)

    def _without(self, part: Part) -> Progress:
        more = self.asked[part.of]
        taken_out = more.read(Picked(group.drop(part.number)), self._of(part.of))
        return self._with(part.of, taken_out)._to(part.of)

    def _go_on(self, before: "_Place") -> Progress:
        there = replace(self, again=self.again - {self.at})
        at = there.next(before)
        if at == REVIEW and not self.form.reviewed:
            raise Submitted(self.form.given(self.answers))
        return there._to(at)

    def _from_review(self, given: Input) -> Progress:
        action = given.action if isinstance(given, Picked) else ""
        key = action.removeprefix(f"{EDIT}:")
        if action == SUBMIT:
            for check in self._failing():
                if check.refuses:
                    raise Misread(check.sentence)
            raise Submitted(self.form.given(self.answers))
        if key == CHANGE or key in self.asked:
            return self._to(key)
        if isinstance(given, Typed) and (named := _NUMBER.fullmatch(given.text)):
            return self._to(self._numbered(int(named[1])))
        first = _("Please check your answers, then choose {submit}.", submit=self.form.submit)
        raise Misread(first)

    def _numbered(self, number: int) -> str:
        """The key of what stands there on the review. Raises Misread."""
        keys = list(self.asked)
        if 1 <= number <= len(keys):
            return keys[number - 1]
        raise Misread(no_number(number, len(keys)))

    def _review(self) -> Screen:
        title = _("{title}: check your answers", title=self.form.title)
        failing = self._failing()
        keys = dict.fromkeys(key for check in failing if check.refuses for key in check.keys)
        ways = [shown.change(self.asked[key]) for key in keys] or [
            Choice(self.form.submit, SUBMIT)
        ]
        lines = shown.review(title, self.asked, self.answers, self.form.remarks, failing)
        leave = [_CANCEL] if self.form.cancels else []
        return Screen(tuple(lines), (*ways, Choice(_("Change an answer"), CHANGE), *leave))

    def _objections(self) -> shown.Objections:
        """What there is to say against the answer on screen."""
        if self.at not in self.asked or self.so_far is None:
            return shown.Objections()
        about = [(check, (*check.keys, *check.groups)) for check in self._failing()]
        failing = [check for check, keys in about if self.at in keys]
        far = is_far(self.question, self.so_far)
        return shown.objections(self.question, self.answers, self.asked, failing, far=far)

    def _failing(self) -> list[Check]:
        if not self.form.checks:
            return []
        answers = {key: self._whole(key) for key in self.asked}
        checks = (check.unfolded(answers) for check in self.form.checks)
        return [check for check in checks if check.fails(answers)]

    def _moves(self, objections: shown.Objections) -> list[Choice]:
        question, (number, total) = self.question, self.number()
        moves = [*objections.choices]
        if not moves and self._can_keep():
            moves.append(Choice(_("Keep this answer"), KEEP))
        if question.last:
            moves.append(Choice(_("Same as last time"), SAME))
        if question.optional:
            moves.append(Choice(_("Skip"), SKIP))
        if number > 1:
            moves.append(Choice(_("Back"), BACK))
        elif self.form.cancels or (total == 1 and question.typed):
            moves.append(_CANCEL)
        if question.part and question.part.spare:
            moves.append(Choice(_("Take out {one}", one=question.part.name), DROP))
        return moves

    def _can_keep(self) -> bool:
        """Whether there is an answer that one can go on with; Done does where there is one."""
        offered = [choice.action for choice in self.question.choices(self.so_far)]
        enough = self.so_far is not None and self.question.enough(self.so_far)
        return enough and DONE not in offered

    def number(self) -> tuple[int, int]:
        keys = list(self.asked)
        return (keys.index(self.at) + 1 if self.at in self.asked else len(keys)), len(keys)

    def open(self) -> set[str]:
        """Keys of what is still to be answered, or to be looked at once more."""
        return {
            key
            for key, question in self.asked.items()
            if key in self.again
            or key not in self.answers
            or not question.enough(self.answers[key])
        }

    def next(self, before: "_Place") -> str:
        """The next open question: of those the answer brought up, of the later ones, of all.

        Only a group brings up questions that stand before the one that was answered.
        """
        keys, still_open = list(self.asked), self.open()
        here = keys.index(self.at) if self.at in self.asked else len(keys)
        brought_up = [key for key in keys[:here] if key not in before.asked]
        ways = [*brought_up, *keys[here + 1 :], *keys]
        return next((key for key in ways if key in still_open), REVIEW)

    def _before(self) -> str:
        keys = list(self.asked)
        if self.at == CHANGE:
            return REVIEW
        return keys[-1] if self.at == REVIEW else keys[max(keys.index(self.at) - 1, 0)]

    def _of(self, key: str) -> Answer:
        """An answer that its question can take."""
        answer = self.answers.get(key)
        return answer if self.asked[key].fits(answer) else None

    def _whole(self, key: str) -> Answer:
        """As `_of`, but not one that is only begun."""
        answer = self._of(key)
        return answer if self.asked[key].enough(answer) else None

    def _to(self, at: str) -> Progress:
        return Progress(at, self.answers, self.again)

    def _with(self, key: str, answer: Answer) -> "_Place":
        answers = {**self.answers, key: answer}
        return replace(self, answers=answers, asked=self.form.asked(answers))


def _leads_on(action: str) -> bool:
    """Whether a choice on a question is no answer to it."""
    return action in (KEEP, AGAIN, DROP) or action.startswith(f"{EDIT}:")
