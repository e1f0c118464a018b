"""The phrasebooks that come with the program, read when the first sentence needs them."""

import tomllib
from functools import cache
from pathlib import Path

from core import understanding
from core.understanding import phrasebook
from core.understanding.phrasebook import Phrasebook

FOLDER = Path(understanding.__file__).parent
LANGUAGES = ("vi", "en")  # in the order in which they are asked


@cache
def all_books() -> tuple[Phrasebook, ...]:
    return tuple(_read(language) for language in LANGUAGES)


def _read(language: str) -> Phrasebook:
    written = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return phrasebook.make(language, written)
