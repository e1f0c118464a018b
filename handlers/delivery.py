"""How a message to many fares: how far it is; pause, go on, stop; correct what was sent."""

from sqlmodel import Session

from core import writing
from core.form import Form
from core.message import Message, _, quiet, strong
from core.screen import Choice, Enclosed, Screen, open_flow, show
from core.writing import Writing
from handlers import acknowledge, letters
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import audit, broadcasts, copies
from storage.broadcasts import Broadcast, Stage
from storage.copies import Counts

STOPPABLE = (Stage.CONFIRMING, Stage.WAITING, Stage.SENDING, Stage.PAUSED)
BAR = 10  # signs of a progress bar
CORRECTABLE = (Stage.SENDING, Stage.PAUSED, Stage.STOPPED, Stage.SENT)


def copy(session: Session, broadcast: Broadcast) -> Screen:
    """What its readers get; the corrected words where they were corrected."""
    enclosed = tuple(map(Enclosed, writing.uploads(broadcast.letter)))
    lines = tuple(letters.letter(session, broadcast))
    return Screen(lines, acknowledge.choices(broadcast), files=enclosed)


def correction(session: Session, broadcast: Broadcast) -> Screen:
    """The copy again for those who have it; files only where they are new."""
    heading, *words = letters.letter(session, broadcast)
    lines = (heading, strong(_("Correction: this is how it reads now.")), *words)
    enclosed = tuple(map(Enclosed, writing.uploads(broadcast.correction)))
    return Screen(lines, acknowledge.choices(broadcast), files=enclosed)


def progress(broadcast: Broadcast, counts: Counts) -> Screen:
    """What its author sees while it is sent."""
    choices = (*moves(broadcast), _details(broadcast))
    lines = [strong(letters.title(broadcast)), *_bar(broadcast, counts)]
    return Screen((*lines, *_how_far(broadcast, counts)), choices)


def _bar(broadcast: Broadcast, counts: Counts) -> list[Message]:
    """How much is done, to be seen at a glance; at the end the numbers are enough."""
    if broadcast.stage not in (Stage.SENDING, Stage.PAUSED) or not counts.all:
        return []
    percent = 100 * (counts.all - counts.open) // counts.all
    full = percent * BAR // 100
    return [
        Message("{bar} {percent} %", {"bar": "▰" * full + "▱" * (BAR - full), "percent": percent})
    ]


def details(turn: Turn, broadcast: Broadcast) -> Screen:
    """For whoever asks; its author's own progress is shown no more once all is sent."""
    if broadcast.author_id == turn.me.id and broadcast.stage in (Stage.SENT, Stage.STOPPED):
        broadcast.watched = False
    counts = copies.count(turn.session, broadcast)
    lines = [*letters.letter(turn.session, broadcast), letters.RULE]
    lines += _how_far(broadcast, counts)
    choices = (*moves(broadcast), _details(broadcast), letters.all_messages())
    return Screen(tuple(lines), choices)


def moves(broadcast: Broadcast) -> list[Choice]:
    """What can be done with it now."""
    id, found = str(broadcast.id), []
    if broadcast.stage is Stage.SENDING:
        found.append(Choice(_("Pause"), show("pause", id)))
    if broadcast.stage is Stage.PAUSED:
        found.append(Choice(_("Go on sending"), show("resume", id)))
    if broadcast.stage in STOPPABLE:
        found.append(Choice(_("Stop"), show("stop", id)))
    if broadcast.event_id:
        found.append(Choice(_("See the event"), show("event", str(broadcast.event_id))))
    elif broadcast.stage in CORRECTABLE:
        found.append(Choice(_("Who has not acknowledged"), show("who", id)))
        found.append(Choice(_("Correct it"), open_flow(CorrectBroadcast.name, broadcast.id)))
    return found


def pause(turn: Turn, about: str) -> Screen:
    return _moved(turn, letters.one(turn, about, Stage.SENDING), Stage.PAUSED)


def resume(turn: Turn, about: str) -> Screen:
    return _moved(turn, letters.one(turn, about, Stage.PAUSED), Stage.SENDING)


def stop(turn: Turn, about: str) -> Screen:
    """For good. What was sent stays with those who have it."""
    broadcast = letters.one(turn, about, *STOPPABLE)
    copies.stop_waiting(turn.session, broadcast.id)
    return _moved(turn, broadcast, Stage.STOPPED)


class CorrectBroadcast(FormFlow[Broadcast]):
    """New words for a message that is already with some of its readers.

    Who has not acknowledged it finds the new words in place of the old ones, where the channel
    can change what was sent; who has is told anew, and asked to acknowledge that.
    """

    name = "correct"

    def subject(self, turn: Turn, subject_id: int) -> Broadcast:
        broadcast = letters.in_stage(turn, subject_id, *CORRECTABLE)
        if broadcast.event_id:
            raise Gone(_("Move or cancel the event instead; everybody invited is told."))
        if broadcast.author_id == turn.me.id and broadcasts.needs_second(turn.session):
            raise Gone(_("Where two have to agree, somebody else writes the correction."))
        return broadcast

    def form(self, turn: Turn, subject: Broadcast, answers: Answers) -> Form:  # noqa: ARG002
        now = letters.letter(turn.session, subject)
        right = Writing("letter", _("Write it as it should read."), under=tuple(now))
        return Form(_("Correction"), (right,), submit=_("Send the correction"), cancels=True)

    def finish(self, turn: Turn, subject: Broadcast, answers: Answers) -> Screen:
        before = {"letter": subject.letter, "version": subject.version}
        subject.correction = {"marks": "", **answers["letter"]}
        subject.version += 1
        after = {"letter": subject.letter, "version": subject.version}
        audit.record(turn.session, turn.now, turn.me.id, subject, "corrected", before, after)
        corrected = _("The correction goes to all who got it; the others get it at once.")
        return details(turn, subject).under(corrected)


def _moved(turn: Turn, broadcast: Broadcast, stage: Stage) -> Screen:
    broadcasts.move(turn.session, broadcast, stage, turn.me.id, turn.now)
    turn.session.flush()
    return progress(broadcast, copies.count(turn.session, broadcast))


def _how_far(broadcast: Broadcast, counts: Counts) -> list[Message]:
    of = {"sent": counts.sent, "all": counts.all}
    lines = [
        _("Sent to {sent} of {all} people; {stage}.", **of, stage=letters.STAGE[broadcast.stage])
    ]
    if not broadcast.event_id:
        lines.append(_("Acknowledged by {count}.", count=counts.acknowledged))
    if counts.schools:
        lines.append(acknowledge.schools_line(broadcast, counts.schools - counts.informed))
    if counts.failed:
        lines.append(quiet(_("Not delivered to {count}.", count=counts.failed)))
    return lines


def _details(broadcast: Broadcast) -> Choice:
    return Choice(_("See the message"), show("broadcast", str(broadcast.id)))
