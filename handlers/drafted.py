"""The questions of a draft, changed by typing: add, leave out, swap, reword."""

import re
from dataclasses import dataclass
from typing import ClassVar

from core import arrange
from core.draft_items import LONGEST, MOST, Item, item
from core.message import Message, _, ngettext, quiet, strong
from core.question import Answer, ItemKind, Misread, Question
from core.screen import DONE, Choice, Input, Picked, Typed
from handlers.draft import ChangeDraft, Subject
from handlers.flow import Answers, Turn
from storage.drafts import DraftDuty

KINDS: dict[str, Message] = {
    ItemKind.YES_NO: _("yes or no"),
    ItemKind.NUMBER: _("a number"),
    ItemKind.DATE: _("a day"),
    ItemKind.TEXT: _("words"),
    ItemKind.FILES: _("files"),
    ItemKind.CHOICE: _("one of several"),
    ItemKind.CHOICES: _("some of several"),
    ItemKind.LINK: _("a web address"),
    ItemKind.GROUP: _("the same about each of several things"),
}
_REWORD = re.compile(
    r"(?:sửa|sua|doi ten|đổi tên|change|reword) (\d{1,2}) ?[:.)-]? ?(.+)", re.I | re.S
)


@dataclass(frozen=True, slots=True)
class Questions(Question):
    """Stored as {"items", "at"}. items: see `core.draft_items`.

    at: the number, from 1, of the one whose new words are typed next; 0 for none.
    """

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        if so_far["at"]:
            return (Choice(_("Leave it as it is"), "answer:unchanged"),)
        several = (
            (Choice(_("Swap two questions"), "answer:swap"),) if len(so_far["items"]) > 1 else ()
        )
        return (
            Choice(_("Done"), DONE),
            Choice(_("Reword a question"), "answer:reword"),
            Choice(_("Leave out a question"), "answer:remove"),
            *several,
        )

    def advice(self, so_far: Answer) -> tuple[Message, ...]:
        if at := so_far["at"]:
            return (strong(_("Type the new words of number {number}.", number=at)),)
        return (quiet(_HOW),)

    def read(self, given: Input, so_far: Answer) -> Answer:
        items: list[Item] = so_far["items"]
        match given:
            case Picked("done") if items:
                return so_far
            case Picked(action):
                return _picked(items, action.removeprefix("answer:"))
            case Typed(text) if so_far["at"]:
                return _reworded(items, so_far["at"], text)
            case Typed(text) if command := arrange.read(text):
                return _arranged(items, command)
            case Typed(text) if found := _REWORD.fullmatch(text.strip()):
                return _reworded(items, int(found[1]), found[2])
            case Typed(text) if text.strip():
                return _added(items, text)
        raise Misread(_("Please type a question, or tap a button."))

    def settles(self, given: Input) -> bool:
        return given == Picked(DONE)

    def show(self, answer: Answer) -> Message:
        count = len(answer["items"])
        lines = ngettext("{count} question", "{count} questions", count)
        for at, one in enumerate(answer["items"], start=1):
            said = {"lines": lines, "at": at, "text": one["text"], "kind": KINDS[one["kind"]]}
            lines = Message("{lines}\n{at}. {text} ({kind})", said)
        return lines

    def enough(self, answer: Answer) -> bool:
        return self.fits(answer) and not answer["at"]

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, dict) and bool(answer.get("items"))


_HOW = _(
    "Type a new question to add it; or for instance “remove 3”, “swap 2 4” or “change 2: its new "
    "words”."
)


def _state(items: list[Item], at: int = 0) -> dict[str, object]:
    return {"items": items, "at": at}


def _added(items: list[Item], text: str) -> Answer:
    if len(items) >= MOST:
        raise Misread(ngettext("At most {count} question.", "At most {count} questions.", MOST))
    new = item(_short(text), items)
    # What is handed in stays last, where people look for it.
    last = len(items) - bool(items and items[-1]["kind"] == ItemKind.FILES)
    return _state([*items[:last], new, *items[last:]])


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise Misread(_("Please send a text of up to {longest} characters.", longest=LONGEST))
    return text


def _reworded(items: list[Item], at: int, text: str) -> Answer:
    """A question of other words is another question, with a key of its own."""
    if not 1 <= at <= len(items):
        raise Misread(_no_such(items, at))
    old = items[at - 1]
    kind = ItemKind.FILES if old["kind"] == ItemKind.FILES else None
    return _state([*items[: at - 1], item(_short(text), items, kind), *items[at:]])


def _arranged(items: list[Item], command: arrange.Command) -> Answer:
    try:
        left = arrange.arranged(items, command)
    except IndexError as wrong:
        raise Misread(_no_such(items, wrong.args[0])) from None
    if not left:
        raise Misread(_("At least one question has to stay."))
    return _state(left)


def _no_such(items: list[Item], at: int) -> Message:
    numbers = {"number": at, "last": len(items)}
    return _("There is no number {number} here; the last one is {last}.", **numbers)


def _picked(items: list[Item], action: str) -> Answer:
    """The menu for whoever does not type: each step names its picks so far, as "swap.2"."""
    verb, *numbers = action.split(".")
    match verb, [int(number) for number in numbers if number.isdecimal()]:
        case "unchanged", []:
            return _state(items)
        case "reword", [at] if 1 <= at <= len(items):
            return _state(items, at)
        case "remove", [at]:
            return _arranged(items, arrange.Remove((at,)))
        case "swap", [one, other]:
            return _arranged(items, arrange.Swap(one, other))
        case "reword", []:
            raise Misread(_("Which question shall be reworded?"), _numbers(items, action))
        case "remove", []:
            raise Misread(_("Which question shall be left out?"), _numbers(items, action))
        case "swap", [] | [_]:
            raise Misread(_("Which two shall change places?"), _numbers(items, action))
    raise Misread(_("Please type a question, or tap a button."))


def _numbers(items: list[Item], action: str) -> tuple[Choice, ...]:
    picked = action.split(".")[1:]
    picks = [
        Choice(_("No. {number}", number=at), f"answer:{action}.{at}")
        for at in range(1, len(items) + 1)
        if str(at) not in picked
    ]
    return (*picks, Choice(_("Leave it as it is"), "answer:unchanged"))


class ChangeQuestions(ChangeDraft):
    name = "questions"

    def answers(self, turn: Turn, subject: Subject, talking: object) -> Answers:
        kept = super().answers(turn, subject, talking)  # type: ignore[arg-type]
        return {"items": _state(list(subject[1].items)), **kept}

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:  # noqa: ARG002
        return (Questions("items", _("Which questions shall the form ask?")),)

    def again(self, turn: Turn, subject: Subject) -> frozenset[str]:  # noqa: ARG002
        return frozenset({"items"})

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:  # noqa: ARG002
        row.items = answers["items"]["items"]
