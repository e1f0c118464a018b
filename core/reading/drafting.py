"""Turn what was found in a document into drafts, as plain data that a person checks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from textwrap import shorten
from typing import Any

from core.calendar import parse_rule
from core.reading.deadline import WEEKDAYS, Deadline
from core.reading.duties import Duty, Event
from core.reading.header import Header
from core.reading.letters import flat
from core.reading.moments import Every, Op, moments
from core.reading.parties import ABOVE, Owner, level
from core.reading.reading import Reading
from core.reading.structure import Clause

Json = dict[str, Any]

YEARS_AHEAD = 1  # of a yearly duty whose last year the document does not say
CLOSING = "17:00"  # of an office: the hour of a weekly duty that names none
NO_DATE = "none yet"
# What says who does it, or that it is no duty of its own: shown, and nothing to be settled.
_NO_FLAGS = ("office_duty", "reminder", "extension")
END_GUESSED, CONDITION = "end_guessed", "condition"
NO_DATE_FLAG, OTHER_RECEIVER = "no_date", "other_receiver"
_OPERATORS = {Op.BEFORE: "before", Op.UNTIL_END: "until end of"}
_SHORTEST_TITLE, _LONGEST_TITLE = 12, 200  # characters
_LONGEST_ABOUT = 60  # characters of the document's own title behind a short name


@dataclass(frozen=True, slots=True)
class Draft:
    """A duty as a person is shown it. due: a rule, see `core.calendar`.

    owner: see `Owner`. written: the deadline in the document's words, "" for none.
    receiver: the unit as the document names it. fields: what has to be in it.
    flags: what a person has to settle first, see `core.reading.flags`.
    """

    title: str
    kind: str
    owner: str
    due: str
    written: str
    sentence: str
    place: str
    receiver: str
    topic: str
    channels: tuple[str, ...]
    levels: tuple[str, ...]
    condition: str
    deliverables: tuple[str, ...]
    fields: tuple[str, ...]
    flags: tuple[str, ...]


def drafted(reading: Reading) -> Json:
    """Everything that is kept of a reading, for JSON."""
    head = reading.header
    return {
        "head": _head(head),
        "above": is_above(head),
        "replaces": replaced(reading.clauses),
        "drafts": [asdict(draft(duty, head)) for duty in reading.duties if _is_somebodys(duty)],
        "events": [_event(one) for one in _events(reading)],
        "objectives": [one.text for one in reading.objectives],
        "form_fields": list(reading.form_fields),
        "clauses": list(_clauses(reading.clauses)),
    }


def _head(head: Header) -> Json:
    return {
        "number": head.number,
        "symbol": head.symbol,
        "kind": head.kind if head.number or head.issuer else "",
        "issuer": head.issuer,
        "superior": head.superior,
        "issued_on": head.issued_on.isoformat() if head.issued_on else "",
        "title": head.title,
    }


def _is_somebodys(duty: Duty) -> bool:
    """Somebody the office could ask, or the office itself, or nobody knows yet who."""
    return duty.draftable and duty.owner is not Owner.OTHER


def draft(duty: Duty, head: Header) -> Draft:
    due, guessed = due_rule(duty.deadline, duty.every, head)
    flags = [flag for flag in duty.flags if flag not in _NO_FLAGS]
    flags += [END_GUESSED] * guessed + [CONDITION] * bool(duty.audience.condition)
    flags += [NO_DATE_FLAG] * (due == NO_DATE and not duty.deadline.impossible)
    flags += [OTHER_RECEIVER] * _goes_above(duty, head)
    written = _written(duty)
    return Draft(
        title=_without(written, duty.matter.name),
        kind=duty.matter.kind.value,
        owner=duty.owner.value,
        due=due,
        written=written,
        sentence=duty.sentence,
        place=duty.place,
        receiver=duty.receiver.unit,
        topic=duty.receiver.topic,
        channels=tuple(duty.receiver.channels),
        levels=duty.audience.levels,
        condition=duty.audience.condition,
        deliverables=duty.matter.deliverables,
        fields=duty.matter.fields,
        flags=tuple(dict.fromkeys(flags)),
    )


def _goes_above(duty: Duty, head: Header) -> bool:
    """A superior office asks schools to hand something in to itself."""
    to_a_phong = flat(duty.receiver.unit).startswith("phong")
    return is_above(head) and duty.owner is Owner.SCHOOL and not to_a_phong


def is_above(head: Header) -> bool:
    """Whether it comes from an office over the Phòng."""
    return level(head) in ABOVE


def _without(written: str, name: str) -> str:
    """A name that does not say the date once more; all of it where nothing else is left."""
    before, _written, after = name.partition(written) if written else (name, "", "")
    bare = " ".join(f"{before.rstrip(' ,(')} {after}".split()).strip(" ,;-–")
    words, dash, about = (bare if len(bare) >= _SHORTEST_TITLE else name).partition(" – ")
    title = f"{words}{dash}{shorten(about, _LONGEST_ABOUT, placeholder='…')}"
    return (title[:1].upper() + title[1:])[:_LONGEST_TITLE]


def _written(duty: Duty) -> str:
    """The last moment of its phrase is the one that the phrase was cut at."""
    if duty.deadline.waiting:
        return duty.deadline.waiting
    found = moments(duty.phrase)
    return duty.phrase[found[-1].start : found[-1].end].strip(" ,;.()") if found else ""


# Deadlines as rules


def due_rule(due: Deadline, every: Every, head: Header) -> tuple[str, bool]:
    """And whether until when it is repeated is a guess."""
    rule, guessed = _rule(due, every, head)
    try:
        parse_rule(rule)
    except ValueError:  # 29 February every year, or a week that never comes
        return NO_DATE, False
    return rule, guessed


def _rule(due: Deadline, every: Every, head: Header) -> tuple[str, bool]:
    operator = _OPERATORS.get(due.op, "by")
    if due.day is not None:
        return _once(due, operator), False
    repeated = _RECURRING.fullmatch(due.text)
    if repeated is None or (head.reference is None and head.span is None):
        return NO_DATE, False
    if repeated["yearly"]:
        first, last = _years(head)
        return f"yearly {operator} {repeated['yearly']} {first}..{last}", head.span is None
    first_day, last_day = _school_year(head)
    return _within(repeated, every, operator, first_day, last_day), head.school_year is None


_RECURRING = re.compile(
    r"yearly (?P<yearly>\d\d-\d\d).*|monthly (?P<monthly>day \d\d|last day).*|"
    r"quarterly last-month day (?P<quarterly>\d\d).*|"
    rf"weekly (?P<weekly>{'|'.join(WEEKDAYS)})(?: (?P<at>\d\d:\d\d))?"
)


def _once(due: Deadline, operator: str) -> str:
    first = due.text.partition("/")[0] if "/" in due.text else ""
    if first and first != ".." and first <= str(due.day):
        return f"window {first}..{due.day}"
    return f"on {operator} {due.day}" + (f" {due.at:%H:%M}" if due.at else "")


def _within(found: re.Match[str], every: Every, operator: str, first: date, last: date) -> str:
    if every is Every.WEEK:
        weekday, at = found["weekly"][:3].lower(), found["at"] or CLOSING
        return f"weekly {operator} {weekday} {at} {first}..{last}"
    if every is Every.QUARTER:
        day = int(found["quarterly"])
        return f"quarterly {operator} last-month day {day} {first:%Y-%m}..{last:%Y-%m}"
    day = int((found["monthly"] or "").removeprefix("day ").replace("last day", "31"))
    # A day that has passed in the month of issue is due from the next month on.
    begins = first.replace(day=28) + timedelta(4) if day <= first.day else first
    return f"monthly {operator} day {day} {begins:%Y-%m}..{last:%Y-%m}"


def _years(head: Header) -> tuple[int, int]:
    if head.span:
        return head.span
    first = head.reference.year if head.reference else 0
    return first, first + YEARS_AHEAD


_BEGINS, _ENDS = 8, 5  # months of a school year


def _school_year(head: Header) -> tuple[date, date]:
    """From the day of issue to the end of May of the school year that it is for, or in."""
    issued = head.reference or date((head.span or (0, 0))[0], 1, 1)
    last = head.school_year[1] if head.school_year else issued.year + (issued.month > _ENDS)
    return issued, max(date(last, _ENDS, 31), issued)


# Events


def _events(reading: Reading) -> list[Event]:
    """Activities, and the events that no activity tells already."""
    told = {activity.place for activity in reading.activities}
    return [*reading.activities, *(one for one in reading.events if one.place not in told)]


def _event(event: Event) -> Json:
    return {
        "what": event.what,
        "first": str(event.first or event.last or ""),
        "last": str(event.last or ""),
        "at": event.at,
        "waiting": event.waiting,
    }


# Other documents


_REPLACES = re.compile(
    r"\bthay the\b[^.;]{0,120}?\b(\d{1,6}(?:/\d{4})?/[a-z][a-z&]*(?:-[a-z&]+)*)"
)


def replaced(clauses: Sequence[Clause]) -> str:
    """The number of the document that this one says it replaces; "" for none."""
    for clause in clauses:
        found = _REPLACES.search(flat(clause.text))
        if found:
            return clause.text[found.start(1) : found.end(1)]
    return ""


# Clauses


_MOST_CLAUSE = 6_000  # characters of what stands under one number


def _clauses(clauses: Sequence[Clause]) -> Iterator[Json]:
    """What stands under each number, "" before the first: its first paragraph, and the others."""
    texts: dict[str, list[str]] = {}
    for clause in clauses:
        texts.setdefault(clause.place, []).append(clause.text)
    for place, (first, *others) in texts.items():
        text = "\n".join(others)[:_MOST_CLAUSE]
        yield {"anchor": place, "title": first[:_MOST_CLAUSE], "text": text}
