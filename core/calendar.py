"""When things are due: rules for deadlines, days to aim at, nudges, and hours of quiet."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.dates import last_day

if TYPE_CHECKING:
    from holidays import HolidayBase

IsWorking = Callable[[date], bool]


class Operator(StrEnum):
    """How a document ties a deadline to its day: trước ngày, chậm nhất ngày, đến hết ngày."""

    BEFORE = "before"
    BY = "by"
    UNTIL_END_OF = "until end of"


@dataclass(frozen=True, slots=True)
class Deadline:
    """due_on: None where no day is set yet. due_at: the local time of it, None for its end."""

    due_on: date | None
    operator: Operator
    due_at: time | None = None

    @property
    def said(self) -> dict[str, str | None]:
        """What the audit keeps of it."""
        day = self.due_on.isoformat() if self.due_on else None
        at = {"due_at": self.due_at.isoformat("minutes")} if self.due_at else {}
        return {"due_on": day, "operator": self.operator, **at}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One deadline, as it was written.

    period: "" for what is asked once, else "2018", "2018-06", "2018-Q2" or "2018-W23".
    due_on: the day that the document names, None while nobody has set one; whether it still
        counts is the operator's to say.
    due_at: the local time of that day, None for its end.
    """

    period: str
    due_on: date | None
    operator: Operator
    due_at: time | None = None

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.due_on, self.operator, self.due_at)


class DueRule(ABC):
    """A deadline as data; `str` gives the text that `parse_rule` reads."""

    __slots__ = ()

    @abstractmethod
    def occurrences(self) -> list[Occurrence]:
        """Every deadline of the rule, the earliest first."""


@dataclass(frozen=True, slots=True)
class NoneYet(DueRule):
    """The document gives no date, or somebody still has to decide it.

    years: for each of which it is asked; empty for what is asked once.
    """

    years: range = range(0)

    def __str__(self) -> str:
        return f"none {self.years[0]}..{self.years[-1]}" if self.years else "none"

    def occurrences(self) -> list[Occurrence]:
        periods = [str(year) for year in self.years] or [""]
        return [Occurrence(period, None, Operator.BY) for period in periods]


@dataclass(frozen=True, slots=True)
class On(DueRule):
    operator: Operator
    day: date
    at: time | None = None

    def __str__(self) -> str:
        return f"on {self.operator} {self.day}" + (f" {self.at:%H:%M}" if self.at else "")

    def occurrences(self) -> list[Occurrence]:
        return [Occurrence("", self.day, self.operator, self.at)]


@dataclass(frozen=True, slots=True)
class Window(DueRule):
    """Any day from the first to the last, such as within a quarter."""

    first: date
    last: date
    operator: Operator = Operator.UNTIL_END_OF

    def __str__(self) -> str:
        whole = self.operator is Operator.UNTIL_END_OF
        return f"window {'' if whole else f'{self.operator} '}{self.first}..{self.last}"

    def occurrences(self) -> list[Occurrence]:
        return [Occurrence("", self.last, self.operator)]


@dataclass(frozen=True, slots=True)
class Yearly(DueRule):
    """first, last: years, both included."""

    operator: Operator
    month: int
    day: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"yearly {self.operator} {self.month:02}-{self.day:02} {self.first}..{self.last}"

    def occurrences(self) -> list[Occurrence]:
        return [
            Occurrence(str(year), date(year, self.month, self.day), self.operator)
            for year in range(self.first, self.last + 1)
        ]


@dataclass(frozen=True, slots=True)
class Monthly(DueRule):
    """day: of the month; the month's last where it is shorter.

    first, last: the first days of the first and last months, both included.
    """

    operator: Operator
    day: int
    first: date
    last: date

    def __str__(self) -> str:
        return f"monthly {self.operator} day {self.day} {self.first:%Y-%m}..{self.last:%Y-%m}"

    def occurrences(self) -> list[Occurrence]:
        return [
            Occurrence(f"{month:%Y-%m}", _day_in(month, self.day), self.operator)
            for month in _months(self.first, self.last)
        ]


