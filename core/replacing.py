"""What a newer document changes of an older one: duties that are added, dropped or changed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Any

from core.calendar import DueRule, Occurrence
from core.fold import fold
from core.likeness import likest
from core.scope import Audience


class Part(StrEnum):
    """What of a duty may change."""

    TITLE = "title"
    DEADLINE = "deadline"
    AUDIENCE = "audience"
    CHECKLIST = "checklist"
    RECEIVER = "receiver"
    ALSO = "also"
    OPENING = "opening"
    LOCKING = "locking"
    TOPIC = "topic"
    APPROVAL = "approval"


Rest = Mapping[Part, Any]
"""RECEIVER: an office's name. ALSO: texts of due rules. OPENING, LOCKING, TOPIC, APPROVAL: as
a duty keeps them.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One duty, as far as documents are compared.

    title: with "{period}" where the period goes. due: the text of a due rule.
    audience: see `core.scope`. questions: the same only for the same questions. rest: its other
    parts. What is not known is not compared: an audience of None, questions of "", and what is
    not in the rest of both.
    """

    code: str
    title: str
    due: str
    audience: Audience | None = field(default_factory=dict)
    questions: str = ""
    rest: Rest = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gathering:
    """One event. code: the same only for the same event. day: its first; None for none yet."""

    code: str
    title: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Pair:
    """The same duty in both documents, and what of it changed; empty for nothing."""

    before: Asked
    after: Asked
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class EventChange:
    """before: None for a new one. after: None for one that is named no more."""

    before: Gathering | None
    after: Gathering | None


@dataclass(frozen=True, slots=True)
class Comparison:
    added: tuple[Asked, ...]
    dropped: tuple[Asked, ...]
    pairs: tuple[Pair, ...]
    events: tuple[EventChange, ...] = ()

    @property
    def changed(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.parts]

    @property
    def kept(self) -> dict[str, str]:
        """From the code that a duty has in the newer document to that of the older."""
        return {pair.after.code: pair.before.code for pair in self.pairs}

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.dropped or self.changed or self.events)


def compare(
    before: Collection[Asked], after: Collection[Asked], *, reworded: bool = True
) -> Comparison:
    """In the order of the documents. Codes are unique in each.

    A duty is the same by its code, else by its title, whatever its capitals, marks and spaces,
    else by a title that is much like it. reworded: whether that last counts, as between two
    documents; within one, what is called otherwise is another duty.
    """
    same = {new.code: old for old, new in product(before, after) if old.code == new.code}
    for pairing in (_by_title, _by_likeness) if reworded else (_by_title,):
        kept = {old.code for old in same.values()}
        same |= pairing(
            [old for old in before if old.code not in kept],
            [new for new in after if new.code not in same],
        )
    kept = {old.code for old in same.values()}
    return Comparison(
        added=tuple(new for new in after if new.code not in same),
        dropped=tuple(old for old in before if old.code not in kept),
        pairs=tuple(_pair(same[new.code], new) for new in after if new.code in same),
    )


def _by_title(before: Iterable[Asked], after: Iterable[Asked]) -> dict[str, Asked]:
    """By the newer one's code; none where one title stands twice."""
    old, new = _once(before), _once(after)
    return {new[title].code: old[title] for title in new.keys() & old.keys()}


def _once(duties: Iterable[Asked]) -> dict[str, Asked]:
    by_title: dict[str, list[Asked]] = {}
    for duty in duties:
        by_title.setdefault(fold(without_period(duty.title)), []).append(duty)
    return {title: found[0] for title, found in by_title.items() if len(found) == 1}


def _by_likeness(before: Iterable[Asked], after: Iterable[Asked]) -> dict[str, Asked]:
    """By the newer one's code; each older one is at most one of them. As above, of those once."""
    left, found = dict(enumerate(_once(before).values())), {}
    for new in _once(after).values():
        titles = {at: _own_words(old.title) for at, old in left.items()}
        at = likest(_own_words(new.title), titles)
        if at is not None:
            found[new.code] = left.pop(at)
    return found


def _own_words(title: str) -> str:
    """Without what it is about, where its own words are enough: "Báo cáo 6 tháng – An toàn"."""
    bare = without_period(title)
    words, _dash, _about = bare.partition(" – ")
    return words if len(words.split()) > _TOO_FEW else bare


_TOO_FEW = 2  # words; every document asks for a "báo cáo"


def without_period(title: str) -> str:
    return " ".join(title.replace("{period}", "").split())


def _pair(old: Asked, new: Asked) -> Pair:
    differs = {
        Part.TITLE: fold(old.title) != fold(new.title),
        Part.DEADLINE: old.due != new.due,
        Part.AUDIENCE: not _meets(old.audience, new.audience),
        Part.CHECKLIST: bool(old.questions and new.questions) and old.questions != new.questions,
    }
    known = old.rest.keys() & new.rest.keys()
    differs |= {part: old.rest[part] != new.rest[part] for part in known}
    return Pair(old, new, tuple(part for part in Part if differs.get(part)))


def _meets(one: Audience | None, other: Audience | None) -> bool:
    return one is None or other is None or _plain(one) == _plain(other)


def _plain(audience: Audience) -> Mapping[str, set[str]]:
    return {key: set(values) for key, values in audience.items() if values}


def events(before: Iterable[Gathering], after: Iterable[Gathering]) -> tuple[EventChange, ...]:
    """Those that are new, otherwise, or named no more. A day that is not known is no change."""
    old, new = {one.code: one for one in before}, {one.code: one for one in after}
    found = [(old.get(code), one) for code, one in new.items()]
    gone = [EventChange(one, None) for code, one in old.items() if code not in new]
    return (*(EventChange(was, now) for was, now in found if not _is_same(was, now)), *gone)


def _is_same(was: Gathering | None, now: Gathering) -> bool:
    if was is None or fold(was.title) != fold(now.title):
        return False
    return was.day is None or now.day is None or was.day == now.day


def moved(before: DueRule, after: DueRule) -> dict[str, Occurrence | None]:
    """From each period of the older rule to when its report is due by the newer one.

    None where it is asked no more. What is asked for the same period stays that report; one that
    loses its period, as where a year's report becomes a month's, is taken for the nearest of the
    same year that no other report is taken for.
    """
    old = {one.period: one for one in before.occurrences()}
    new = {one.period: one for one in after.occurrences()}
    found: dict[str, Occurrence | None] = {period: new.get(period) for period in old}
    lost, free = [old[p] for p in old.keys() - new.keys()], new.keys() - old.keys()
    for was, period in sorted(product(lost, free), key=lambda two: _apart(two[0], new[two[1]])):
        if found[was.period] is None and period in free and _year(was) == _year(new[period]):
            found[was.period] = new[period]
            free = free - {period}
    return found


def _apart(one: Occurrence, other: Occurrence) -> tuple[int, str, str]:
    """Days, and then by name, so that the same is chosen each time."""
    days = abs((_day(one) - _day(other)).days)
    return days, one.period, other.period


def _day(one: Occurrence) -> date:
    return one.due_on or date(int(one.period[:4] or date.min.year), 1, 1)


def _year(one: Occurrence) -> int:
    return _day(one).year
