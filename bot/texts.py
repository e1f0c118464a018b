"""The text of a document that somebody sent: Word, PDF with a text layer, plain text, web page.

It is parsed by a child process with limits on memory and time, and only after its structure was
looked at. The text is as the file has it; `core.reading` repairs it.
"""

import json
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import beside, child
from core.filetype import MOST_BYTES, Kind, decoded, sniff, text_kind
from core.message import Message, _

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

MOST_PAGES = 200  # of a PDF; a plan of a Sở with its annexes has about sixty
MOST_LETTERS = 2_000_000  # of the text; the reader takes far less and says so itself
LIMITS = child.QUICK
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE: .doc, and a .docx with a password
_PICTURES = (Kind.JPEG, Kind.PNG, Kind.GIF, Kind.WEBP, Kind.HEIC)


class Source(StrEnum):
    """What the child is given."""

    DOCX = "docx"
    PDF = "pdf"
    HTML = "html"
    PLAIN = "plain"


class BadText(Exception):
    """message: one sentence for whoever sent it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


async def read_text(path: Path) -> str:
    """Raises BadText."""
    return await beside.wait_for(read_text_now, path)


def read_text_now(path: Path) -> str:
    """As `read_text`, blocking for at most `LIMITS.wall` seconds."""
    source, content = opened(path)
    text: str = in_a_child("text", source.encode() + b"\n" + content)["text"]
    return text


def opened(path: Path) -> tuple[Source, bytes]:
    """A file as a child is to be given it. Raises BadText."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadText(_("This file is too large to be read; please send the letter alone."))
        content = path.read_bytes()
    except OSError:
        raise BadText(_("The file {name} cannot be read.", name=path.name)) from None
    return source_of(content), content


def source_of(content: bytes) -> Source:
    """By its content alone; a name proves nothing. Raises BadText."""
    if not content.strip():
        raise BadText(_("This file is empty."))
    if content.startswith(_OLD_OFFICE):
        raise BadText(_("This Word file is locked or of the old kind; please save it as .docx."))
    kind = sniff(content)
    if kind in _PICTURES:
        raise BadText(_("This is a picture; please send the Word file, or paste the text."))
    if kind in (Kind.PDF, Kind.DOCX):
        return Source.PDF if kind is Kind.PDF else Source.DOCX
    text = text_kind(content) if kind is None else None
    if text is None:
        raise BadText(_("This is no Word file (.docx), PDF or text that can be read."))
    return Source.HTML if text is Kind.HTML else Source.PLAIN


def in_a_child(work: str, given: bytes) -> dict[str, Any]:
    """What a child told, of the very bytes that were looked at. Raises BadText.

    It tells "refused": "" or a key of `_REFUSALS`.
    """
    try:
        told: dict[str, Any] = json.loads(child.work(work, given, LIMITS))
    except child.Failed:
        raise BadText(_("This file is too large or damaged.")) from None
    if told["refused"]:
        raise BadText(_REFUSALS[told["refused"]])
    return told


_REFUSALS = {
    "locked": _("This PDF is locked by a password; please send it without one."),
    "long": _("This PDF has too many pages; please send the letter alone."),
}


# In the child. What is raised here, also MemoryError, ends it.


class Refused(Exception):
    """A key of `_REFUSALS`."""


def parse(given: bytes) -> bytes:
    """given: the source, a line end and the content. The text as JSON, or why there is none.

    Raises anything, also MemoryError.
    """
    source, _end, content = given.partition(b"\n")
    told = {"text": "", "refused": ""}
    try:
        told["text"] = text_of(Source(source.decode()), content)
    except Refused as refused:
        told["refused"] = str(refused)
    return json.dumps(told).encode()


def text_of(source: Source, content: bytes) -> str:
    """Raises Refused, or anything."""
    text = _PARSERS[source](content)
    if len(text) > MOST_LETTERS:
        raise OverflowError("a longer text than any office writes")
    return text


def _from_pdf(content: bytes) -> str:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("locked")
    if len(reader.pages) > MOST_PAGES:
        raise Refused("long")
    return "\n".join(page.extract_text() for page in reader.pages)


def _from_docx(content: bytes) -> str:
    from docx import Document

    document = Document(BytesIO(content))
    return "\n".join(_blocks(document))


def _blocks(document: "Document") -> Iterator[str]:
    """Headers of pages once, then paragraphs and tables in the order of the document."""
    from docx.table import Table

    if document.sections:
        yield from (one.text for one in document.sections[0].header.paragraphs if one.text.strip())
    numbers = _Numbers(document)
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _rows(block, numbers)
        else:
            yield numbers.written(block)


_COLUMNS_OF_A_HEAD = 2  # a table of two columns lays out a head or a foot; others hold data


