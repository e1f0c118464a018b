"""The gate for files that people send: structure first, then a look inside in a child process.

What is taken was decided once: PDF, Word, Excel and pictures that nothing harmful hides in.
Objects that Word embeds are taken where they are documents of these kinds in turn, or formulas of
MathType and drawings of Paint, which teachers' files are full of. Formulas of Microsoft's old
Equation 3.0 are not: its editor was withdrawn for a hole (CVE-2017-11882) that such objects use,
and schools still run the office suites that have it. Packages, which hold any file, are not.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID
from xml.parsers import expat
from zipfile import ZipFile

from bot import child
from bot.pictures import look as look_at_picture
from core import compound
from core.filetype import Kind, Refusal, Refused, look_at

if TYPE_CHECKING:
    import pikepdf

# What a PDF may become when a reader expands it. A page of A3 in colour at 600 dots an inch,
# which is 7016 × 9921 of them, is 209 MB; nothing that is no picture comes near 50.
MOST_PDF_EXPANDED = 400_000_000
MOST_PDF_STREAM = 50_000_000
_SLICE = 1 << 20

_TAKEN_OBJECTS = {
    UUID("0002ce03-0000-0000-c000-000000000046"),  # MathType
    UUID("0003000a-0000-0000-c000-000000000046"),  # a drawing of Paint
}
_ACTIVE_STREAMS = ("vba", "macros", "ole10native", "package", "mbd")


def check(content: bytes) -> Kind:
    """Blocks for some tenths of a second. Raises Refused."""
    kind = look_at(content)
    try:
        said = child.work("gate", kind.encode() + b"\n" + content).decode()
    except child.Failed as failed:
        raise Refused(Refusal.HARMFUL, str(failed)) from None
    if said:
        why, _colon, detail = said.partition(":")
        raise Refused(Refusal(why), detail)
    return kind


def look_inside(given: bytes) -> bytes:
    """In the child. given: the kind, a line end, the file. Returns nothing, or what is wrong."""
    kind, _line, content = given.partition(b"\n")
    try:
        _LOOKS[Kind(kind.decode())](content)
    except Refused as refused:
        return f"{refused.why}:{refused}".encode()
    except MemoryError:
        return f"{Refusal.HARMFUL}:out of memory".encode()
    except Exception as error:  # whatever a parser raises on a file that is not sound
        return f"{Refusal.DAMAGED}:{type(error).__name__}".encode()
    return b""


# PDF


def _look_at_pdf(content: bytes) -> None:
    import pikepdf

    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if not pdf.pages:
                raise Refused(Refusal.DAMAGED, "no page")
            _look_at_objects(pdf)
    except pikepdf.PasswordError:
        raise Refused(Refusal.LOCKED, "a PDF under a password") from None


PDF_PROGRAMS = ("/Launch", "/JavaScript")  # actions, ISO 32000-1, 12.6.4


def _look_at_objects(pdf: "pikepdf.Pdf") -> None:
    import pikepdf

    left = MOST_PDF_EXPANDED
    for thing in pdf.objects:
        for part in _within(thing):
            if part.get("/S") in PDF_PROGRAMS:
                raise Refused(Refusal.MACROS, "it starts a program")
            if part.get("/Type") == "/EmbeddedFile":
                raise Refused(Refusal.MACROS, "a file in a file")
        if isinstance(thing, pikepdf.Stream):
            is_picture = thing.get("/Subtype") == "/Image"
            left -= _expanded(thing, left if is_picture else min(left, MOST_PDF_STREAM))


def _within(thing: Any, deep: int = 4) -> Iterator["pikepdf.Object"]:
    """The dictionary that it is, and those written inside it; others have a number of their own.

    deep: how many are looked into, one inside the other.
    """
    import pikepdf

    if isinstance(thing, pikepdf.Array):
        parts: list[Any] = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        yield thing
        parts = [thing[key] for key in thing.keys()]  # noqa: SIM118  no mapping of Python's
    else:
        return
    for part in parts if deep else []:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _within(part, deep - 1)


def _expanded(stream: "pikepdf.Stream", most: int) -> int:
    """How many bytes it becomes. Raises Refused where that is over `most`."""
    filters = _filters(stream)
    if sum(name in ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW") for name in filters) > 1:
        raise Refused(Refusal.HARMFUL, "packed twice")
    size = 0
    if filters[:1] in (["/FlateDecode"], ["/Fl"]):
        size = _inflated(stream.read_raw_bytes(), most)
    elif any(name in ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW") for name in filters):
        size = len(stream.read_bytes())  # seldom; the child's memory is the limit
    if size > most:
        raise Refused(Refusal.HARMFUL, "expands too far")
    return size


def _filters(stream: "pikepdf.Stream") -> list[str]:
    import pikepdf

    named: Any = stream.get("/Filter")
    if isinstance(named, pikepdf.Array):
        return [str(one) for one in list(named)]
    return [] if named is None else [str(named)]


def _inflated(packed: bytes, most: int) -> int:
    """How many bytes they become, counted only to a little over `most`."""
    machine, size = zlib.decompressobj(), 0
    while packed and size <= most and not machine.eof:
        try:
            size += len(machine.decompress(packed, _SLICE))
        except zlib.error:
            break  # readers show what came before a fault, and so do we
        packed = machine.unconsumed_tail
    return size


# Word and Excel


def _look_at_office(content: bytes) -> None:
    with ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.lower().endswith((".xml", ".rels", ".vml")):
                _look_at_xml(archive, name)
            elif "/embeddings/" in name.lower():
                _look_at_embedded(archive.read(name))
            elif name.lower().endswith(".bin") and archive.read(name)[:8] == compound.SIGNATURE:
                _look_at_object(archive.read(name))


def _look_at_xml(archive: ZipFile, name: str) -> None:
    """Sound, and without a document type, which is where entities are."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_document_type
    with archive.open(name) as part:
        parser.ParseFile(part)


def _no_document_type(*_given: object) -> None:
    raise Refused(Refusal.HARMFUL, "a part with a document type")


def _look_at_embedded(content: bytes) -> None:
    if content.startswith(compound.SIGNATURE):
        _look_at_object(content)
    elif look_at(content) in (Kind.DOCX, Kind.XLSX):
        _look_at_office(content)


def _look_at_object(content: bytes) -> None:
    root, *others = compound.entries(content)
    if UUID(bytes_le=root.clsid) not in _TAKEN_OBJECTS:
        raise Refused(Refusal.MACROS, "an embedded object")
    names = [entry.name.lower() for entry in others]
    if any(word in name for name in names for word in _ACTIVE_STREAMS):
        raise Refused(Refusal.MACROS, "an active part in an embedded object")


_LOOKS: Mapping[Kind, Callable[[bytes], None]] = {
    Kind.PDF: _look_at_pdf,
    Kind.DOCX: _look_at_office,
    Kind.XLSX: _look_at_office,
    Kind.JPEG: look_at_picture,
    Kind.PNG: look_at_picture,
    Kind.GIF: look_at_picture,
    Kind.WEBP: look_at_picture,
    Kind.HEIC: look_at_picture,
}
