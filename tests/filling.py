"""How a pretend teacher answers the reports of the sample, question by question."""

from collections.abc import Callable, Mapping

from core.question import ItemKind
from storage import samples
from storage.plan_items import Item
from storage.plans import read_plan

REPORTS = [c.item for c in read_plan(samples.PLAN).checklist if c.code.startswith("bc-")]
ITEMS = [inner for items in REPORTS for item in items for inner in (item, *(item.item or ()))]
REVIEW = "xem lại trước khi gửi"
PHOTOS = "(photos)"  # two of them, and then Done


def answer(screen: str) -> list[str]:
    """What to say to a question on the screen, as lines of a talk."""
    lines = screen.splitlines()
    asked = [item for item in ITEMS if any(_asks(line, item) for line in lines)]
    if not asked or "Ghi chú thêm, nếu có" in screen:
        return ["[Bỏ qua]"]
    return _ANSWERS[asked[0].kind](asked[0])


def _asks(line: str, item: Item) -> bool:
    """Also about one of several, such as "Mô hình 1: Tên mô hình?"."""
    return line == item.text or line.endswith(f": {item.text}")


def _files(item: Item) -> list[str]:
    return ["[Bỏ qua]"] if item.optional else [PHOTOS, "[Xong]"]


def _first(item: Item) -> str:
    return item.options[0].label if item.options else ""


_ANSWERS: Mapping[ItemKind, Callable[[Item], list[str]]] = {
    ItemKind.YES_NO: lambda _item: ["[Có]"],
    ItemKind.CHOICE: lambda item: [f"[{_first(item)}]"],
    ItemKind.CHOICES: lambda item: [f"[{_first(item)}]", "[Xong]"],
    ItemKind.NUMBER: lambda _item: ["7"],
    ItemKind.DATE: lambda _item: ["5/6"],
    ItemKind.TEXT: lambda _item: ["Trường đã làm tốt."],
    ItemKind.LINK: lambda _item: ["truong.edu.vn"],
    ItemKind.FILES: _files,
    ItemKind.GROUP: lambda _item: ["[Không, đủ rồi]"],
}
