"""Vietnamese letters without their marks, at the same places of the text."""

import unicodedata
from functools import lru_cache

_LAST_LETTER = 0x1EFF  # of Latin Extended Additional, where the toned Vietnamese vowels stand
_DASHES, _QUOTES = "‐‑‒–—―−", "‘’“”«»"
_ONLY_VIETNAMESE = frozenset(
    "ăắằẳẵặâấầẩẫậđêếềểễệôốồổỗộơớờởỡợưứừửữựạảãẹẻẽịỉĩọỏõụủũỵỷỹ"
    "ĂẮẰẲẴẶÂẤẦẨẪẬĐÊẾỀỂỄỆÔỐỒỔỖỘƠỚỜỞỠỢƯỨỪỬỮỰẠẢÃẸẺẼỊỈĨỌỎÕỤỦŨỴỶỸ"
)


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base.lower() if base.isascii() else letter


_LETTERS = [chr(code) for code in (*range(ord("A"), ord("Z") + 1), *range(0xC0, _LAST_LETTER + 1))]
_BARE = (
    {ord(letter): bare for letter in _LETTERS if (bare := _bare(letter)) != letter}
    | {ord("đ"): "d", ord("Đ"): "d"}
    | {ord(dash): "-" for dash in _DASHES}
    | {ord(quote): '"' for quote in _QUOTES}
)


@lru_cache(maxsize=256)
def flat(text: str) -> str:
    """Lower case without marks, letter for letter: `flat(text)[a:b]` is what `text[a:b]` says.

    text: NFC. Rules match on this, so that hoà and hòa, hằng and hàng, HẠN and hạn are one. The
    last texts are remembered, as many rules look at one sentence.
    """
    return text.translate(_BARE)


def vietnamese_share(text: str) -> float:
    """Of the characters that are not blank, how many no other language has. 0 to 1."""
    visible = [letter for letter in text if not letter.isspace()]
    return sum(letter in _ONLY_VIETNAMESE for letter in visible) / max(len(visible), 1)
