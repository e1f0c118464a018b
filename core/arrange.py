"""Take out or swap numbered things, as people type it: "bỏ 3", "doi 2 4", "swap 2 and 4"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.fold import fold

Thing = TypeVar("Thing")

_REMOVE, _SWAP = ("bo", "xoa", "remove", "delete"), ("doi", "swap")
_COMMAND = re.compile(
    rf"({'|'.join(_REMOVE + _SWAP)})(?: (?:cho|anh|trang|tep|so|photo|page|file|no\.?)s?)*"
    r"((?:[ ,;&-]|va|and|voi|with|[0-9])+)"
)


@dataclass(frozen=True, slots=True)
class Remove:
    """numbers: from 1, each once."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """From 1."""

    one: int
    other: int


Command = Remove | Swap


def read(text: str) -> Command | None:
    """None for whatever else is said."""
    said = _COMMAND.fullmatch(fold(text))
    numbers = re.findall("[0-9]+", said[2]) if said else []
    if said is None or not numbers or any(len(number) > 3 for number in numbers):
        return None
    meant = tuple(dict.fromkeys(map(int, numbers)))
    if said[1] in _REMOVE:
        return Remove(meant)
    return Swap(*meant) if len(meant) == 2 else None


def arranged(things: Sequence[Thing], command: Command) -> list[Thing]:
    """Raises IndexError for a number that nothing has."""
    match command:
        case Remove(numbers):
            _check(things, *numbers)
            return [thing for at, thing in enumerate(things, 1) if at not in numbers]
        case Swap(one, other):
            _check(things, one, other)
            swapped = list(things)
            swapped[one - 1], swapped[other - 1] = swapped[other - 1], swapped[one - 1]
            return swapped


def _check(things: Sequence[object], *numbers: int) -> None:
    if wrong := [number for number in numbers if not 1 <= number <= len(things)]:
        raise IndexError(wrong[0])
