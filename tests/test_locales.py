"""Every sentence of the bot can be said in every language, whole, and as people there say it."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.i18n import LANGUAGES, LOCALES, say
from core.message import Message, ngettext
from handlers import COMMANDS, commands
from tests.phone import Phone

TRANSLATED = [language for language in LANGUAGES if language != "en"]  # English is in the code
PACKAGES = ("bot", "core", "handlers", "storage")
HOW_TO_MEND = "`make catalogs` brings the catalogs up to date; then translate what is new"

SAME = frozenset({"Tiếng Việt / English"})
AVOIDED = {"vi": re.compile(r"\b(bạn|quý khách|vui lòng)\b", re.IGNORECASE)}
"""Words that sound like a shop or a translation where an office speaks to teachers."""

Sentence = str | tuple[str, ...]  # one and many, where the wording depends on a number


@cache
def spoken() -> frozenset[Sentence]:
    """What the code says."""
    return frozenset(
        sentence
        for package in PACKAGES
        for _file, _line, sentence, *_rest in extract_from_dir(LOCALES.parent / package)
    )


def catalog(name: str, language: str | None) -> Catalog:
    with (LOCALES / name).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def translated(language: str) -> dict[Sentence, tuple[str, ...]]:
    """From each sentence to its translation, in all forms that depend on a number."""
    read = catalog(f"{language}/LC_MESSAGES/messages.po", language)
    assert [entry.id for entry in read if entry.id and entry.fuzzy] == []
    return {sentence(entry): forms(entry.string or "") for entry in read if entry.id}


def sentence(entry: Entry) -> Sentence:
    return entry.id if isinstance(entry.id, str) else tuple(entry.id)


def forms(sentence: str | Sequence[str]) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else tuple(sentence)


def test_the_template_has_what_the_code_says() -> None:
    template = {sentence(entry) for entry in catalog("messages.pot", None) if entry.id}
    assert template == spoken(), HOW_TO_MEND


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalog_has_what_the_code_says_and_nothing_old(language: str) -> None:
    assert translated(language).keys() == spoken(), HOW_TO_MEND


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_has_a_fault(language: str) -> None:
    found = {
        sentence: wrong
        for sentence, said in translated(language).items()
        if (wrong := list(faults(language, forms(sentence)[-1], said)))
    }
    assert found == {}


def test_no_english_sentence_has_a_fault() -> None:
    assert [(s, w) for sentence in spoken() for s in forms(sentence) for w in slips("en", s)] == []


def faults(language: str, english: str, said: tuple[str, ...]) -> Iterator[str]:
    for form in said:
        yield from slips(language, form)
        if values(form) != values(english):
            yield "its values are not those of the English sentence"
        if form == english and has_words(english) and english not in SAME:
            yield "it is English"
        if form.strip()[-1:] == ":" and english[-1] != ":":
            yield "it announces something that does not follow"
        if language in AVOIDED and (word := AVOIDED[language].search(form)):
            yield f"it says “{word[0]}”"


def slips(language: str, said: str) -> Iterator[str]:
    """Faults that show without looking at another language."""
    if not said:
        yield "it is missing"
    if said != said.strip() or "  " in said:
        yield "it has a space too many"
    if not unicodedata.is_normalized("NFC", said):
        yield "it is not in NFC"
    if said.count("!") > 1:
        yield "it shouts"
    names = {command.names[language] for command in commands.COMMANDS}
    for word in re.findall(r"(?<![\w/}])/([a-z]+)", said):
        if word not in names:
            yield f"nobody can type /{word} in this language"


def values(sentence: str) -> list[str]:
    return sorted(name for _text, name, _spec, _conversion in parsed(sentence) if name is not None)


def has_words(sentence: str) -> bool:
    return any(letter.isalpha() for text, *_rest in parsed(sentence) for letter in text)


def parsed(sentence: str) -> list[tuple[str, str | None, str | None, str | None]]:
    return list(Formatter().parse(sentence))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", "missing"),
        ("Chào thầy/cô {nmae}, gõ /toi.", "values"),
        ("Chào thầy/cô, gõ /toi.", "values"),
        ("Chào {name} {name}, gõ /toi.", "values"),
        ("Hello {name}, type /me.", "English"),
        ("Chào  {name}, gõ /toi.", "space"),
        ("Chào {name}, gõ /toi. ", "space"),
        (unicodedata.normalize("NFD", "Chào thầy/cô {name}, gõ /toi."), "NFC"),
        ("Chào bạn {name}, gõ /toi.", "bạn"),
        ("Vui lòng gõ /toi, {name}.", "Vui lòng"),
        ("Chào {name}! Gõ /toi!", "shouts"),
        ("Chào {name}, gõ /me.", "/me"),
        ("Chào {name}, gõ:", "announces"),
    ],
)
def test_a_broken_translation_is_found(said: str, fault: str) -> None:
    assert fault in " ".join(faults("vi", "Hello {name}, type /me.", (said,)))
    assert list(faults("vi", "Hello {name}, type /me.", ("Chào {name}, gõ /toi.",))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_said_with_its_values(language: str) -> None:
    for sentence in spoken():
        one, *many = forms(sentence)
        written = forms(sentence) if language == "en" else translated(language)[sentence]
        for count, form in ((1, written[0]), (2, written[-1])):
            dummies = {name: f"<{name}>" for name in values(one)} | {"count": count}
            said = say(Message(one, dummies, "".join(many), count), language)
            assert said == form.format_map(dummies)


def test_a_number_needs_no_plural_in_vietnamese() -> None:
    days = [say(ngettext("{count} day left", "{count} days left", n), "vi") for n in (1, 2, 1200)]
    assert days == ["còn 1 ngày", "còn 2 ngày", "còn 1.200 ngày"]


def test_a_command_has_a_word_in_every_language() -> None:
    words = [command.names.keys() for command in commands.COMMANDS]
    assert [said for said in words if said != set(LANGUAGES)] == []
    assert {"toi", "me", "huy", "cancel", "start"} <= COMMANDS.keys()


def test_a_language_that_is_chosen_is_spoken_at_once(stranger: Phone) -> None:
    stranger.says("/ngonngu")
    assert stranger.says("[Tiếng Việt]")[0] == "Từ giờ dùng tiếng Việt."
    stranger.says("/ngonngu")
    assert stranger.says("[English]")[0] == "From now on we speak English."
