"""The questions of a checklist as a plan's file writes them, and what may be wrong with them."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.checks import Relation
from core.events import EventKind
from core.group import MOST
from core.question import ItemKind

KEY = r"^[a-z][a-z0-9_]{0,29}$"
# "edit:" and the key must fit an action of 40 characters, as must a number of two digits between
# the keys of a group and of its question, and ".note" behind them.
LONGEST_IN_GROUP = 26
LAST = "last."  # before a key: what was answered in the last period


class BadPlan(Exception):
    """The file cannot be published. The text says where and why, for whoever wrote it."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WhenPart(Strict):
    key: str
    is_: Any = Field(alias="is")


class Option(Strict):
    value: str = Field(pattern=r"^[a-z0-9_-]{1,20}$")
    label: str


class AttendedPart(Strict):
    """What the system itself counts: people of the school at such events, or the events."""

    kind: EventKind
    count: Literal["people", "events"] = "people"


class Item(Strict):
    """The rest of the fields are what one kind or another needs.

    over: "year" for a number that counts from the start of the year and so never falls.
    same_as: "checklist.key" of an item that asks for the same elsewhere.
    attended: of a number that is offered from who was at the year's events.
    each, item: of a group: what one of its things is called, and what is asked about each.
    """

    key: str = Field(pattern=KEY)
    kind: ItemKind
    text: str
    help: str = ""
    section: str = ""
    clause: str = ""
    optional: bool = False
    when: WhenPart | None = None
    note: str | None = None
    low: float | None = None
    high: float | None = None
    decimals: int | None = None
    unit: str | None = None
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    options: list[Option] | None = None
    over: Literal["year"] | None = None
    same_as: str | None = None
    attended: AttendedPart | None = None
    each: str | None = None
    item: list["Item"] | None = None


class CheckPart(Strict):
    """The sum of the numbers on the left stands so to the sum on the right, or `say` is said.

    left, right: keys of numbers; "last.key" for what the last period's report said, and
    "group.key" for the sum of this number over all things of a group.
    """

    left: list[str] = Field(min_length=1)
    is_: Relation = Field(alias="is")
    right: list[str] = Field(min_length=1)
    say: str
    severity: Literal["refuse", "warn"] = "refuse"


class ChecklistPart(Strict):
    code: str
    title: str
    item: list[Item]
    check: list[CheckPart] = []


Fault = str | None
Judge = Callable[[Item], Fault]


def check_checklists(parts: list[ChecklistPart], anchors: set[str]) -> None:
    """Raises BadPlan for the first fault."""
    for part in parts:
        _check_items(f"checklist {part.code}", part.item, anchors, {})
        for item in part.item:
            _check_same_as(f"checklist {part.code}, item {item.key}", item, parts)
        for number, check in enumerate(part.check, start=1):
            _check_check(f"checklist {part.code}, check {number}", check, part)


def _check_items(
    where: str, items: list[Item], anchors: set[str], outside: dict[str, ItemKind]
) -> None:
    """outside: the items before their group, by key."""
    earlier: dict[str, ItemKind] = {}
    for item in items:
        place = f"{where}, item {item.key}"
        if item.key in earlier:
            raise BadPlan(f"{place}: the key stands twice")
        if item.when and item.when.key not in earlier | outside:
            raise BadPlan(f"{place}: `when` must name an earlier item")
        if item.when and (earlier | outside)[item.when.key] is ItemKind.GROUP:
            raise BadPlan(f"{place}: `when` cannot name a group")
        if item.clause and item.clause not in anchors:
            raise BadPlan(f"{place}: clause {item.clause} is not in this file")
        for fault in filter(None, (judge(item) for judge in JUDGES)):
            raise BadPlan(f"{place}: {fault}")
        if item.item:
            _check_group(place, item, anchors, earlier)
        earlier[item.key] = item.kind


def _check_group(place: str, group: Item, anchors: set[str], outside: dict[str, ItemKind]) -> None:
    for inner in group.item or ():
        if inner.kind is ItemKind.GROUP:
            raise BadPlan(f"{place}: a group cannot stand in a group")
        if inner.over or inner.same_as or inner.attended:
            raise BadPlan(f"{place}, item {inner.key}: nothing is compared inside a group")
        if inner.key in outside or inner.key == group.key:
            raise BadPlan(f"{place}, item {inner.key}: the key stands outside the group too")
        if len(group.key) + len(inner.key) > LONGEST_IN_GROUP:
            raise BadPlan(
                f"{place}, item {inner.key}: both keys together may have"
                f" {LONGEST_IN_GROUP} characters"
            )
    _check_items(place, group.item or [], anchors, outside)


def _options(item: Item) -> Fault:
    wants = item.kind in (ItemKind.CHOICE, ItemKind.CHOICES)
    return "needs options" if wants and not item.options else None


def _note(item: Item) -> Fault:
    if item.note is None:
        return None
    if item.kind is not ItemKind.YES_NO:
        return "`note` is for yes_no"
    fits = item.note in ("yes", "no", "either")
    return None if fits else "`note` is yes, no or either"


def _bounds(item: Item) -> Fault:
    for low, high, names in ((item.low, item.high, "low"), (item.least, item.most, "least")):
        if low is not None and high is not None and low > high:
            return f"`{names}` is above its upper bound"
    return None


def _over(item: Item) -> Fault:
    wrong = item.over and item.kind is not ItemKind.NUMBER
    return "`over` is for a number" if wrong else None


def _attended(item: Item) -> Fault:
    wrong = item.attended and (item.kind is not ItemKind.NUMBER or item.decimals)
    return "`attended` is for a whole number" if wrong else None


def _grouped(item: Item) -> Fault:
    if item.kind is not ItemKind.GROUP:
        return "`each` and `item` are for a group" if item.each or item.item else None
    if not (item.each and item.item):
        return "a group needs `each` and at least one item"
    if (item.least or 0) < 0 or not 1 <= (item.most or 1) <= MOST:
        return f"a group has from 0 to {MOST} things"
    return None


JUDGES: tuple[Judge, ...] = (_options, _note, _bounds, _over, _attended, _grouped)


def _check_same_as(where: str, item: Item, parts: Iterable[ChecklistPart]) -> None:
    if item.same_as is None:
        return
    code, _dot, key = item.same_as.partition(".")
    kinds = [i.kind for part in parts if part.code == code for i in part.item if i.key == key]
    if not kinds:
        raise BadPlan(f"{where}: `same_as` {item.same_as} is not in this file")
    if kinds[0] is not item.kind or item.kind in (ItemKind.FILES, ItemKind.GROUP):
        raise BadPlan(f"{where}: `same_as` must be of the same kind, and no files or group")


def _check_check(where: str, check: CheckPart, part: ChecklistPart) -> None:
    kinds = {item.key: item.kind for item in part.item}
    for group in part.item:
        kinds |= {f"{group.key}.{item.key}": item.kind for item in group.item or ()}
    for name in (*check.left, *check.right):
        key = name.removeprefix(LAST)
        if key not in kinds:
            raise BadPlan(f"{where}: {key} is no item of this checklist")
        if kinds[key] is not ItemKind.NUMBER:
            raise BadPlan(f"{where}: {key} is no number")
        if "." in key and key != name:
            raise BadPlan(f"{where}: {name}: nothing is recalled from inside a group")
    if all(name.startswith(LAST) for name in (*check.left, *check.right)):
        raise BadPlan(f"{where}: compares nothing of this report")
