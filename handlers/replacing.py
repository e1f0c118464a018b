"""A plan that replaces an older one: what it changes, the office's word, and news for schools."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace as with_other
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from core.calendar import Deadline, parse_rule
from core.message import Day, Message, _, listed, ngettext, quiet, strong, verbatim
from core.replacing import (
    Asked,
    Comparison,
    EventChange,
    Gathering,
    Pair,
    Part,
    without_period,
)
from core.review import OWED
from core.roles import MAY_DECIDE
from core.scope import FLAGS, LEVELS, WITHOUT, Audience
from core.screen import Choice, Screen, number, show
from handlers import due, phrases
from handlers.flow import Gone, Turn
from storage import nudges, people, plans, proposals, units
from storage.checklists import Approval, Duty
from storage.plan_changes import Moved, Moves
from storage.plan_items import BadPlan
from storage.plans import Document, Plan, Published
from storage.proposals import Proposal
from storage.reports import Report

# What the office sees and says


def lines(plan: Plan, found: Comparison) -> list[Message]:
    """What a plan changes, duty by duty."""
    about = {"name": plan.document.name, "title": plan.document.title}
    told = [strong(_("{name}: {title}", **about))]
    if plan.document.replaces:
        told.append(_("It replaces {name}.", name=plan.document.replaces))
    if found.is_empty:
        told.append(_("It asks for the same as before."))
    return [*told, *duty_by_duty(found)]


def duty_by_duty(found: Comparison) -> list[Message]:
    added, dropped, changed = len(found.added), len(found.dropped), len(found.changed)
    new = ngettext("{count} duty is new:", "{count} duties are new:", added)
    gone = ngettext("{count} duty is asked no more:", "{count} duties are asked no more:", dropped)
    other = ngettext("{count} duty changes:", "{count} duties change:", changed)
    return [
        *_section(new, map(_new, found.added)),
        *_section(gone, map(_named, found.dropped)),
        *_section(other, (line for pair in found.changed for line in _changed(pair))),
        *_section(_("Events"), map(_event, found.events)),
    ]


def proposal_card(session: Session, proposal: Proposal) -> Screen:
    """What waits for a word of the office, with both answers. Raises BadPlan."""
    plan = proposals.plan_of(proposal)
    found = plans.changes(session, plan)
    kept = quiet(
        _(
            "If you accept, what schools have not handed in yet moves along and they are told "
            "once; what they have handed in stays as it is."
        )
    )
    about = f"{proposal.id}.{_mark(found)}"
    choices = (
        Choice(_("Accept these changes"), show("replace", about)),
        Choice(_("Leave all as it is"), show("keep_old", str(proposal.id))),
    )
    return Screen((*lines(plan, found), kept), choices)


def proposal(turn: Turn, about: str) -> Screen:
    return _shown(turn, _to_decide(turn, about))


def waiting(turn: Turn) -> list[Choice]:
    """One choice for each plan that waits for the office."""
    if not _may_decide(turn):
        return []
    return [
        Choice(
            _("Changes by {name}", name=proposals.plan_of(one).document.name),
            show("proposal", str(one.id)),
        )
        for one in proposals.waiting(turn.session)
    ]


def replace(turn: Turn, about: str) -> Screen:
    """Accept. about: the proposal's id, and a mark of the changes that were shown."""
    id, _dot, mark = about.partition(".")
    waits = _to_decide(turn, id)
    try:
        found = plans.changes(turn.session, proposals.plan_of(waits))
        if mark != _mark(found):
            return _shown(turn, waits).under(
                _("This has changed since you saw it; please look again.")
            )
        done = proposals.accept(turn.session, waits, turn.me.id, turn.now)
    except BadPlan:
        raise Gone(_why_not(turn.session, proposals.plan_of(waits).document)) from None
    turn.session.flush()
    for person_id, screen in news(turn.session, done.moves, turn.today, turn.now):
        turn.tell_by_day(person_id, screen)
    return Screen((strong(_("Accepted.")), *became(done)), (_board(),))


def keep_old(turn: Turn, about: str) -> Screen:
    waits = _to_decide(turn, about)
    proposals.decline(turn.session, waits, turn.me.id, turn.now)
    return Screen((_("Nothing is changed."),), (_board(),))


