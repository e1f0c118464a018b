"""Present a report to the head of school: whether one must approve it, and the card they get."""

from datetime import timedelta

from sqlmodel import Session

from core.message import Message, _, listed, strong
from core.roles import Role
from core.screen import Choice, Screen, open_flow, show
from handlers import phrases, version
from handlers.flow import Answers, Turn
from storage import files, nudges, people, submissions
from storage.checklists import Approval, Duty
from storage.people import Person
from storage.reports import Report
from storage.submissions import Submission

SILENCE = timedelta(hours=24)  # of the head, before the writer may send without them


def heads_to_ask(turn: Turn, report: Report) -> list[Person]:
    """Empty where nobody must approve: by the duty, without a head, or as one of them asks."""
    duty = turn.session.get_one(Duty, report.duty_id)
    heads = [] if duty.approval is Approval.NONE else heads_of(turn.session, report)
    return [] if turn.me.id in {head.id for head in heads} else heads


def heads_of(session: Session, report: Report) -> list[Person]:
    """Those of its school, each once."""
    held = people.holders(session, report.unit_id, {Role.HEAD})
    return list({person.id: person for _post, person in held}.values())


def present(turn: Turn, report: Report, draft: Submission, heads: list[Person]) -> Screen:
    """Ask the heads, and say so to the writer."""
    submissions.present(turn.session, report, draft, turn.me.id, turn.now)
    nudges.withdraw(turn.session, report)
    shown = card(turn, report, draft)
    for head in heads:
        turn.tell(head.id, shown)
    names = listed([phrases.name(head) for head in heads])
    done = _("{title} is presented to {name} for approval.", title=report.title, name=names)
    hear = _("You will hear here when it goes to the office, or what is to be mended.")
    return Screen((strong(done), hear), (Choice(_("What else is due?"), show("due")),))


def card(turn: Turn, report: Report, draft: Submission) -> Screen:
    """Everything a head needs to decide."""
    answers = version.asked(turn, report, draft)
    writer = turn.session.get_one(Person, draft.holder_id)
    when = phrases.moment(turn, draft.presented_at or turn.now)
    lines = [
        strong(_("{title}: may it go to the office?", title=report.title)),
        _("Written by {name}, presented {when}.", name=phrases.name(writer), when=when),
        *_deadline(report),
        *version.answer_lines(turn, report, draft, answers),
        *_changes(turn, report, draft, answers),
    ]
    return Screen(tuple(lines), _choices(draft, answers))


def _deadline(report: Report) -> list[Message]:
    if report.due_on is None:
        return []
    return [
        _(
            "Due {deadline}.",
            deadline=phrases.deadline(report.due_on, report.operator, report.due_at),
        )
    ]


def _changes(turn: Turn, report: Report, draft: Submission, answers: Answers) -> list[Message]:
    """Since it was sent back, since the version that the office has, since the last period."""
    lines = version.since_sent_back(turn, report, draft)
    if sent := submissions.last_sent(turn.session, report):
        lines += version.since_version(turn, report, sent, draft, answers)
    return [*lines, *version.since_before(turn, report, draft, answers)]


def _choices(draft: Submission, answers: Answers) -> tuple[Choice, ...]:
    about = asked_as(draft)
    choices = [
        Choice(_("Approve and send to the office"), show("approve", about)),
        Choice(_("Send back"), open_flow("sendback", draft.id)),
        Choice(_("Call the writer"), show("writer", about)),
    ]
    if enclosed := files.in_answers(answers.values()):
        get = _("Get the files ({count})", count=len(enclosed))
        choices.append(Choice(get, show("enclosed", about)))
    return tuple(choices)


def asked_as(draft: Submission) -> str:
    """What a card's buttons are about: the draft as it was presented that time."""
    return f"{draft.id}.{draft.times_presented}"


def is_silent(turn: Turn, report: Report, draft: Submission) -> bool:
    """Whether it may be sent without the head: silent for long, or there is none any more."""
    asked_at = draft.presented_at or turn.now
    return turn.now - asked_at >= SILENCE or not heads_of(turn.session, report)


def send_alone(report: Report, draft: Submission) -> Choice:
    label = _("Send {title} without approval", title=report.title)
    return Choice(label, show("alone", asked_as(draft)))


def writers(session: Session, report: Report, draft: Submission) -> list[int]:
    """Who wrote it, or everybody of the school where that person has left."""
    staff = [person.id for person in people.at_school(session, report.unit_id)]
    return [draft.holder_id] if draft.holder_id in staff else staff


def decide(report: Report, draft: Submission) -> Choice:
    label = _("Decide about {title}", title=report.title)
    return Choice(label, show("presented", asked_as(draft)))
