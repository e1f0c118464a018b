"""What a head of school does about a report presented to them; sending it without their word."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.form import Form
from core.message import Message, _, strong
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from handlers import phrases, presenting, remarks, version
from handlers.asking import questions
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.menu import FROM_EARLIER
from handlers.report import FillReport, hand_in
from storage import files, people, submissions
from storage.people import Person
from storage.reports import Report
from storage.submissions import Submission


@dataclass(frozen=True, slots=True)
class Presented:
    """A report that waits for its head, locked, and the draft of it."""

    report: Report
    draft: Submission


def approve(turn: Turn, about: str) -> Screen:
    """The head sends it to the office. about: see `presenting.asked_as`."""
    case = _for_head(turn, about)
    if _is_older(case, about):
        return presenting.card(turn, case.report, case.draft).under(FROM_EARLIER)
    return hand_in(turn, case.report, version.asked(turn, case.report, case.draft))


def alone(turn: Turn, about: str) -> Screen:
    """The school sends it without the head, who was silent."""
    case = _presented(turn, about)
    if _is_older(case, about) or not presenting.is_silent(turn, case.report, case.draft):
        raise Gone(_("The head of school still has time to answer, 24 hours from being asked."))
    answers = version.asked(turn, case.report, case.draft)
    by_head = people.is_head(turn.session, turn.me.id, case.report.unit_id)
    return hand_in(turn, case.report, answers, unapproved=not by_head)


def writer(turn: Turn, about: str) -> Screen:
    """Whom the head may call."""
    case = _for_head(turn, about)
    person = turn.session.get_one(Person, case.draft.holder_id)
    line = {"name": phrases.name(person), "phone": phrases.telephone(person)}
    called = _("{name}: {phone}", **line)
    if not person.phone:
        called = _("{name} has given no phone number.", name=phrases.name(person))
    return Screen((called,), (_back(case),))


def enclosed(turn: Turn, about: str) -> Screen:
    """The files of a report that waits for its head, sent to the head."""
    case = _for_head(turn, about)
    answers = version.asked(turn, case.report, case.draft)
    heading = _("Files of {title}", title=case.report.title)
    found = tuple(Enclosed(upload) for upload in files.in_answers(answers.values()))
    return Screen((heading,), (_back(case),), files=found)


def card(turn: Turn, about: str) -> Screen:
    case = _for_head(turn, about)
    return presenting.card(turn, case.report, case.draft)


class SendBack(FormFlow[Presented]):
    """The head returns a report inside the school, item by item."""

    name = "sendback"

    def subject(self, turn: Turn, subject_id: int) -> Presented:
        return _for_head(turn, str(subject_id))

    def form(self, turn: Turn, subject: Presented, answers: Answers) -> Form:
        given = version.asked(turn, subject.report, subject.draft)
        asked = questions(turn.session, subject.report, subject.draft, given, turn.today)
        about = remarks.asked(remarks.items(asked, given), answers)
        title = _("Send back {title}", title=subject.report.title)
        return Form(title, tuple(about), submit=_("Send back"), cancels=True)

    def finish(self, turn: Turn, subject: Presented, answers: Answers) -> Screen:
        report, draft, said = subject.report, subject.draft, remarks.given(answers)
        submissions.send_back(turn.session, report, draft, turn.me.id, said, turn.now)
        news = _sent_back(turn, subject, said)
        for person_id in presenting.writers(turn.session, report, draft):
            turn.tell(person_id, news)
        done = _("{title} is sent back to its writer.", title=report.title)
        return Screen((strong(done),), (Choice(_("Open the menu"), show("menu")),))


def _sent_back(turn: Turn, case: Presented, said: Mapping[str, str]) -> Screen:
    report, answers = case.report, version.asked(turn, case.report, case.draft)
    place = {"name": turn.me.name, "title": report.title}
    head = strong(_("{name} asks you to mend {title} before it goes to the office.", **place))
    asked = questions(turn.session, report, case.draft, answers, turn.today)
    mend = Choice(_("Mend {title}", title=report.title), open_flow(FillReport.name, report.id))
    return Screen((head, *remarks.lines(asked, said)), (mend,))


def _for_head(turn: Turn, about: str) -> Presented:
    """Raises Gone, alike for what there is not and for who is not the head."""
    if not people.is_head(turn.session, turn.me.id, turn.me.unit_id):
        raise Gone(_("There is no such report for you."))
    return _presented(turn, about)


def _presented(turn: Turn, about: str) -> Presented:
    """Raises Gone; to the school itself it says what has become of the report."""
    draft_id = number(about.partition(".")[0])
    found = submissions.presented(turn.session, turn.me, draft_id)
    if found is None:
        raise Gone(_decided(turn, draft_id))
    return Presented(*found)


def _decided(turn: Turn, draft_id: int) -> Message:
    draft = turn.session.get(Submission, draft_id)
    report = turn.session.get(Report, draft.report_id) if draft else None
    theirs = report is not None and turn.me.at_a_school and report.unit_id == turn.me.unit_id
    if draft is None or report is None or not theirs:
        return _("There is no such report for you.")
    if draft.sent_at is None:
        return _("{title} is with its writer.", title=report.title)
    sender = turn.session.get_one(Person, draft.sent_by_id)
    when = phrases.moment(turn, draft.sent_at)
    return _("{name} sent it to the office, {when}.", name=phrases.name(sender), when=when)


def _is_older(case: Presented, about: str) -> bool:
    return about != presenting.asked_as(case.draft)


def _back(case: Presented) -> Choice:
    return Choice(_("Back to the report"), show("presented", presenting.asked_as(case.draft)))