def became(done: Published) -> list[Message]:
    """What became of the reports, in numbers."""
    moves = done.moves
    counts = (
        ngettext("{count} report is new.", "{count} reports are new.", done.reports),
        ngettext(
            "{count} report has another deadline now.",
            "{count} reports have another deadline now.",
            len(moves.moved),
        ),
        ngettext(
            "{count} report is asked no more.",
            "{count} reports are asked no more.",
            len(moves.dropped),
        ),
        ngettext(
            "{count} report is done already and stays as it is.",
            "{count} reports are done already and stay as they are.",
            moves.stood,
        ),
    )
    numbers = (done.reports, len(moves.moved), len(moves.dropped), moves.stood)
    return [line for line, count in zip(counts, numbers, strict=True) if count]


def _to_decide(turn: Turn, about: str) -> Proposal:
    """Locked. Raises Gone, alike whether there is none or it is not theirs to decide."""
    found = proposals.to_decide(turn.session, number(about)) if _may_decide(turn) else None
    if found is None:
        raise Gone(_("There is no such plan to decide about any more."))
    return found


def _may_decide(turn: Turn) -> bool:
    return turn.me.role in MAY_DECIDE and turn.me.unit_id == units.office(turn.session).id


def _shown(turn: Turn, waits: Proposal) -> Screen:
    try:
        return proposal_card(turn.session, waits)
    except BadPlan:
        raise Gone(_why_not(turn.session, proposals.plan_of(waits).document)) from None


def _why_not(session: Session, part: Document) -> Message:
    own = plans.find_document(session, part)
    if by := plans.replaced_already(session, part.replaces, own):
        said = {"name": part.replaces, "by": by.name}
        return _("{by} has replaced {name} already, so this plan cannot any more.", **said)
    return _CANNOT


_CANNOT = _("This plan cannot be published any more; please have its file looked at.")


def _mark(found: Comparison) -> str:
    """The same only for the same changes."""
    return sha256(
        repr((found.added, found.dropped, found.changed, found.events)).encode()
    ).hexdigest()[:8]


def _board() -> Choice:
    return Choice(_("Who has handed in"), show("status"))


# Duties in words


def _section(heading: Message, below: Iterable[Message]) -> list[Message]:
    found = list(below)
    return [strong(heading), *found] if found else []


def _new(duty: Asked) -> Message:
    line = {"rule": phrases.rule(parse_rule(duty.due)), "schools": _schools(duty.audience)}
    return _("• {title}: {rule}; {schools}", title=without_period(duty.title), **line)


def _named(duty: Asked) -> Message:
    return _("• {title}", title=without_period(duty.title))


def _changed(pair: Pair) -> Iterator[Message]:
    yield _named(pair.after)
    was, now = pair.before, pair.after
    for part in pair.parts:
        match part:
            case Part.TITLE:
                yield _("– was called: {title}", title=without_period(was.title))
            case Part.DEADLINE:
                rules = [phrases.rule(parse_rule(one.due)) for one in (was, now)]
                yield _("– deadline: {before} → now {after}", before=rules[0], after=rules[1])
            case Part.AUDIENCE:
                asked = [_schools(one.audience) for one in (was, now)]
                yield _("– schools: {before} → now {after}", before=asked[0], after=asked[1])
            case Part.CHECKLIST:
                yield _("– the questions are others")
            case _other:
                before, after = (_SAID[part](one.rest[part]) for one in (was, now))
                yield with_other(_OTHERWISE[part], values={"before": before, "after": after})


_OTHERWISE: Mapping[Part, Message] = {
    Part.RECEIVER: _("– goes to: {before} → now {after}"),
    Part.ALSO: _("– other deadlines for the same: {before} → now {after}"),
    Part.OPENING: _("– opens: {before} → now {after}"),
    Part.LOCKING: _("– is locked: {before} → now {after}"),
    Part.TOPIC: _("– topic: {before} → now {after}"),
    Part.APPROVAL: _("– approved by: {before} → now {after}"),
}


def _also(rules: Sequence[str]) -> Message:
    return listed([phrases.rule(parse_rule(one)) for one in rules]) if rules else _("none")


def _opening(opening: str) -> Message:
    """See `core.calendar.opens_on`."""
    if not opening:
        return _("at once")
    number, _space, days = opening.partition(" ")
    if days:
        count = int(number)
        return ngettext(
            "{count} day before its deadline", "{count} days before its deadline", count
        )
    if len(opening) == len("05-15"):
        return _("every year on {day}", day=Day(date.fromisoformat(f"2000-{opening}")))
    return Message("{day}", {"day": Day(date.fromisoformat(opening), year=True)})


