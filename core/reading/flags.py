"""What a person should look at before a draft is published."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from core.reading.duties import Duty
from core.reading.header import Header
from core.reading.letters import flat
from core.reading.moments import Op
from core.reading.parties import Owner

SATURDAY = 5


def flagged(
    duties: Sequence[Duty], header: Header, today: date | None, works: Callable[[date], bool]
) -> list[Duty]:
    """works: whether a day is a working day."""
    twice = _told_twice(duties)
    return [
        replace(
            duty,
            flags=(
                *duty.flags,
                *_of_date(duty, header, today, works),
                *_of_parties(duty, header),
                *(["other_school_year"] if _is_of_another_year(duty, header) else []),
                *(["two_dates"] if number in twice else []),
            ),
        )
        for number, duty in enumerate(duties)
    ]


def _of_date(
    duty: Duty, header: Header, today: date | None, works: Callable[[date], bool]
) -> Iterator[str]:
    due = duty.deadline
    if due.impossible:
        yield "no_such_date"
    elif not due.text or due.text.endswith("(no day)"):
        yield "no_date"
    if due.literal:
        yield "year_mended"
    if due.wrong_weekday:
        yield "wrong_weekday"
    if due.year_guessed and due.text:
        yield "year_guessed"
    if due.day is not None:
        yield from _of_day(due.day, header.issued_on, today, works)


def _of_day(
    day: date, issued_on: date | None, today: date | None, works: Callable[[date], bool]
) -> Iterator[str]:
    if issued_on is not None and day <= issued_on:
        yield "due_at_issue"
    if today is not None and day <= today:
        yield "past"
    if day.weekday() >= SATURDAY:
        yield "weekend"
    elif not works(day):
        yield "holiday"


def _of_parties(duty: Duty, header: Header) -> Iterator[str]:
    if duty.owner is Owner.UNCLEAR:
        yield "owner_unclear"
    if duty.owner is Owner.OFFICE:
        yield "office_duty"
    if duty.receiver.unit and not _is_this_office(duty.receiver.unit, header):
        yield "other_receiver"


_PHONG = re.compile(r"phong(?: giao duc| ?gd| van hoa ?(?:-|va|,) ?xa hoi|$)")


def _is_this_office(unit: str, header: Header) -> bool:
    words = flat(unit).replace("uy ban nhan dan", "ubnd")
    issuer = flat(header.issuer).replace("uy ban nhan dan", "ubnd")
    ours = bool(_PHONG.match(words))
    return ours or issuer.startswith(words)


_SCHOOL_YEAR = re.compile(r"nam hoc (\d{4}) ?- ?(\d{4})")


def _is_of_another_year(duty: Duty, header: Header) -> bool:
    """Last year's text, copied: only other school years than the document's are named."""
    named = {(int(one[1]), int(one[2])) for one in _SCHOOL_YEAR.finditer(flat(duty.sentence))}
    return bool(named and header.school_year) and header.school_year not in named


def _told_twice(duties: Sequence[Duty]) -> set[int]:
    """Two days for what has the same name and owner."""
    by_name: dict[tuple[str, Owner], list[int]] = defaultdict(list)
    for number, duty in enumerate(duties):
        if duty.deadline.day is not None and duty.deadline.op is not Op.WINDOW:
            by_name[flat(duty.matter.name), duty.owner].append(number)
    return {number for numbers in by_name.values() if len(numbers) > 1 for number in numbers}
