"""A due rule with another day, or another end, as a person corrects what was read."""

from dataclasses import replace
from datetime import date

from core.calendar import (
    DueRule,
    Monthly,
    NoneYet,
    On,
    Operator,
    Quarterly,
    Weekly,
    Window,
    Yearly,
    parse_rule,
)


def with_day(due: str, day: date | None) -> str:
    """One that is repeated stays so, with the day of the week, month or year. None: no day yet."""
    if day is None:
        return str(NoneYet())
    alone = str(On(Operator.BY, day))
    return _valid(_with_day(parse_rule(due), day), alone)


def _with_day(rule: DueRule, day: date) -> DueRule:
    match rule:
        case On():
            return replace(rule, day=day)
        case Window(first) if first <= day:
            return replace(rule, last=day)
        case Yearly():
            return replace(rule, month=day.month, day=day.day)
        case Monthly() | Quarterly():
            return replace(rule, day=day.day)
        case Weekly():
            return replace(rule, weekday=day.weekday())
    return On(Operator.BY, day)


def with_end(due: str, end: date) -> str:
    """One that is repeated, until that day; unchanged where it would never fall due."""
    rule = parse_rule(due)
    match rule:
        case Yearly():
            return _valid(replace(rule, last=end.year), due)
        case Weekly() | Monthly() | Quarterly():
            return _valid(replace(rule, last=end), due)
    return due


def _valid(rule: DueRule, otherwise: str) -> str:
    """As a text that can be read again: 29 February does not come every year."""
    try:
        parse_rule(str(rule))
    except ValueError:
        return otherwise
    return str(rule)
