"""Turn a `Screen` into messages of the outbox, in one person's language."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot import papers
from bot.i18n import say
from core import marks
from core.message import Message
from core.screen import Choice, Enclosed, Screen
from storage.outbox import Draft

MOST_FILES = 10  # of one message; see `storage.outbox.Outgoing`

QR_NAME = "qr.png"

Draw = Callable[[str], str]
Bundled = Callable[[str], str]
Lookup = Callable[[Sequence[int]], list[dict[str, Any]]]
Written = Callable[[papers.Paper, str], str]  # in a language; gives the SHA-256 of the file


def drafts(
    screen: Screen,
    to: Draft,
    language: str,
    *,
    seen: str = "0.0",
    uploads: Lookup = lambda _ids: [],
    bundled: Bundled = lambda _name: "",
    draw: Draw = lambda _text: "",
    written: Written | None = None,
) -> list[Draft]:
    """The screen's own message, and more where it encloses more files than fit one.

    to: where it goes, and all that is not of the screen. seen: see `bot.inbound`.
    uploads: what `Outgoing.files` says of the rows of these ids. bundled: gives the SHA-256 of a
    file that the program ships, by its name. draw: that of the picture of a QR code.
    written: keeps a paper as a file; see `Desk`.
    """
    made = _files(screen.files, uploads, bundled, draw, _in(language, written))
    first, *more = list(_tens(made)) or [[]]
    message = replace(
        to,
        lines=[
            [_look(line), text] for line in screen.lines if (text := say(line, language, unlinked))
        ],
        choices=[_choice(choice, language, seen) for choice in screen.choices],
        typed=screen.typed,
        asks_phone=screen.asks_phone,
        files=first,
    )
    return [message, *(_files_alone(to, files) for files in more)]


def _files_alone(to: Draft, files: list[dict[str, Any]]) -> Draft:
    return replace(to, lines=[], edits=None, tap=None, key=None, files=files)


# Word joiner: unseen, and unlike other such letters no part of a link, a name or a command.
# Source: TDLib, td/telegram/MessageEntity.cpp, is_url_unicode_symbol.
_JOINER = "\u2060"

_TAPPABLE = re.compile(
    r"(?<=[@#$])(?=\w)"  # @name, a@b.vn, #topic, $VND
    r"|(?<=/)(?<![\w/]/)(?=\w)"  # /command
    r"|(?<=:)(?=//)"  # https://
    r"|(?<=\w\.)(?=[^\W\d_]{2})(?!(?i:pdf|docx?|xlsx?|jpe?g|png|heic)\b)"  # a.vn, but no a.pdf
)


def unlinked(text: str) -> str:
    """The same to the eye, with nothing that an app makes a link of by itself.

    Names of people and schools go through here. Buttons have no links, and keep their words, as
    they are compared with what is typed.
    """
    return _TAPPABLE.sub(_JOINER, text)


def _look(line: Message) -> str:
    return marks.write(line.marks) or str(line.style)


def _choice(choice: Choice, language: str, seen: str) -> list[str]:
    return [say(choice.label, language), f"{seen}.{choice.action}"]


def _in(language: str, written: Written | None) -> Callable[[papers.Paper], str]:
    def sha256(paper: papers.Paper) -> str:
        if written is None:
            raise TypeError("nobody here writes files")
        return written(paper, language)

    return sha256


def _files(
    enclosed: Sequence[Enclosed],
    uploads: Lookup,
    bundled: Bundled,
    draw: Draw,
    written: Callable[[papers.Paper], str],
) -> list[dict[str, Any]]:
    sent = uploads([file.upload_id for file in enclosed if file.upload_id])
    shipped = [(file.bundled, bundled(file.bundled)) for file in enclosed if file.bundled]
    papers_made = [file.paper for file in enclosed if file.paper]
    made = [(papers.name(paper), written(paper)) for paper in papers_made]
    ours = [
        {"remote": None, "sha256": sha256, "name": name, "kind": "document"}
        for name, sha256 in shipped + made
    ]
    drawn = [
        {"remote": None, "sha256": draw(file.qr), "name": QR_NAME, "kind": "photo"}
        for file in enclosed
        if file.qr
    ]
    return sent + ours + drawn


def _tens(files: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(files), MOST_FILES):
        yield files[start : start + MOST_FILES]
