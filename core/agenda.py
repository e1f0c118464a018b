"""Due dates and events for a calendar that people keep elsewhere, before they are written."""

from dataclasses import dataclass
from datetime import date, time

from core.message import Message


@dataclass(frozen=True, slots=True)
class Entry:
    """One day in a calendar.

    key: stays the same when the day moves, so that calendars move it too.
    at: the local time of the day, None for all of it. aim_on: the day to remind of it.
    """

    key: str
    title: Message
    about: tuple[Message, ...]
    day: date
    at: time | None
    aim_on: date


@dataclass(frozen=True, slots=True)
class Agenda:
    """name: of the calendar, as programs list it."""

    name: str
    entries: tuple[Entry, ...] = ()
