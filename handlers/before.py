"""What "before a day" means at this office, in words, and the switch between both readings."""

from core.calendar import Operator
from core.lateness import last_day
from core.message import Day, Message, _, quiet
from core.roles import Role
from core.screen import Choice, Screen, show
from handlers.flow import Gone, Turn
from storage import lateness
from storage.reports import Report


def before(turn: Turn, wanted: str) -> Screen:
    """wanted: "strict" or "inclusive" to set it, else only what holds."""
    if turn.me.role is not Role.ADMIN:
        raise Gone(_("Only the office can set this."))
    strict = lateness.is_strict(turn.session)
    if wanted in ("strict", "inclusive") and (wanted == "strict") != strict:
        strict = not strict
        lateness.set_strict(turn.session, strict, turn.me.id, turn.now)
    return Screen((_SAID[strict],), (_SWITCH[strict], Choice(_("All duties"), show("status"))))


def to_set(turn: Turn) -> list[Choice]:
    """The way there, for whoever may set it."""
    if turn.me.role is not Role.ADMIN:
        return []
    return [Choice(_("What “before a day” means"), show("before"))]


def said(turn: Turn, report: Report) -> list[Message]:
    """Whether the day of a report itself is still in time, where its document says "before"."""
    due = report.deadline
    if due.due_on is None or due.operator is not Operator.BEFORE or due.due_at:
        return []
    strict = lateness.is_strict(turn.session)
    last = last_day(due, strict=strict) or due.due_on
    days = {"last": Day(last, weekday=True), "day": Day(due.due_on)}
    if strict:
        return [quiet(_("Here {last} is the last day in time; on {day} it is late.", **days))]
    return [quiet(_("Here it is still in time on {day} itself.", **days))]


_SAID = {
    False: _("“Before 10 June”: what comes on 10 June itself is still in time."),
    True: _("“Before 10 June”: 9 June is the last day; what comes on 10 June is late."),
}
_SWITCH = {
    False: Choice(_("Count the day itself as late"), show("before", "strict")),
    True: Choice(_("Count the day itself as in time"), show("before", "inclusive")),
}
