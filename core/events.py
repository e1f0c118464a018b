"""Events that schools are invited to: kinds and answers, when one is held, who is named for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from core.calendar import is_rest
from core.dates import read_date, read_moment
from core.message import Message, _
from core.question import Answer, Misread, Question
from core.screen import Choice, Input, Picked, Typed

OPEN = "open"  # in place of a day, where none is set yet
OPENS_BEFORE = timedelta(hours=1)  # the beginning: people come early
MOST_SEATS = 20  # people of one school


class EventKind(StrEnum):
    TRAINING = "training"
    EXCHANGE = "exchange"
    CONTEST = "contest"
    INSPECTION = "inspection"
    MEETING = "meeting"


class Reply(StrEnum):
    """A school's answer. OTHERS: it names who comes in place of whom the office asked."""

    COMING = "coming"
    OTHERS = "others"
    ABSENT = "absent"


class News(StrEnum):
    """What a message about an event tells. DATED: the day that was still open is set."""

    INVITATION = "invitation"
    DATED = "dated"
    MOVED = "moved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Held:
    """When an event is held. first, last: days, both included.

    at: the local hour at which it begins, None where that is not said.
    """

    first: date
    last: date
    at: time | None = None

    def opens(self, zone: ZoneInfo) -> datetime:
        """From when on people can say that they are there; never before the day itself."""
        midnight = datetime.combine(self.first, time(), zone)
        if self.at is None:
            return midnight
        return max(midnight, datetime.combine(self.first, self.at, zone) - OPENS_BEFORE)

    def closes(self, zone: ZoneInfo) -> datetime:
        """The end of the last day, which is not included."""
        return datetime.combine(self.last + timedelta(1), time(), zone)

    def reminded_on(self, closed: Collection[date] = ()) -> date:
        """The day before, or the last one before that on which people may be reminded.

        closed: days on which the office is closed besides those of rest.
        """
        day = self.first - timedelta(1)
        while is_rest(day) or day in closed:
            day -= timedelta(1)
        return day

    def to_json(self) -> dict[str, str | None]:
        at = self.at.isoformat("minutes") if self.at else None
        return {"first": self.first.isoformat(), "last": self.last.isoformat(), "at": at}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        at = time.fromisoformat(kept["at"]) if kept["at"] else None
        return cls(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), at)


def held(begins: str, last: str | None) -> Held | None:
    """What was answered to `Beginning`, and to `DayToCome` for the last day, None for the same."""
    if begins == OPEN:
        return None
    day, _t, at = begins.partition("T")
    first = date.fromisoformat(day)
    end = date.fromisoformat(last) if last else first
    return Held(first, max(first, end), time.fromisoformat(at) if at else None)


@dataclass(frozen=True, slots=True)
class Beginning(Question):
    """A day to come, with the hour where it is known, as ISO text. now: local time.

    may_be_open: whether it can be left open; then OPEN is stored.
    """

    now: datetime = None  # type: ignore[assignment]  # always given
    may_be_open: bool = False

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:  # noqa: ARG002
        return (Choice(_("No day yet"), f"answer:{OPEN}"),) if self.may_be_open else ()

    def read(self, given: Input, so_far: Answer) -> Answer:  # noqa: ARG002
        if self.may_be_open and given == Picked(f"answer:{OPEN}"):
            return OPEN
        begins = self._read(given.text) if isinstance(given, Typed) else None
        if begins is None:
            raise Misread(_("Please send a day and an hour, such as 8h 5/6, or only the day."))
        if not self._is_to_come(begins):
            raise Misread(_("That moment has passed; please send one that is to come."))
        return begins

    def enough(self, answer: Answer) -> bool:
        return self.fits(answer) and (answer == OPEN or self._is_to_come(answer))

    def show(self, answer: Answer) -> Message:
        meant = held(answer, None)
        if meant is None:
            return _("No day yet")
        if meant.at is None:
            return Message("{day}", {"day": meant.first})
        return _("{time} on {day}", time=meant.at, day=meant.first)

    def fits(self, answer: Answer) -> bool:
        if answer == OPEN:
            return self.may_be_open
        try:
            return isinstance(answer, str) and held(answer, None) is not None
        except ValueError:
            return False

    def _read(self, text: str) -> str | None:
        if moment := read_moment(text, self.now):
            return moment.replace(tzinfo=None).isoformat(timespec="minutes")
        day = read_date(text, self.now.date())
        return day.isoformat() if day else None

    def _is_to_come(self, answer: str) -> bool:
        meant = held(answer, None)
        if meant is None or meant.at is None:
            return meant is not None and meant.first >= self.now.date()
        return datetime.combine(meant.first, meant.at, self.now.tzinfo) > self.now


@dataclass(frozen=True, slots=True)
class DayIsSet:
    """Asked only where a `Beginning` was not left open. key: its own."""

    key: str

    def holds(self, answers: Mapping[str, Answer]) -> bool:
        return answers.get(self.key) not in (None, OPEN)


@dataclass(frozen=True, slots=True)
class DayToCome(Question):
    """A day, stored as ISO text. since, until: the first and last that fit; None for no last.

    today: the day it is at the office.
    """

    today: date = date.min
    since: date = date.min
    until: date | None = None

    typed: ClassVar[bool] = True

    def read(self, given: Input, so_far: Answer) -> Answer:  # noqa: ARG002
        day = read_date(given.text, self.today) if isinstance(given, Typed) else None
        if day is None or not self._fits(day):
            raise Misread(self._hint())
        return day.isoformat()

    def show(self, answer: Answer) -> Message:
        return Message("{day}", {"day": date.fromisoformat(answer)})

    def fits(self, answer: Answer) -> bool:
        try:
            return isinstance(answer, str) and self._fits(date.fromisoformat(answer))
        except ValueError:
            return False

    def _fits(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def _hint(self) -> Message:
        if self.until is None:
            return _("Please send a day from {since} on, such as 5/6.", since=self.since)
        span = {"since": self.since, "until": self.until}
        return _("Please send a day from {since} to {until}, such as 5/6.", **span)
