"""Give a school its due dates and events for the calendar it keeps: as a file, or by a link."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlmodel import Session

from core.agenda import Agenda, Entry
from core.calendar import aim_on
from core.events import Held
from core.message import Message, _, strong, verbatim, with_links
from core.review import TO_COME, State
from core.screen import Choice, Enclosed, Screen, show
from handlers import deadline, occasion
from handlers.flow import Gone, Turn
from storage import calendar_links, checklists, closed_days, extensions, guests, reports
from storage.events import Event
from storage.extensions import Extended
from storage.reports import Report
from storage.units import Unit

LOOK_BACK = timedelta(days=365)  # older deadlines are history
ANEW = "anew"


def calendar(turn: Turn, _about: str) -> Screen:
    """The file, which every calendar program opens."""
    unit = _school(turn)
    lines = (
        _(
            "The due dates of {unit} for your calendar: open the file on your phone.",
            unit=unit.name,
        ),
        _("It stays as it is today; dates that change later are always in /due."),
    )
    subscribe = [Choice(_("Subscribe, so that it stays up to date"), show("subscribe"))]
    choices = (*(subscribe if turn.public_url else []), _back())
    return Screen(lines, choices, files=(Enclosed(paper=of(turn.session, unit, turn.today)),))


def subscribe(turn: Turn, about: str) -> Screen:
    """A secret link. about: ANEW where an older one may end, else ""."""
    unit = _school(turn)
    if not turn.public_url:
        raise Gone(_("Calendars cannot be subscribed to here."))
    if about != ANEW and calendar_links.has_one(turn.session, turn.me):
        return Screen(
            (_("You have a link already. A new one ends it."),),
            (Choice(_("Make a new link"), show("subscribe", ANEW)), _end(), _back()),
        )
    secret = calendar_links.make(turn.session, turn.me, turn.now)
    link = f"{turn.public_url.rstrip('/')}/calendar/{secret}.ics"
    lines = (
        strong(_("The calendar of {unit}", unit=unit.name)),
        with_links(link),
        _("Add this link in your calendar program as a calendar from the internet."),
        _("Whoever has the link sees the due dates, so please keep it to yourself."),
    )
    return Screen(lines, (_end(), _back()))


def unsubscribe(turn: Turn, _about: str) -> Screen:
    _school(turn)
    if calendar_links.revoke(turn.session, turn.me, turn.now):
        return Screen((_("The link opens nothing any more."),), (_back(),))
    return Screen((_("You have no link."),), (_back(),))


def of(session: Session, unit: Unit, today: date) -> Agenda:
    """What a school owes and owed of late and is invited to, as far as it has a date."""
    oldest = today - LOOK_BACK
    asked = [r for r in reports.of_unit(session, unit.id) if r.state is not State.EXCUSED]
    dated = [(report, on) for report in asked if (on := report.due_on) and on >= oldest]
    moved = extensions.extended(session, [report.id for report, _on in dated])
    others = checklists.with_other_deadlines(session)
    due = [
        _entry(session, report, due_on, moved, deadline.also_written(others, report))
        for report, due_on in dated
    ]
    invited = guests.of_school(session, unit.id, oldest)
    closed = closed_days.days(session)
    to_come = [_event(event, held, closed) for event in invited if (held := event.held)]
    return Agenda(unit.name, (*due, *to_come))


def _event(event: Event, held: Held, closed: frozenset[date]) -> Entry:
    """On its first day; the days after it stand in its words."""
    about = tuple(occasion.details(event))
    key = f"event-{event.id}"
    day = held.reminded_on(closed)
    return Entry(key, occasion.name(event), about, held.first, held.at, day)


def _entry(
    session: Session,
    report: Report,
    due_on: date,
    moved: Mapping[int, Extended],
    also: list[Message],
) -> Entry:
    aim = aim_on(due_on, report.operator, closed_days.works(session), report.due_at)
    dates = deadline.both_dates(session, report, aim, moved.get(report.id))
    key = f"report-{report.id}"
    return Entry(key, _title(report), (dates, *also), due_on, report.due_at, aim)


def _title(report: Report) -> Message:
    if report.standing in TO_COME:
        return _("Due: {title}", title=report.title)
    return verbatim(report.title)


def _school(turn: Turn) -> Unit:
    """Raises Gone for somebody who acts for no school."""
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so nothing is due from you."))
    return turn.session.get_one(Unit, turn.me.unit_id)


def _end() -> Choice:
    return Choice(_("End the link"), show("unsubscribe"))


def _back() -> Choice:
    return Choice(_("What is due"), show("due"))
