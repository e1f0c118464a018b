"""Turn the items of a checklist into questions."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.group import Group, More
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
from storage.checklists import ChecklistItem

Common = dict[str, Any]
Make = Callable[[Common, ChecklistItem, date], Question]


def questions_of(
    items: Iterable[ChecklistItem], document: str, today: date
) -> list[Question | Group]:
    """What is asked, in order. document: the name of the one that the items' clauses are in."""
    asked: list[Question | Group] = []
    for item in items:
        if item.kind is ItemKind.GROUP:
            asked.append(_group(item, document, today))
        else:
            asked += _with_note(item, document, today)
    return asked


def _with_note(item: ChecklistItem, document: str, today: date) -> list[Question]:
    """A question, and the one for a note about its answer where there may be one."""
    asked = [ASK[item.kind](_common(item, document), item, today)]
    if note := item.options.get("note"):
        asked.append(_note(item, note))
    return asked


def _group(item: ChecklistItem, document: str, today: date) -> Group:
    options = {name: item.options[name] for name in ("least", "most") if name in item.options}
    more = More(**_common(item, document), each=verbatim(item.options["each"]), **options)
    inner = [_with_note(row, document, today) for row in checklists.items_in(item)]
    return Group(more, tuple(question for questions in inner for question in questions))


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
