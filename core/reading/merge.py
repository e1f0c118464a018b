"""One duty said several times is one duty: instances of a weekly rule, reminders, summaries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from core.reading.asking import ACT, SUBMIT
from core.reading.deadline import WEEKDAYS
from core.reading.duties import Duty
from core.reading.letters import flat
from core.reading.matter import Kind
from core.reading.moments import Every, Op
from core.reading.parties import Owner

_ALIKE = 0.6  # share of words that two names have in common
_RULES = (Every.WEEK, Every.MONTH, Every.QUARTER, Every.DAY)
_MOST_OF_A_DAY = 20  # duties due together that are compared


def merge(duties: Sequence[Duty]) -> list[Duty]:
    """In the order of the document."""
    made: list[Duty] = []
    by_day: dict[str, list[int]] = defaultdict(list)
    last_rule = -1
    for duty in duties:
        near = [*by_day[duty.deadline.text or duty.phrase][:_MOST_OF_A_DAY], last_rule]
        joined = ((place, _joined(made[place], duty)) for place in near if place >= 0)
        place, one = next(((place, one) for place, one in joined if one), (len(made), None))
        if one is not None:
            made[place] = one
            continue
        made.append(duty)
        by_day[duty.deadline.text or duty.phrase].append(place)
        last_rule = place if duty.every in _RULES else last_rule
    return _without_echoes(made)


def _joined(earlier: Duty, duty: Duty) -> Duty | None:
    if _is_instance(earlier, duty):
        return replace(
            earlier,
            instances=(*earlier.instances, duty.deadline.text),
            rules=(*earlier.rules, "merge: instances"),
        )
    same_day = duty.deadline.text and duty.deadline.text == earlier.deadline.text
    if same_day and duty.owner is earlier.owner and _alike(earlier, duty):
        return replace(
            earlier, also=(*earlier.also, duty.phrase), rules=(*earlier.rules, "merge: same")
        )
    return None


def _is_instance(rule: Duty, duty: Duty) -> bool:
    """A row of the schedule that follows a recurring duty: a label and a date, and no verb."""
    day = duty.deadline.day
    if rule.every not in _RULES or day is None or not _falls_on(rule, day):
        return False
    words = flat(duty.phrase)
    return not SUBMIT.search(words) and not ACT.search(words)


def _falls_on(rule: Duty, day: date) -> bool:
    """Whether a day is one of a rule's, by what the rule's text says."""
    text = rule.deadline.text
    if rule.every is Every.WEEK:
        return WEEKDAYS[day.weekday()] in text
    in_month = rule.every is Every.DAY or f"day {day.day:02}" in text
    return in_month and (rule.every is not Every.QUARTER or day.month % 3 == 0)


def _alike(one: Duty, other: Duty) -> bool:
    first, second = set(flat(one.matter.name).split()), set(flat(other.matter.name).split())
    return len(first & second) >= _ALIKE * min(len(first), len(second))


def _without_echoes(duties: Sequence[Duty]) -> list[Duty]:
    """An undated demand only announces the dated one of its kind and owner."""
    told = {(duty.owner, duty.matter.kind) for duty in duties if _is_dated(duty)}
    made = []
    for duty in duties:
        if _is_dated(duty) or not duty.draftable or not _is_echo(duty, told):
            made.append(duty)
            told.add((duty.owner, duty.matter.kind))
    return made


def _is_dated(duty: Duty) -> bool:
    return duty.deadline.op is not Op.NONE or duty.every is not Every.ONCE


def _is_echo(undated: Duty, told: set[tuple[Owner, Kind]]) -> bool:
    if (undated.owner, undated.matter.kind) in told:
        return True
    vague = undated.matter.kind is Kind.OTHER and not undated.matter.deliverables
    return vague and any(owner is undated.owner for owner, _kind in told)
