"""Updates of every kind, as Telegram sends them; the people in them are invented."""

import copy
import json
import random
import unicodedata
from dataclasses import fields, is_dataclass
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.channels.base import (
    Edited,
    Given,
    Incoming,
    Membership,
    Moved,
    Sent,
    Unknown,
    Unreadable,
)
from bot.channels.telegram_updates import UPDATES, read
from core.screen import Contact, Picked, Typed

PAYLOADS = Path(__file__).parents[2] / "payloads" / "telegram"
HOA = "5104000111"
GROUP, SUPERGROUP = "-4000000333", "-1002000000444"


def payload(name: str) -> dict[str, Any]:
    update: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return update


def incoming(name: str, **known: Any) -> Incoming:
    found = read(payload(name), **known)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("text", Typed("Cháy nổ: 12 bình, còn hạn")),
        ("text_decomposed", Typed(unicodedata.normalize("NFC", "Trường Tiểu học Quyết Thắng"))),
        ("start_with_code", Typed("/start K7QX2MPA9D")),
        ("command", Typed("/han")),
        ("command_in_group", Typed("/han tuần này")),
        ("text_in_supergroup", Typed("Chào cả nhà")),
        ("tap", Picked("answer:yes")),
        ("tap_on_a_lost_message", Picked("answer:no")),
        ("tap_without_message", Picked("show:due")),
        ("tap_on_a_game", Picked("")),
        ("animation", Unknown()),
        ("video", Unknown()),
        ("voice", Unknown()),
        ("sticker", Unknown()),
        ("location", Unknown()),
        ("contact_own", Contact("+84912000111", own=True)),
        ("contact_of_another", Contact("84912000222", own=False)),
        ("contact_without_account", Contact("0212 3852 000", own=False)),
        ("edited", Edited()),
        ("blocked", Membership(reachable=False)),
        ("unblocked", Membership(reachable=True)),
        ("added_to_group", Membership(reachable=True)),
        ("removed_from_group", Membership(reachable=False)),
        ("group_moved", Moved(SUPERGROUP)),
        ("group_moved_from", Moved(SUPERGROUP)),
    ],
)
def test_every_kind_of_update_is_read(name: str, given: Given) -> None:
    assert incoming(name).given == given


@pytest.mark.parametrize(
    "name",
    [
        "edited_location",
        "added_to_channel",
        "somebody_joined",
        "pinned",
        "channel_post",
        "from_a_bot",
        "from_an_anonymous_admin",
        "poll_answer",
    ],
)
def test_what_nobody_must_answer_is_left(name: str) -> None:
    assert read(payload(name)) is None


def test_every_payload_is_in_a_test() -> None:
    source = Path(__file__).read_text()
    assert [p.stem for p in PAYLOADS.glob("*.json") if f'"{p.stem}"' not in source] == []


def test_a_person_is_known_by_the_ids_of_telegram() -> None:
    text = incoming("text")
    assert (text.channel, text.update_id, text.chat, text.user) == (
        "telegram",
        "882200101",
        HOA,
        HOA,
    )
    assert (text.name, text.language, text.private) == ("Hoà Lò Thị", "vi", True)
    assert (text.seen, text.message, text.tap) == ("", None, None)


def test_names_are_composed() -> None:
    assert incoming("text_decomposed").name == unicodedata.normalize("NFC", "Hoà Lò Thị")


def test_a_group_is_not_private() -> None:
    for name in ("command_in_group", "text_in_supergroup", "added_to_group"):
        assert not incoming(name).private
    assert incoming("command_in_group").chat == GROUP


def test_a_group_that_moved_is_named_by_its_old_id() -> None:
    assert incoming("group_moved").chat == incoming("group_moved_from").chat == GROUP


def test_a_command_for_another_bot_is_left() -> None:
    assert read(payload("command_in_group"), username="other_bot") is None
    assert incoming("command_in_group", username="Phong_Giao_Duc_Bot").given == Typed(
        "/han tuần này"
    )


def test_a_tap_tells_what_it_was_made_for_and_where() -> None:
    tap = incoming("tap")
    assert (tap.seen, tap.message, tap.tap) == ("12.5", "40", "21921000000000001")
    assert (tap.chat, tap.user) == (HOA, HOA)


def test_a_tap_on_a_message_out_of_reach_edits_nothing() -> None:
    for name in ("tap_on_a_lost_message", "tap_without_message"):
        tap = incoming(name)
        assert (tap.message, tap.chat, tap.private) == (None, HOA, True)
        assert tap.tap


@pytest.mark.parametrize(
    "data", ["", "answer:yes", "12.answer:yes", "x.y.answer:yes", "1.2.", "١.٢.answer:yes", None]
)
def test_a_code_we_never_made_picks_nothing(data: str | None) -> None:
    update = payload("tap")
    update["callback_query"]["data"] = data
    tap = read(update)
    assert tap is not None
    assert (tap.given, tap.seen) == (Picked(""), "0.0")


def test_the_largest_of_a_photos_sizes_is_taken() -> None:
    assert incoming("photo", zone=ZoneInfo("Asia/Ho_Chi_Minh")).given == Sent(
        remote_id="AgACAgUAAxkBAAIAy",
        unique_id="AQADyA",
        name="ảnh_2018-06-01_47.jpg",
        size=176232,
        mime="image/jpeg",
        kind="photo",
        album=None,
        caption="Cửa chính",
        number=47,
    )