def _locking(days: int | None) -> Message:
    if days is None:
        return _("never")
    return ngettext("{count} day after its deadline", "{count} days after its deadline", days)


def _topic(topic: str) -> Message:
    return verbatim(topic) if topic else _("none")


_APPROVING: Mapping[Approval, Message] = {
    Approval.HEAD: _("the head of school"),
    Approval.NONE: _("nobody"),
}
_SAID: Mapping[Part, Callable[[Any], Message]] = {
    Part.RECEIVER: verbatim,
    Part.ALSO: _also,
    Part.OPENING: _opening,
    Part.LOCKING: _locking,
    Part.TOPIC: _topic,
    Part.APPROVAL: _APPROVING.__getitem__,
}


def _event(one: EventChange) -> Message:
    """What is there already stays as the office has it, as schools may have answered."""
    before, after = (_gathering(at) for at in (one.before, one.after))
    if one.before is None:
        return _("• new: {event}", event=after)
    if one.after is None:
        return _("• {event}: named no more; it stays until you cancel it", event=before)
    return _(
        "• {before} → now {after}; it stays as it is until you change it",
        before=before,
        after=after,
    )


def _gathering(one: Gathering | None) -> Message:
    if one is None or one.day is None:
        return verbatim(one.title if one else "")
    return Message("{title}, {day}", {"title": one.title, "day": Day(one.day, year=True)})


def _schools(audience: Audience | None) -> Message:
    if audience is None:
        return _("chosen schools")
    wanted = [value for key in (LEVELS, FLAGS) for value in audience.get(key, ())]
    asked = _("schools: {which}", which=", ".join(wanted)) if wanted else _("all schools")
    if without := audience.get(WITHOUT):
        return _("{schools}, without: {which}", schools=asked, which=", ".join(without))
    return asked


# What the schools hear


def news(
    session: Session, moves: Moves, today: date, now: datetime
) -> Iterator[tuple[int, Screen]]:
    """By person, what changed for their school: one message for all of it.

    It is noted as heard, so that no reminder says the same again.
    """
    moved: dict[int, list[Moved]] = defaultdict(list)
    dropped: dict[int, list[Report]] = defaultdict(list)
    for one in moves.moved:
        moved[one.report.unit_id].append(one)
    for report in moves.dropped:
        dropped[report.unit_id].append(report)
    for unit_id in sorted(moved.keys() | dropped.keys()):
        held = {person.id for person in people.at_school(session, unit_id)}
        for one in moved[unit_id]:
            nudges.heard(session, one.report, held, today, now)
        screen = _news(session, moved[unit_id], dropped[unit_id], today)
        yield from ((person_id, screen) for person_id in sorted(held))


def _news(
    session: Session, moved: Sequence[Moved], dropped: Sequence[Report], today: date
) -> Screen:
    """Of each duty only the report that comes next, as a duty of years has many."""
    soonest = _first_of_each(moved)
    gone = [verbatim(without_period(session.get_one(Duty, id).title)) for id in _duties(dropped)]
    told = _section(_("The office has changed deadlines:"), map(_moved, soonest))
    told += _section(_("This is asked no more:"), (_("• {title}", title=title) for title in gone))
    told.append(quiet(_("Everything you answered is kept.")))
    open_now = [one.report for one in soonest if due.is_open(one.report, today)]
    buttons = tuple(due.button(report) for report in open_now if report.state in OWED)
    return Screen(tuple(told), (*buttons, Choice(_("What is due"), show("due"))))


def _first_of_each(moved: Sequence[Moved]) -> list[Moved]:
    soonest = sorted(moved, key=lambda one: (one.report.due_on or date.max, one.report.id))
    return list({one.report.duty_id: one for one in reversed(soonest)}.values())[::-1]


def _duties(dropped: Iterable[Report]) -> list[int]:
    return list(dict.fromkeys(report.duty_id for report in dropped))


def _moved(one: Moved) -> Message:
    dates = [_deadline(at) for at in (one.before, one.report.deadline)]
    line = {"before": dates[0], "after": dates[1]}
    return _("• {title}: {before} → now {after}", title=one.report.title, **line)


def _deadline(at: Deadline) -> Message:
    if at.due_on is None:
        return _("no date set yet")
    return phrases.deadline(at.due_on, at.operator, at.due_at)
