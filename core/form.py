"""A form: questions asked one by one, then reviewed and submitted.

Everything here is a function of plain data. A person's place in a form is a `Progress`, stored as
JSON between turns, so any process can carry on and a restart loses nothing. Answers are kept by
question key, never by position: a form may gain, lose or reorder questions while somebody is in
the middle of it, and `Form.resume` fits what they already said to what is asked now.
"""

from dataclasses import dataclass, field, replace

from core.message import Message, _, strong
from core.question import Answer, Misread, Question
from core.screen import BACK, DONE, KEEP, SKIP, SUBMIT, Choice, Input, Picked, Screen, show

REVIEW, CHANGE = "-review", "-change"  # places that no question's key can be


@dataclass(frozen=True, slots=True)
class Progress:
    """at: key of the question on screen, REVIEW, or CHANGE where one is picked to be changed.

    answers: by question key; None is skipped. Answers to questions that are not asked (now) stay
    in it, as a change of mind may bring the question back.
    """

    at: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)


class Submitted(Exception):
    """The person chose Submit on the review, or answered all of a form without one.

    answers: those to the questions that were asked.
    """

    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__()
        self.answers = answers


@dataclass(frozen=True, slots=True)
class Form:
    """reviewed: whether the answers are shown for a last check before they are submitted."""

    title: Message
    questions: tuple[Question, ...]
    reviewed: bool = True

    def resume(self, saved: Progress) -> Progress:
        """Fit saved progress to this form. Where all is answered already, that is the review."""
        asked = self._asked(saved.answers)
        if saved.at in _keys(asked):
            return saved
        if saved.at in (REVIEW, CHANGE) and not self._open(asked, saved.answers):
            return saved
        return replace(saved, at=self._next(saved))

    def place(self, here: Progress) -> tuple[int, int]:
        """Number of the question on screen, from 1, and how many there are."""
        keys = _keys(self._asked(here.answers))
        return (keys.index(here.at) + 1 if here.at in keys else len(keys)), len(keys)

    def screen(self, here: Progress) -> Screen:
        if here.at == REVIEW:
            return self._review(here)
        if here.at == CHANGE:
            return self._pick(here)
        question = self._question(here.at)
        so_far = here.answers.get(question.key)
        lines = [self._heading(here, question), question.text]
        lines += question.under
        if so_far not in (None, []):
            lines.append(_("Your answer so far: {answer}", answer=_shown(question, so_far)))
            lines += question.about(so_far)
        choices = (*question.choices(so_far), *self._moves(here, question))
        return Screen(tuple(lines), choices, question.typed, question.asks_phone)

    def step(self, here: Progress, given: Input) -> Progress:
        """Move on by one input. Raises Misread, to stay and say why, or Submitted."""
        match given:
            case Picked("back"):
                return replace(here, at=self._before(here))
            case Picked(action) if here.at in (REVIEW, CHANGE):
                return self._from_review(here, action)
        if here.at in (REVIEW, CHANGE):
            raise Misread(_("Please check your answers, then choose Submit."))
        return self._answer(here, given)

    def _answer(self, here: Progress, given: Input) -> Progress:
        question = self._question(here.at)
        there = here
        if not (given == Picked(KEEP) and self._can_keep(here, question)):
            answer = self._read(here, question, given)
            there = replace(here, answers={**here.answers, question.key: answer})
            if given != Picked(SKIP) and not question.settles(given):
                return there
        there = replace(there, at=self._next(there))
        if there.at == REVIEW and not self.reviewed:
            raise Submitted(self._given(there))
        return there

    def _read(self, here: Progress, question: Question, given: Input) -> Answer:
        if given == Picked(SKIP) and question.optional:
            return None
        return question.read(given, here.answers.get(question.key))

    def _can_keep(self, here: Progress, question: Question) -> bool:
        """Whether there is an answer that one can go on with; Done does where there is one."""
        so_far = here.answers.get(question.key)
        offered = [choice.action for choice in question.choices(so_far)]
        return so_far is not None and question.enough(so_far) and DONE not in offered

    def _from_review(self, here: Progress, action: str) -> Progress:
        key = action.removeprefix("edit:")
        if action == SUBMIT:
            raise Submitted(self._given(here))
        if key in (CHANGE, *_keys(self._asked(here.answers))):
            return replace(here, at=key)
        raise Misread(_("Please check your answers, then choose Submit."))

    def _heading(self, here: Progress, question: Question) -> Message:
        number, total = self.place(here)
        title = question.section or self.title
        if total == 1:
            return strong(title)
        return strong(_("{title} ({number}/{total})", title=title, number=number, total=total))

    def _moves(self, here: Progress, question: Question) -> list[Choice]:
        moves = [Choice(_("Keep this answer"), KEEP)] if self._can_keep(here, question) else []
        if question.optional:
            moves.append(Choice(_("Skip"), SKIP))
        number, total = self.place(here)
        if number > 1:
            moves.append(Choice(_("Back"), BACK))
        elif total == 1 and question.typed:
            moves.append(Choice(_("Cancel"), show("cancel")))
        return moves

    def _review(self, here: Progress) -> Screen:
        lines = [strong(_("{title}: check your answers", title=self.title))]
        for number, question in enumerate(self._asked(here.answers), start=1):
            shown = _shown(question, here.answers.get(question.key))
            line = {"number": number, "question": question.text, "answer": shown}
            lines.append(Message("{number}. {question} → {answer}", line))
        choices = (Choice(_("Submit"), SUBMIT), Choice(_("Change an answer"), CHANGE))
        return Screen(tuple(lines), choices)

    def _pick(self, here: Progress) -> Screen:
        choices = []
        for number, question in enumerate(self._asked(here.answers), start=1):
            shown = _shown(question, here.answers.get(question.key))
            line = {"number": number, "question": question.text, "answer": shown}
            label = Message("{number}. {answer} – {question}", line)
            choices.append(Choice(label, f"edit:{question.key}"))
        return Screen((_("Which answer shall we change?"),), (*choices, Choice(_("Back"), BACK)))

    def _next(self, here: Progress) -> str:
        """The first open question after this one, else the first of all, else the review."""
        asked = self._asked(here.answers)
        keys, still_open = _keys(asked), self._open(asked, here.answers)
        later = keys[keys.index(here.at) + 1 :] if here.at in keys else []
        return next((key for key in [*later, *keys] if key in still_open), REVIEW)

    def _before(self, here: Progress) -> str:
        keys = _keys(self._asked(here.answers))
        if here.at == CHANGE:
            return REVIEW
        return keys[-1] if here.at == REVIEW else keys[max(keys.index(here.at) - 1, 0)]

    def _asked(self, answers: dict[str, Answer]) -> list[Question]:
        """Those whose `when` holds; it fails where its own question is not asked."""
        asked: list[Question] = []
        valid: dict[str, Answer] = {}
        for question in self.questions:
            if question.when is None or question.when.holds(valid):
                asked.append(question)
                valid[question.key] = answers.get(question.key)
        return asked

    def _open(self, asked: list[Question], answers: dict[str, Answer]) -> set[str]:
        return {q.key for q in asked if q.key not in answers or not q.enough(answers[q.key])}

    def _given(self, here: Progress) -> dict[str, Answer]:
        return {key: here.answers.get(key) for key in _keys(self._asked(here.answers))}

    def _question(self, key: str) -> Question:
        return next(question for question in self.questions if question.key == key)


def _keys(questions: list[Question]) -> list[str]:
    return [question.key for question in questions]


def _shown(question: Question, answer: Answer) -> Message:
    return _("skipped") if answer is None or answer == [] else question.show(answer)
