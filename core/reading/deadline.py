"""From a moment as written to one exact deadline: which year, which last day, how often."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from core.reading.moments import Every, Moment, Op, Point, Unit

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FARTHEST_FIX = 2  # years that a slip of the pen may be off


@dataclass(frozen=True, slots=True)
class Setting:
    """What a year that is not written is counted from.

    reference: the day of issue, or of posting. same_item: the days written in full near by.
    yearly: whether what has no year is asked every year. backwards: for what is told of the past.
    school_year: its two years, of a document that is for one.
    """

    reference: date | None = None
    same_item: Sequence[date] = ()
    yearly: bool = False
    backwards: bool = False
    school_year: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """text: "2020-10-16", "2020-10-26T10:30", "2020-10-05/2020-10-15", "../2017-10-31",
    "yearly 06-10", "monthly day 15", "quarterly last-month day 05", "weekly Friday 16:00",
    "daily 16:00"; "" for one that waits for somebody to name a day.

    day: the last day it can be met, of one that is asked once. literal: what stands there, where
    it was mended. waiting: the words that stand instead of a date.
    """

    text: str = ""
    op: Op = Op.NONE
    day: date | None = None
    at: time | None = None
    literal: str = ""
    waiting: str = ""
    year_guessed: bool = False
    impossible: bool = False
    wrong_weekday: bool = False


def deadline(moment: Moment, setting: Setting) -> Deadline:
    if moment.every is not Every.ONCE:
        return Deadline(_recurring(moment), moment.op, at=moment.at)
    if moment.unit is Unit.NONE:
        return Deadline("", moment.op, at=moment.at, waiting=moment.words)
    if _is_yearly(moment, setting):
        return Deadline(f"yearly {_md(moment.point)}", moment.op, at=moment.at)
    return _once(moment, setting)


def _is_yearly(moment: Moment, setting: Setting) -> bool:
    no_year = moment.unit is Unit.DAY and moment.point.year is None and moment.first is None
    return no_year and setting.yearly and moment.point.month > 0


def _recurring(moment: Moment) -> str:
    at = f" {moment.at:%H:%M}" if moment.at else ""
    day = moment.point.day
    if moment.every is Every.YEAR:
        return f"yearly {_md(moment.point)}{at}"
    if moment.every is Every.QUARTER:
        return f"quarterly last-month day {day:02}{at}"
    if moment.every is Every.MONTH:
        return (f"monthly day {day:02}" if day < 31 else "monthly last day") + at
    if moment.every is Every.WEEK:
        return f"weekly {WEEKDAYS[moment.weekday or 0]}{at}"
    return f"daily{at}"


def _md(point: Point) -> str:
    return f"{point.month:02}-{point.day:02}"


def _once(moment: Moment, setting: Setting) -> Deadline:
    point = _with_month(moment, setting)
    if moment.rule in _FROM_TODAY and not point.day:
        return Deadline("", moment.op, at=moment.at, waiting=_FROM_TODAY[moment.rule])
    year = point.year or _year(point, moment.unit, setting)
    guessed = point.year is None
    if year is None:
        return Deadline(
            "", moment.op, at=moment.at, year_guessed=True, waiting=f"{point.day}/{point.month}"
        )
    last = _last_day(point, moment.unit, year)
    if last is None:
        return Deadline("", moment.op, at=moment.at, impossible=True, year_guessed=guessed)
    mended = _mended(last, moment, setting)
    day = mended or last
    wrong = moment.weekday is not None and day.weekday() != moment.weekday
    text = _first_part(moment, year) + _stamp(day, moment.at)
    literal = _stamp(last, moment.at) if mended else ""
    return Deadline(text, moment.op, day, moment.at, literal, "", guessed, wrong_weekday=wrong)


_FROM_TODAY = {"today": "hôm nay", "tomorrow": "ngày mai"}  # where nobody says which day it is


def _with_month(moment: Moment, setting: Setting) -> Point:
    """ "ngày 20 tháng này" is in the month of issue."""
    point, reference = moment.point, setting.reference
    if point.month or reference is None:
        return point
    if not point.day:  # hôm nay, ngày mai
        day = reference + timedelta(moment.rule == "tomorrow")
        return Point(day.day, day.month, day.year)
    return Point(point.day, reference.month, reference.year)


def _stamp(day: date, at: time | None) -> str:
    return f"{day}T{at:%H:%M}" if at else str(day)


def _first_part(moment: Moment, year: int) -> str:
    first = moment.first
    if first is None:
        return ""
    if not first.month:
        return "../"
    later = (first.month, first.day) > (moment.point.month, moment.point.day)
    start_year = first.year or year - later
    day = 1 if moment.unit is not Unit.DAY else first.day
    month = first.month if moment.unit is not Unit.QUARTER else 3 * first.month - 2
    return f"{start_year}-{month:02}-{day:02}/"


def _last_day(point: Point, unit: Unit, year: int) -> date | None:
    try:
        if unit is Unit.DAY:
            return date(year, point.month, point.day)
        month = 3 * point.month if unit is Unit.QUARTER else point.month
        return date(year, month, monthrange(year, month)[1])
    except ValueError:
        return None


def _year(point: Point, unit: Unit, setting: Setting) -> int | None:
    """The same day written in full near by; else the first such day from the reference on."""
    for full in setting.same_item:
        old = setting.reference is not None and full < setting.reference
        if (full.day, full.month) == (point.day, point.month) and not old:
            return full.year
    if setting.reference is not None:
        return _nearest(point, unit, setting.reference, setting.backwards)
    if setting.school_year:
        return setting.school_year[0 if point.month >= 8 else 1]
    return max((full.year for full in setting.same_item), default=None)


def _nearest(point: Point, unit: Unit, reference: date, backwards: bool) -> int:
    day = _last_day(point, unit, reference.year)
    if day is None:
        return reference.year
    if backwards:
        return reference.year - (day > reference)
    return reference.year + (day < reference)


def _mended(day: date, moment: Moment, setting: Setting) -> date | None:
    """Another year, only where the one written lies before the issue and its weekday says so."""
    if moment.weekday is None or setting.reference is None or day >= setting.reference:
        return None
    for later in range(1, FARTHEST_FIX + 1):
        try:
            other = day.replace(year=day.year + later)
        except ValueError:
            continue
        if other >= setting.reference and other.weekday() == moment.weekday != day.weekday():
            return other
    return None
