"""Lịch nhắc thử: every reminder that is to come, to whom, when and in which words.

It is decided by what decides the real ones, as if nothing were handed in or changed meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from core.message import Day, Message, _, ngettext, quiet, strong
from core.roles import MAY_DECIDE
from core.screen import Choice, Screen, number, show
from handlers import nudge, rungs
from handlers.flow import Gone, Turn
from handlers.nudge import Due
from handlers.rungs import Planned
from storage import facts, people, reports
from storage.people import Person
from storage.reports import Report
from storage.units import Unit

SPAN = timedelta(days=30)  # that one page shows
MANY = 3  # things in one message; more are warned of
MOST_WARNINGS = 6  # of one kind, on a phone
WANTED = "who waits for the sheet of reminders"  # a fact: "office:person", with commas


class Letter(NamedTuple):
    """What comes in one message: at the office's time, to a person, about these."""

    at: datetime
    person_id: int
    about: tuple[Planned, ...]


def by_letter(found: Iterable[Planned]) -> list[Letter]:
    """The earliest first."""
    merged: dict[tuple[datetime, int], list[Planned]] = defaultdict(list)
    for one in found:
        merged[one.at, one.person_id].append(one)
    return [Letter(*key, tuple(merged[key])) for key in sorted(merged)]


def schedule(turn: Turn, about: str) -> Screen:
    """The days with reminders of one month. about: its first day, "" for today."""
    first = _day(turn, about)
    found = by_letter(_planned(turn, first, first + SPAN))
    span = {"first": Day(first, year=True), "last": Day(first + SPAN, year=True)}
    lines = [strong(_("Reminders to come, {first} to {last}", **span))]
    lines += [_count(found), quiet(_("As if nothing were handed in meanwhile."))]
    days_shown = first, first + SPAN
    lines += warnings(turn.session, found, *days_shown, turn.me.unit_id, MOST_WARNINGS)
    days = Counter(letter.at.date() for letter in found)
    choices = [_open(day, count) for day, count in days.items()]
    return Screen(tuple(lines), (*choices, *_moves(first)))


def _open(day: date, count: int) -> Choice:
    label = _("{day}: {count}", day=Day(day, weekday=True), count=count)
    return Choice(label, show("schedule_day", str(day)))


def _count(found: Sequence[Letter]) -> Message:
    readers = len({letter.person_id for letter in found})
    return ngettext(
        "{count} message, to {readers} people",
        "{count} messages, to {readers} people",
        len(found),
        readers=readers,
    )


def _moves(first: date) -> tuple[Choice, ...]:
    after = first + SPAN + timedelta(1)
    return (
        Choice(_("Later"), show("schedule", str(after))),
        Choice(_("All of it as a sheet"), show("schedule_sheet")),
        Choice(_("Who has handed in"), show("status")),
    )


def of_day(turn: Turn, about: str) -> Screen:
    """Who is told what on one day. about: the day."""
    day = _day(turn, about)
    found = by_letter(_planned(turn, day, day))
    lines = [strong(_("Reminders of {day}", day=Day(day, weekday=True, year=True)))]
    lines += [_count(found)] if found else [_("Nobody is reminded of anything on this day.")]
    choices = [
        Choice(_who(turn, letter), show("schedule_one", f"{day}.{letter.person_id}"))
        for letter in found
    ]
    back = Choice(_("Other days"), show("schedule", str(day)))
    return Screen(tuple(lines), (*choices, back))


def _who(turn: Turn, letter: Letter) -> Message:
    report = turn.session.get_one(Report, letter.about[0].report_id)
    line = {
        "time": letter.at.time(),
        "name": turn.session.get_one(Person, letter.person_id).name,
        "unit": turn.session.get_one(Unit, report.unit_id).name,
    }
    return _("{time} {name}, {unit}", **line)


