"""Turn the items of a checklist into questions."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from core.message import Message, _, quiet, verbatim, with_links
from core.question import (
    Day,
    Files,
    ItemKind,
    Link,
    Number,
    OneChoice,
    Question,
    SeveralChoices,
    Text,
    When,
    YesNo,
)
from storage import checklists
from storage.checklists import ChecklistItem, Duty
from storage.reports import Report

Common = dict[str, Any]
Make = Callable[[Common, ChecklistItem, date], Question]


def questions(session: Session, report: Report, today: date) -> tuple[Question, ...]:
    """The questions a report was begun with, in order."""
    duty = session.get_one(Duty, report.duty_id)
    document = checklists.document_of(session, duty).name
    asked: list[Question] = []
    for item in checklists.items(session, report.revision_id or 0):
        common = _common(item, document)
        asked.append(ASK[item.kind](common, item, today))
        if note := item.options.get("note"):
            asked.append(_note(item, note))
    return tuple(asked)


def _common(item: ChecklistItem, document: str) -> Common:
    small: list[Message] = [with_links(item.help)] if item.help else []
    if item.clause:
        small.append(
            _("Clause {clause}, document {document}", clause=item.clause, document=document)
        )
    when = When(item.when_key, tuple(item.when_values or ())) if item.when_key else None
    return {
        "key": item.key,
        "text": with_links(item.text),
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
        under=tuple(quiet(with_links(said)) for said in (item.text, item.help) if said),
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
