"""Text with its entities: read from the Bot API's HTML, measured, and shown as safe HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from bot.demo.refusal import Json, Refused

# Bot API, "HTML style".
ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
TAG_OF_ENTITY = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "text_link": "a",
    "url": "a",
    "blockquote": "blockquote",
    "spoiler": "tg-spoiler",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
SAFE_LINK = re.compile(r"(https?|tg|mailto|tel):", re.IGNORECASE)

_SPECIAL = re.compile(r"[<&]")
_ATTRIBUTE = r"""\s+[a-zA-Z-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?"""
_TAG = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:{_ATTRIBUTE})*)\s*>")
_NAME = re.compile(r"</?([^\s>]*)")
_VALUE = re.compile(r"""([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-zA-Z]+));")
_URL = re.compile(r"https?://[^\s<>\"']+")
_COMMAND = re.compile(r"(?<![\w/])/[a-zA-Z0-9_]{1,32}(?!\w)")


@dataclass(frozen=True, slots=True)
class Styled:
    """entities: MessageEntity objects; offsets and lengths are in UTF-16 units."""

    text: str
    entities: tuple[Json, ...] = ()

    def html(self) -> str:
        """Safe to put in a page: only b i u s code pre a blockquote and tg-spoiler."""
        return _shown(self) if self.entities else escape(self.text)


def units(text: str) -> int:
    """Length in UTF-16 units, as the Bot API counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def plain(text: str, commands: bool = False) -> Styled:
    """Text without markup, trimmed; links, and where asked commands, become entities."""
    text = text.strip()
    found = [("url", match) for match in _URL.finditer(text)] if "://" in text else []
    if commands and "/" in text:
        found += [("bot_command", match) for match in _COMMAND.finditer(text)]
    return Styled(text, tuple(_entity(kind, text, match) for kind, match in found))


def parse_html(source: str) -> Styled:
    """Raises Refused where the Bot API's documentation does not allow the source.

    Telegram's own server forgives a bare "&" and an unknown named entity. The documentation does
    not, and here both are refused, because they mean that somebody forgot to escape a value.
    """
    if "<" not in source and "&" not in source:
        return plain(source)
    return _trimmed(_Reader(source).read())


@dataclass(slots=True)
class _Open:
    """A tag that is not yet closed; start in UTF-16 units."""

    tag: str
    start: int
    attributes: dict[str, str]


class _Reader:
    """Walks once through a source, collecting text and entities."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._text: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Json] = []

    def read(self) -> Styled:
        at = 0
        while found := _SPECIAL.search(self._source, at):
            self._add(self._source[at : found.start()])
            step = self._tag if found[0] == "<" else self._reference
            at = step(found.start())
        self._add(self._source[at:])
        if self._open:
            raise self._bad(
                f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"'
            )
        entities = sorted(self._entities, key=lambda one: (one["offset"], -one["length"]))
        return Styled("".join(self._text), tuple(entities))

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._length += units(text)

    def _reference(self, at: int) -> int:
        match = _ENTITY.match(self._source, at)
        character = _character(match) if match else None
        if match is None or character is None:
            raise self._bad("Unsupported HTML entity", at)
        self._add(character)
        return match.end()

    def _tag(self, at: int) -> int:
        match = _TAG.match(self._source, at)
        if match is None:
            raise self._not_a_tag(at)
        name = match[2].lower()
        if match[1]:
            self._close(name, at)
        else:
            self._begin(name, _attributes(match[3]), at)
        return match.end()

    def _not_a_tag(self, at: int) -> Refused:
        if ">" not in self._source[at:]:
            return self._bad("Unclosed start tag", at)
        name = _NAME.match(self._source, at)
        return self._bad(f'Unsupported start tag "{name[1] if name else ""}"', at)

    def _begin(self, name: str, attributes: dict[str, str], at: int) -> None:
        if name not in ENTITY_OF_TAG:
            raise self._bad(f'Unsupported start tag "{name}"', at)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._bad('Tag "span" must have class "tg-spoiler"', at)
        self._open.append(_Open(name, self._length, attributes))

    def _close(self, name: str, at: int) -> None:
        if not self._open:
            raise self._bad("Unexpected end tag", at)
        begun = self._open.pop()
        if begun.tag != name:
            where = self._offset(at)
            expected = f'expected "</{begun.tag}>", found "</{name}>"'
            raise self._bad(f"Unmatched end tag at byte offset {where}, {expected}")
        if entity := _closed(begun, self._length):
            self._entities.append(entity)

    def _offset(self, at: int) -> int:
        return len(self._source[:at].encode())

    def _bad(self, why: str, at: int | None = None) -> Refused:
        where = "" if at is None else f" at byte offset {self._offset(at)}"
        return Refused(f"can't parse entities: {why}{where}")


