"""Show one version of a report: its answers, its marks, and what changed in it."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from core.comparison import Change, changes
from core.lateness import Lateness
from core.message import Message, _, quiet, strong
from core.question import Files
from core.review import State
from core.screen import Choice, Screen, number, show
from core.shown import named
from handlers import phrases
from handlers.asking import form_of, questions
from handlers.flow import Answers, Gone, Turn
from storage import checklists, evidence, extensions, lateness, reports, submissions
from storage.extensions import Extended
from storage.people import Person
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit


def asked(turn: Turn, report: Report, draft: Submission) -> Answers:
    """A draft's answers to what it asks; it may hold others, of a change of mind."""
    answers = submissions.answers(turn.session, draft)
    return form_of(turn.session, report, draft, answers, turn.today).given(answers)


def answer_lines(
    turn: Turn,
    report: Report,
    version: Submission,
    answers: Answers,
    remarks: Mapping[str, Message] | None = None,
) -> list[Message]:
    """Question by question. remarks: to be shown under items, by key."""
    lines: list[Message] = []
    for question in questions(turn.session, report, version, answers, turn.today):
        if (answer := answers.get(question.key)) not in (None, []):
            line = {"question": named(question), "answer": question.show(answer)}
            lines.append(Message("• {question} → {answer}", line))
        if remark := (remarks or {}).get(question.key):
            lines.append(quiet(remark))
    return lines


def marks(turn: Turn, report: Report, sent: Submission) -> list[Message]:
    """What an officer should know of a version at a glance."""
    found = [_LATE[how]] if (how := how_late(turn, report, sent)) in _LATE else []
    if sent.unapproved:
        found.append(_("head of school has not approved"))
    if sent.version > 1:
        found.append(_("version {version}", version=sent.version))
    return found


_LATE = {Lateness.LATE: _("late"), Lateness.WITH_LEAVE: _("late with leave")}


def how_late(turn: Turn, report: Report, sent: Submission) -> Lateness:
    moved = extensions.extended(turn.session, [report.id]).get(report.id)
    return how_late_with(turn, report, sent, moved)


def how_late_with(
    turn: Turn, report: Report, sent: Submission, moved: Extended | None
) -> Lateness:
    """As `how_late`, where it is known already what the office gave."""
    sent_at = (sent.sent_at or turn.now).astimezone(turn.zone)
    return lateness.how_late(turn.session, report, sent_at, moved)


def standing(turn: Turn, report: Report) -> Message:
    """Its state and, where the office has it from here, whether it came late."""
    state = phrases.STATE[report.state]
    has_it = report.state in (State.SUBMITTED, State.ACCEPTED)
    sent = submissions.last_sent(turn.session, report) if has_it else None
    late = _LATE.get(how_late(turn, report, sent)) if sent else None
    return Message("{state}, {late}", {"state": state, "late": late}) if late else state


def sent_line(turn: Turn, report: Report, sent: Submission) -> Message:
    sender = turn.session.get_one(Person, sent.sent_by_id)
    when = phrases.moment(turn, sent.sent_at or turn.now)
    line = {"name": phrases.name(sender), "when": when, "code": sent.receipt}
    match how_late(turn, report, sent):
        case Lateness.LATE:
            return quiet(_("Sent by {name}, {when}, after the deadline; receipt {code}.", **line))
        case Lateness.WITH_LEAVE:
            return quiet(_("Sent by {name}, {when}, late with leave; receipt {code}.", **line))
    return quiet(_("Sent by {name}, {when}; receipt {code}.", **line))


UNAPPROVED = strong(_("The head of school has not approved it: asked, but silent for 24 hours."))


def copied(turn: Turn, sent: Submission) -> list[Message]:
    """Files that another school has handed in too; for the office, which may have to ask."""
    found = evidence.of_others(turn.session, sent.id)
    return [
        quiet(_("“{name}” is the same file as one from {unit}.", name=name, unit=unit))
        for name, unit in found
    ]


