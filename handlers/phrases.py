"""Phrases that several conversations use: moments, deadlines, days left, roles."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from textwrap import shorten

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
)
from core.message import Day, Message, _, ngettext, verbatim
from core.review import State
from core.roles import Role
from handlers.flow import Turn
from storage.people import Person

MOST_IN_A_LINE = 60  # characters; about two lines of a small phone

ROLE: Mapping[Role, Message] = {
    Role.REPORTER: _("report writer"),
    Role.HEAD: _("head of school"),
    Role.OFFICER: _("officer"),
    Role.LEADER: _("leader of the office"),
    Role.ADMIN: _("administrator"),
    Role.VIEWER: _("viewer"),
}

STATE: Mapping[State, Message] = {
    State.OPEN: _("not handed in"),
    State.DRAFT: _("being filled in"),
    State.AWAITING_HEAD: _("waiting for the head of school"),
    State.SUBMITTED: _("handed in"),
    State.RETURNED: _("returned"),
    State.ACCEPTED: _("accepted"),
    State.LOCKED: _("locked"),
    State.FILED_ELSEWHERE: _("handed in outside the system"),
    State.EXCUSED: _("excused"),
}


def name(person: Person) -> Message:
    """What a person is called, also once their data are erased."""
    return verbatim(person.name) if person.name else _("somebody who has left")


def holder(role: Role, person: Person) -> Message:
    """Somebody at a school, and how to call them."""
    line = {"name": name(person), "role": ROLE[role], "phone": person.phone or "–"}
    return _("• {name}, {role}, {phone}", **line)


def telephone(person: Person) -> str:
    """With the country's code, so that apps make a link of it that calls."""
    return f"+84{person.phone[1:]}" if person.phone.startswith("0") else person.phone


def moment(turn: Turn, at: datetime) -> Message:
    """When something happened, as one would say it today."""
    local = at.astimezone(turn.zone)
    if local.date() == turn.today:
        return _("{time} today", time=local.time())
    if local.date() == turn.today - timedelta(days=1):
        return _("{time} yesterday", time=local.time())
    return _("{time} on {day}", time=local.time(), day=local.date())


def deadline(due_on: date, operator: Operator, at: time | None = None) -> Message:
    """A deadline as the document writes it. at: the local time, None for the end of the day."""
    return _tied(operator, _at(at, Day(due_on)))


def _tied(operator: Operator, day: object) -> Message:
    match operator:
        case Operator.BEFORE:
            return _("before {day}", day=day)
        case Operator.UNTIL_END_OF:
            return _("until the end of {day}", day=day)
    return _("by {day}", day=day)


def rule(due: DueRule) -> Message:
    """A due rule in words."""
    match due:
        case On(operator, day, at):
            return _tied(operator, _at(at, Day(day, year=True)))
        case Window(first, last, operator):
            span = {"first": first, "last": _tied(operator, last)}
            return _("from {first}, {last}", **span)
        case Yearly(operator, month, day, first, last):
            when = _tied(operator, Day(date(last, month, day)))
            return _("every year {when}, {first}–{last}", when=when, **_years(first, last))
        case Monthly(operator, day):
            of_month = _("day {day}", day=day)
            return _("every month {when}", when=_tied(operator, of_month))
        case Quarterly(operator, day):
            of_quarter = _("day {day} of the last month", day=day)
            return _("every quarter {when}", when=_tied(operator, of_quarter))
        case Weekly(operator, weekday, at):
            of_week = _("{time} on {weekday}", time=at, weekday=_WEEKDAYS[weekday])
            return _("every week {when}", when=_tied(operator, of_week))
        case NoneYet(years) if years:
            return _("every year, no day set yet, {first}–{last}", **_years(years[0], years[-1]))
    return _("no date set yet")


def _at(at: time | None, day: Day) -> object:
    if at is None:
        return day
    return _("{time} on {day}", time=at, day=day)


def _years(first: int, last: int) -> dict[str, str]:
    """As text: a year is no amount."""
    return {"first": str(first), "last": str(last)}


_WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)


def short(words: str) -> Message:
    """Words somebody wrote, as far as they fit a line of a list."""
    return verbatim(shorten(words, MOST_IN_A_LINE, placeholder="…"))


def days_left(days: int) -> Message:
    if days < 0:
        return ngettext("{count} day late", "{count} days late", -days)
    if days == 0:
        return _("today is the day")
    return ngettext("{count} day left", "{count} days left", days)