@dataclass(frozen=True, slots=True)
class Quarterly(DueRule):
    """A day of the last month of each quarter. first, last: as in `Monthly`."""

    operator: Operator
    day: int
    first: date
    last: date

    def __str__(self) -> str:
        return (
            f"quarterly {self.operator} last-month day {self.day}"
            f" {self.first:%Y-%m}..{self.last:%Y-%m}"
        )

    def occurrences(self) -> list[Occurrence]:
        return [
            Occurrence(f"{month:%Y}-Q{month.month // 3}", _day_in(month, self.day), self.operator)
            for month in _months(self.first, self.last)
            if month.month % 3 == 0
        ]


@dataclass(frozen=True, slots=True)
class Weekly(DueRule):
    """weekday: 0 for Monday. first, last: days, both included."""

    operator: Operator
    weekday: int
    at: time
    first: date
    last: date

    def __str__(self) -> str:
        return (
            f"weekly {self.operator} {_WEEKDAYS[self.weekday]} {self.at:%H:%M}"
            f" {self.first}..{self.last}"
        )

    def occurrences(self) -> list[Occurrence]:
        start = self.first + timedelta((self.weekday - self.first.weekday()) % 7)
        return [
            Occurrence(f"{day:%G-W%V}", day, self.operator, self.at)
            for day in _every(7, start, self.last)
        ]


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_rule(text: str) -> DueRule:
    """Read a rule: "none yet", or one of the forms below, with any operator for "before".

    on before 2018-01-25 [09:00]
    window [before] 2020-07-01..2020-09-30; without an operator, until the end of its last day
    yearly before 06-10 2018..2022
    monthly before day 15 2018-01..2018-12
    quarterly before last-month day 20 2018-01..2018-12
    weekly before fri 16:00 2018-09-03..2019-05-31

    none 2019..2022; "yet" may follow "none"

    Raises ValueError when the text is no rule, names no real day, or asks for nothing.
    """
    for pattern, build in _FORMS:
        if found := re.fullmatch(pattern, text.strip(), re.ASCII):
            rule = build(found)
            if not rule.occurrences():
                raise ValueError(f"the due rule {text!r} never falls due")
            return rule
    raise ValueError(f"{text!r} is not a due rule, such as 'on before 2018-01-25'")


def _none(found: re.Match[str]) -> DueRule:
    if found["first"] is None:
        return NoneYet()
    if found["last"] < found["first"]:
        raise ValueError(f"the due rule {found[0]!r} never falls due")
    return NoneYet(range(int(found["first"]), int(found["last"]) + 1))


def _on(found: re.Match[str]) -> DueRule:
    at = time.fromisoformat(found["at"]) if found["at"] else None
    return On(Operator(found["op"]), date.fromisoformat(found["day"]), at)


def _window(found: re.Match[str]) -> DueRule:
    first, last = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
    if last < first:
        raise ValueError(f"a window cannot end on {last} and begin on {first}")
    return Window(first, last, Operator(found["op"] or Operator.UNTIL_END_OF))


def _yearly(found: re.Match[str]) -> DueRule:
    years = int(found["first"]), int(found["last"])
    return Yearly(Operator(found["op"]), int(found["month"]), int(found["day"]), *years)


def _monthly(found: re.Match[str]) -> DueRule:
    return Monthly(Operator(found["op"]), _day(found), *_month_span(found))


def _quarterly(found: re.Match[str]) -> DueRule:
    return Quarterly(Operator(found["op"]), _day(found), *_month_span(found))


def _weekly(found: re.Match[str]) -> DueRule:
    span = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
    weekday, at = _WEEKDAYS.index(found["weekday"]), time.fromisoformat(found["at"])
    return Weekly(Operator(found["op"]), weekday, at, *span)


def _day(found: re.Match[str]) -> int:
    if 1 <= int(found["day"]) <= 31:
        return int(found["day"])
    raise ValueError(f"no month has a day {found['day']}")


