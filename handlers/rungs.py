"""Which rung of which report is to be said to whom: by a tick now, and by those to come.

What shows future reminders is this, as what decides the real ones is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from core import ladder
from core.calendar import is_rest, next_allowed
from core.ladder import AT, Look
from storage import closed_days, lateness, nudges, pauses, people, reports
from storage.checklists import Duty
from storage.nudges import About
from storage.pauses import Paused
from storage.people import Person
from storage.reports import Report
from storage.units import Unit


class Audience:
    """Who is to be told what about some reports, looked up for all of them at once.

    The same for real reminders and for those that are only shown.
    """

    def __init__(self, session: Session, found: Sequence[Report]) -> None:
        self.reports = found
        self.ids = [report.id for report in found]
        self._session = session
        duties = select(Duty).where(col(Duty.id).in_({report.duty_id for report in found}))
        units = select(Unit).where(col(Unit.id).in_({report.unit_id for report in found}))
        self._duties = {duty.id: duty for duty in session.exec(duties)}
        self._units = {unit.id: unit for unit in session.exec(units)}
        self._paused: Paused = pauses.paused(session, self.ids)
        self._schools = people.at_schools(session, list(self._units))
        self._officers: dict[tuple[int, str, tuple[str, ...]], list[Person]] = {}

    def look(self, report: Report, today: date, told_on: date | None) -> Look:
        """told_on: see `core.ladder`, whose days count to the last one in time."""
        last = lateness.last_day(self._session, report.deadline) or date.max
        return ladder.look(self.duty(report).ladder, last, today, told_on)

    def told(self, report: Report, seen: Look) -> Iterator[tuple[Person, int]]:
        """Each person to be told, with the rung; none of what is paused."""
        for rung, those in (
            (seen.school, self._schools.get(report.unit_id, [])),
            (seen.office, self._responsible(report) if seen.office is not None else []),
        ):
            if rung is not None and not pauses.holds(self._paused, report.id, rung):
                yield from ((person, rung) for person in those)

    def duty(self, report: Report) -> Duty:
        return self._duties[report.duty_id]

    def unit(self, report: Report) -> Unit:
        return self._units[report.unit_id]

    def nobody_at(self, report: Report) -> bool:
        return not self._schools.get(report.unit_id)

    def _responsible(self, report: Report) -> list[Person]:
        duty, levels = self.duty(report), tuple(self.unit(report).levels)
        key = duty.receiver_id, duty.topic, levels
        if key not in self._officers:
            self._officers[key] = people.responsible(self._session, *key)
        return self._officers[key]


# Those to come


@dataclass(frozen=True, slots=True)
class Planned:
    """One report in one message, before its words. at: in the office's zone.

    held_from: the day on which it would be sent, if that were not a day of rest.
    """

    at: datetime
    person_id: int
    report_id: int
    rung: int
    held_from: date | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """first, last: days, both included. now: the program's clock.

    Where that is past the first day, these days are thought to come yet. office_id: whose duties;
    None for all.
    """

    zone: ZoneInfo
    now: datetime
    first: date
    last: date
    closed: frozenset[date]
    office_id: int | None = None

    def looked_at(self, report: Report, day: date) -> datetime:
        """When a report is due to be looked at, be it a day of rest; in the office's zone."""
        begin = self.now.astimezone(self.zone)
        if begin.date() > self.first:
            opened = min(report.opens_on or self.first, self.first)
            begin = datetime.combine(opened, time(), self.zone)
        return max(begin, datetime.combine(day, time(), self.zone)) if day > EVER else begin

    def allowed(self, moment: datetime) -> datetime:
        return next_allowed(moment, self.zone, self.closed).astimezone(self.zone)

    def is_rest(self, day: date) -> bool:
        return is_rest(day) or day in self.closed


EVER = date(2000, 1, 1)  # before this nothing happened, and no zone's clock need be known


def span(
    session: Session,
    zone: ZoneInfo,
    now: datetime,
    first: date,
    last: date,
    office_id: int | None = None,
) -> Span:
    closed = closed_days.days(session)
    return Span(zone, now, first, last, closed, office_id)


def all_planned(session: Session, within: Span) -> list[Planned]:
    """Everything in some days, the earliest first."""
    ids = reports.looked_at_until(session, within.last, within.office_id)
    found = [*decided(session, within), *to_come(session, ids, within)]
    return sorted(found, key=lambda one: (one.at, one.person_id, one.report_id))


def decided(session: Session, within: Span) -> Iterator[Planned]:
    """What only waits for the hour of its person."""
    for row in nudges.all_waiting(session, within.office_id):
        at = (row.send_at or within.now).astimezone(within.zone)
        yield from _inside(within, Planned(at, row.person_id, row.report_id, row.rung))


def to_come(session: Session, ids: Sequence[int], within: Span) -> Iterator[Planned]:
    """As if nothing were handed in or changed meanwhile, in no order. ids: of reports."""
    audience = Audience(session, reports.some(session, ids))
    known = nudges.lowest(session, ids)
    for report in audience.reports:
        yield from _of_one(audience, report, known, within)


def _of_one(
    audience: Audience, report: Report, known: dict[About, int], within: Span
) -> Iterator[Planned]:
    due_on, told_on, day = report.due_on or date.max, report.told_on, report.look_on
    while day and (begin := within.looked_at(report, day)).date() <= within.last:
        moment, begun = within.allowed(begin), begin.date()
        seen = audience.look(report, moment.date(), told_on)
        for person, rung in audience.told(report, seen):
            about = (report.id, person.id, due_on)
            if rung < known.get(about, rung + 1):
                known[about] = rung
                at = ladder.say_at(rung, moment, person.told_at or AT, within.zone, within.closed)
                held = begun if within.is_rest(begun) else None
                one = Planned(at.astimezone(within.zone), person.id, report.id, rung, held)
                yield from _inside(within, one)
        told_on, day = seen.told_on, seen.again_on


def _inside(within: Span, one: Planned) -> Iterator[Planned]:
    if within.first <= one.at.date() <= within.last:
        yield one
