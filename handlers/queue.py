"""What waits for an officer's review, the oldest first, and accepting all clean ones at once."""

from collections.abc import Iterator
from zlib import crc32

from core.comparison import all_answered
from core.lateness import Lateness
from core.message import Message, _, listed, ngettext, quiet, strong, verbatim
from core.review import State
from core.roles import MAY_REVIEW
from core.screen import Choice, Screen, number, show
from handlers import review, version
from handlers.flow import Gone, Turn
from storage import evidence, reviews, submissions
from storage.reports import Report
from storage.reviews import Case, Review, Waiting
from storage.submissions import Submission


def queue(turn: Turn, about: str) -> Screen:
    """about: a report's id, to open it; "" for all that wait for this officer."""
    if turn.me.role not in MAY_REVIEW:
        raise Gone(_("Only an officer can review reports."))
    return review.open_(turn, number(about)) if about else _waiting(turn)


def _waiting(turn: Turn) -> Screen:
    waiting = reviews.queue(turn.session, turn.me)
    if not waiting:
        none = _("No report waits for your review.")
        return Screen((none,), (Choice(_("Who has handed in"), show("status")),))
    count = len(waiting)
    heading = ngettext(
        "{count} report waits for your review:", "{count} reports wait for your review:", count
    )
    first = _("The one that has waited longest comes first.")
    choices = [_to_open(turn, one) for one in waiting]
    if clean := [one for one in waiting if is_clean(turn, one)]:
        count = len(clean)
        label = ngettext("Accept {count} clean report", "Accept {count} clean reports", count)
        choices.insert(0, Choice(label, show("clean")))
    return Screen((strong(heading), quiet(first)), tuple(choices))


def _to_open(turn: Turn, one: Waiting) -> Choice:
    place: dict[str, object] = {"unit": one.unit.name, "title": one.report.title}
    opens = show("review", str(one.report.id))
    if marks := version.marks(turn, one.report, one.sent):
        # In front, as a long label is cut off at its end.
        return Choice(_("({marks}) {unit}: {title}", **place, marks=listed(marks)), opens)
    return Choice(_("{unit}: {title}", **place), opens)


# Many at once


def is_clean(turn: Turn, one: Waiting) -> bool:
    """On time, approved where it had to be, nothing copied, and every last remark answered."""
    in_time = version.how_late(turn, one.report, one.sent) is Lateness.IN_TIME
    if not in_time or one.sent.unapproved or evidence.of_others(turn.session, one.sent.id):
        return False
    first = one.sent.version == 1
    returned = None if first else reviews.last_return(turn.session, one.report, one.sent)
    if returned is None:
        return True
    before = turn.session.get_one(Submission, returned.submission_id)
    old, new = (submissions.answers(turn.session, sent) for sent in (before, one.sent))
    now = version.changed(turn, one.report, one.sent, old, new)
    return all_answered(returned.remarks, now)


def clean(turn: Turn, seen: str) -> Screen:
    """Accept all clean ones. seen: what was listed when it was confirmed; "" to be asked first."""
    if turn.me.role not in MAY_REVIEW:
        raise Gone(_("Only an officer can review reports."))
    ready = [one for one in reviews.queue(turn.session, turn.me) if is_clean(turn, one)]
    if not ready:
        return _waiting(turn)
    if seen != _listing(ready):
        return _confirm(ready, changed=seen != "")
    # In one order everywhere, so that two officers never wait for each other.
    decided = [_accept_one(turn, one) for one in sorted(ready, key=lambda one: one.report.id)]
    done = [one for one in decided if one]
    for one in done:
        one.together_id = done[0].id
    count = ngettext("Accepted: {count} report.", "Accepted: {count} reports.", len(done))
    return _undo_each(turn, count, done)


def undo_all(turn: Turn, first: str) -> Screen:
    """Take back all that one accepted at one go, as far as it can be. first: a review's id."""
    together = reviews.decided_together(turn.session, turn.me, number(first))
    if not together:
        raise Gone(review.NONE_FOR_YOU)
    still = [case for case in together if reviews.may_undo(case, turn.me.id, turn.now)]
    if not still:
        raise Gone(review.TOO_LATE)
    for case in still:
        reviews.undo(turn.session, case, turn.me.id, turn.now)
    done = ngettext(
        "Undone: {count} report waits for your review again.",
        "Undone: {count} reports wait for your review again.",
        len(still),
    )
    return Screen((strong(done),), (review.to_queue(),))


def _accept_one(turn: Turn, one: Waiting) -> Review | None:
    """None where somebody else has just decided it."""
    report, sent = review.to_review(turn, one.report.id)
    if report.state is not State.SUBMITTED or sent.id != one.sent.id:
        return None
    begun = reviews.begin(turn.session, report, sent, turn.me.id, turn.now)
    reviews.accept(turn.session, Case(begun, report, sent), turn.me.id, turn.now)
    return begun


def _confirm(ready: list[Waiting], *, changed: bool) -> Screen:
    lines = [_("The list has changed meanwhile.")] if changed else []
    lines.append(strong(_("Accept these? On time, without a mark, every remark answered.")))
    lines += _by_title(ready)
    # In other words than the button before it, which a finger may still be tapping.
    label = ngettext("Yes, accept it", "Yes, accept these {count}", len(ready))
    accept = Choice(label, show("clean", _listing(ready)))
    return Screen(tuple(lines), (accept, review.to_queue()))


def _by_title(ready: list[Waiting]) -> Iterator[Message]:
    """A line for each report, with its schools, as a phone shows few lines."""
    schools: dict[str, list[Message]] = {}
    for one in ready:
        schools.setdefault(one.report.title, []).append(verbatim(one.unit.name))
    for title, names in schools.items():
        line = {"title": title, "count": len(names), "units": listed(names)}
        yield _("• {title} ({count}): {units}", **line)


def _listing(ready: list[Waiting]) -> str:
    """Tells one list from another."""
    return str(crc32(",".join(str(one.sent.id) for one in ready).encode()))


def _undo_each(turn: Turn, done: Message, decided: list[Review]) -> Screen:
    screen = review.decided(turn, done)
    undo = []
    if len(decided) > 1:
        everything = _("Undo all {count}", count=len(decided))
        undo.append(Choice(everything, show("undo_all", str(decided[0].id))))
    for one in decided:
        report = turn.session.get_one(Report, one.report_id)
        label = _("Undo: {unit}, {title}", **review.place_of(turn, report))
        undo.append(Choice(label, show("undo", str(one.id))))
    return Screen(screen.lines, (*undo, *screen.choices))
