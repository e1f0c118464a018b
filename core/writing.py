"""Words and files that somebody writes to somebody else, in any order, until Done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from core.marks import Mark, later, read, write
from core.message import Message, _, as_typed, listed, ngettext, verbatim
from core.question import Answer, Misread, Question
from core.screen import DONE, Choice, Input, Picked, Typed, Uploaded

# Below the 4,096 that a messenger shows at once, so that what stands around it fits too; counted
# as it does, in UTF-16: core.telegram.org/bots/api#sendmessage
LONGEST = 3000
MOST_FILES = 10  # of one message, core.telegram.org/bots/api#sendmediagroup
EXCERPT = 60  # letters by which one knows a text again


@dataclass(frozen=True, slots=True)
class Writing(Question):
    """Stored as {"text", "marks", "files": [{"upload", "name"}], "document"}.

    marks: see `core.marks`. documents: from the id of an official document to its name.
    """

    documents: Mapping[str, Message] = field(default_factory=dict)

    typed: ClassVar[bool] = True
    takes_files: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        moves: list[Choice] = []
        if so_far:
            moves = [Choice(_("Done"), DONE), Choice(_("Write it anew"), "answer:none")]
        attached = (so_far or {}).get("document")
        return (
            *moves,
            *(
                Choice(Message("📎 {name}", {"name": name}), f"document:{id}")
                for id, name in self.documents.items()
                if id != attached
            ),
        )

    def read(self, given: Input, so_far: Answer) -> Answer:
        written = so_far or {}
        match given:
            case Picked("answer:none"):
                return None
            case Picked("done") if written:
                return written
            case Picked(action) if (id := action.removeprefix("document:")) in self.documents:
                return {**written, "document": id}
            case Typed(text, marks) if text.strip():
                return _with_words(written, text, marks)
            case Uploaded(caption=caption):
                with_file = _with_file(written, given)
                return _with_words(with_file, caption, ()) if caption.strip() else with_file
        raise Misread(_("Please write some words or send a file, then choose Done."))

    def settles(self, given: Input) -> bool:
        return given == Picked(DONE)

    def enough(self, answer: Answer) -> bool:
        return bool(answer) and self.fits(answer)

    def show(self, answer: Answer) -> Message:
        parts = [verbatim(excerpt(answer["text"]))] if answer.get("text") else []
        if document := answer.get("document"):
            parts.append(self.documents.get(document, _("a document")))
        if files := answer.get("files"):
            parts.append(ngettext("{count} file", "{count} files", len(files)))
        return listed(parts)

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, dict) and bool(answer.keys() & {"text", "files", "document"})


def excerpt(text: str) -> str:
    """One line by which one knows it again."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[:EXCERPT].rstrip() + "…"


def body(answer: Mapping[str, Any]) -> Message | None:
    """The words as they were typed."""
    text = answer.get("text", "")
    return as_typed(text, read(answer.get("marks", ""))) if text else None


def uploads(answer: Mapping[str, Any]) -> list[int]:
    return [file["upload"] for file in answer.get("files", [])]


def _with_words(written: dict[str, Any], text: str, marks: Sequence[Mark]) -> dict[str, Any]:
    before = f"{written['text']}\n" if written.get("text") else ""
    whole = before + text.rstrip()
    if len(whole.encode("utf-16-le", errors="ignore")) // 2 > LONGEST:
        raise Misread(_("That is too long: at most {longest} characters fit.", longest=LONGEST))
    kept = [*read(written.get("marks", "")), *later(marks, len(before))]
    return {**written, "text": whole, "marks": write(kept)}


def _with_file(written: dict[str, Any], file: Uploaded) -> dict[str, Any]:
    files = [*written.get("files", []), {"upload": file.upload_id, "name": file.name}]
    if len(files) > MOST_FILES:
        raise Misread(
            ngettext(
                "At most {count} file fits here.", "At most {count} files fit here.", MOST_FILES
            )
        )
    return {**written, "files": files}
