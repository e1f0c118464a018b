"""Locking: the office closes a report or a whole round, and opens it again, also when asked."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from core.form import Form
from core.message import Message, _, ngettext, strong
from core.question import OneChoice, Text
from core.review import TO_COME, Move, State, may
from core.screen import Choice, Screen, number, open_flow, show
from handlers import deadline, due, office, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.report import ask_to_unlock, is_locked
from storage import locks, requests
from storage.locks import UnlockRequest
from storage.people import Person
from storage.reports import Report
from storage.units import Unit

LONGEST_REASON = 300  # characters


class Confirmed(FormFlow[list[Report]]):
    """Something done to one report, or to a round of them, after one more tap.

    subject_id: of the report, or of any of its round.
    """

    move: ClassVar[Move]
    whole_round: ClassVar[bool] = False
    yes: ClassVar[Message]

    def subject(self, turn: Turn, subject_id: int) -> list[Report]:
        found = (
            office.round_to_decide(turn, subject_id)
            if self.whole_round
            else [office.to_decide(turn, subject_id)]
        )
        open_to_it = [report for report in found if may(report.state, self.move)]
        if not open_to_it:
            raise Gone(_("{title} is locked or opened already.", title=found[0].title))
        return open_to_it

    def form(self, turn: Turn, subject: list[Report], answers: Answers) -> Form:  # noqa: ARG002
        options: Mapping[str, Message] = {str(self.move): self.yes, "leave": _("No")}
        sure = OneChoice("sure", self.ask(turn, subject), options=options)
        return Form(self.yes, (sure,), reviewed=False)

    def finish(self, turn: Turn, subject: list[Report], answers: Answers) -> Screen:
        if answers["sure"] == str(self.move):
            for report in subject:
                self.do(turn, report)
        return self._done(turn, subject)

    def _done(self, turn: Turn, found: list[Report]) -> Screen:
        if not self.whole_round:
            return office.done(turn, found[0])
        state = {"title": found[0].title, "state": phrases.STATE[found[0].state]}
        line = ngettext(
            "{title}, {count} school: {state}",
            "{title}, {count} schools: {state}",
            len(found),
            **state,
        )
        return Screen((line,), (office.board(found[0]),))

    @abstractmethod
    def ask(self, turn: Turn, found: list[Report]) -> Message:
        """The question that is answered with yes or no."""

    @abstractmethod
    def do(self, turn: Turn, report: Report) -> None:
        """To one of them, and tell its school."""


class Lock(Confirmed):
    name = "lock"
    move = Move.LOCK
    yes = _("Lock")

    def ask(self, turn: Turn, found: list[Report]) -> Message:
        of = {"title": found[0].title, "unit": office.school(turn, found[0])}
        return _("Lock {title}, {unit}? Then it can be neither filled in nor sent.", **of)

    def do(self, turn: Turn, report: Report) -> None:
        to_send = report.state in TO_COME
        locks.lock(turn.session, report, turn.me.id, turn.now)
        if to_send:
            office.tell_school(turn, report, is_locked(report))


class LockRound(Lock):
    name = "lock_round"
    whole_round = True
    yes = _("Lock all")

    def ask(self, turn: Turn, found: list[Report]) -> Message:  # noqa: ARG002
        to_send = sum(report.state in TO_COME for report in found)
        counts = {"title": found[0].title, "open": to_send}
        return ngettext(
            "Lock {title} of {count} school, {open} of which has not handed in?",
            "Lock {title} of {count} schools, {open} of which have not handed in?",
            len(found),
            **counts,
        )


class Unlock(Confirmed):
    name = "unlock"
    move = Move.UNLOCK
    yes = _("Unlock")

    def ask(self, turn: Turn, found: list[Report]) -> Message:
        of = {"title": found[0].title, "unit": office.school(turn, found[0])}
        return _("Unlock {title}, {unit}?", **of)

    def do(self, turn: Turn, report: Report) -> None:
        _unlock(turn, report)


class UnlockRound(Unlock):
    name = "unlock_round"
    whole_round = True
    yes = _("Unlock all")

    def ask(self, turn: Turn, found: list[Report]) -> Message:  # noqa: ARG002
        title = {"title": found[0].title}
        return ngettext(
            "Unlock {title} of {count} school?",
            "Unlock {title} of {count} schools?",
            len(found),
            **title,
        )


def _unlock(turn: Turn, report: Report) -> None:
    locks.unlock(turn.session, report, turn.me.id, turn.now)
    if report.state in TO_COME:
        opened = _("{title} is unlocked; you can go on where you were.", title=report.title)
        office.tell_school(turn, report, Screen((strong(opened),), (due.way_on(report),)))


# The school asks


class AskToUnlock(FormFlow[Report]):
    name = "ask_unlock"

    def subject(self, turn: Turn, subject_id: int) -> Report:
        report = locks.to_ask(turn.session, turn.me, subject_id)
        if report is None:
            raise Gone(_("There is no such locked report for you."))
        if requests.waiting(turn.session, UnlockRequest, report):
            raise Gone(
                _(
                    "Your school has asked to unlock {title} already; "
                    "the office has not answered yet.",
                    title=report.title,
                )
            )
        return report

    def form(self, turn: Turn, subject: Report, answers: Answers) -> Form:  # noqa: ARG002
        why = Text("reason", _("Why should it be unlocked?"), longest=LONGEST_REASON)
        title = _("A request to unlock {title}", title=subject.title)
        return Form(title, (why,), reviewed=False)

    def finish(self, turn: Turn, subject: Report, answers: Answers) -> Screen:
        asked = locks.ask(turn.session, subject, answers["reason"], turn.me.id, turn.now)
        office.tell(turn, subject, _card(turn, asked, subject))
        sent = _("The office is asked to unlock {title}.", title=subject.title)
        return Screen(
            (strong(sent), _("You will get a message here as soon as it is decided.")),
            (Choice(_("What is due"), show("due")),),
        )


def _card(turn: Turn, asked: UnlockRequest, report: Report) -> Screen:
    unit = turn.session.get_one(Unit, report.unit_id)
    lines = (
        strong(_("{unit} asks to unlock {title}", unit=unit.name, title=report.title)),
        deadline.both_dates(turn.session, report, turn.today),
        *request(turn, asked),
    )
    return Screen(lines, (*verdicts(asked), office.look(report)))


def request(turn: Turn, asked: UnlockRequest) -> list[Message]:
    """Who asks, and why."""
    asker = turn.session.get_one(Person, asked.asked_by_id)
    return [
        _("{name} asks to unlock it.", name=phrases.name(asker)),
        _("Reason: {reason}", reason=asked.reason),
    ]


def verdicts(asked: UnlockRequest) -> list[Choice]:
    """What the office may answer."""
    return [
        Choice(_("Unlock"), show("grant_unlock", str(asked.id))),
        Choice(_("Decline"), open_flow(RefuseUnlock.name, asked.id)),
    ]


# The office answers


def grant_unlock(turn: Turn, request_id: str) -> Screen:
    _asked, report = _to_decide(turn, number(request_id))
    _unlock(turn, report)
    return office.done(turn, report)


class RefuseUnlock(FormFlow[tuple[UnlockRequest, Report]]):
    name = "refuse_unlock"

    def subject(self, turn: Turn, subject_id: int) -> tuple[UnlockRequest, Report]:
        return _to_decide(turn, subject_id)

    def form(
        self,
        turn: Turn,  # noqa: ARG002
        subject: tuple[UnlockRequest, Report],
        answers: Answers,  # noqa: ARG002
    ) -> Form:
        why = Text("why", _("Why not? Your words are passed on."), longest=LONGEST_REASON)
        _asked, report = subject
        title = _("A request to unlock {title}", title=report.title)
        return Form(title, (why,), reviewed=False)

    def finish(
        self, turn: Turn, subject: tuple[UnlockRequest, Report], answers: Answers
    ) -> Screen:
        asked, report = subject
        locks.refuse(turn.session, asked, answers["why"], turn.me.id, turn.now)
        told = {"title": report.title, "why": answers["why"]}
        no = _("The office did not unlock {title}: {why}", **told)
        office.tell_school(turn, report, Screen((strong(no),), (ask_to_unlock(report),)))
        return Screen((_("Declined, and your reason passed on."),), (office.look(report),))


def _to_decide(turn: Turn, request_id: int) -> tuple[UnlockRequest, Report]:
    """Raises Gone, also where somebody has just decided."""
    found = requests.to_decide(turn.session, UnlockRequest, turn.me, request_id)
    if found is None:
        raise Gone(_("There is no such request for you."))
    asked, report = found
    if asked.decided_at is not None:
        raise Gone(_decided(turn, asked))
    if report.state is not State.LOCKED:
        raise Gone(_("{title} is locked or opened already.", title=report.title))
    return asked, report


def _decided(turn: Turn, asked: UnlockRequest) -> Message:
    by = phrases.name(turn.session.get_one(Person, asked.decided_by_id))
    if asked.unlocked:
        return _("{name} has unlocked it already.", name=by)
    return _("{name} has declined this already: {why}", name=by, why=asked.answer)
