"""Is this a text, or what a scanner left of one? What is broken is never read."""

from core.message import Message, _
from core.reading.letters import vietnamese_share

FEWEST_LETTERS = 200  # characters that are not blank; a page of a scan has none
# Of 36 texts of offices, readable ones have 0.105 to 0.17 and broken ones 0.000.
LEAST_SHARE = 0.04
MOST_LETTERS = 400_000  # characters; about 130 pages, more than any letter to a school


class Unreadable(Exception):
    """message: one sentence for whoever sent it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


def check(text: str) -> None:
    """Raises Unreadable. text: NFC."""
    if len(text) > MOST_LETTERS:
        raise Unreadable(_("This document is too long to be read; please send the letter alone."))
    if sum(not letter.isspace() for letter in text) < FEWEST_LETTERS:
        raise Unreadable(
            _("There is no text in this file; please send the Word file, or paste it.")
        )
    if vietnamese_share(text) < LEAST_SHARE:
        raise Unreadable(
            _("The letters in this file are broken; please send the Word file, or paste the text.")
        )
