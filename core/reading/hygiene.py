"""Repair what programs do to Vietnamese text on its way into a file, before any rule looks."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

_LETTERS = str.maketrans(
    {
        "ƣ": "ư", "Ƣ": "Ư",  # what an old converter makes of them
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u3000": " ", "\t": " ",
        "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
        "\f": "\n", "\v": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n",
    }
)  # fmt: skip
_EDUCATION = re.compile(r"GD ?& ?ĐT")
_RHYME = "[aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ]"
# One consonant torn off its syllable: "d ạy", "t ừng", "k hai". No word is a lone consonant, but
# items of a list are ("điểm c"), so the next letter has to go on from it.
_TORN = re.compile(
    rf"(?:(?<![^ (\"])([bcdđghklmnpqrstvx])|^([BCDĐGHKLMNPQRSTVX])) (?=(?:h{_RHYME}|"
    rf"{_RHYME})[a-zà-ỹ]{{0,5}}\b)"
)
_FEWEST_IN_A_COLUMN = 6  # lines of a word each; a table has fewer with no number between
_LONGEST_WORD = 16


def clean(text: str) -> list[str]:
    """The lines, in NFC, with single spaces; "" for a blank one."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in text.translate(_LETTERS).split("\n")]
    lines = _single_spaced(lines) if _is_double_spaced(lines) else lines
    lines = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return list(_joined([_mended(line) if " " in line else line for line in lines]))


_DOUBLE, _BROKEN = 0.95, 0.25  # shares of the lines
_FEWEST_LINES = 8


def _is_double_spaced(lines: Sequence[str]) -> bool:
    """Whether blank lines stand between all lines, also those that the margin broke."""
    followed = [line for line, after in pairwise(lines) if line and not after]
    written = [line for line in lines if line]
    broken = sum(
        line[0].islower() and before[-1] not in ".;:" for before, line in pairwise(written)
    )
    enough = len(written) >= _FEWEST_LINES and broken >= _BROKEN * len(written)
    return enough and len(followed) >= _DOUBLE * (len(written) - 1)


def _single_spaced(lines: Sequence[str]) -> list[str]:
    """Without the one blank line after each; where there were more, one stays."""
    kept: list[str] = []
    blanks = 0
    for line in lines:
        blanks = 0 if line else blanks + 1
        if line or blanks == 2:
            kept.append(line)
    return kept


def _mended(line: str) -> str:
    return _TORN.sub(r"\1\2", _EDUCATION.sub("GD&ĐT", line))


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Justified lines come out of a PDF as one word per line; they are one line again."""
    alone = [_is_word(line, before) for line, before in zip(lines, ["", *lines], strict=False)]
    for is_word, run in groupby(zip(alone, lines, strict=True), itemgetter(0)):
        words = [line for _alone, line in run]
        yield from [" ".join(words)] if is_word and len(words) >= _FEWEST_IN_A_COLUMN else words


def _is_word(line: str, before: str) -> bool:
    """A number too, where the word before it waits for one; others are of pages."""
    if not 0 < len(line) <= _LONGEST_WORD or " " in line:
        return False
    return not line[0].isdigit() or before.lower() in _BEFORE_NUMBERS


_BEFORE_NUMBERS = {"ngày", "tháng", "năm", "trước", "số", "lớp", "quý", "học", "nhất", "là", "hết"}
