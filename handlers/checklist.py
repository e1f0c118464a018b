"""Turn the items of a checklist into a form."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from core.checks import Check, Fell, Reason, Relation
from core.form import Form
from core.group import Group, More
from core.message import Message, _, quiet, verbatim
from core.question import (
    Day,
    Files,
    ItemKind,
    Last,
    Link,
    Number,
    OneChoice,
    Question,
    SeveralChoices,
    Text,
    When,
    YesNo,
    number_of,
)
from handlers.flow import Answers
from storage import checklists, last
from storage.checklists import ChecklistItem, ChecklistRevision, Duty
from storage.plan_items import LAST
from storage.reports import Report, Submission

Common = dict[str, Any]
Make = Callable[[Common, ChecklistItem, date], Question]


def form_of(
    session: Session, report: Report, version: Submission, answers: Answers, today: date
) -> Form:
    """What is asked in a report. version: the one with these answers."""
    revision = session.get_one(ChecklistRevision, report.revision_id)
    return form_with(session, revision, report, version, answers, today)


def form_with(
    session: Session,
    revision: ChecklistRevision,
    report: Report,
    version: Submission,
    answers: Answers,
    today: date,
) -> Form:
    """As `form_of`, with the questions of any revision."""
    before = last.by_key(version.last)
    duty = session.get_one(Duty, report.duty_id)
    document = checklists.document_of(session, duty).name
    asked: list[Question | Group] = []
    for item in checklists.items(session, revision.id):
        if item.kind is ItemKind.GROUP:
            asked.append(_group(item, document, today))
        else:
            asked += _with_note(item, document, today, before.get(item.key), answers)
    checks = tuple(filter(None, (_check(check, before) for check in revision.checks)))
    return Form(verbatim(report.title), tuple(asked), checks=checks)


def questions(
    session: Session, report: Report, version: Submission, answers: Answers, today: date
) -> list[Question]:
    """The questions that these answers make it ask, in order."""
    return list(form_of(session, report, version, answers, today).asked(answers).values())


def _with_note(
    item: ChecklistItem, document: str, today: date, before: Last | None, answers: Answers
) -> list[Question]:
    """A question, and the one for a note about its answer where there may be one."""
    question = ASK[item.kind](_common(item, document), item, today)
    if before and question.enough(before.answer):
        question = replace(question, last=before)
    asked = [question]
    if note := item.options.get("note"):
        asked.append(_note(item, note))
    if isinstance(question, Number) and question.grows and question.last:
        asked.append(_reason(question, question.last, answers))
    return asked


def _group(item: ChecklistItem, document: str, today: date) -> Group:
    options = {name: item.options[name] for name in ("least", "most") if name in item.options}
    more = More(**_common(item, document), each=verbatim(item.options["each"]), **options)
    inner = [
        question
        for row in checklists.items_in(item)
        for question in _with_note(row, document, today, None, {})
    ]
    return Group(more, tuple(inner))


def _check(check: Mapping[str, Any], before: Mapping[str, Last]) -> Check | None:
    """None where it needs what nothing is known about."""
    left, right = _operands(check["left"], before), _operands(check["right"], before)
    if left is None or right is None:
        return None
    return Check(
        left[0],
        Relation(check["is"]),
        right[0],
        verbatim(check["say"]),
        check["severity"] == "refuse",
        (left[1], right[1]),
    )


def _operands(
    names: list[str], before: Mapping[str, Last]
) -> tuple[tuple[str, ...], Decimal] | None:
    """Keys of this report, and the sum of those of the last; None if one of these is unknown."""
    keys = tuple(name for name in names if not name.startswith(LAST))
    of_last = [name.removeprefix(LAST) for name in names if name.startswith(LAST)]
    known = [number_of(before[key].answer) if key in before else None for key in of_last]
    if None in known:
        return None
    return keys, sum(filter(None, known), Decimal(0))


def _common(item: ChecklistItem, document: str) -> Common:
    small: list[Message] = [verbatim(item.help)] if item.help else []
    if item.clause:
        small.append(
            _("Clause {clause}, document {document}", clause=item.clause, document=document)
        )
    when = When(item.when_key, tuple(item.when_values or ())) if item.when_key else None
    return {
        "key": item.key,
        "text": verbatim(item.text),
        "optional": item.optional,
        "when": when,
        "section": verbatim(item.section) if item.section else None,
        "under": tuple(map(quiet, small)),
    }


def _note(item: ChecklistItem, note: str) -> Question:
    """Asked after the answer that invites a note. note: "yes", "no" or "either"."""
    values = {"yes": (True,), "no": (False,)}.get(note, (True, False))
    return Text(
        key=f"{item.key}.note",
        text=_("Would you like to add a note?"),
        optional=True,
        when=When(item.key, values),
        section=verbatim(item.section) if item.section else None,
        under=tuple(quiet(verbatim(said)) for said in (item.text, item.help) if said),
    )


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


def _options(item: ChecklistItem) -> Mapping[str, Message]:
    return {o["value"]: verbatim(o["label"]) for o in item.options["options"]}


def _yes_no(common: Common, item: ChecklistItem, _today: date) -> Question:
    """Offices end with "chưa?" when they ask what was done so far; a plain no would be rude."""
    return YesNo(**common, yet=item.text.rstrip(" ?").endswith("chưa"))


def _number(common: Common, item: ChecklistItem, _today: date) -> Question:
    options = item.options
    return Number(
        **common,
        low=Decimal(str(options.get("low", 0))),
        high=Decimal(str(options.get("high", 1_000_000))),
        decimals=options.get("decimals", 0),
        unit=options.get("unit", ""),
        grows=options.get("over") == "year",
    )


def _files(common: Common, item: ChecklistItem, _today: date) -> Question:
    least = item.options.get("least", 0 if item.optional else 1)
    return Files(**common, least=least, most=item.options.get("most", 10))


ASK: Mapping[ItemKind, Make] = {
    ItemKind.YES_NO: _yes_no,
    ItemKind.CHOICE: lambda common, item, _today: OneChoice(**common, options=_options(item)),
    ItemKind.CHOICES: lambda common, item, _today: SeveralChoices(
        **common, options=_options(item)
    ),
    ItemKind.NUMBER: _number,
    ItemKind.DATE: lambda common, _item, today: Day(**common, today=today),
    ItemKind.TEXT: lambda common, item, _today: Text(
        **common, longest=item.options.get("longest", 1000)
    ),
    ItemKind.LINK: lambda common, _item, _today: Link(**common),
    ItemKind.FILES: _files,
}