def words(turn: Turn, about: str) -> Screen:
    """One message in its words. about: "day.person"."""
    text, _dot, person_id = about.partition(".")
    day = _day(turn, text)
    meant = [
        letter
        for letter in by_letter(_planned(turn, day, day))
        if letter.person_id == number(person_id)
    ]
    back = Choice(_("The others of this day"), show("schedule_day", str(day)))
    if not meant:
        return Screen((_("Nobody is reminded of anything on this day."),), (back,))
    lines: list[Message] = []
    for letter in meant:
        lines += [quiet(_who(turn, letter)), *_said(turn.session, letter)]
    return Screen(tuple(lines), (back,))


def _said(session: Session, letter: Letter) -> tuple[Message, ...]:
    about = [Due(session.get_one(Report, one.report_id), one.rung) for one in letter.about]
    return nudge.screen(session, letter.person_id, about, letter.at).lines


def sheet(turn: Turn, _about: str) -> Screen:
    """Have all of it written into a spreadsheet after this turn; it comes as a file."""
    _may(turn)
    want(turn.session, [*wanted(turn.session), (turn.me.unit_id or 0, turn.me.id)])
    back = Choice(_("Reminders to come"), show("schedule"))
    return Screen((_("The sheet is being made; it comes in a moment."),), (back,))


Wanted = tuple[int, int]  # the office whose duties are asked for, and who asks


def wanted(session: Session) -> list[Wanted]:
    """Who waits for the sheet."""
    pairs = (one.split(":") for one in facts.get(session, WANTED).split(",") if one)
    return [(int(office), int(person)) for office, person in pairs]


def want(session: Session, waiting: Sequence[Wanted]) -> None:
    asked = (f"{office}:{person}" for office, person in sorted(set(waiting)))
    facts.put(session, WANTED, ",".join(asked))


def warnings(
    session: Session,
    found: Sequence[Letter],
    first: date,
    last: date,
    office_id: int | None,
    most: int | None = None,
) -> Iterator[Message]:
    """What somebody should look at before it goes live.

    office_id: whose duties; None for all. most: of each kind; None for all.
    """
    due = reports.units_owing(session, first, last, office_id)
    for kind in (_held(found), _crowded(session, found), _unmanned(session, due)):
        lines = list(kind)
        yield from lines[:most]
        if most is not None and len(lines) > most:
            yield _("… and {count} more.", count=len(lines) - most)


def _held(found: Sequence[Letter]) -> Iterator[Message]:
    """Messages that fall on a holiday, and are held back until after it."""
    held: Counter[tuple[date, date]] = Counter()
    for letter in found:
        if days := [one.held_from for one in letter.about if one.held_from]:
            held[min(days), letter.at.date()] += 1
    for (day, until), count in sorted(held.items()):
        when = {"day": Day(day, weekday=True), "until": Day(until, weekday=True)}
        yield ngettext(
            "⚠ {day} is a day off: {count} message is held until {until}.",
            "⚠ {day} is a day off: {count} messages are held until {until}.",
            count,
            **when,
        )


def _crowded(session: Session, found: Sequence[Letter]) -> Iterator[Message]:
    for letter in found:
        if len(letter.about) > MANY:
            name = session.get_one(Person, letter.person_id).name
            line = {"name": name, "count": len(letter.about)}
            yield _(
                "⚠ {day}: {name} is reminded of {count} things.", day=Day(letter.at.date()), **line
            )


def _unmanned(session: Session, due: Sequence[int]) -> Iterator[Message]:
    """Of which nobody is registered. due: schools that owe something."""
    held = people.at_schools(session, due)
    for unit_id in due:
        if unit_id not in held:
            yield _(
                "⚠ {unit}: nobody is registered, so nobody is reminded.",
                unit=session.get_one(Unit, unit_id).name,
            )


def _planned(turn: Turn, first: date, last: date) -> list[Planned]:
    """Of what the reader's office is to get."""
    _may(turn)
    span = rungs.span(turn.session, turn.zone, turn.now, first, last, turn.me.unit_id)
    return rungs.all_planned(turn.session, span)


def _may(turn: Turn) -> None:
    if turn.me.role not in MAY_DECIDE:
        raise Gone(_("Only the office can see this."))


def _day(turn: Turn, text: str) -> date:
    try:
        return max(date.fromisoformat(text), turn.today)
    except ValueError:
        return turn.today
