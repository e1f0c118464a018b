"""Decide the reminders that are due, and put each person's one message of a day in the outbox.

A tick looks at the reports whose day has come and notes which rung is to be said to whom; then it
writes to those whose hour has come. Both are looked up in an index, so a tick that finds nothing
costs nothing. A tick that was missed is made up for by the next, and two at once say nothing
twice: what was decided and written is in the tables.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.inbound import Desk, tell
from bot.writing import let_others_write
from core import ladder
from core.calendar import next_allowed
from core.ladder import AT
from core.review import OWED
from core.roles import AT_A_SCHOOL, Standing
from handlers import daily, nudge
from handlers.nudge import Due
from handlers.rungs import Audience
from storage import (
    checklists,
    closed_days,
    conversations,
    daily_lines,
    nudges,
    outbox,
    people,
    reports,
    reviews,
)
from storage.daily_lines import DailyLine
from storage.database import reading
from storage.nudges import About, Nudge
from storage.outbox import Draft, Lane
from storage.people import Person, Post
from storage.reports import Report
from storage.reviews import UNDO

LOOKS, NEWCOMERS = 200, 50  # reports, and people who came, of one transaction
LETTERS = 10  # people of one transaction, about a tenth of a second
Row = Nudge | DailyLine
UNDISTURBED = timedelta(minutes=20)  # after somebody's last turn in a form


@dataclass(frozen=True, slots=True)
class Now:
    """now: the program's clock. machine: machine time. closed: the office's own closed days."""

    now: datetime
    machine: datetime
    desk: Desk
    closed: Collection[date]

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.desk.zone)

    @property
    def today(self) -> date:
        return self.local.date()


def remind(engine: Engine, desk: Desk, now: datetime, machine_now: datetime) -> int:
    """Return how many messages were written. now: the program's clock."""
    closed = closed_days.known(engine)
    if next_allowed(now, desk.zone, closed) != now:
        return 0
    when = Now(now, machine_now, desk, closed)
    while _look(engine, when):
        let_others_write(engine)
    return _tell(engine, when)


# Which rungs have come


def _catch_up(session: Session) -> int:
    """Who came to a school is reminded of what the others there were reminded of last.

    Return for how many this was done; the others are just handing something in.
    """
    new = select(Post).where(
        Post.caught_up == False,  # noqa: E712  a condition of the statement
        Post.standing == Standing.ACTIVE,
    )
    came = session.exec(new.limit(NEWCOMERS).with_for_update(skip_locked=True)).all()
    for post in came:
        at_office = post.role not in AT_A_SCHOOL
        post.caught_up = at_office or reports.look_again_at_school(session, post.unit_id)
    return sum(post.caught_up for post in came)


def _look(engine: Engine, when: Now) -> bool:
    """Return whether there may be more to look at."""
    with Session(engine) as session:
        came = _catch_up(session)
        found = reports.to_look_at(session, when.today, LOOKS)
        if found:
            audience = Audience(session, found)
            known = nudges.lowest(session, audience.ids)
            nudges.decide(session, list(_reached(audience, known, when)))
        session.commit()
        return len(found) == LOOKS or came == NEWCOMERS


def _reached(audience: Audience, known: dict[About, int], when: Now) -> Iterator[Nudge]:
    for report in audience.reports:
        seen = audience.look(report, when.today, report.told_on)
        report.told_on, report.look_on = seen.told_on, seen.again_on
        for person, rung in audience.told(report, seen):
            row = _decided(report, person, rung, when)
            if rung < known.get(row.about, rung + 1):
                yield row


def _decided(report: Report, person: Person, rung: int, when: Now) -> Nudge:
    hour, zone = person.told_at or AT, when.desk.zone
    return Nudge(
        report_id=report.id,
        person_id=person.id,
        due_on=report.due_on or date.max,
        rung=rung,
        decided_at=when.now,
        send_at=ladder.say_at(rung, when.now, hour, zone, when.closed),
        message_key="",
    )


# Whose hour has come


def _tell(engine: Engine, when: Now) -> int:
    with reading(engine) as session:
        due = nudges.to_tell(session, when.now)
    written = 0
    for start in range(0, len(due), LETTERS):
        with Session(engine) as session:
            some = nudges.take(session, due[start : start + LETTERS])
            with session.no_autoflush:  # else the rows of each would be written by themselves
                drafts = _letters(session, some, when)
            session.flush()
            outbox.add(session.connection(), drafts, when.machine)
            session.commit()
        written += len(drafts)
        if start + LETTERS < len(due):
            let_others_write(engine)
    return written


@dataclass(slots=True)
class Letter:
    """The message to one person. about, lines: what it is to say. key: in the outbox."""

    person: Person
    about: list[Nudge]
    lines: list[DailyLine]
    key: str

    @property
    def rows(self) -> list[Row]:
        return [*self.about, *self.lines]

    @property
    def report_ids(self) -> set[int]:
        return {row.report_id for row in self.about}


