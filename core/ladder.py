"""When a deadline is said, to whom, and what comes after it: the rungs of a duty's ladder.

Nothing here knows a database: what decides the real reminders and what shows future ones is this.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.calendar import next_allowed

PUBLISHING = 1_000  # the number of the rung of publishing: above any number of days
FURTHEST = 366  # days that a rung may be before or after its deadline
NEAR = 3  # days left at which a new deadline is said at once, and by its own rung
BREATH = 2  # days between publishing and the next rung, where that is before the deadline
GIVE_UP = 7  # days after the last rung, after which nobody is told for the first time
AT = time(7, 15)  # when people are told who chose no hour of their own


@dataclass(frozen=True, slots=True)
class Ladder:
    """steps: days left at which the school is told, negative once it is late; or PUBLISHING.

    officer, letter: days late at which the officer in charge is told to call, and to write an
    official letter; None for never.
    """

    steps: tuple[int, ...] = (PUBLISHING, 14, 7, 3, 1, 0, -1, -3)
    officer: int | None = 3
    letter: int | None = 5

    @property
    def office(self) -> tuple[int, ...]:
        """The steps at which the office is told."""
        return tuple(-days for days in (self.officer, self.letter) if days is not None)

    @property
    def days(self) -> list[int]:
        """All but publishing, the earliest first."""
        return sorted({*self.steps, *self.office} - {PUBLISHING}, reverse=True)


USUAL = Ladder()


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a report found.

    school, office: the rung that each has reached, None for none. Saying each once to each person
        is for the caller; a rung that was missed is never said once a later one is.
    told_on: when the school first heard of the deadline, to be kept for the next look.
    again_on: when there may be more to say; None for never.
    """

    school: int | None
    office: int | None
    told_on: date | None
    again_on: date | None


def look(ladder: Ladder, due_on: date, today: date, told_on: date | None) -> Look:
    """told_on: as the last look gave it; None before the first."""
    left = (due_on - today).days
    if told_on is None and PUBLISHING in ladder.steps and left > NEAR:
        told_on = today
    told = (due_on - told_on).days if told_on else None
    fitting = [step for step in ladder.steps if step != PUBLISHING and _fits(step, told)]
    school = _reached(fitting, left)
    if school is None and left == told:
        school = PUBLISHING
    later = [step for step in (*fitting, *ladder.office) if step < left]
    again_on = due_on - timedelta(max(later)) if later else None
    return Look(school, _reached(ladder.office, left), told_on, again_on)


def _fits(step: int, told: int | None) -> bool:
    """Whether there is a rung so many days before, where the school heard of it that late."""
    if told is None or step <= 0:
        return told is None or step < told
    return told - step >= BREATH


def _reached(steps: Collection[int], left: int) -> int | None:
    if not steps or left < min(steps) - GIVE_UP:
        return None
    return min((step for step in steps if left <= step), default=None)


def say_at(
    rung: int, now: datetime, hour: time, zone: ZoneInfo, closed: Collection[date] = ()
) -> datetime:
    """When somebody is told of a rung that was reached now: at their hour, in UTC.

    Where that has passed today they are told at once, but of something new tomorrow.
    """
    local = now.astimezone(zone)
    own = datetime.combine(local.date(), hour, zone)
    if own < local and rung != PUBLISHING:
        return next_allowed(local, zone, closed)
    return next_hour(now, hour, zone, closed)


def next_hour(now: datetime, hour: time, zone: ZoneInfo, closed: Collection[date]) -> datetime:
    """Somebody's hour, today where it is to come and on the next day else, in UTC."""
    local = now.astimezone(zone)
    own = datetime.combine(local.date(), hour, zone)
    return next_allowed(own if own >= local else _tomorrow(local, hour), zone, closed)


def days_told(
    ladder: Ladder,
    due_on: date,
    now: datetime,
    zone: ZoneInfo,
    closed: Collection[date] = (),
    told_on: date | None = None,
) -> list[date]:
    """The days on which those with no hour of their own are told of a deadline, new now.

    told_on: today where they hear of it otherwise, so that it is not said as new.
    """
    last = due_on + timedelta(GIVE_UP - min(ladder.days, default=0))
    local = next_allowed(now, zone, closed).astimezone(zone)
    made: dict[int, date] = {}
    heard = {PUBLISHING} if told_on else set()
    while local.date() <= last:
        seen = look(ladder, due_on, local.date(), told_on)
        told_on = seen.told_on
        if seen.school is not None and seen.school not in made.keys() | heard:
            said = say_at(seen.school, local, AT, zone, closed)
            made[seen.school] = said.astimezone(zone).date()
        local = next_day(local, time.min, zone, closed).astimezone(zone)
    return sorted(set(made.values()))


def next_day(now: datetime, hour: time, zone: ZoneInfo, closed: Collection[date]) -> datetime:
    """Somebody's hour on the next day on which they may be told anything, in UTC."""
    return next_allowed(_tomorrow(now.astimezone(zone), hour), zone, closed)


def _tomorrow(local: datetime, hour: time) -> datetime:
    return datetime.combine(local.date() + timedelta(1), hour, local.tzinfo)


def read_steps(written: Iterable[int | str]) -> tuple[int, ...]:
    """Of a plan's file: numbers of days, and "publishing". Raises ValueError."""
    steps = tuple(PUBLISHING if step == "publishing" else int(step) for step in written)
    wrong = [step for step in steps if step != PUBLISHING and abs(step) > FURTHEST]
    if wrong or len(set(steps)) < len(steps):
        raise ValueError(f"a rung stands twice, or is more than {FURTHEST} days away")
    return tuple(sorted(steps, reverse=True))
