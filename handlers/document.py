"""Give the bot an official document, see what is in it, and find the ones that were given.

A file is fetched after the turn that recorded it, and read after that, see `bot/documents.py`;
what was found then comes as a card. Each duty on it is a draft, see `handlers/draft.py`.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session

from core import cards
from core.form import Form
from core.message import Message, _, ngettext, quiet, strong, verbatim
from core.question import Answer, Misread, Number, Question
from core.roles import MAY_BROADCAST, Role
from core.screen import (
    DONE,
    Choice,
    Input,
    Picked,
    Screen,
    Typed,
    Uploaded,
    number,
    open_flow,
    show,
)
from handlers import found, papers, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import drafts
from storage.drafts import DraftDuty, ReadDocument, Stage, Standing
from storage.files import Upload

LONG_TEXT = 200  # letters from which words out of nowhere are a pasted document
LONGEST = 150_000  # letters of a pasted one; an app sends 4,096 of them at a time
MOST_SHOWN = 6  # of the documents that were read last


@dataclass(frozen=True, slots=True)
class Paper(Question):
    """A file, or a text in as many messages as it takes.

    Stored as {"upload", "name"} or {"text"}.
    """

    typed: ClassVar[bool] = True
    takes_files: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        if not so_far:
            return ()
        return (Choice(_("Read this text"), DONE), Choice(_("Start again"), "answer:none"))

    def read(self, given: Input, so_far: Answer) -> Answer:
        before = (so_far or {}).get("text", "")
        match given:
            case Picked("answer:none"):
                return None
            case Picked("done") if so_far:
                return so_far
            case Uploaded(spoken=False):
                return {"upload": given.upload_id, "name": given.name}
            case Typed(text) if text.strip() and len(before) + len(text) <= LONGEST:
                return {"text": f"{before}\n{text}" if before else text}
            case Typed(text) if text.strip():
                raise Misread(_("That is too long; please send it as a file."))
        raise Misread(_("Please send the file, or paste the text."))

    def settles(self, given: Input) -> bool:
        return given == Picked(DONE) or isinstance(given, Uploaded)

    def enough(self, answer: Answer) -> bool:
        return bool(answer) and self.fits(answer)

    def show(self, answer: Answer) -> Message:
        if "upload" in answer:
            return verbatim(answer["name"])
        letters = len(answer["text"])
        return ngettext("{count} letter of text", "{count} letters of text", letters)

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, dict) and bool(answer.keys() & {"text", "upload"})


class GiveDocument(FormFlow[None]):
    name = "document"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        may(turn)

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        ask = _(
            "Send the document as a file (Word, PDF, text, saved web page), or paste its text or "
            "just the part that matters, in several messages if it is long."
        )
        return Form(_("Read a document"), (Paper("paper", ask),), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        given = answers["paper"]
        if "text" in given:
            drafts.give(turn.session, turn.me, turn.now, text=given["text"])
            return Screen((_("Reading it; you will hear in a moment."),))
        return _take_file(turn, given["upload"])


class ChangeSlack(FormFlow[None]):
    """How many working days before the office's own date schools are asked."""

    name = "slack"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        if turn.me.role is not Role.ADMIN:
            raise Gone(_("Only the office can set this."))

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        ask = _(
            "How many working days before the date of a superior office shall schools be asked? "
            "Now it is {days}.",
            days=drafts.slack(turn.session),
        )
        most = Number("days", ask, high=drafts.MOST_SLACK)  # type: ignore[arg-type]  # whole
        return Form(_("Days of slack"), (most,), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        drafts.set_slack(turn.session, answers["days"], turn.me.id, turn.now)
        return documents(turn, "")


def may(turn: Turn) -> None:
    if turn.me.role not in MAY_BROADCAST:
        raise Gone(_("Only the office can hand out documents."))


def offer(turn: Turn, given: Uploaded) -> Screen | None:
    """For a file that an officer sent while nothing was asked."""
    if turn.me.role not in MAY_BROADCAST or given.spoken:
        return None
    return _take_file(turn, given.upload_id)


def is_pasted(turn: Turn, given: Input) -> bool:
    """Whether words that answer nothing are an officer's document."""
    if turn.me.role not in MAY_BROADCAST or not isinstance(given, Typed):
        return False
    return len(given.text) >= LONG_TEXT and not cards.is_pasted(given.text)


def _take_file(turn: Turn, upload_id: int) -> Screen:
    upload = turn.session.get_one(Upload, upload_id)
    drafts.give(turn.session, turn.me, turn.now, upload=upload)
    reading = _("Reading “{name}”; you will hear in a moment.", name=upload.name)
    return Screen((reading,))


# The documents that are known


def documents(turn: Turn, _about: str) -> Screen:
    """What was published, and for those who hand it out, what was read and what they owe."""
    if turn.me.role not in MAY_BROADCAST:
        return papers.papers(turn)
    latest = drafts.recent(turn.session, turn.me, MOST_SHOWN)
    tasks = drafts.own_tasks(turn.session, turn.me)
    lines = [strong(_("Official documents"))]
    lines += [
        _("• {name}: {state}", name=found.title(one), state=_state(turn, one)) for one in latest
    ]
    if tasks:
        lines += [strong(_("For the office itself")), *map(found.task_line, tasks)]
    choices = [Choice(_("Read a document"), open_flow(GiveDocument.name))]
    choices += [Choice(found.title(one), show("document", str(one.id))) for one in latest]
    choices += [_done(task) for task in tasks]
    choices += papers.choices(turn)
    if turn.me.role is Role.ADMIN:
        choices.append(Choice(_("Days of slack"), open_flow(ChangeSlack.name)))
    return Screen(tuple(lines), tuple(choices))


def _line(turn: Turn, document: ReadDocument) -> Message:
    said = {"name": found.title(document), "state": _state(turn, document)}
    return _("• {name}: {state}", **said)


def _state(turn: Turn, document: ReadDocument) -> Message:
    rows = drafts.drafts_of(turn.session, document)
    waiting = sum(row.standing is Standing.OPEN for row in rows)
    if not waiting:
        return _("done")
    return ngettext("{count} draft", "{count} drafts", waiting)


def _done(row: DraftDuty) -> Choice:
    return Choice(_("Done: {title}", title=phrases.short(row.title)), show("task", str(row.id)))


def task(turn: Turn, about: str) -> Screen:
    """The office has done what it had to do itself."""
    may(turn)
    its = drafts.draft(turn.session, turn.me, number(about))
    if its is None or its[1].standing is not Standing.OURS:
        raise Gone(NONE)
    if its[1].done_at is None:
        drafts.finish_task(turn.session, its[1], turn.me.id, turn.now)
    return documents(turn, "").under(_("Noted as done: {title}", title=its[1].title))


NONE = _("There is no such document for you.")
PUBLISHED = _("It is published already.")


# One of them


def show_document(turn: Turn, about: str) -> Screen:
    return found.card(turn.session, to_change(turn, number(about)))


def to_change(turn: Turn, document_id: int) -> ReadDocument:
    """Locked. Raises Gone."""
    may(turn)
    document = drafts.one(turn.session, turn.me, document_id)
    if document is None:
        raise Gone(NONE)
    return document


def unreadable(session: Session, document: ReadDocument, why: Message) -> Screen:
    """The file stays where it is."""
    lines = [why]
    if document.upload_id:
        upload = session.get_one(Upload, document.upload_id)
        lines.append(quiet(_("“{name}” is kept.", name=upload.name)))
    return Screen(tuple(lines), (Choice(_("Read a document"), open_flow(GiveDocument.name)),))


def forget(turn: Turn, about: str) -> Screen:
    document = to_change(turn, number(about))
    if document.document_id is not None:
        raise Gone(PUBLISHED)
    document.stage = Stage.DISCARDED
    drafts.touch(turn.session, document)
    return documents(turn, "").under(_("It is thrown away."))