def _letters(session: Session, some: Sequence[Person], when: Now) -> list[Draft]:
    """To these people, locked; none where it is put off.

    What they need to know is looked up for all of them at once, as each question costs a trip to
    the database.
    """
    ids = [person.id for person in some]
    nudges.take_back_from(session, ids)
    letters = list(_begun(session, some, when))
    _leave_undecided(session, letters, when)
    written = nudges.written(session, [one.key for one in letters])
    for one in letters:
        if one.key in written:
            _put_off(one, when)
    owed = reports.unchanging(session, {id for one in letters for id in one.report_ids})
    theirs = Theirs(session, ids, owed.values())
    drafts: list[Draft] = []
    for one in letters:
        if one.report_ids <= owed.keys():  # else one is just being handed in, or moved
            drafts += _letter(session, one, owed, theirs, when)
    return drafts


class Theirs:
    """Which reports are of a unit where somebody holds a post, be it its school or its office."""

    def __init__(
        self, session: Session, person_ids: Collection[int], found: Collection[Report]
    ) -> None:
        self._posts = people.units_of(session, person_ids)
        self._receivers = checklists.receivers(session, {report.duty_id for report in found})

    def has(self, person_id: int, report: Report) -> bool:
        units = {report.unit_id, self._receivers[report.duty_id]}
        return not units.isdisjoint(self._posts.get(person_id, ()))


def _begun(session: Session, some: Sequence[Person], when: Now) -> Iterator[Letter]:
    """To whom it may be said now."""
    ids = [person.id for person in some]
    waiting = nudges.waiting(session, ids, when.now)
    noted = daily_lines.waiting(session, ids, when.now)
    for person in some:
        letter = Letter(person, waiting.get(person.id, []), noted.get(person.id, []), "")
        letter.key = _key(person, letter.rows, when)
        if until := _not_before(session, person, letter.key, when):
            for row in letter.rows:
                row.send_at = until
        else:
            yield letter


def _leave_undecided(session: Session, letters: Sequence[Letter], when: Now) -> None:
    """A verdict that may still be undone shows in nothing that is said meanwhile."""
    untold = reviews.being_decided(session, {id for one in letters for id in one.report_ids})
    for one in letters:
        for row in one.about:
            if row.report_id in untold:
                row.send_at = when.now + UNDO
        one.about = [row for row in one.about if row.report_id not in untold]


def _put_off(letter: Letter, when: Now) -> None:
    """To the next day, as there was a message today; but for lines of no use then."""
    hour, zone = letter.person.told_at or AT, when.desk.zone
    later = ladder.next_day(when.now, hour, zone, when.closed)
    last = later.astimezone(zone).date()
    now = [line for line in letter.lines if line.until and line.until < last]
    for row in letter.rows:
        if row not in now:
            row.send_at, row.message_key = later, ""
    letter.about, letter.lines = [], now
    if now:
        letter.key = nudges.key_of(letter.person.id, when.today, str(now[0].id))


def _letter(
    session: Session, letter: Letter, owed: Mapping[int, Report], theirs: Theirs, when: Now
) -> list[Draft]:
    """What is still to be said; none where that is nothing. owed: as they are until the commit."""
    about = _still_theirs(session, letter, owed, theirs)
    still = [line for line in letter.lines if daily.still(session, line, when.local)]
    for row in letter.rows:
        row.send_at, row.message_key = None, letter.key
    if not (about or still):
        return []
    person_id = letter.person.id
    screen = nudge.screen(session, person_id, about, when.local, still)
    return tell(session, when.desk, person_id, screen, lane=Lane.NUDGE, key=letter.key)


def _not_before(session: Session, person: Person, key: str, when: Now) -> datetime | None:
    """Nobody is told before their hour, be it of what was held back; nor in the middle of a form.

    But what they asked for once more comes when they asked for it.
    """
    local = when.now.astimezone(when.desk.zone)
    hour = datetime.combine(local.date(), person.told_at or AT, when.desk.zone)
    if local < hour and key == nudges.key_of(person.id, local.date()):
        return hour
    last = conversations.last_turn(session, person)
    return last + UNDISTURBED if last and last <= when.now < last + UNDISTURBED else None


def _key(person: Person, found: Sequence[Row], when: Now) -> str:
    """That of the day, or of the message that somebody asked for besides."""
    asked = {row.message_key for row in found if row.message_key}
    return min(asked, default=nudges.key_of(person.id, when.today))


def _still_theirs(
    session: Session, letter: Letter, owed: Mapping[int, Report], theirs: Theirs
) -> list[Due]:
    """What is to be said; the rest is forgotten, so that it is decided anew if it must be."""
    about: dict[int, Due] = {}
    for row in list(letter.about):
        report = owed[row.report_id]
        still = theirs.has(row.person_id, report) and report.state in OWED
        if still and (report.due_on or date.max) == row.due_on:
            about[report.id] = Due(report, row.rung)
        else:
            letter.about.remove(row)
            session.delete(row)
    return list(about.values())
