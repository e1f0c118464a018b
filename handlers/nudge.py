"""What is said before and after a deadline, and to whom."""

from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.calendar import nudged_between, rung
from core.message import Message, _, ngettext, strong
from core.roles import AT_A_SCHOOL
from core.screen import Choice, Screen, show
from handlers import deadline, due, phrases
from storage import extensions, nudges, people, reports, reviews
from storage.extensions import Extended
from storage.nudges import Decided
from storage.reports import Report


@dataclass(frozen=True, slots=True)
class Due:
    """One report that a person is to be reminded of.

    left: days to the deadline. moved: where the office gave more time.
    """

    report: Report
    rung: int
    left: int
    moved: Extended | None = None

    def decided_for(self, person_id: int) -> Decided:
        return self.report.id, person_id, self.report.due_on, self.rung


def to_send(
    session: Session, today: date, besides: Set[Decided] = frozenset()
) -> Iterator[tuple[int, list[Due]]]:
    """Each person who is to be reminded now, by id, with all they are reminded of.

    What was decided before is left out, so asking again reminds nobody twice.
    besides: more that counts as decided.
    """
    owed = [
        (r, step)
        for r in reports.owed_between(session, *nudged_between(today), today)
        if (step := _rung(r, today)) is not None
    ]
    ids = [report.id for report, _step in owed]
    untold = reviews.being_decided(session, ids)
    owed = [(report, step) for report, step in owed if report.id not in untold]
    known = nudges.decided(session, ids) | besides
    moved = extensions.extended(session, ids)
    by_person: dict[int, list[Due]] = defaultdict(list)
    for report, step in owed:
        for person_id in _writers(session, report):
            item = Due(report, step, _left(report, today), moved.get(report.id))
            if item.decided_for(person_id) not in known:
                by_person[person_id].append(item)
    yield from by_person.items()


def screen(session: Session, about: list[Due], today: date) -> Screen:
    """One message about all of it."""
    lines: list[Message] = [
        strong(ngettext("A reminder: {count} report", "A reminder: {count} reports", len(about)))
    ]
    lines += [_line(session, item, today) for item in about]
    buttons = tuple(due.button(item.report) for item in about)
    return Screen(tuple(lines), (*buttons, Choice(_("What is due"), show("due"))))


def _line(session: Session, item: Due, today: date) -> Message:
    dates = deadline.both_dates(session, item.report, today, item.moved)
    line = {"title": item.report.title, "dates": dates}
    return _("• {title}: {dates} ({left})", **line, left=phrases.days_left(item.left))


def _left(report: Report, today: date) -> int:
    return (report.due_on - today).days if report.due_on else 0


def _rung(report: Report, today: date) -> int | None:
    return rung(_left(report, today))


def _writers(session: Session, report: Report) -> list[int]:
    held = people.holders(session, report.unit_id, AT_A_SCHOOL)
    return list({person.id: None for _post, person in held})
