"""What people ask of their one message a day: once more later, or at another hour."""

from datetime import datetime, time

from core import ladder
from core.calendar import next_allowed
from core.form import Form
from core.ladder import AT
from core.message import Message, _, verbatim
from core.question import OneChoice
from core.screen import Choice, Screen, number, show
from handlers import acknowledge, letters, nudge
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import closed_days, daily_lines, nudges, receipts
from storage.broadcasts import Broadcast
from storage.daily_lines import DailyLine
from storage.nudges import AGAIN, Nudge
from storage.people import Person

HOURS = ("06:30", "07:15", "08:00", "09:00", "11:30", "14:00", "16:30", "18:00", "19:30")


def later(turn: Turn, about: str) -> Screen:
    """Say today's message again. about: "afternoon" or "tomorrow", and the day of the message."""
    when, _dot, day = about.partition(".")
    found = _said(turn, day)
    if not found:
        raise Gone(_("There is nothing left to remind you of."))
    at = _moment(turn, tomorrow=when != "afternoon")
    today = at.astimezone(turn.zone).date() == turn.today
    for row in found:
        row.send_at = at
        row.message_key = nudges.key_of(turn.me.id, turn.today, AGAIN) if today else ""
    return Screen((_again(turn, at),), (Choice(_("What is due"), show("due")),), anew=True)


def again(turn: Turn, _about: str) -> Screen:
    """When to say today's message again."""
    if not _said(turn, turn.today.isoformat()):
        raise Gone(_("There is nothing left to remind you of."))
    return Screen((_("When shall I remind you again?"),), nudge.again(turn.today))


def _said(turn: Turn, day: str) -> list[Nudge | DailyLine]:
    """What today's message said. Older ones are past: whatever they named has been said since."""
    if day != turn.today.isoformat():
        return []
    keys = [nudges.key_of(turn.me.id, turn.today, end) for end in ("", AGAIN)]
    return [
        row
        for key in keys
        for table in (nudges, daily_lines)
        for row in table.of_message(turn.session, turn.me.id, key)
    ]


def _moment(turn: Turn, *, tomorrow: bool) -> datetime:
    closed = closed_days.days(turn.session)
    hour = turn.session.get_one(Person, turn.me.id).told_at or AT
    if not tomorrow:
        midnight = datetime.combine(turn.today, time(), turn.zone)
        at = next_allowed(nudge.afternoon(turn.now, midnight), turn.zone, closed)
        if at.astimezone(turn.zone).date() == turn.today:
            return at
    return ladder.next_day(turn.now, hour, turn.zone, closed)


def _again(turn: Turn, at: datetime) -> Message:
    local = at.astimezone(turn.zone)
    if local.date() == turn.today:
        return _("I will remind you again at {time} today.", time=local.time())
    when = {"time": local.time(), "day": local.date()}
    return _("I will remind you again at {time} on {day}.", **when)


def reread(turn: Turn, about: str) -> Screen:
    """A message of the office that somebody has not acknowledged yet, once more."""
    mine = receipts.of_person(turn.session, number(about), turn.me.id)
    if mine is None:
        raise Gone(letters.NONE)
    broadcast = turn.session.get_one(Broadcast, mine.broadcast_id)
    lines = tuple(letters.letter(turn.session, broadcast))
    return Screen(lines, acknowledge.choices(broadcast), anew=True)


class ChooseHour(FormFlow[None]):
    """When somebody gets their one message a day."""

    name = "hour"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        if not turn.me.consented:
            raise Gone(_("Please register first."))

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        now = told_at(turn)
        under = (_("Now: {time}. You get one message a day, and none at night.", time=now),)
        options = {hour: verbatim(hour) for hour in HOURS}
        asked = _("At what time shall I remind you?")
        return Form(
            _("Time of reminders"),
            (OneChoice("hour", asked, under=under, options=options),),
            reviewed=False,
        )

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        hour = time.fromisoformat(answers["hour"])
        turn.session.get_one(Person, turn.me.id).told_at = hour
        saved = _("From now on I remind you at {time}.", time=hour)
        return Screen((saved,), (Choice(_("About me"), show("me")),))


def told_at(turn: Turn) -> time:
    return turn.session.get_one(Person, turn.me.id).told_at or AT
