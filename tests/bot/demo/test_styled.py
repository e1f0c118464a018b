"""Marked text is read as the Bot API reads it, and shown so that nothing in it can run."""

import re
from contextlib import suppress
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.refusal import Json, Refused
from bot.demo.styled import ENTITY_OF_TAG, Styled, parse_html, plain, units

TEXT = st.text(st.characters(codec="utf-8"))
TAGS = st.sampled_from(sorted(set(ENTITY_OF_TAG) - {"span", "a"}))
SHOWN_TAGS = re.compile(
    r'</?(b|i|u|s|code|pre|blockquote|tg-spoiler)>|</a>|<a href="[^"]*" target="_blank" '
    r'rel="noopener noreferrer">|<a>'
)


@given(TEXT)
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert parse_html(escape(text)).text == text.strip()


@given(TEXT)
def test_what_is_shown_holds_no_tag_of_the_texts_own(text: str) -> None:
    shown = plain(text).html()
    assert unescape(SHOWN_TAGS.sub("", shown)) == text.strip()
    assert "<" not in SHOWN_TAGS.sub("", shown)


@given(TEXT, TAGS, TEXT)
def test_an_entity_covers_its_words(before: str, tag: str, inside: str) -> None:
    source = f"x{escape(before)}<{tag}>y{escape(inside)}y</{tag}>"
    styled = parse_html(source)
    entity = styled.entities[0]
    assert entity["type"] == ENTITY_OF_TAG[tag]
    wide = styled.text.encode("utf-16-le")
    start, length = 2 * entity["offset"], 2 * entity["length"]
    assert wide[start : start + length].decode("utf-16-le") == f"y{inside}y"


@given(
    TEXT,
    st.lists(
        st.tuples(
            st.integers(0, 50),
            st.integers(1, 50),
            st.sampled_from(["bold", "italic", "code", "spoiler", "mention", "text_link"]),
        )
    ),
)
def test_crossing_entities_are_shown_as_tags_that_nest(
    text: str, entities: list[tuple[int, int, str]]
) -> None:
    marks = tuple({"type": kind, "offset": at, "length": long} for at, long, kind in entities)
    opened: list[str] = []
    for closing, tag in re.findall(r"<(/?)([a-z-]+)[^>]*>", Styled(text, marks).html()):
        if closing:
            assert opened.pop() == tag
        else:
            opened.append(tag)
    assert not opened


@given(st.text("<>/&;ab=\"' pre#x1"))
def test_any_source_is_read_or_refused(source: str) -> None:
    with suppress(Refused):
        styled = parse_html(source)
        assert all(one["offset"] + one["length"] <= units(styled.text) for one in styled.entities)


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        (
            "  <b>A</b> ",
            "A",
            [{"type": "bold", "offset": 0, "length": 1}],
        ),
        (
            "😀<i>A<b>B</b></i>",
            "😀AB",
            [
                {"type": "italic", "offset": 2, "length": 2},
                {"type": "bold", "offset": 3, "length": 1},
            ],
        ),
        (
            '<a href="https://a.vn/?b=1&amp;c=2">A</a>',
            "A",
            [{"type": "text_link", "offset": 0, "length": 1, "url": "https://a.vn/?b=1&c=2"}],
        ),
        (
            '<span class="tg-spoiler">A</span>',
            "A",
            [{"type": "spoiler", "offset": 0, "length": 1}],
        ),
        (
            "<blockquote expandable>A</blockquote>",
            "A",
            [{"type": "blockquote", "offset": 0, "length": 1}],
        ),
        ("&#272;&#x111;&quot;", 'Đđ"', []),
        ("<B>A</b>", "A", [{"type": "bold", "offset": 0, "length": 1}]),
        ("1 > 0", "1 > 0", []),
    ],
)
def test_marked_text_is_read(source: str, text: str, entities: list[Json]) -> None:
    assert parse_html(source) == Styled(text, tuple(entities))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,a", "//a.vn", "x y"])
def test_only_ordinary_links_can_be_followed(url: str) -> None:
    assert parse_html(f'<a href="{url}">A</a>').html() == "<a>A</a>"
