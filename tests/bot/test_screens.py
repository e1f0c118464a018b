import re

import pytest

from bot.channels.telegram_words import html, plain
from bot.demo.styled import parse_html
from bot.i18n import LANGUAGES
from bot.screens import drafts, unlinked
from core.message import Message, Tappable, _, strong, verbatim, with_links
from core.question import Link
from core.screen import Choice, Screen, show
from storage.outbox import Draft
from tests.test_locales import forms, spoken, values

TO = Draft(address_id=1, channel="telegram", chat="7", lines=[])

# What apps make tappable, a little more widely: TDLib, td/telegram/MessageEntity.cpp.
TAPPED = re.compile(
    r"(?<![\w/])/[a-zA-Z0-9_]+|@[a-zA-Z0-9_]+|[#$]\w+|[a-z]+://\S+"
    r"|[\w-]+(?:\.[\w-]+)*\.(?!pdf\b|jpg\b)[^\W\d_]{2,}"
)
HOSTILE = [
    *("@abc", "t.me/x", "/lenh", "Lan @abc_def", "(/huy)", "a@b.vn", "#vui", "$VND", "T.ME/x"),
    *("https://xau.vn", "http://1.2.3.4/x", "tg://resolve?domain=x", "xau.vn", "báo.vn"),
    *("a.b.c.vn", "anh.pdf.vn", "/a /b", "//x.vn", "xem:https://a", "x.vn.", "x.vn/a.jpg"),
]
HARMLESS = [
    *(
        "Th.S Lò Thị Lan",
        "09/KH-GD&ĐT",
        "và/hoặc",
        "trang1.jpg",
        "Trường.XLSX",
        "1.200",
        "5.1. Mục",
        "10/6",
    ),
    *("TH. Lê Lợi", "TP. Sơn La", "@", "/", "a . b"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_tapped(name: str) -> None:
    assert TAPPED.search(name)
    assert not TAPPED.search(unlinked(name))
    assert unlinked(name).replace("\u2060", "") == name
    assert unlinked(unlinked(name)) == unlinked(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_other_names_stay_as_they_are(name: str) -> None:
    assert unlinked(name) == name


def test_names_in_sentences_are_not_tapped_and_the_bots_own_words_are() -> None:
    lines = (
        _("{name} submitted {title}.", name="@abc", title=verbatim("/lenh")),
        _("Type {word} at https://bot.vn", word=Tappable("/due")),
        with_links("Đọc https://sonla.gov.vn trước."),
        Link("link", _("Where is it?")).show("https://truong.edu.vn"),
    )
    (draft,) = drafts(Screen(lines), TO, "en")
    assert [TAPPED.findall(text) for _style, text in draft.lines] == [
        [],
        ["/due", "https://bot.vn"],
        ["https://sonla.gov.vn"],
        ["https://truong.edu.vn"],
    ]


def test_buttons_keep_their_words_as_they_are_compared_with_what_is_typed() -> None:
    (draft,) = drafts(Screen((), (Choice(verbatim("@abc"), show("me")),)), TO, "en")
    assert draft.choices == [["@abc", "0.0.show:me"]]


SPOILERS = ["</b>", "<a href='x'>x</a>", "& <", "&lt;b&gt;", "<!--", "{name}", "%s", "*_`["]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_spoils_a_sentence(language: str) -> None:
    """Read as strictly as the Bot API is documented, it shows its words and one look."""
    for sentence in spoken():
        one, *many = forms(sentence)
        for name in [*HOSTILE, *SPOILERS]:
            given = dict.fromkeys(values(one), name)
            said = strong(Message(one, given, "".join(many)))
            (draft,) = drafts(Screen((said,)), TO, language)
            seen = parse_html(html(draft.lines))
            assert seen.text == plain(draft.lines).strip()
            assert [entity["type"] for entity in seen.entities] == ["bold"]
