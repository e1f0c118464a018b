"""Schools that are late, for the officer in charge: whom to call, and the letter to write."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from sqlmodel import Session

from core.message import Message, _, ngettext, strong
from core.roles import AT_A_SCHOOL
from core.screen import Choice, Screen, show
from handlers import deadline, office, phrases
from storage import people
from storage.reports import Report
from storage.units import Unit

MOST_SCHOOLS = 12  # of one duty; the list of all is behind its button
MOST_DUTIES = 4


class Late(Protocol):
    """A report that is late, and how often that was said."""

    @property
    def report(self) -> Report: ...
    @property
    def rung(self) -> int: ...


def section(session: Session, late: Sequence[Late], day: date) -> Screen:
    """What an officer is told of them, by duty; nothing where there are none."""
    rounds: dict[tuple[int, str], list[Report]] = defaultdict(list)
    for report in {item.report.id: item.report for item in late}.values():
        rounds[report.duty_id, report.period].append(report)
    lines: list[Message] = []
    choices: list[Choice] = []
    for found in list(rounds.values())[:MOST_DUTIES]:
        lines += _duty(session, found, day)
        choices += [_board(found[0]), draft(found[0])]
    return Screen(tuple(lines), tuple(choices))


def _duty(session: Session, late: Sequence[Report], day: date) -> Iterable[Message]:
    title = {"title": late[0].title}
    yield strong(
        ngettext(
            "{title}: {count} school is late",
            "{title}: {count} schools are late",
            len(late),
            **title,
        )
    )
    for report in late[:MOST_SCHOOLS]:
        yield _school(session, report, day)
    if (more := len(late) - MOST_SCHOOLS) > 0:
        yield _("… and {count} more.", count=more)


def _school(session: Session, report: Report, day: date) -> Message:
    """With somebody to call: an app makes a link of a whole number."""
    days = phrases.days_left(deadline.days_left(session, report, day) or 0)
    line = {"unit": session.get_one(Unit, report.unit_id).name, "left": days}
    held = people.holders(session, report.unit_id, AT_A_SCHOOL)
    if not held:
        return _("• {unit}: {left}, nobody registered", **line)
    called = next((person for _post, person in held if person.phone), None)
    if called is None:
        return _("• {unit}: {left}, no phone number known", **line)
    call = {"name": phrases.name(called), "phone": phrases.telephone(called)}
    return _("• {unit}: {left}; call {name}, {phone}", **line, **call)


def _board(report: Report) -> Choice:
    label = _("Who has handed in: {title}", title=report.title)
    return Choice(label, office.board(report).action)


def draft(report: Report) -> Choice:
    """The official letter to all schools that are late with the same."""
    label = _("Draft a letter: {title}", title=report.title)
    return Choice(label, show("urge", f"{report.duty_id}.{report.period}"))
