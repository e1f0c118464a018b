"""Choices where there are no buttons: numbered lines, answered with a number or with their words.

Where a typed number is itself an answer, choices go by their words alone. A choice to share one's
contact card needs a button, so it is left out.
"""

import re
from collections.abc import Sequence

from core.fold import fold
from storage.outbox import Letter

SHARE_PHONE = "phone"  # the action of the choice that shares one's own contact card

_NUMBER = re.compile(r"\s*([0-9]{1,3})[.)]?\s*")


def render(letter: Letter) -> str:
    lines = [text for _style, text in letter.lines]
    labels = [label for label, _code in _offered(letter.choices)]
    if letter.typed and labels:
        lines.append(f"[{' | '.join(labels)}]")
    else:
        lines += [f"{number}. {label}" for number, label in enumerate(labels, start=1)]
    return "\n".join(lines)


def read(text: str, choices: Sequence[Sequence[str]], typed: bool) -> tuple[str, str] | None:
    """The action picked and what it was made for ("12.5": conversation and turn), if any.

    choices: of the last message shown. typed: whether a number is an answer there.
    """
    number = None if typed else _NUMBER.fullmatch(text)
    if number is None:
        return read_words(text, _offered(choices))
    at = int(number[1])
    offered = _offered(choices)
    return split(offered[at - 1][1]) if 1 <= at <= len(offered) else None


def read_words(text: str, choices: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """As `read`, by the words of a choice, without case and accents if only one is meant."""
    for alike in (str.casefold, fold):
        meant = [code for label, code in choices if alike(label.strip()) == alike(text.strip())]
        if len(meant) == 1:
            return split(meant[0])
    return None


def split(code: str) -> tuple[str, str]:
    """The action in a choice's code, and the conversation and turn it was made for."""
    conversation, turn, action = code.split(".", 2)
    return action, f"{conversation}.{turn}"


def _offered(choices: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [choice for choice in choices if split(choice[1])[0] != SHARE_PHONE]
