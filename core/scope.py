"""Which schools a duty asks."""

from collections.abc import Collection, Mapping
from datetime import date

from core.calendar import Occurrence
from core.units import Level

LEVELS, FLAGS, WITHOUT, UNITS = "levels", "flags", "without", "units"
KEYS = frozenset({LEVELS, FLAGS, WITHOUT, UNITS})

Audience = Mapping[str, Collection[str]]


def fault(audience: Audience) -> str:
    """What is wrong with it, for whoever wrote it; "" for nothing.

    levels: a school teaches one of them. flags: it has one of them. without: it has none of them.
    units: it is one of them, by code. What is left away asks for nothing.
    """
    if unknown := set(audience) - KEYS:
        return f"{', '.join(sorted(unknown))}: not one of {', '.join(sorted(KEYS))}"
    if unknown := set(audience.get(LEVELS, ())) - set(Level):
        return f"{LEVELS}: {', '.join(sorted(unknown))} is not one of {', '.join(Level)}"
    return ""


def asks(
    audience: Audience, levels: Collection[str], flags: Collection[str], code: str = ""
) -> bool:
    """Whether a school of these levels and flags is asked."""
    return (
        _meets(audience.get(UNITS, ()), (code,))
        and _meets(audience.get(LEVELS, ()), levels)
        and _meets(audience.get(FLAGS, ()), flags)
        and not set(audience.get(WITHOUT, ())) & set(flags)
    )


def _meets(wanted: Collection[str], found: Collection[str]) -> bool:
    return not wanted or bool(set(wanted) & set(found))


def is_there(due: Occurrence, first: date | None, last: date | None, since: date) -> bool:
    """Whether a school that exists from its first to its last day owes what is due then.

    It does where it exists on the named day: one that joins in mid-year owes nothing from before,
    and one that closes nothing from after. What has no day is owed for a year it exists in, or,
    without a year, where it has not closed before the document was issued.

    first, last: None for always. since: when the document was issued.
    """
    begins, ends = _days(due, since)
    return (first is None or first <= ends) and (last is None or begins <= last)


def _days(due: Occurrence, since: date) -> tuple[date, date]:
    """The days on one of which the school has to exist."""
    if due.due_on is not None:
        return due.due_on, due.due_on
    if due.period:
        year = int(due.period[:4])
        return date(year, 1, 1), date(year, 12, 31)
    return since, date.max
