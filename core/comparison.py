"""What changed between two versions of a report, item by item."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.message import Message, _
from core.question import Answer, Files, Question
from core.shown import named

NOTE = ".note"  # ends the key of the question that asks for a note on an item


@dataclass(frozen=True, slots=True)
class Change:
    """before, after: never alike; None where there is no answer."""

    question: Question
    before: Answer
    after: Answer

    def line(self) -> Message:
        before, after = (_shown(self.question, one) for one in (self.before, self.after))
        line = {"question": named(self.question), "after": after}
        if isinstance(self.question, Files) and self.before and self.after:
            # Photos often bear one name, which would look as if nothing had changed.
            return _("• {question}: other files, now {after}", **line)
        return _("• {question}: {before} → now {after}", **line, before=before)


def changes(
    questions: Iterable[Question], before: Mapping[str, Answer], after: Mapping[str, Answer]
) -> list[Change]:
    """In the order of the questions. Not asked, skipped and an empty list are alike."""
    pairs = ((q, _given(before, q.key), _given(after, q.key)) for q in questions)
    # By type too, as True == 1 in Python and in no questionnaire.
    return [Change(q, b, a) for q, b, a in pairs if (type(b), b) != (type(a), a)]


def all_answered(remarked: Collection[str], changed: Iterable[Change]) -> bool:
    """Whether each item that was remarked on has changed, or the note on it has.

    remarked: keys of items.
    """
    return set(remarked) <= {change.question.key.removesuffix(NOTE) for change in changed}


def _given(answers: Mapping[str, Answer], key: str) -> Answer:
    answer = answers.get(key)
    return None if answer == [] else answer


def _shown(question: Question, answer: Answer) -> Message:
    return _("no answer") if answer is None else question.show(answer)
