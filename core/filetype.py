"""What a file is, told from its content alone, and whether we take such files."""

import re
import struct
import zlib
from enum import StrEnum
from io import BytesIO
from typing import NamedTuple
from xml.etree.ElementTree import Element
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

MOST_BYTES = 20_000_000  # Bot API, getFile: "bots can download files of up to 20MB in size"


class Refusal(StrEnum):
    """Why a file is not taken."""

    KIND = "kind"
    MACROS = "macros"
    LOCKED = "locked"
    HARMFUL = "harmful"
    PICTURE = "picture"
    DAMAGED = "damaged"


class Refused(Exception):
    """why: for its sender. detail: for the operator; never anything of the file's words."""

    def __init__(self, why: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.why = why


class Kind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    JPEG = "jpg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    HEIC = "heic"
    OGG = "ogg"
    TEXT = "txt"  # taken from officers alone, as letters that are to be read
    HTML = "html"  # likewise


PICTURES = frozenset({Kind.JPEG, Kind.PNG, Kind.GIF, Kind.WEBP, Kind.HEIC})

# Limits of the zip inside a .docx or .xlsx. Far above what offices write, far below harm.
MOST_PARTS = 4_000
MOST_DIRECTORY_BYTES = 1_000_000
MOST_EXPANDED_BYTES = 100_000_000
MOST_EXPANSION = 100  # times the size of the file; text in zips reaches about 20
ALWAYS_EXPANDED_BYTES = 2_000_000  # however well it was packed
MOST_XML_BYTES = 2_000_000  # of the parts that we read ourselves

_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN_PARTS = {
    f"{_OFFICE}wordprocessingml.document.main+xml": Kind.DOCX,
    f"{_OFFICE}spreadsheetml.sheet.main+xml": Kind.XLSX,
}
_PACKED = (ZIP_STORED, ZIP_DEFLATED)
_ACTIVE = ("vbaproject", "vbadata", "activex", "macrosheets", "customui")
_OLE = "oleobject"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc and .xls, and .docx under a password

_SIGNATURES = (
    (0, b"%PDF-", Kind.PDF),
    (0, b"\xff\xd8\xff", Kind.JPEG),
    (0, b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (0, b"GIF87a", Kind.GIF),
    (0, b"GIF89a", Kind.GIF),
    (8, b"WEBP", Kind.WEBP),
)
# ISO/IEC 23008-12, annex B: brands of still pictures coded by HEVC.
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}


# RFC 7845, 5.1: what the first page of an Ogg file holds where it is a voice message.
_SPEECH = b"OpusHead"


def sniff(content: bytes) -> Kind | None:
    """As `look_at`; None for what it refuses."""
    try:
        return look_at(content)
    except Refused:
        return None


def look_at(content: bytes) -> Kind:
    """Raises Refused for a type that is not taken or a file made to do harm.

    Only its structure is looked at: nothing is expanded but short lists of parts.
    """
    if len(content) > MOST_BYTES:
        raise Refused(Refusal.KIND, "too many bytes")
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    if content.startswith(_OLD_OFFICE):
        raise Refused(Refusal.LOCKED, "an old office file, or one under a password")
    kind = _signed(content)
    if kind is None:
        raise Refused(Refusal.KIND, "no signature that we know")
    return kind


def text_kind(content: bytes) -> Kind | None:
    """Whether it is plain text or a web page; None for what is neither."""
    if decoded(content) is None or not content.strip():
        return None
    return Kind.HTML if _HTML.search(content[:2_000]) else Kind.TEXT


_HTML = re.compile(rb"<(?:!doctype html|html|head|body|div|p|table)\b", re.IGNORECASE)
_UNICODE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")  # no editor writes them


def decoded(content: bytes) -> str | None:
    """None for what is no text in Unicode."""
    encoding = next((name for mark, name in _UNICODE.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeError:
        return None
    return None if _CONTROLS.search(text) else text


def _signed(content: bytes) -> Kind | None:
    if content[4:8] == b"ftyp":
        return Kind.HEIC if _brands(content) & _HEIC_BRANDS else None
    if content.startswith(b"OggS"):
        return Kind.OGG if content[28:36] == _SPEECH else None
    if content[:4] == b"RIFF" and content[8:12] != b"WEBP":
        return None
    return next((kind for at, sign, kind in _SIGNATURES if content.startswith(sign, at)), None)


def _brands(content: bytes) -> set[bytes]:
    """The major brand, and those it says it is compatible with."""
    size = min(int.from_bytes(content[:4]), 256)
    return {content[8:12], *(content[at : at + 4] for at in range(16, size, 4))}


def _office_kind(content: bytes) -> Kind:
    try:
        _check_directory(content)
        with ZipFile(BytesIO(content)) as archive:
            _check_parts(archive.infolist(), len(content))
            _check_relations(archive)
            return _main_kind(archive)
    except DefusedXmlException:
        raise _harmful("a list of parts with a document type") from None
    except (ParseError, KeyError, *_BROKEN_ZIP) as error:
        raise Refused(Refusal.DAMAGED, type(error).__name__) from None


def _harmful(detail: str) -> Refused:
    return Refused(Refusal.HARMFUL, detail)


# What zipfile and zlib raise on a zip that lies about itself.
_BROKEN_ZIP = (BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError)


class _End(NamedTuple):
    """The end of a zip's directory (APPNOTE.TXT of PKWARE, 4.3.16)."""

    disk: int
    directory_disk: int
    parts_here: int
    parts: int
    size: int
    offset: int
    comment_bytes: int


_END_SIGN = b"PK\x05\x06"
_END_BYTES = 22


def _check_directory(content: bytes) -> None:
    """Before zipfile reads it whole: how long the list of parts says it is."""
    at = content.rfind(_END_SIGN)
    if at < 0 or len(content) < at + _END_BYTES:
        raise _harmful("no directory")
    end = _End(*struct.unpack("<4H2LH", content[at + 4 : at + _END_BYTES]))
    if end.disk or end.directory_disk or at + _END_BYTES + end.comment_bytes != len(content):
        raise _harmful("something lies around the zip")
    if end.parts > MOST_PARTS or end.size > MOST_DIRECTORY_BYTES or end.offset + end.size != at:
        raise _harmful("too many parts, or a directory out of place")


def _check_parts(parts: list[ZipInfo], packed: int) -> None:
    names = [part.filename.lower() for part in parts]
    if len(set(names)) < len(names) or len(names) > MOST_PARTS:
        raise _harmful("parts that hide each other")
    if any(map(_leaves, names)):
        raise _harmful("a path out of the zip")
    if any(word in name for name in names for word in _ACTIVE):
        raise Refused(Refusal.MACROS, "an active part")
    if any(part.flag_bits & 1 or part.compress_type not in _PACKED for part in parts):
        raise _harmful("encrypted, or packed as no office does")
    most = min(max(packed * MOST_EXPANSION, ALWAYS_EXPANDED_BYTES), MOST_EXPANDED_BYTES)
    if sum(part.file_size for part in parts) > most:
        raise _harmful("expands too far")


def _leaves(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _check_relations(archive: ZipFile) -> None:
    """Links may lead out of a document; its parts (templates, pictures, objects) may not."""
    names = [name for name in archive.namelist() if name.lower().endswith(".rels")]
    if sum(archive.getinfo(name).file_size for name in names) > MOST_XML_BYTES:
        raise _harmful("too many relations")
    for name in names:
        if any(map(_leads_out, fromstring(archive.read(name), forbid_dtd=True))):
            raise _harmful("a part from elsewhere")


def _leads_out(relation: Element) -> bool:
    external = relation.get("TargetMode", "").lower() == "external"
    return external and not relation.get("Type", "").endswith("/hyperlink")


def _main_kind(archive: ZipFile) -> Kind:
    """By the one list of content types, where templates and files with macros differ."""
    listed = archive.getinfo("[Content_Types].xml")
    if listed.file_size > MOST_XML_BYTES:
        raise _harmful("too many types")
    parts = fromstring(archive.read(listed), forbid_dtd=True)
    types = {part.get("ContentType", "") for part in parts}
    kinds = [kind for type_, kind in _MAIN_PARTS.items() if type_ in types]
    if any("macroenabled" in type_.lower() for type_ in types):
        raise Refused(Refusal.MACROS, "a type with macros")
    if len(kinds) != 1:
        raise Refused(Refusal.KIND, "a zip, but no document or workbook")
    return kinds[0]
