"""Lịch nhắc thử: every reminder that is to come, to whom, when and in which words.

It is decided by what decides the real ones, as if nothing were handed in or changed meanwhile; and
for the drafts of a document, as if they were published now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from core.message import Day, Message, _, ngettext, quiet, strong
from core.roles import MAY_DECIDE
from core.screen import Choice, Screen, number, show
from handlers import document, found, nudge, publishing, rungs
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
WANTED = "who waits for the sheet of reminders"  # a fact: see `Wanted`, with commas


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


class Place(NamedTuple):
    """What somebody looks at. paper: a document whose drafts are rehearsed; 0 for what holds."""

    day: date
    paper: int = 0

    def on(self, day: date, *more: int) -> str:
        """As the pages' `about`."""
        return ".".join(map(str, (day, *more, self.paper)))


class Looked(NamedTuple):
    """duties: which all letters are about; None for any."""

    letters: list[Letter]
    duties: frozenset[int] | None = None


def schedule(turn: Turn, about: str) -> Screen:
    """The days with reminders of one month. about: its first day, "" for today; see `Place`."""
    place = _place(turn, about)
    first, last = place.day, place.day + SPAN
    span = {"first": Day(first, year=True), "last": Day(last, year=True)}
    lines = [strong(_("Reminders to come, {first} to {last}", **span))]
    with _looking(turn, place, last) as looked:
        lines += [_count(looked.letters), quiet(_as_if(turn, place))]
        due = reports.units_owing(turn.session, first, last, turn.me.unit_id, looked.duties)
        lines += warnings(turn.session, looked.letters, due, MOST_WARNINGS)
    days = Counter(letter.at.date() for letter in looked.letters)
    choices = [_open(place, day, count) for day, count in days.items()]
    return Screen(tuple(lines), (*choices, *_moves(place)))


def _place(turn: Turn, about: str) -> Place:
    day, _dot, paper = about.partition(".")
    return Place(_day(turn, day), number(paper))


def _as_if(turn: Turn, place: Place) -> Message:
    if not place.paper:
        return _("As if nothing were handed in meanwhile.")
    name = found.title(document.to_change(turn, place.paper))
    return _("As if {name} were published now, and nothing handed in meanwhile.", name=name)


def _open(place: Place, day: date, count: int) -> Choice:
    label = _("{day}: {count}", day=Day(day, weekday=True), count=count)
    return Choice(label, show("schedule_day", place.on(day)))


def _count(found: Sequence[Letter]) -> Message:
    readers = len({letter.person_id for letter in found})
    return ngettext(
        "{count} message, to {readers} people",
        "{count} messages, to {readers} people",
        len(found),
        readers=readers,
    )


def _moves(place: Place) -> tuple[Choice, ...]:
    after = place.on(place.day + SPAN + timedelta(1))
    back = Choice(_("Who has handed in"), show("status"))
    if place.paper:
        back = Choice(_("Back to the document"), show("document", str(place.paper)))
    return (
        Choice(_("Later"), show("schedule", after)),
        Choice(_("All of it as a sheet"), show("schedule_sheet", str(place.paper))),
        back,
    )


def of_day(turn: Turn, about: str) -> Screen:
    """Who is told what on one day. about: see `Place`."""
    place = _place(turn, about)
    day = place.day
    lines = [strong(_("Reminders of {day}", day=Day(day, weekday=True, year=True)))]
    with _looking(turn, place, day) as looked:
        choices = [
            Choice(_who(turn, letter), show("schedule_one", place.on(day, letter.person_id)))
            for letter in looked.letters
        ]
    lines += [_count(looked.letters)] if choices else [_NOBODY]
    back = Choice(_("Other days"), show("schedule", place.on(day)))
    return Screen(tuple(lines), (*choices, back))


_NOBODY = _("Nobody is reminded of anything on this day.")


def _who(turn: Turn, letter: Letter) -> Message:
    report = turn.session.get_one(Report, letter.about[0].report_id)
    line = {
        "time": letter.at.time(),
        "name": turn.session.get_one(Person, letter.person_id).name,
        "unit": turn.session.get_one(Unit, report.unit_id).name,
    }
    return _("{time} {name}, {unit}", **line)


