"""The container of embedded objects is read by its published layout, and never without end."""

import struct
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compound import SIGNATURE, Entry, entries

NOTHING = UUID(int=0)


def compound(clsid: UUID = NOTHING, *streams: str) -> bytes:
    """A compound file with empty streams of these names: header, table, directory."""
    listed = [_entry("Root Entry", 5, clsid), *(_entry(name, 2, NOTHING) for name in streams)]
    folder = b"".join(listed).ljust(512 * -(-len(listed) // 4), b"\0")
    sectors = len(folder) // 512
    follows = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack("<128L", *follows, *[0xFFFFFFFF] * (128 - len(follows)))
    header = bytearray(SIGNATURE + bytes(504))
    struct.pack_into("<5H", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<2L", header, 44, 1, 1)
    struct.pack_into("<109L", header, 76, 0, *[0xFFFFFFFF] * 108)
    return bytes(header) + table + folder


def _entry(name: str, kind: int, clsid: UUID) -> bytes:
    words = name.encode("utf-16-le")
    entry = bytearray(128)
    entry[: len(words)] = words
    struct.pack_into("<HB", entry, 64, len(words) + 2, kind)
    entry[80:96] = clsid.bytes_le
    return bytes(entry)


def test_names_and_the_class_are_read() -> None:
    clsid = UUID("0002ce03-0000-0000-c000-000000000046")
    names = ["\1Ole", "Equation Native", "\3ObjInfo", "Thêm", "Một"]
    assert entries(compound(clsid, *names)) == [
        Entry("Root Entry", 5, clsid.bytes_le),
        *(Entry(name, 2, bytes(16)) for name in names),
    ]


def test_a_chain_without_end_ends() -> None:
    endless = bytearray(compound(NOTHING, *"abcdefgh"))
    struct.pack_into("<L", endless, 512 + 4 * 3, 1)
    with pytest.raises(ValueError, match="without end"):
        entries(bytes(endless))


@given(st.lists(st.tuples(st.integers(8, 1500), st.integers(0, 255)), max_size=8))
def test_damage_is_told_by_one_kind_of_error(changes: list[tuple[int, int]]) -> None:
    content = bytearray(compound(NOTHING, "a", "b", "c", "d"))
    for at, value in changes:
        content[at] = value
    try:
        assert entries(bytes(content))
    except ValueError:
        return
