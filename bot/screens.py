"""Turn a `Screen` into messages of the outbox, in one person's language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.i18n import say
from core.screen import Choice, Enclosed, Screen
from storage.outbox import Draft

LONGEST = 4096  # UTF-16 units of a message's text after its entities; Bot API, sendMessage
MOST_FILES = 10  # in an album; Bot API, sendMediaGroup

Line = list[str]
Lookup = Callable[[Sequence[int]], list[dict[str, Any]]]


def drafts(
    screen: Screen,
    to: Draft,
    language: str,
    *,
    seen: str = "",
    uploads: Lookup = lambda _ids: [],
    bundled: Mapping[str, str] | None = None,
) -> list[Draft]:
    """to: where it goes, and all that is not of the screen. seen: see `bot.inbound`.

    uploads: what `Outgoing.files` says of the rows of these ids. bundled: from the names of files
    that the program ships to their SHA-256. The first part edits and answers the tap; the choices
    stand under the last.
    """
    lines = [[str(line.style), text] for line in screen.lines if (text := say(line, language))]
    parts = list(_parts(lines))
    found = [replace(to, lines=part) for part in parts]
    albums = _albums(screen.files, uploads, bundled or {})
    found += [replace(to, lines=[], files=album) for album in albums]
    first, *rest = found
    later = [replace(draft, edits=None, tap=None, key=None) for draft in rest]
    return _with_choices([first, *later], len(parts) - 1, screen, language, seen)


def _with_choices(
    found: list[Draft], last_text: int, screen: Screen, language: str, seen: str
) -> list[Draft]:
    found[last_text] = replace(
        found[last_text],
        choices=[_choice(choice, language, seen) for choice in screen.choices],
        typed=screen.typed,
        asks_phone=screen.asks_phone,
    )
    return found


def _choice(choice: Choice, language: str, seen: str) -> list[str]:
    return [say(choice.label, language), f"{seen or '0.0'}.{choice.action}"]


def _albums(
    enclosed: Sequence[Enclosed], uploads: Lookup, bundled: Mapping[str, str]
) -> Iterator[list[dict[str, Any]]]:
    """Photos and documents apart, as no album holds both."""
    files = uploads([file.upload_id for file in enclosed if file.upload_id])
    files += [
        {"remote": None, "sha256": bundled[file.bundled], "name": file.bundled, "kind": "document"}
        for file in enclosed
        if file.bundled
    ]
    for kind in ("photo", "document"):
        same = [file for file in files if file["kind"] == kind]
        for start in range(0, len(same), MOST_FILES):
            yield same[start : start + MOST_FILES]


def _parts(lines: list[Line]) -> Iterator[list[Line]]:
    """Lines in messages of at most `LONGEST`, cut at line ends where that is possible."""
    part: list[Line] = []
    length = 0
    for style, text in (piece for line in lines for piece in _pieces(line)):
        size = units(text) + 1
        if part and length + size > LONGEST:
            yield part
            part, length = [], 0
        part.append([style, text])
        length += size
    yield part


def _pieces(line: Line) -> Iterator[Line]:
    """A line that is longer than a message, in pieces cut between words where there are any."""
    style, text = line
    while units(text) >= LONGEST:
        end = _fitting(text)
        space = text.rfind(" ", end // 2, end)
        end = space if space > 0 else end
        yield [style, text[:end]]
        text = text[end:].lstrip()
    yield [style, text]


def _fitting(text: str) -> int:
    """How many characters fit. A character outside the basic plane takes two units."""
    length = 0
    for position, character in enumerate(text):
        length += 2 if ord(character) > 0xFFFF else 1
        if length >= LONGEST:
            return position
    return len(text)


def units(text: str) -> int:
    """Length in UTF-16 units, as the Bot API counts."""
    return len(text.encode("utf-16-le")) // 2
