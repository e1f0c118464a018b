"""What changed between two versions, and whether every remark was answered."""

import pytest

from bot.i18n import say
from core.comparison import all_answered, changes
from core.message import verbatim
from core.question import Answer, Files, Number, Text, YesNo

ASKED = (
    YesNo("exits", verbatim("Exits?")),
    Text("exits.note", verbatim("A note?"), optional=True),
    Number("count", verbatim("How many?")),
    Files("photo", verbatim("A photo.")),
)
FIRST: dict[str, Answer] = {"exits": True, "count": 1, "photo": [{"upload": 1, "name": "a.jpg"}]}


def lines(after: dict[str, Answer]) -> list[str]:
    return [say(change.line(), "en") for change in changes(ASKED, FIRST, after)]


def test_each_item_that_changed_in_the_order_of_the_questions() -> None:
    assert lines({**FIRST, "count": 2, "exits": False, "exits.note": "Blocked"}) == [
        "• Exits?: Yes → now No",
        "• A note?: no answer → now Blocked",
        "• How many?: 1 → now 2",
    ]


def test_another_file_of_the_same_name_is_another_file() -> None:
    photo = [{"upload": 2, "name": "a.jpg"}]
    assert lines({**FIRST, "photo": photo}) == ["• A photo.: other files, now 1 file: a.jpg"]


@pytest.mark.parametrize("nothing", [{}, {"photo": None}, {"photo": []}])
def test_not_asked_skipped_and_empty_are_alike(nothing: dict[str, Answer]) -> None:
    bare = {key: value for key, value in FIRST.items() if key != "photo"}
    assert lines({**bare, **nothing}) == ["• A photo.: 1 file: a.jpg → now no answer"]
    assert changes(ASKED, bare, {**bare, **nothing}) == []


def test_yes_is_not_one() -> None:
    assert lines({**FIRST, "count": True})


@pytest.mark.parametrize(
    ("remarked", "answered"),
    [([], True), (["count"], True), (["exits"], True), (["photo"], False)],
)
def test_a_remark_is_answered_by_its_item_or_the_note_on_it(
    remarked: list[str], answered: bool
) -> None:
    found = changes(ASKED, FIRST, {**FIRST, "count": 2, "exits.note": "It is clear now"})
    assert all_answered(remarked, found) is answered