def _rows(table: "Table", numbers: "_Numbers") -> Iterator[str]:
    """Each cell of a head in its own lines; the cells of a row of data in one."""
    for row in table.rows:
        merged = {id(cell._tc): cell for cell in row.cells}  # one cell for all it spans
        texts = [_cell(cell, numbers) for cell in merged.values()]
        if len(table.columns) <= _COLUMNS_OF_A_HEAD:
            yield from texts
        else:
            yield " | ".join(" ".join(text.split()) for text in texts)


def _cell(cell: "_Cell", numbers: "_Numbers") -> str:
    from docx.table import Table

    lines: list[str] = []
    for block in cell.iter_inner_content():
        lines += _rows(block, numbers) if isinstance(block, Table) else [numbers.written(block)]
    return "\n".join(lines)


class _Numbers:
    """Word counts the items of its lists itself; their numbers are not in the text."""

    def __init__(self, document: "Document") -> None:
        self._document = document
        self._counts: dict[str, list[int]] = {}

    def written(self, paragraph: "Paragraph") -> str:
        properties = paragraph._p.pPr
        number: Any = properties.numPr if properties is not None else None
        if number is None or number.numId is None or not paragraph.text.strip():
            return paragraph.text
        level = number.ilvl.val if number.ilvl is not None else 0
        return f"{self._next(str(number.numId.val), level)} {paragraph.text}"

    def _next(self, list_id: str, level: int) -> str:
        counts = self._counts.setdefault(list_id, [])
        counts[level + 1 :] = []
        counts += [0] * (level + 1 - len(counts))
        counts[level] += 1
        return self._format(list_id, level, counts)

    def _format(self, list_id: str, level: int, counts: list[int]) -> str:
        kind = self._kind(list_id, level)
        if kind == "upperRoman":
            return f"{_ROMAN[min(counts[level], len(_ROMAN)) - 1]}."
        if kind == "lowerLetter":
            return f"{chr(ord('a') + (counts[level] - 1) % 26)})"
        return f"{counts[level]}." if kind == "decimal" else "-"

    def _kind(self, list_id: str, level: int) -> str:
        """The name Word has for it: decimal, upperRoman, bullet; "" for a list it lost."""
        try:
            root = self._document.part.numbering_part.element
        except NotImplementedError:
            return ""
        abstract = root.xpath(f'w:num[@w:numId="{int(list_id)}"]/w:abstractNumId/@w:val')
        if not abstract:
            return ""
        level_of = f'w:abstractNum[@w:abstractNumId="{int(abstract[0])}"]/w:lvl[@w:ilvl="{level}"]'
        return str(next(iter(root.xpath(f"{level_of}/w:numFmt/@w:val")), ""))


_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV")


def _from_plain(content: bytes) -> str:
    return decoded(content) or ""


def _from_html(content: bytes) -> str:
    page = _Page()
    page.feed(decoded(content) or "")
    page.close()
    return page.text()


_BLOCKS = frozenset(
    (
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "table",
        "section",
        "article",
        "blockquote",
        "pre",
        "dd",
        "dt",
        "hr",
    )
)
_VOID = frozenset(
    (
        "br",
        "hr",
        "img",
        "input",
        "meta",
        "link",
        "area",
        "base",
        "col",
        "embed",
        "source",
        "track",
        "wbr",
    )
)
_NOT_TEXT = frozenset(
    (
        "script",
        "style",
        "nav",
        "header",
        "footer",
        "aside",
        "form",
        "select",
        "button",
        "noscript",
        "svg",
        "template",
        "head",
        "iframe",
    )
)
_MENU = re.compile(
    r"(?:^|[\s_-])(?:menu|nav|navbar|sidebar|breadcrumb|footer|banner|related|share)s?\b"
)


class _Page(HTMLParser):
    """What a person would read of it: no scripts, menus, or lists of links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._hidden: list[str] = []  # the open tags from the outermost hidden one on
        self._links = 0
        self._lines: list[tuple[str, bool]] = []  # and whether it is all of links
        self._line: list[str] = []
        self._plain = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end_line()
        if tag in _VOID:
            return
        if self._hidden or tag in _NOT_TEXT or _is_menu(attrs):
            self._hidden.append(tag)
        elif tag == "a":
            self._links += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag == "a":
            self._links = max(0, self._links - 1)
        if tag in _BLOCKS:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self._line.append(data.replace("\n", " "))
            self._plain |= not self._links

    def _end_line(self) -> None:
        if self._line:
            self._lines.append(("".join(self._line), not self._plain))
        elif self._lines and self._lines[-1][0]:
            self._lines.append(("", False))
        self._line, self._plain = [], False

    def text(self) -> str:
        self._end_line()
        return "\n".join(line for line, links in self._lines if not links)


def _is_menu(attrs: list[tuple[str, str | None]]) -> bool:
    named = [(value or "").lower() for name, value in attrs if name in ("class", "id", "role")]
    return any(value == "navigation" or _MENU.search(value) for value in named)


_PARSERS: dict[Source, Callable[[bytes], str]] = {
    Source.DOCX: _from_docx,
    Source.PDF: _from_pdf,
    Source.HTML: _from_html,
    Source.PLAIN: _from_plain,
}
