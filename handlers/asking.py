"""The form of a report: what its checklist asks, beside what was answered in the last period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from core import writing
from core.checks import Check, Fell, Reason, Relation
from core.form import Form
from core.group import Group
from core.message import Message, _, ngettext, quiet, strong, verbatim
from core.question import Last, Number, Question, number_of
from handlers.checklist import questions_of
from handlers.flow import Answers
from storage import checklists, last
from storage.plan_items import LAST
from storage.reports import Report
from storage.submissions import Submission

Before = Mapping[str, Last]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a revision asks, which never changes. checks: see `ChecklistRevision`."""

    questions: Sequence[Question | Group]
    checks: Sequence[Mapping[str, Any]]


def form_of(
    session: Session, report: Report, version: Submission, answers: Answers, today: date
) -> Form:
    """What is asked in a report. version: the one with these answers."""
    return form_with(session, report.revision_id or 0, report, version, answers, today)


def form_with(
    session: Session,
    revision_id: int,
    report: Report,
    version: Submission,
    answers: Answers,
    today: date,
) -> Form:
    """As `form_of`, with the questions of any revision."""
    asked, before = _asked(session, revision_id, report.duty_id, today), last.by_key(version.last)
    known = _recorded(_above(asked.questions, report), version.recorded or {})
    beside = tuple(_beside(known, before, answers)) if before else known
    checks = tuple(filter(None, (_check(check, asked, before) for check in asked.checks)))
    return Form(verbatim(report.title), tuple(beside), checks=checks)


def questions(
    session: Session, report: Report, version: Submission, answers: Answers, today: date
) -> list[Question]:
    """The questions that these answers make it ask, in order."""
    return list(form_of(session, report, version, answers, today).asked(answers).values())


def _asked(session: Session, revision_id: int, duty_id: int, today: date) -> _Asked:
    """Looked up once in a turn, and made into questions once a day, as every turn needs it."""
    in_turn = ("what is asked", revision_id, duty_id)
    if in_turn not in session.info:
        session.info[in_turn] = _looked_up(session, revision_id, duty_id, today)
    asked: _Asked = session.info[in_turn]
    return asked


def _looked_up(session: Session, revision_id: int, duty_id: int, today: date) -> _Asked:
    head = checklists.head(session, revision_id, duty_id)
    key = (head.digest, head.document, today)
    if head.digest and (known := _KNOWN.get(key)):
        return known
    items = checklists.items(session, revision_id)
    asked = _Asked(questions_of(items, head.document, today), head.checks)
    if head.digest:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = asked
    return asked


MOST_KNOWN = 64  # revisions; an office has a few that are being answered
_KNOWN: dict[tuple[str, str, date], _Asked] = {}


def found(report: Report) -> list[Message]:
    """What an inspection found at the school, where the report is about that."""
    if report.finding is None:
        return []
    words = writing.body(report.finding)
    files = len(writing.uploads(report.finding))
    lines = [strong(_("What was found:")), *([words] if words else [])]
    if files:
        lines.append(ngettext("{count} file goes with it.", "{count} files go with it.", files))
    return lines


def _above(asked: Sequence[Question | Group], report: Report) -> Sequence[Question | Group]:
    """The same, the first with what it is about; a group is never the first of those."""
    first = asked[0]
    if report.finding is None or isinstance(first, Group):
        return asked
    return [replace(first, under=(*found(report), *first.under)), *asked[1:]]


def _recorded(
    asked: Sequence[Question | Group], recorded: Mapping[str, int]
) -> Sequence[Question | Group]:
    """The same with what the system itself counted."""
    if not recorded:
        return asked
    return [
        replace(one, recorded=recorded.get(one.key)) if isinstance(one, Number) else one
        for one in asked
    ]


def _beside(
    asked: Iterable[Question | Group], before: Before, answers: Answers
) -> Iterable[Question | Group]:
    """The same with what was answered before, and with a question after a number that fell."""
    for question in asked:
        if isinstance(question, Group):
            yield replace(question, before=before)
            continue
        said = before.get(question.key)
        if said is None or not question.enough(said.answer):
            yield question
            continue
        yield replace(question, last=said)
        if isinstance(question, Number) and question.grows:
            yield _reason(question, said, answers)


def _reason(number: Number, before: Last, answers: Answers) -> Question:
    """Asked where a number over the year falls, which needs a word about why."""
    so_far = answers.get(number.key)
    values = {
        "title": before.title,
        "before": number.show(before.answer),
        "now": number.show(so_far) if number.fits(so_far) else verbatim(""),
    }
    return Reason(
        key=f"{number.key}.note",
        text=_("{title} said {before}, now it is {now}.", **values),
        when=Fell(number.key, number_of(before.answer) or Decimal(0)),
        section=number.section,
        under=(_("Correct the number, or write why it is lower."), quiet(number.text)),
        about=number.key,
    )


def _check(check: Mapping[str, Any], asked: _Asked, before: Before) -> Check | None:
    """None where it needs what nothing is known about."""
    left, right = _operands(check["left"], before), _operands(check["right"], before)
    if left is None or right is None:
        return None
    recalled = _of_last([*check["left"], *check["right"]])
    return Check(
        left[0],
        Relation(check["is"]),
        right[0],
        verbatim(check["say"]),
        check["severity"] == "refuse",
        (left[1], right[1]),
        tuple(_recalled(q, before[q.key]) for q in asked.questions if q.key in recalled),
    )


def _operands(names: list[str], before: Before) -> tuple[tuple[str, ...], Decimal] | None:
    """Keys of this report, and the sum of those of the last; None if one of these is unknown."""
    keys = tuple(name for name in names if not name.startswith(LAST))
    said = [number_of(before[key].answer) if key in before else None for key in _of_last(names)]
    if None in said:
        return None
    return keys, sum(filter(None, said), Decimal(0))


def _of_last(names: Iterable[str]) -> list[str]:
    return [name.removeprefix(LAST) for name in names if name.startswith(LAST)]


def _recalled(question: Question | Group, said: Last) -> Message:
    number = {"number": number_of(said.answer), "title": said.title}
    text = question.more.text if isinstance(question, Group) else question.text
    return Message("• {question} → {number} ({title})", {"question": text, **number})
