"""One language's words: what a typed sentence is about, word by word."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

from core.fold import fold

DENIED = "denied"
FILLER, NUMBER, UNKNOWN = "-filler", "-number", "-unknown"  # what no phrase can be about
SHORTEST_GUESSED = 5  # letters; shorter words differ by one letter too often

_TOKEN = re.compile(r"\w+(?:[./:'&+-]\w+)*")
_ONLY_A_MARK = re.compile(r"\?")  # a question mark says something only where it is all
_NUMBER = re.compile(r"[\d./:-]+%?")
_FILE_NAME = re.compile(r"\S+\.(?:pdf|docx?|xlsx?|jpe?g|png|heic|zip|rar)", re.IGNORECASE)
_ONSET = "b|ch?|d|gh?|gi|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x"
_VOWELS = (
    "[aeiouy]|ai|ao|au|ay|eo|eu|ia|ie|ieu|iu|oa|oai|oay|oao|oe|oeo|oi|oo|ua|uai|uay|ue|ui|uo|"
)
_SYLLABLE = re.compile(
    rf"(?:{_ONSET})?(?:{_VOWELS}uoi|uou|uu|uy|uya|uye|uyu|ye|yeu)(?:ch?|m|ng?|nh|p|t)?"
)
_TELEX = (("dd", "d"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("w", ""))


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or phrase, folded and written out. about: a key of the phrasebook, or one above."""

    words: str
    about: str


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """short: what one typed word stands for. phrases: from folded words to what they are about.

    denying, between: words that deny what follows, and those that may stand between both; what
    is about DENIED denies what was said before it.
    longest: words of the longest phrase. vocabulary: single words, to correct typing slips.
    """

    language: str
    short: Mapping[str, str]
    phrases: Mapping[str, str]
    denying: Set[str]
    between: Set[str]
    longest: int
    vocabulary: Mapping[str, Sequence[str]]

    def read(self, text: str) -> list[Piece]:
        """The sentence cut into the longest phrases that are known, from left to right."""
        tokens = _TOKEN.findall(_composed(text)) or _ONLY_A_MARK.findall(text)
        words = [word for token in tokens for word in self._out(token)]
        pieces, at = [], 0
        while at < len(words):
            piece, count = self._longest_at(words, at)
            pieces.append(piece)
            at += count
        return pieces

    def denied(self, pieces: Sequence[Piece], deniable: Set[str]) -> set[int]:
        """Which pieces about something of these are denied, by a word before or after them.

        The word itself is among them, as "chưa" asks at the end of a sentence and denies in it.
        """
        found = set()
        for at, piece in enumerate(pieces):
            if piece.words in self.denying and (after := self._after(pieces, at)) is not None:
                found.add(at)
                found |= {after} if pieces[after].about in deniable else set()
            elif piece.about == DENIED:
                before = (i for i in reversed(range(at)) if pieces[i].about in deniable)
                found |= set(islice(before, 1))
        return found

    def _after(self, pieces: Sequence[Piece], at: int) -> int | None:
        """The next piece that says something, None where none does."""
        rest = (i for i in range(at + 1, len(pieces)) if not self._is_between(pieces[i]))
        return next(rest, None)

    def _is_between(self, piece: Piece) -> bool:
        return piece.about == FILLER or piece.words in self.between

    def _longest_at(self, words: Sequence[str], at: int) -> tuple[Piece, int]:
        for count in range(min(self.longest, len(words) - at), 0, -1):
            said = " ".join(words[at : at + count])
            if about := self.phrases.get(said):
                return Piece(said, about), count
        word = words[at]
        return Piece(word, NUMBER if _NUMBER.fullmatch(word) else UNKNOWN), 1

    def _out(self, token: str) -> Sequence[str]:
        """A typed word folded, written out and with slips mended; it may be several words."""
        folded = fold(token)
        if _FILE_NAME.fullmatch(token):
            return ("file",)
        if written := self.short.get(token) or self.short.get(folded):
            return written.split()
        if folded.isalpha() and folded.isascii() and folded == token:
            folded = self._mended(folded)
        return (folded,)

    def _mended(self, word: str) -> str:
        """Raw Telex keys, as "nopj", or one slip in a word that no syllable is spelt like."""
        if word in self.phrases or self._is_word(word):
            return word
        for plain in _without_telex(word) if self.language == "vi" else ():
            if _SYLLABLE.fullmatch(plain):
                return plain
        near = self.vocabulary.get(word[0], ())
        if len(word) < SHORTEST_GUESSED or not near:
            return word
        from rapidfuzz import process  # 4 MB, which a bot at rest does without
        from rapidfuzz.distance import OSA

        found = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=1)
        return found[0] if found else word

    def _is_word(self, word: str) -> bool:
        if self.language == "vi":
            return _SYLLABLE.fullmatch(word) is not None
        return word in self.vocabulary.get(word[0], ())


def make(language: str, written: Mapping[str, Any]) -> Phrasebook:
    """written: as in `vi.toml` beside this file. Periods are about "period:this_week"."""
    phrases = dict.fromkeys(written["filler"].split(), FILLER)
    for period, said in written["period"].items():
        phrases |= dict.fromkeys(said, f"period:{period}")
    for about, said in written["about"].items():
        phrases |= dict.fromkeys(said, about)
    vocabulary: dict[str, list[str]] = {}
    for word in sorted({word for phrase in phrases for word in phrase.split()}):
        if len(word) >= SHORTEST_GUESSED:
            vocabulary.setdefault(word[0], []).append(word)
    longest = max(phrase.count(" ") + 1 for phrase in phrases)
    denying, between = (frozenset(written["denial"][part]) for part in ("words", "between"))
    short = written["short"]
    return Phrasebook(language, short, phrases, denying, between, longest, vocabulary)


def file_name(text: str) -> str:
    """The first name of a file in a text, "" where there is none."""
    found = _FILE_NAME.search(text)
    return found[0].strip("()[],;") if found else ""


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _without_telex(word: str) -> Iterator[str]:
    """The word without the keys of marks, and then without one of those of tones."""
    for keys, letter in _TELEX:
        word = word.replace(keys, letter)
    yield word
    for at in range(len(word) - 1, 0, -1):
        if word[at] in "sfrxj":
            yield word[:at] + word[at + 1 :]
