"""What a message of a day says besides deadlines: what waits for its reader, what was locked, and
where they are expected.

Each line is looked at once more when the message is written, as it may be past by then.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain

from sqlmodel import Session

from core.message import Message, _, ngettext
from core.review import State
from core.screen import Choice, Screen, joined, show
from handlers import letters, occasion, presenting
from handlers.report import ask_to_unlock
from storage import guests, people, receipts, reviews
from storage.broadcasts import Broadcast
from storage.daily_lines import OTHERS, DailyLine, Kind
from storage.events import Event
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit

MOST_LINES = 8  # of a section; more and a phone has to scroll
MOST_UNREAD = 3  # messages with buttons, of which each has two
KEPT = "kept"  # what a button is on stays to be read


def headed(heading: Message, lines: Sequence[Message]) -> Iterable[Message]:
    """A section of a message; nothing where it is empty."""
    if not lines:
        return ()
    more = len(lines) - MOST_LINES
    rest = [_("… and {count} more.", count=more)] if more > 0 else []
    return chain([heading], lines[:MOST_LINES], rest)


def still(session: Session, line: DailyLine, local: datetime) -> bool:
    """Whether it is still to be said. local: now, by the clock of the office."""
    return _STILL[line.kind](session, line, local)


def section(session: Session, lines: Sequence[DailyLine]) -> Screen:
    """What is said of these, but for what is listed whole in every message of a day."""
    return joined(
        show_some(session, some)
        for kind, show_some in _SHOWN.items()
        if (some := [line for line in lines if line.kind is kind])
    )


# Messages of the office that nobody has acknowledged


def unread(session: Session, person_id: int, local: datetime) -> Screen:
    """All of them; to what has begun nobody is invited any more."""
    found = [one for one in receipts.unread(session, person_id) if _asks(session, one, local)]
    lines = [_("• {words}", words=letters.title(one)) for one in found]
    choices = [choice for one in found[:MOST_UNREAD] for choice in _answers(one)]
    return Screen(tuple(headed(_("Not acknowledged yet"), lines)), tuple(choices))


def _answers(broadcast: Broadcast) -> Iterable[Choice]:
    words = {"words": letters.title(broadcast)}
    if not broadcast.event_id:
        about = f"{broadcast.id}.{KEPT}"
        yield Choice(_("✅ Understood: {words}", **words), show("understood", about))
    yield Choice(_("Read: {words}", **words), show("reread", str(broadcast.id)))


def _asks(session: Session, broadcast: Broadcast, local: datetime) -> bool:
    event = session.get(Event, broadcast.event_id) if broadcast.event_id else None
    return event is None or not event.has_begun(local.date())


def _is_unread(session: Session, line: DailyLine, local: datetime) -> bool:
    broadcast = session.get_one(Broadcast, line.about_id)
    if line.which == OTHERS:
        receipts.ask_too(session, broadcast, line.person_id, local)
    unread_by = {one.id for one in receipts.unread(session, line.person_id)}
    return broadcast.id in unread_by and _asks(session, broadcast, local)


# A head of school who keeps silent


def _is_silent(session: Session, line: DailyLine, _local: datetime) -> bool:
    report, draft = _presented(session, line)
    return _waits(line, report, draft) and line.person_id in presenting.writers(
        session, report, draft
    )


def _is_before_head(session: Session, line: DailyLine, _local: datetime) -> bool:
    report, draft = _presented(session, line)
    heads = [head.id for head in presenting.heads_of(session, report)]
    return _waits(line, report, draft) and line.person_id in heads


def _presented(session: Session, line: DailyLine) -> tuple[Report, Submission]:
    draft = session.get_one(Submission, line.about_id)
    return session.get_one(Report, draft.report_id), draft


def _waits(line: DailyLine, report: Report, draft: Submission) -> bool:
    again = line.which != str(draft.times_presented)
    return report.state is State.AWAITING_HEAD and draft.sent_at is None and not again


def _silent(session: Session, lines: Sequence[DailyLine]) -> Screen:
    heading = _("The head of school has not answered for 24 hours; you may send it without them")
    return _of_drafts(session, lines, heading, presenting.send_alone)


def _before_head(session: Session, lines: Sequence[DailyLine]) -> Screen:
    """So that nothing leaves a school behind its head's back."""
    heading = _("These have waited for your word for 24 hours; their writers may send them now")
    return _of_drafts(session, lines, heading, presenting.decide)