def _character(match: re.Match[str]) -> str | None:
    decimal, hexadecimal, name = match.groups()
    if name:
        return NAMED.get(name)
    code = int(decimal) if decimal else int(hexadecimal, 16)
    allowed = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if allowed else None


def _attributes(source: str) -> dict[str, str]:
    found = {}
    for name, *values in _VALUE.findall(source):
        found[name.lower()] = _unescaped("".join(values))
    return found


def _unescaped(value: str) -> str:
    return _ENTITY.sub(lambda match: _character(match) or match[0], value)


def _closed(begun: _Open, end: int) -> Json | None:
    if end == begun.start:
        return None
    kind = ENTITY_OF_TAG[begun.tag]
    entity: Json = {"type": kind, "offset": begun.start, "length": end - begun.start}
    if kind == "text_link":
        if not begun.attributes.get("href"):
            return None
        entity["url"] = begun.attributes["href"]
    return entity


def _entity(kind: str, text: str, match: re.Match[str]) -> Json:
    return {"type": kind, "offset": units(text[: match.start()]), "length": units(match[0])}


def _trimmed(styled: Styled) -> Styled:
    """Telegram drops white space around a message."""
    text = styled.text.strip()
    if text == styled.text:
        return styled
    before = units(styled.text) - units(styled.text.lstrip())
    moved = (_moved(entity, before, units(text)) for entity in styled.entities)
    return replace(styled, text=text, entities=tuple(one for one in moved if one["length"] > 0))


def _moved(entity: Json, back: int, end: int) -> Json:
    start = max(0, entity["offset"] - back)
    stop = min(end, entity["offset"] + entity["length"] - back)
    return {**entity, "offset": start, "length": stop - start}


def _shown(styled: Styled) -> str:
    """Tags are closed and opened again where entities cross, so that the result nests."""
    wide = styled.text.encode("utf-16-le")
    open_now: list[Json] = []
    parts: list[str] = []
    cuts = _cuts(styled.entities, len(wide) // 2)
    for start, stop in pairwise(cuts):
        parts += _change(open_now, [one for one in styled.entities if _covers(one, start)])
        parts.append(escape(wide[2 * start : 2 * stop].decode("utf-16-le", "replace")))
    parts += _change(open_now, [])
    return "".join(parts)


def _cuts(entities: tuple[Json, ...], end: int) -> list[int]:
    places = {0, end}
    for one in entities:
        places |= {min(end, one["offset"]), min(end, one["offset"] + one["length"])}
    return sorted(places)


def _covers(entity: Json, place: int) -> bool:
    starts: int = entity["offset"]
    length: int = entity["length"]
    return entity["type"] in TAG_OF_ENTITY and starts <= place < starts + length


def _change(open_now: list[Json], wanted: list[Json]) -> Iterator[str]:
    while open_now and open_now != wanted[: len(open_now)]:
        yield f"</{TAG_OF_ENTITY[open_now.pop()['type']]}>"
    for entity in wanted[len(open_now) :]:
        open_now.append(entity)
        yield _start_tag(entity)


def _start_tag(entity: Json) -> str:
    url = entity.get("url", "")
    if entity["type"] == "text_link" and SAFE_LINK.match(url):
        return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">'
    return f"<{TAG_OF_ENTITY[entity['type']]}>"
