"""Sentences the bot says, kept untranslated until the reader's language is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum


class Style(StrEnum):
    """How a whole line looks, where the channel can show it."""

    PLAIN = ""
    STRONG = "strong"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and the values to fill into it.

    id: the English sentence, also the gettext msgid; `{name}` marks where a value goes.
    values: dates, numbers and nested messages are formatted for the reader's language.
    plural, count: given together when the wording depends on a number.
    """

    id: str
    values: Mapping[str, object] = field(default_factory=dict)
    plural: str = ""
    count: int = 1
    style: Style = Style.PLAIN


class Tappable(str):
    """A value in which links and commands stay such; in all others nobody can tap anything."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Day:
    """A date as a value of a message, where the plain one (day, month and year) says too much."""

    day: date
    weekday: bool = False
    year: bool = False


def _(id: str, /, **values: object) -> Message:
    return Message(id, values)


def ngettext(one: str, many: str, count: int, /, **values: object) -> Message:
    return Message(one, {"count": count, **values}, many, count)


def verbatim(text: str) -> Message:
    """Words somebody wrote (a name, a checklist's item), which must never be translated."""
    return Message("{text}", {"text": text})


def with_links(text: str) -> Message:
    """As `verbatim`, of an address that was asked for, or of words that only the office writes."""
    return Message("{text}", {"text": Tappable(text)})


def strong(message: Message) -> Message:
    return replace(message, style=Style.STRONG)


def quiet(message: Message) -> Message:
    """Small print: a clause, a help text."""
    return replace(message, style=Style.QUIET)


def listed(items: Sequence[Message]) -> Message:
    """Joined with commas, as all our languages do. items: at least one."""
    joined, *rest = items
    for item in rest:
        joined = Message("{first}, {second}", {"first": joined, "second": item})
    return joined
