"""What is in a compound file, the container of old office files and of embedded objects.

Layout: [MS-CFB], sections 2.2 (header), 2.3 (table of sectors) and 2.6 (directory).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_SECTORS = 10_000  # of a directory; four entries each, an equation has ten in all

_END = 0xFFFFFFFA  # sector numbers from here on are signs
_HEADER_TABLE = 109  # sectors of the table that the header itself names: 6.8 MB of file
_ENTRY = 128
_ROOT = 5


class Entry(NamedTuple):
    """kind: 1 a folder, 2 a stream, 5 the root. clsid: as bytes in the file's own order."""

    name: str
    kind: int
    clsid: bytes


def entries(content: bytes) -> list[Entry]:
    """Everything in it, the root first. Raises ValueError for what is no sound compound file."""
    if not content.startswith(SIGNATURE) or len(content) < 512:
        raise ValueError("not a compound file")
    size = 1 << min(int.from_bytes(content[30:32], "little"), 20)
    first = int.from_bytes(content[48:52], "little")
    table = _table(content, size)
    found = [entry for at in _chain(table, first) for entry in _entries(content, at, size)]
    if not found or found[0].kind != _ROOT:
        raise ValueError("no root")
    return found


def _table(content: bytes, size: int) -> list[int]:
    """For each sector the one that follows it."""
    named = struct.unpack(f"<{_HEADER_TABLE}L", content[76:512])
    table: list[int] = []
    for sector in named:
        if sector < _END:
            part = _sector(content, sector, size)
            table += struct.unpack(f"<{size // 4}L", part)
    return table


def _chain(table: list[int], sector: int) -> Iterator[int]:
    for _step in range(MOST_SECTORS):
        if sector >= _END:
            return
        yield sector
        if sector >= len(table):
            raise ValueError("a chain that leads out")
        sector = table[sector]
    raise ValueError("a chain without end")


def _entries(content: bytes, sector: int, size: int) -> Iterator[Entry]:
    part = _sector(content, sector, size)
    for at in range(0, size, _ENTRY):
        entry = part[at : at + _ENTRY]
        if kind := entry[66]:
            length = min(max(int.from_bytes(entry[64:66], "little") - 2, 0), 62)
            yield Entry(entry[:length].decode("utf-16-le", "replace"), kind, entry[80:96])


def _sector(content: bytes, number: int, size: int) -> bytes:
    """The header is as long as a sector, and stands before the first."""
    part = content[(number + 1) * size : (number + 2) * size]
    if len(part) < size:
        raise ValueError("a sector that is not there")
    return part