def words(turn: Turn, about: str) -> Screen:
    """One message in its words. about: "day.person.paper"."""
    text, _dot, rest = about.partition(".")
    person_id, _dot, paper = rest.partition(".")
    place = Place(_day(turn, text), number(paper))
    lines: list[Message] = []
    with _looking(turn, place, place.day) as looked:
        for letter in looked.letters:
            if letter.person_id == number(person_id):
                lines += [quiet(_who(turn, letter)), *_said(turn.session, letter)]
    if not lines:
        return Screen((_NOBODY,), (_others(place),))
    return Screen(tuple(lines), (_others(place),))


def _others(place: Place) -> Choice:
    return Choice(_("The others of this day"), show("schedule_day", place.on(place.day)))


def _said(session: Session, letter: Letter) -> tuple[Message, ...]:
    about = [Due(session.get_one(Report, one.report_id), one.rung) for one in letter.about]
    return nudge.screen(session, letter.person_id, about, letter.at).lines


def sheet(turn: Turn, about: str) -> Screen:
    """Have all of it written into a spreadsheet after this turn; it comes as a file.

    about: the document of `Place`.
    """
    _may(turn)
    place = Place(turn.today, number(about))
    asks = Wanted(turn.me.unit_id or 0, turn.me.id, place.paper)
    want(turn.session, [*wanted(turn.session), asks])
    back = Choice(_("Reminders to come"), show("schedule", place.on(place.day)))
    return Screen((_("The sheet is being made; it comes in a moment."),), (back,))


class Wanted(NamedTuple):
    """A sheet that somebody waits for. office: whose duties. paper: see `Place`."""

    office: int
    person: int
    paper: int = 0


def wanted(session: Session) -> list[Wanted]:
    found = (one.split(":") for one in facts.get(session, WANTED).split(",") if one)
    return [Wanted(*map(int, one)) for one in found]


def want(session: Session, waiting: Sequence[Wanted]) -> None:
    facts.put(session, WANTED, ",".join(":".join(map(str, one)) for one in sorted(set(waiting))))


def warnings(
    session: Session, found: Sequence[Letter], due: Sequence[int], most: int | None = None
) -> Iterator[Message]:
    """What somebody should look at before it goes live.

    due: schools that owe something then. most: of each kind; None for all.
    """
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


@contextmanager
def _looking(turn: Turn, place: Place, last: date) -> Iterator[Looked]:
    """Of what the reader's office is to get, from the place's day on. Raises Gone."""
    _may(turn)
    with as_if(turn, place.paper) as duties:
        span = rungs.span(turn.session, turn.zone, turn.now, place.day, last, turn.me.unit_id)
        letters = by_letter(rungs.all_planned(turn.session, span))
        yield Looked(about_some(turn.session, letters, duties), duties)


@contextmanager
def as_if(turn: Turn, paper: int) -> Iterator[frozenset[int] | None]:
    """While the drafts of a document are rehearsed: their duties; None for all. Raises Gone."""
    if not paper:
        yield None
        return
    with publishing.rehearsed(turn, document.to_change(turn, paper)) as duties:
        yield duties


def about_some(
    session: Session, letters: Sequence[Letter], duties: frozenset[int] | None
) -> list[Letter]:
    """Those that are, whole, about at least one of these duties; None for all."""
    if duties is None:
        return list(letters)
    named = reports.some(session, [one.report_id for letter in letters for one in letter.about])
    theirs = {report.id for report in named if report.duty_id in duties}
    return [one for one in letters if theirs & {about.report_id for about in one.about}]


def _may(turn: Turn) -> None:
    if turn.me.role not in MAY_DECIDE:
        raise Gone(_("Only the office can see this."))


def _day(turn: Turn, text: str) -> date:
    try:
        return max(date.fromisoformat(text), turn.today)
    except ValueError:
        return turn.today