def test_the_day_of_a_photo_is_the_offices() -> None:
    update = payload("photo")
    update["message"]["date"] = 1527786000  # 2018-05-31 17:00 UTC
    names = [read(update, zone) for zone in (UTC, ZoneInfo("Asia/Ho_Chi_Minh"))]
    assert [n.given.name for n in names if n and isinstance(n.given, Sent)] == [
        "ảnh_2018-05-31_47.jpg",
        "ảnh_2018-06-01_47.jpg",
    ]


def test_photos_sent_together_share_an_album() -> None:
    albums = [incoming(name).given for name in ("album_first", "album_second")]
    assert [a.album for a in albums if isinstance(a, Sent)] == ["13580000000000001"] * 2
    assert [a.caption for a in albums if isinstance(a, Sent)] == ["Diễn tập chữa cháy", ""]


def test_a_documents_name_hides_nothing() -> None:
    document = incoming("document").given
    assert isinstance(document, Sent)
    assert document.name == "Kế hoạch phòng cháy.docx"
    assert (document.kind, document.size) == ("document", 48213)


def test_a_document_without_a_name_gets_one() -> None:
    document = incoming("document_without_name").given
    assert isinstance(document, Sent)
    assert (document.name, document.size, document.mime) == ("tệp_2018-06-01_51", None, "")


def test_a_size_fits_the_databases_whole_numbers() -> None:
    document = incoming("document_of_4_gigabytes").given
    assert isinstance(document, Sent)
    assert document.size == 2**31 - 1


@pytest.mark.parametrize("text", ["a\x00b", "a\ud83db", "a\x1bb"])
def test_what_no_database_can_hold_is_dropped(text: str) -> None:
    update = payload("text")
    update["message"]["text"] = text
    assert (found := read(update))
    assert found.given == Typed("ab")


def test_dropping_a_letter_leaves_the_text_composed() -> None:
    update = payload("text")
    update["message"]["text"] = "e\x00\u0301"
    update["message"]["from"]["first_name"] = "e\u200b\u0301"
    assert (found := read(update))
    assert found.given == Typed("é")
    assert found.name == "é Lò Thị"


@pytest.mark.parametrize("update", [None, 7, "x", [], {}, {"update_id": True}, {"update_id": "7"}])
def test_what_is_no_update_is_unreadable(update: object) -> None:
    with pytest.raises(Unreadable):
        read(update)


def test_unreadable_says_what_is_wrong_without_the_persons_words() -> None:
    update = payload("text")
    update["message"]["chat"] = "Bí mật"
    with pytest.raises(Unreadable, match="chat is missing or not of its kind") as wrong:
        read(update)
    assert "Bí mật" not in str(wrong.value)


MUTATIONS = 10_000
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**63, 10**5000, 1.5, float("nan"), float("inf")),
    *("", "\x00", "\ud800", "x" * 5000, "\u202e", [], {}, [None], [[]], {"id": {}}, "12.5"),
)


def test_whatever_arrives_is_read_left_or_refused_and_can_be_kept() -> None:
    dice = random.Random(20181)  # noqa: S311
    seeds = [json.loads(path.read_text()) for path in sorted(PAYLOADS.glob("*.json"))]
    seen = {Incoming: 0, type(None): 0, Unreadable: 0}
    for _number in range(MUTATIONS):
        update = copy.deepcopy(dice.choice(seeds))
        for _change in range(dice.randint(1, 3)):
            _mutate(update, dice)
        found: Incoming | Unreadable | None
        try:
            found = read(update)
        except Unreadable as unreadable:
            found = unreadable
        seen[type(found)] += 1
        _assert_storable(found)
    assert min(seen.values()) > MUTATIONS / 20, seen


def _mutate(value: Any, dice: random.Random) -> None:
    """Change, drop or misname one thing somewhere within."""
    while isinstance(value, dict | list) and value:
        key = dice.choice(list(value) if isinstance(value, dict) else range(len(value)))
        inner = value[key]
        if isinstance(inner, dict | list) and inner and dice.random() < 0.8:
            value = inner
            continue
        change = dice.random()
        if change < 0.6:
            value[key] = dice.choice(ODD)
        elif change < 0.8:
            del value[key]
        elif isinstance(value, dict):
            value[dice.choice(["photo", "document", "text", "from", "chat", "date"])] = inner
        return


def _assert_storable(value: object) -> None:
    if isinstance(value, str):
        assert "\x00" not in value
        value.encode()
        assert unicodedata.is_normalized("NFC", value)
    elif isinstance(value, int):
        assert -(2**31) <= value < 2**31
    elif is_dataclass(value):
        for field in fields(value):
            _assert_storable(getattr(value, field.name))


def test_only_kinds_that_are_read_are_asked_for() -> None:
    assert set(UPDATES) == {
        kind
        for path in PAYLOADS.glob("*.json")
        for kind in json.loads(path.read_text())
        if kind not in ("update_id", "channel_post", "poll_answer")
    }