def _month_span(found: re.Match[str]) -> tuple[date, date]:
    return date.fromisoformat(found["first"] + "-01"), date.fromisoformat(found["last"] + "-01")


_OP = rf"(?P<op>{'|'.join(Operator)})"
_AT, _YEAR = r"(?P<at>\d\d:\d\d)", r"(?:19|20)\d\d"
_MONTH, _DATE = rf"{_YEAR}-\d\d", rf"{_YEAR}-\d\d-\d\d"
_FORMS: tuple[tuple[str, Callable[[re.Match[str]], DueRule]], ...] = (
    (rf"none(?: yet)?(?: (?P<first>{_YEAR})\.\.(?P<last>{_YEAR}))?", _none),
    (rf"on {_OP} (?P<day>{_DATE})(?: {_AT})?", _on),
    (rf"window (?:{_OP} )?(?P<first>{_DATE})\.\.(?P<last>{_DATE})", _window),
    (
        rf"yearly {_OP} (?P<month>\d\d)-(?P<day>\d\d) (?P<first>{_YEAR})\.\.(?P<last>{_YEAR})",
        _yearly,
    ),
    (rf"monthly {_OP} day (?P<day>\d\d?) (?P<first>{_MONTH})\.\.(?P<last>{_MONTH})", _monthly),
    (
        rf"quarterly {_OP} last-month day (?P<day>\d\d?)"
        rf" (?P<first>{_MONTH})\.\.(?P<last>{_MONTH})",
        _quarterly,
    ),
    (
        rf"weekly {_OP} (?P<weekday>{'|'.join(_WEEKDAYS)}) {_AT}"
        rf" (?P<first>{_DATE})\.\.(?P<last>{_DATE})",
        _weekly,
    ),
)


def occurrences(rule: DueRule) -> list[Occurrence]:
    return rule.occurrences()


def _months(first: date, last: date) -> Iterator[date]:
    month = first
    while month <= last:
        yield month
        month = last_day(month.year, month.month) + timedelta(1)


def _day_in(month: date, day: int) -> date:
    end = last_day(month.year, month.month)
    return month.replace(day=min(day, end.day))


def _every(days: int, first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days)


def period_name(period: str) -> str:
    """A period in the words of titles, which are never translated: "2018-Q2" is "quý II/2018"."""
    year, _dash, part = period.partition("-")
    if part.startswith("Q"):
        return f"quý {_ROMAN[int(part[1:]) - 1]}/{year}"
    if part.startswith("W"):
        return f"tuần {int(part[1:])}/{year}"
    if part:
        return f"tháng {int(part)}/{year}"
    return f"năm {year}" if year else ""


_ROMAN = ("I", "II", "III", "IV")


def opens_on(opening: str, due_on: date) -> date | None:
    """The day on which people are first told: "05-15", "2020-05-15" or "30 days" before.

    "05-15" is the last such day before the deadline. None, for "", means as soon as the duty is
    published. Raises ValueError when the text says none of these.
    """
    if not opening:
        return None
    if found := re.fullmatch(r"(\d{1,3}) days", opening, re.ASCII):
        return due_on - timedelta(int(found[1]))
    if re.fullmatch(r"\d\d-\d\d", opening, re.ASCII):
        day = date.fromisoformat(f"{due_on.year}-{opening}")
        return day if day <= due_on else date.fromisoformat(f"{due_on.year - 1}-{opening}")
    return date.fromisoformat(opening)


def is_working(day: date) -> bool:
    """Whether Vietnamese offices work: no weekends and public holidays, but days swapped in."""
    return day not in _days_off(day.year)


def working_days(closed: Collection[date]) -> IsWorking:
    """As `is_working`, for an office that is closed on further days."""
    return lambda day: day not in closed and is_working(day)


