"""The activities and objectives of a plan: clauses with a time, a place, and who takes part."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.reading.deadline import Setting, deadline
from core.reading.duties import Event
from core.reading.header import Header
from core.reading.letters import flat
from core.reading.moments import moments
from core.reading.structure import Clause

_LABEL = re.compile(
    r"^(?:thoi gian|thanh phan|doi tuong|don vi (?:chu tri|thuc hien|phoi hop)|dia diem|"
    r"phoi hop|chu tri|thuc hien|noi dung|so luong|kinh phi|hinh thuc)\b"
)
_TIME = re.compile(r"^thoi gian(?: [a-z]+){0,4} ?:")
_WHO = re.compile(r"^(?:thanh phan|doi tuong)\b")
_OBJECTIVES = re.compile(r"\b(?:muc tieu|chi tieu)\b")
_YEARS = re.compile(
    r"\b(?:trong |tu )?nam (\d{4})(?: ?[-,] ?| den (?:nam )?)(\d{4})|\b(?:trong |"
    r"nam )?nam (\d{4})\b"
)
_WAITS = re.compile(r"\btheo (?:ke hoach|lich|thong bao|huong dan|chi dao|quy dinh)[^);.]{0,80}")
_MOST_ITEMS = 30  # under one activity
_OUTLINE = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}$|[IVX]+\.\d{1,2}$")


@dataclass(frozen=True, slots=True)
class Objective:
    text: str
    place: str


def activities(clauses: Sequence[Clause], header: Header) -> list[Event]:
    """Numbered headings whose items are labelled; in a section where some of them have a time."""
    groups = list(_labelled(clauses))
    timed = {_section(head.place) for head, items in groups if any(map(_is_time, items))}
    several = [head.place for head, _items in groups]
    return [
        _activity(head, items, header)
        for head, items in groups
        if _section(head.place) in timed and len(several) > 1
    ]


def _labelled(clauses: Sequence[Clause]) -> Iterator[tuple[Clause, list[str]]]:
    for number, clause in enumerate(clauses):
        if not (clause.is_heading and _OUTLINE.search(clause.place)):
            continue
        items = []
        for item in clauses[number + 1 : number + 1 + _MOST_ITEMS]:
            if item.place != clause.place:
                break
            items.append(item.text)
        if items and any(_LABEL.match(flat(item)) for item in items):
            yield clause, items


def _is_time(item: str) -> bool:
    return bool(_TIME.match(flat(item)))


def _section(place: str) -> str:
    return place.rpartition(".")[0]


def _activity(head: Clause, items: Sequence[str], header: Header) -> Event:
    told = next((item for item in items if _is_time(item)), "")
    words = told.partition(":")[2].strip(" .")
    spans = list(_spans(words, header))
    who = next(
        (item.partition(":")[2].strip(" .") for item in items if _WHO.match(flat(item))), ""
    )
    waits = _WAITS.search(flat(words))
    return Event(
        words or head.text,
        head.text,
        min((first for first, _last in spans), default=None),
        max((last for _first, last in spans), default=None),
        place=head.place,
        who=who,
        waiting=words[waits.start() : waits.end()] if waits else "" if spans else words,
        milestones=tuple(f"{first}/{last}" for first, last in spans) if len(spans) > 1 else (),
    )


def _spans(words: str, header: Header) -> Iterator[tuple[date, date]]:
    """Days, months and quarters; else whole years."""
    setting = Setting(header.reference, school_year=header.school_year)
    found = [deadline(replace(one), setting) for one in moments(words)]
    days = [one for one in found if one.day]
    for one in days:
        start = one.text.split("/")[0][:10] if "/" in one.text else ""
        first = date.fromisoformat(start) if start and start != ".." else one.day
        if one.day and first:
            yield (_first_of(words, first) if first == one.day else first), one.day
    years = None if days else _YEARS.search(flat(words))
    if years:
        first_year, last_year = int(years[1] or years[3]), int(years[2] or years[3])
        yield date(first_year, 1, 1), date(last_year, 12, 31)


def _first_of(words: str, last: date) -> date:
    """The first day of a quarter or month that is named as a whole."""
    flatted = flat(words)
    if re.search(r"\bquy (?:i|[1-4])", flatted):
        return date(last.year, last.month - 2, 1)
    return last.replace(day=1) if re.search(r"\bthang \d", flatted) and last.day >= 28 else last


def objectives(clauses: Sequence[Clause]) -> list[Objective]:
    """The numbered clauses under a heading of aims; its items where none is numbered."""
    under = [
        clause
        for clause in clauses
        if clause.headings
        and _OBJECTIVES.search(flat(clause.headings[0]))
        and len(clause.headings[0]) < 80
    ]
    tops = {clause.headings[0] for clause in under}
    numbered = [
        clause
        for clause in under
        if clause.place and "." in clause.place and len(clause.headings) < 3
    ]
    plain = [clause for clause in under if not clause.text.endswith(":")]
    return [Objective(one.text, one.place) for one in (numbered if numbered and tops else plain)]
