"""The office notes that a report came outside the system, or excuses it; and takes that back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from core import arrange
from core.form import Form
from core.message import Message, _, strong, verbatim
from core.question import Answer, Files, Misread, OneChoice, Question, Text
from core.review import Move, State, may
from core.screen import Enclosed, Input, Screen, Typed, number
from handlers import due, office
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import easings
from storage.easings import Easing, Place
from storage.reports import Report

LONGEST_NUMBER = 100  # characters of a document's number
LONGEST_REASON = 300

PLACE: Mapping[Place, Message] = {
    Place.PAPER: _("on paper"),
    Place.ZALO: _("by Zalo"),
    Place.MINISTRY: _("in the ministry's system"),
    Place.OTHER: _("elsewhere"),
}


@dataclass(frozen=True, slots=True)
class Proof(Files):
    """Photos and files, or the number of a document, stored as text."""

    typed: ClassVar[bool] = True

    def read(self, given: Input, so_far: Answer) -> Answer:
        if not isinstance(given, Typed) or arrange.read(given.text):
            return Files.read(self, given, so_far)
        number = given.text.strip()
        if not so_far and 0 < len(number) <= LONGEST_NUMBER:
            return number
        raise Misread(self._hint())

    def settles(self, given: Input) -> bool:
        typed = isinstance(given, Typed) and not arrange.read(given.text)
        return typed or Files.settles(self, given)

    def show(self, answer: Answer) -> Message:
        return verbatim(answer) if isinstance(answer, str) else Files.show(self, answer)

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, str) or Files.fits(self, answer)

    def enough(self, answer: Answer) -> bool:
        return isinstance(answer, str) or Files.enough(self, answer)

    def _hint(self) -> Message:
        return _("Please send a photo, a file or the number of the document.")


class _Eased(FormFlow[Report]):
    """move: what it does to the report."""

    move: ClassVar[Move]

    def subject(self, turn: Turn, subject_id: int) -> Report:
        report = office.to_decide(turn, subject_id)
        if not may(report.state, self.move):
            raise Gone(_("This can no longer be done with {title}.", title=report.title))
        return report


class FiledElsewhere(_Eased):
    name = "elsewhere"
    move = Move.FILE_ELSEWHERE

    def form(self, turn: Turn, subject: Report, answers: Answers) -> Form:  # noqa: ARG002
        options = {place.value: label for place, label in PLACE.items()}
        asked: tuple[Question, ...] = (
            OneChoice("place", _("How was it handed in?"), options=options),
            Proof("proof", _("Its proof: send photos, files or the document's number.")),
        )
        title = _("{title}, handed in outside the system", title=subject.title)
        return Form(title, asked, reviewed=False)

    def finish(self, turn: Turn, subject: Report, answers: Answers) -> Screen:
        proof, place = answers["proof"], Place(answers["place"])
        if not isinstance(proof, str):
            proof = [file["upload"] for file in proof]
        easings.file_elsewhere(turn.session, subject, place, proof, turn.me.id, turn.now)
        told = _(
            "The office has noted that {title} was handed in {place}. Thank you!",
            title=subject.title,
            place=PLACE[place],
        )
        office.tell_school(turn, subject, Screen((strong(told),)))
        return office.done(turn, subject)


class Excuse(_Eased):
    name = "excuse"
    move = Move.EXCUSE

    def form(self, turn: Turn, subject: Report, answers: Answers) -> Form:  # noqa: ARG002
        why = Text("why", _("Why? Your words are passed on."), longest=LONGEST_REASON)
        title = _(
            "Excuse {unit} from {title}", unit=office.school(turn, subject), title=subject.title
        )
        return Form(title, (why,), reviewed=False)

    def finish(self, turn: Turn, subject: Report, answers: Answers) -> Screen:
        easings.excuse(turn.session, subject, answers["why"], turn.me.id, turn.now)
        told = {"title": subject.title, "why": answers["why"]}
        excused = _("Your school need not hand in {title}: {why}", **told)
        office.tell_school(turn, subject, Screen((strong(excused),)))
        return office.done(turn, subject)


class Restore(_Eased):
    """Take back what was noted."""

    name = "restore"
    move = Move.RESTORE

    def form(self, turn: Turn, subject: Report, answers: Answers) -> Form:  # noqa: ARG002
        of = {"title": subject.title, "unit": office.school(turn, subject)}
        options = {"restore": _("Yes, take it back"), "leave": _("No")}
        sure = OneChoice("sure", _("Shall {unit} hand in {title} again?", **of), options=options)
        return Form(_("Take it back"), (sure,), reviewed=False)

    def finish(self, turn: Turn, subject: Report, answers: Answers) -> Screen:
        if answers["sure"] == "restore":
            easings.restore(turn.session, subject, turn.me.id, turn.now)
            again = _("{title} is to be handed in here after all.", title=subject.title)
            office.tell_school(turn, subject, Screen((strong(again),), (due.button(subject),)))
        return office.done(turn, subject)


def noted(easing: Easing) -> Message:
    """Where it was handed in and by which document, or why it is excused."""
    if easing.place is None:
        return _("excused: {why}", why=easing.reason)
    place = PLACE[easing.place]
    if easing.document:
        return _("handed in {place}, {document}", place=place, document=easing.document)
    return _("handed in {place}, with its proof", place=place)


def proof(turn: Turn, report_id: str) -> Screen:
    """The files that show that it was handed in elsewhere."""
    report = office.to_decide(turn, number(report_id))
    easing = easings.current(turn.session, [report.id]).get(report.id)
    found = easings.proofs(turn.session, easing) if easing else []
    if report.state is not State.FILED_ELSEWHERE or not found:
        raise Gone(_("There is no such report for you."))
    of = {"title": report.title, "unit": office.school(turn, report)}
    heading = _("{title} – {unit}", **of)
    return Screen((heading,), (office.look(report),), files=tuple(map(Enclosed, found)))