@cache
def _days_off(year: int) -> frozenset[date]:
    vietnam = _holidays(year)
    days = _every(1, date(year, 1, 1), date(year, 12, 31))
    return frozenset(day for day in days if not vietnam.is_working_day(day))


def _holidays(year: int) -> "HolidayBase":
    # Each year is a calendar of its own, because a shared one that grows gives wrong answers to
    # other threads while it does.
    found: HolidayBase = _vietnam()(years=year, expand=False, language="en_US")
    return found


@cache
def _vietnam() -> "type[HolidayBase]":
    """`holidays.Vietnam`, by itself: its package would bring all countries, 9 MB and 0.1 s."""
    import holidays

    file = Path(holidays.__file__).with_name("countries") / "vietnam.py"
    module = ModuleType("vietnam")
    SourceFileLoader(module.__name__, str(file)).exec_module(module)
    vietnam: type[HolidayBase] = module.Vietnam
    return vietnam


FURTHEST_AIM = 31  # days; a longer closure has to be planned for by people


def aim_on(
    due_on: date,
    operator: Operator,
    works: IsWorking = is_working,
    due_at: time | None = None,
) -> date:
    """The last working day on which a report is certainly in time.

    That is before the day for "before", unless an hour of the day itself is named. Where all is
    closed for a month, it is the last day of any kind.
    """
    strictly_before = operator is Operator.BEFORE and due_at is None
    last = due_on - timedelta(strictly_before)
    days = (last - timedelta(back) for back in range(FURTHEST_AIM))
    return next((day for day in days if works(day)), last)


OFFICE_HOURS = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 30)))


def working_later(
    moment: datetime, hours: timedelta, zone: ZoneInfo, works: IsWorking = is_working
) -> datetime:
    """The moment after so much time at work, in UTC."""
    local = moment.astimezone(zone)
    for day in _every(1, local.date(), date.max):
        for start, end in OFFICE_HOURS if works(day) else ():
            begins = max(local, datetime.combine(day, start, zone))
            spent = max(datetime.combine(day, end, zone) - begins, timedelta())
            if spent >= hours:
                return (begins + hours).astimezone(UTC)
            hours -= spent
    raise ValueError("nobody works that long")


QUIET_FROM, QUIET_UNTIL = time(20, 30), time(6, 30)
AFTER_REST = time(7, 15)
TEACHERS_DAY = (11, 20)  # schools celebrate: nobody is chased


def next_allowed(moment: datetime, zone: ZoneInfo, closed: Collection[date] = ()) -> datetime:
    """The moment itself where a nudge may be sent, else the first one after it, in UTC.

    closed: days on which the office is closed besides those that are free for everybody.
    """
    local = moment.astimezone(zone)
    while (waited := _wait(local, closed)) != local:
        local = waited
    return local.astimezone(UTC)


def _wait(local: datetime, closed: Collection[date]) -> datetime:
    tomorrow = local.date() + timedelta(1)
    if is_rest(local.date()) or local.date() in closed:
        return datetime.combine(tomorrow, AFTER_REST, local.tzinfo)
    if local.time() < QUIET_UNTIL:
        return datetime.combine(local.date(), QUIET_UNTIL, local.tzinfo)
    if local.time() >= QUIET_FROM:
        return datetime.combine(tomorrow, QUIET_UNTIL, local.tzinfo)
    return local


def is_rest(day: date) -> bool:
    """Whether the day is a public holiday, of Tết or beside it, or Teachers' Day."""
    return (day.month, day.day) == TEACHERS_DAY or day in _rest(day.year)


@cache
def _rest(year: int) -> frozenset[date]:
    """Public holidays; those of Tết with the weekends beside them."""
    named = _holidays(year)
    tet = [day for day, name in named.items() if "Lunar New Year" in name]
    first, last, off = min(tet), max(tet), _days_off(year)
    while first - timedelta(1) in off:
        first -= timedelta(1)
    while last + timedelta(1) in off:
        last += timedelta(1)
    return frozenset({*_every(1, first, last), *(day for day in named if day in off)})
