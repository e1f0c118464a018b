"""What a school has handed in: the list of it, and taking it back while nobody reviews it."""

from core.message import Message, _, ngettext, strong
from core.review import HANDED_IN, State
from core.screen import Choice, Screen, number, open_flow, show
from handlers import phrases, version
from handlers.flow import Gone, Turn
from handlers.report import FillReport, colleagues, officers
from storage import overdue, reports, reviews, submissions
from storage.people import Person
from storage.reports import Report
from storage.reviews import Review
from storage.submissions import Submission

MOST_SHOWN = 20  # more would fill a phone several times


def handed_in(turn: Turn, _about: str) -> Screen:
    """The newest last, as their buttons then stand nearest to the thumb."""
    _check_school(turn)
    sent = list_sent(turn)[-MOST_SHOWN:]
    if not sent:
        return Screen((_("Nothing is handed in yet."),), (_due(),))
    heading = ngettext("{count} report is handed in:", "{count} reports are handed in:", len(sent))
    lines = [strong(heading), *(_line(turn, report) for report in sent)]
    choices = [
        Choice(_("Read {title}", title=report.title), show("read", str(report.id)))
        for report in sent
        if report.state is not State.FILED_ELSEWHERE
    ]
    return Screen(tuple(lines), (*choices, _due()))


def _check_school(turn: Turn) -> None:
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so nothing is due from you."))


def list_sent(turn: Turn) -> list[Report]:
    return reports.of_school(turn.session, turn.me.unit_id or 0, HANDED_IN)


def recallable(turn: Turn, about: str) -> Screen:
    """What can be taken back, to be confirmed. about: ids of reports, joined with dots."""
    _check_school(turn)
    ids = about.split(".") if about else []
    meant = [one for one in list_sent(turn) if not ids or str(one.id) in ids]
    found = [(one, sent) for one in meant if (sent := _still_free(turn, one))]
    choices = [Choice(_("Recall {title}", **_of(one)), _recall(sent)) for one, sent in found]
    if not found:
        lines = (_("No report can be taken back now."),)
    elif len(found) == 1:
        lines = (strong(_("Take {title} back from the office?", **_of(found[0][0]))),)
    else:
        lines = (_("Which report shall be taken back?"),)
    return Screen(lines, (*choices, Choice(_("Handed in"), show("sent"))))


def _still_free(turn: Turn, report: Report) -> Submission | None:
    """Its last version, where it can be taken back."""
    sent = submissions.last_sent(turn.session, report)
    free = report.state is State.SUBMITTED and sent and not reviews.standing(turn.session, sent)
    return sent if free and not overdue.is_closed(turn.session, report, turn.today) else None


def _recall(sent: Submission) -> str:
    return show("recall", str(sent.id))


def recall(turn: Turn, version_id: str) -> Screen:
    """Take back the last version, as long as nobody at the office has begun to review it."""
    report, sent = _to_recall(turn, number(version_id))
    if review := reviews.standing(turn.session, sent):
        return Screen((_refusal(turn, report, review),), (_read(report),))
    if report.state is not State.SUBMITTED:
        raise Gone(_("{title} is no longer with the office to be taken back.", **_of(report)))
    if overdue.is_closed(turn.session, report, turn.today):
        return _closed(report)
    submissions.recall(turn.session, report, turn.me.id, turn.now)
    place = {"unit": turn.me.unit_name, "title": report.title}
    for officer in officers(turn, report):
        turn.tell(officer.id, Screen((_("{unit} took {title} back to change it.", **place),)))
    taken = _("{name} took {title} back to change it.", name=turn.me.name, title=report.title)
    for colleague in colleagues(turn):
        turn.tell(colleague.id, Screen((taken,), (_due(),)))
    done = _("{title} is taken back. Everything you answered is kept.", **_of(report))
    go_on = Choice(
        _("Continue {title}", title=report.title), open_flow(FillReport.name, report.id)
    )
    return Screen((strong(done), *_before_lock(turn, report)), (go_on, _due()))


def _before_lock(turn: Turn, report: Report) -> list[Message]:
    day = overdue.last_day(turn.session, report)
    return [_("Please send it again by {day}; after that it is locked.", day=day)] if day else []


def _to_recall(turn: Turn, version_id: int) -> tuple[Report, Submission]:
    """The report, locked. Raises Gone, alike whether there is none or it is not their school's."""
    sent = turn.session.get(Submission, version_id)
    report = reports.lock(turn.session, sent.report_id) if sent else None
    theirs = report is not None and turn.me.at_a_school and report.unit_id == turn.me.unit_id
    if sent is None or report is None or not theirs:
        raise Gone(_("There is no such report for you."))
    last = submissions.last_sent(turn.session, report)
    if last is None or last.id != sent.id:
        raise Gone(_("{title} is no longer with the office to be taken back.", **_of(report)))
    return report, sent


def _refusal(turn: Turn, report: Report, review: Review) -> Message:
    officer = turn.session.get_one(Person, review.begun_by_id)
    who = {"name": phrases.name(officer), "when": phrases.moment(turn, review.begun_at)}
    return _(
        "{name} of the office began to review {title}, {when}; it cannot be taken back any more.",
        **who,
        **_of(report),
    )


def _closed(report: Report) -> Screen:
    """Taken back now, it would be locked at once, and nobody would have it."""
    why = _(
        "The time for {title} is over, so what the office has stays there; to change it, please "
        "ask the office to return it.",
        **_of(report),
    )
    return Screen((why,), (Choice(_("Ask the office"), show("ask")), _read(report)))


def _line(turn: Turn, report: Report) -> Message:
    return _("• {title}: {state}", title=report.title, state=version.standing(turn, report))


def _of(report: Report) -> dict[str, object]:
    return {"title": report.title}


def _read(report: Report) -> Choice:
    return Choice(_("Read {title}", title=report.title), show("read", str(report.id)))


def _due() -> Choice:
    return Choice(_("What is due"), show("due"))
