"""What is said before and after a deadline, and to whom."""

from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.calendar import IsWorking, is_working, rung
from core.message import Message, _, ngettext, strong
from core.roles import AT_A_SCHOOL
from core.screen import Choice, Screen, show
from handlers import due, phrases
from storage import nudges, people, reports
from storage.nudges import Decided
from storage.reports import Report


@dataclass(frozen=True, slots=True)
class Due:
    """One report that a person is to be reminded of. left: days to the deadline."""

    report: Report
    rung: int
    left: int

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
        for r in reports.all_owed(session, today)
        if (step := _rung(r, today)) is not None
    ]
    known = nudges.decided(session, [report.id for report, _step in owed]) | besides
    by_person: dict[int, list[Due]] = defaultdict(list)
    for report, step in owed:
        for person_id in _writers(session, report):
            item = Due(report, step, _left(report, today))
            if item.decided_for(person_id) not in known:
                by_person[person_id].append(item)
    yield from by_person.items()


def screen(about: list[Due], today: date, works: IsWorking = is_working) -> Screen:
    """One message about all of it. works: when the office does."""
    lines: list[Message] = [
        strong(ngettext("A reminder: {count} report", "A reminder: {count} reports", len(about)))
    ]
    lines += [_line(item, today, works) for item in about]
    buttons = tuple(due.button(item.report) for item in about)
    return Screen(tuple(lines), (*buttons, Choice(_("What is due"), show("due"))))


def _line(item: Due, today: date, works: IsWorking) -> Message:
    line = {"title": item.report.title, "dates": due.both_dates(item.report, today, works)}
    return _("• {title}: {dates} ({left})", **line, left=phrases.days_left(item.left))


def _left(report: Report, today: date) -> int:
    return (report.due_on - today).days if report.due_on else 0


def _rung(report: Report, today: date) -> int | None:
    return rung(_left(report, today))


def _writers(session: Session, report: Report) -> list[int]:
    held = people.holders(session, report.unit_id, AT_A_SCHOOL)
    return list({person.id: None for _post, person in held})