def changed(
    turn: Turn, report: Report, version: Submission, before: Answers, after: Answers
) -> list[Change]:
    """version: the one with the answers `after`."""
    form = form_of(turn.session, report, version, after, turn.today)
    return changes(form.every({**before, **after}).values(), before, after)


def since_before(
    turn: Turn, report: Report, version: Submission, answers: Answers
) -> list[Message]:
    """What is other than in the last period, where there was one; its files always are."""
    last = submissions.of_period_before(turn.session, report)
    if last is None:
        return []
    earlier, sent = last
    before = _comparable(turn, report, earlier, submissions.answers(turn.session, sent))
    heading = _("Changed since {title}:", title=earlier.title)
    found = changed(turn, report, version, before, answers)
    return _listed(heading, [one for one in found if not isinstance(one.question, Files)])


def since_version(
    turn: Turn, report: Report, sent: Submission, version: Submission, answers: Answers
) -> list[Message]:
    """What is other than in a version that was sent. version: the one with these answers."""
    before = submissions.answers(turn.session, sent)
    heading = _("Changed since version {version}:", version=sent.version)
    return _listed(heading, changed(turn, report, version, before, answers))


def since_sent_back(turn: Turn, report: Report, draft: Submission) -> list[Message]:
    """What is other than when the head sent it back."""
    if draft.sent_back is None:
        return []
    now = changed(turn, report, draft, draft.sent_back, asked(turn, report, draft))
    return _listed(_("Changed since it was sent back:"), now)


def _listed(heading: Message, found: list[Change]) -> list[Message]:
    lines = [change.line() for change in found]
    return [strong(heading), *(lines or [_("• nothing")])]


def _comparable(turn: Turn, report: Report, earlier: Report, answers: Answers) -> Answers:
    """Those to items that both periods ask alike; another revision may ask otherwise."""
    old = _kinds(turn, earlier)
    alike = {key for key, kind in _kinds(turn, report).items() if old.get(key) == kind}
    return {key: value for key, value in answers.items() if key.partition(".")[0] in alike}


def _kinds(turn: Turn, report: Report) -> dict[str, Any]:
    items = checklists.items(turn.session, report.revision_id or 0)
    return {item.key: (item.kind, item.options.get("decimals")) for item in items}


def what_changed(turn: Turn, about: str) -> Screen:
    """Between two versions. about: "report", or "report.version" for one and that before it."""
    report_id, _dot, version = about.partition(".")
    report = reports.readable(turn.session, turn.me, number(report_id))
    sent = submissions.versions(turn.session, report) if report else []
    pairs = {str(new.version): (old, new) for old, new in pairwise(sent)}
    if report is None or not pairs:
        raise Gone(_("There is no such report for you."))
    old, new = pairs.get(version) or pairs[max(pairs, key=int)]
    unit = turn.session.get_one(Unit, report.unit_id)
    lines = [
        strong(_("{title} – {unit}", title=report.title, unit=unit.name)),
        *since_version(turn, report, old, new, submissions.answers(turn.session, new)),
    ]
    others = [_pair(report, *pair) for pair in pairs.values() if pair != (old, new)]
    return Screen(tuple(lines), (*others, Choice(_("Back to the report"), _read(report))))


def _pair(report: Report, old: Submission, new: Submission) -> Choice:
    label = _("Version {old} to {new}", old=old.version, new=new.version)
    return Choice(label, show("changes", f"{report.id}.{new.version}"))


def _read(report: Report) -> str:
    return show("read", str(report.id))


def to_mend(turn: Turn, draft: Submission) -> dict[str, Message]:
    """What a draft was sent back with, to stand beside its items, by key."""
    author = turn.session.get(Person, draft.remarked_by_id) if draft.remarked_by_id else None
    if author is None:
        return {}
    by = _by_the_head if draft.sent_back is not None else by_the_office
    return {key: by(author, text) for key, text in draft.remarks.items()}


def by_the_office(author: Person, remark: str) -> Message:
    return _("↳ {name}, the office: {remark}", name=phrases.name(author), remark=remark)


def _by_the_head(author: Person, remark: str) -> Message:
    return _("↳ {name}, head of school: {remark}", name=phrases.name(author), remark=remark)
