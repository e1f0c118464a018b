"""Turn a `Message` into words, dates and numbers of one language."""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from core.message import Day, Message, Tappable

LOCALES = Path(__file__).parent.parent / "locales"
LANGUAGES = ("vi", "en")


Quote = Callable[[str], str]


def say(message: Message, language: str, quote: Quote = str) -> str:
    """quote: how words that people wrote are shown, such as names."""
    sentence = (
        _catalog(language).ungettext(message.id, message.plural, message.count)
        if message.plural
        else _sentence(message.id, language)
    )
    if not message.values:
        return sentence
    return sentence.format_map(
        {name: _format(value, language, quote) for name, value in message.values.items()}
    )


@lru_cache(1024)  # the same ones are said again and again
def _sentence(id: str, language: str) -> str:
    return _catalog(language).ugettext(id)


@cache
def _catalog(language: str) -> NullTranslations:
    """Read a `.po` as it is: no build step, and nothing compiled to keep in step with it."""
    source = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if not source.exists():  # English: the sentences in the code
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(
            compiled, read_po(file, locale=language)
        )  # without locale, plurals break silently
    compiled.seek(0)
    return Translations(compiled)


def _format(value: object, language: str, quote: Quote) -> str:
    match value:
        case Message():
            return say(value, language, quote)
        case str():
            return value if isinstance(value, Tappable) else quote(value)
        case Day(day, weekday, year):
            return _day(day, language, weekday=weekday, year=year)
        case date():
            return _day(value, language, weekday=False, year=True)
        case time():
            return f"{value:%H:%M}"
        case bool() | None:
            raise TypeError(f"{value!r} has no words; say it in the sentence")
        case int() | float() | Decimal():
            return format_decimal(value, locale=language)
    return str(value)


def _day(day: date, language: str, *, weekday: bool, year: bool) -> str:
    if language == "vi":
        return _vietnamese_day(day, weekday=weekday, year=year)
    pattern = ("EEEE " if weekday else "") + "d MMMM" + (" y" if year else "")
    return format_date(day, pattern, locale=language)


def _vietnamese_day(day: date, *, weekday: bool, year: bool) -> str:
    """As offices write it: a zero only before days under ten and the months 1 and 2.

    Source: Nghị định 30/2020/NĐ-CP, phụ lục I, on the place and date of a document.
    """
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    written = f"{day.day:02}/{month}" + (f"/{day.year}" if year else "")
    return (
        f"{format_date(day, 'EEEE', locale='vi').replace('Thứ', 'thứ')} {written}"
        if weekday
        else written
    )
