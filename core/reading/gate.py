"""Is this a text, or what a scanner left of one? What is broken is never read."""

from collections.abc import Sequence

from core.message import Message, _
from core.reading.letters import vietnamese_share

FEWEST_LETTERS = 200  # characters that are not blank; a page of a scan has none
# Of 36 texts of offices, readable ones have 0.105 to 0.17 and broken ones 0.000.
LEAST_SHARE = 0.04
MOST_LETTERS = 200_000  # characters without annexes; about 60 pages, more than any letter
# In one document; what has more is a table that was taken for sentences.
MOST_DUTIES, MOST_DATES = 200, 3_000


class Unreadable(Exception):
    """message: one sentence for whoever sent it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


def check(text: str, *, pasted: bool = False) -> None:
    """Raises Unreadable. text: NFC. pasted: a paragraph is enough, and a scan does not come so."""
    if pasted and text.strip():
        return
    if sum(not letter.isspace() for letter in text) < FEWEST_LETTERS:
        raise Unreadable(
            _("There is no text in this file; please send the Word file, or paste it.")
        )
    if vietnamese_share(text) < LEAST_SHARE:
        raise Unreadable(
            _("The letters in this file are broken; please send the Word file, or paste the text.")
        )


def check_length(body: Sequence[str]) -> None:
    """Raises Unreadable. Annexes may be of any length, as only their forms are looked at."""
    if sum(map(len, body)) > MOST_LETTERS:
        raise Unreadable(_TOO_LONG)


def check_number(duties: Sequence[object], dropped: Sequence[object]) -> None:
    """Raises Unreadable. dropped: the dates that are no deadlines."""
    if len(duties) > MOST_DUTIES or len(dropped) > MOST_DATES:
        raise Unreadable(_TOO_LONG)


_TOO_LONG = _("This document is too long to be read; please send the letter alone.")