def _of_drafts(
    session: Session,
    lines: Sequence[DailyLine],
    heading: Message,
    choice: Callable[[Report, Submission], Choice],
) -> Screen:
    both = [_presented(session, line) for line in lines]
    said = [_("• {title}", title=report.title) for report, _draft in both]
    return Screen(tuple(headed(heading, said)), tuple(choice(*one) for one in both))


# What the calendar locked


def _is_locked(session: Session, line: DailyLine, _local: datetime) -> bool:
    report = session.get_one(Report, line.about_id)
    theirs = report.unit_id in people.units_of(session, [line.person_id]).get(line.person_id, ())
    return theirs and report.state is State.LOCKED and line.which == str(report.locked_for)


def _locked(session: Session, lines: Sequence[DailyLine]) -> Screen:
    found = [session.get_one(Report, line.about_id) for line in lines]
    said = [_("• {title}", title=report.title) for report in found]
    heading = _("Locked, as the time is over; everything you answered is kept")
    return Screen(tuple(headed(heading, said)), tuple(map(ask_to_unlock, found)))


# Events on the day to come


def _is_expected(session: Session, line: DailyLine, local: datetime) -> bool:
    event = session.get_one(Event, line.about_id)
    if event.held is None or event.cancelled_at or event.has_begun(local.date()):
        return False
    comes = {person_id for person_id, _reply in guests.coming(session, event, local)}
    return line.which == str(event.held.first) and line.person_id in comes


def _expected(session: Session, lines: Sequence[DailyLine]) -> Screen:
    found = [session.get_one(Event, line.about_id) for line in lines]
    said = [occasion.line(event) for event in found]
    return Screen(
        tuple(headed(_("You are expected"), said)), tuple(map(occasion.open_invitation, found))
    )


# What waits for an officer, or for the head of a school


def _is_to_review(session: Session, line: DailyLine, _local: datetime) -> bool:
    waiting = reviews.waiting_for(session, line.person_id)
    return line.about_id in {one.sent.id for one in waiting}


def to_receive(session: Session, person_id: int, now: datetime) -> Screen:
    """For an officer: all that waits for them, and what heads of school leave waiting."""
    waiting = reviews.waiting_for(session, person_id)
    count = len(waiting)
    heading = ngettext(
        "{count} report waits for your review:", "{count} reports wait for your review:", count
    )
    lines = [_at(one.unit, one.report) for one in waiting]
    choices = [Choice(_("Reports to review ({count})", count=count), show("review"))]
    silent = reviews.before_heads(session, person_id, now - presenting.SILENCE)
    long = _("Waiting for the head of school for more than a day")
    held = [_at(session.get_one(Unit, report.unit_id), report) for report in silent]
    return Screen(
        (*headed(heading, lines), *headed(long, held)), tuple(choices if waiting else ())
    )


def _at(unit: Unit, report: Report) -> Message:
    return _("• {unit}: {title}", unit=unit.name, title=report.title)


_STILL: Mapping[Kind, Callable[[Session, DailyLine, datetime], bool]] = {
    Kind.UNREAD: _is_unread,
    Kind.SILENT_HEAD: _is_silent,
    Kind.BEFORE_HEAD: _is_before_head,
    Kind.LOCKED: _is_locked,
    Kind.EVENT: _is_expected,
    Kind.TO_REVIEW: _is_to_review,
}
_SHOWN: Mapping[Kind, Callable[[Session, Sequence[DailyLine]], Screen]] = {
    Kind.SILENT_HEAD: _silent,
    Kind.BEFORE_HEAD: _before_head,
    Kind.LOCKED: _locked,
    Kind.EVENT: _expected,
}
