"""What a document that replaces another asks for, compared with what the other asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.likeness import likest


@dataclass(frozen=True, slots=True)
class Asked:
    """A duty as far as it is compared. due: a rule, see `core.calendar`."""

    key: int
    title: str
    due: str


@dataclass(frozen=True, slots=True)
class Compared:
    """changed, same: the old one and the new one."""

    added: tuple[Asked, ...]
    dropped: tuple[Asked, ...]
    changed: tuple[tuple[Asked, Asked], ...]
    same: tuple[tuple[Asked, Asked], ...]

    @property
    def kept(self) -> dict[int, int]:
        """From the key of a new one to that of the old one that it is."""
        return {new.key: old.key for old, new in (*self.changed, *self.same)}


def compare(before: Sequence[Asked], after: Sequence[Asked]) -> Compared:
    """Each old one is at most one of the new ones, by what they are called."""
    left = {one.key: one for one in before}
    pairs: list[tuple[Asked, Asked]] = []
    added: list[Asked] = []
    for new in after:
        key = likest(_bare(new.title), {old.key: _bare(old.title) for old in left.values()})
        if key is None:
            added.append(new)
        else:
            pairs.append((left.pop(key), new))
    same = tuple(pair for pair in pairs if pair[0].due == pair[1].due)
    changed = tuple(pair for pair in pairs if pair[0].due != pair[1].due)
    return Compared(tuple(added), tuple(left.values()), changed, same)


def _bare(title: str) -> str:
    """Without what it is about, where its own words are enough: "Báo cáo 6 tháng – An toàn"."""
    words, _dash, _about = title.partition(" – ")
    return words if len(words.split()) > _TOO_FEW else title


_TOO_FEW = 2  # words; every document asks for a "báo cáo"
