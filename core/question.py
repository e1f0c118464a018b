"""Kinds of question: what each offers to pick, how it reads an answer, how it shows one."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from core import arrange
from core.dates import read_date, read_moment, read_number
from core.message import Message, _, listed, ngettext, quiet, verbatim, with_links
from core.screen import DONE, Choice, Contact, Input, Picked, Typed, Uploaded

AT_ONCE = "now"
PHOTO_ENDS = (".jpg", ".jpeg", ".png", ".heic", ".webp", ".gif")

Answer = Any  # whatever JSON can hold; None when the question was skipped


class ItemKind(StrEnum):
    """The kinds a checklist may ask."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    LINK = "link"
    FILES = "files"
    GROUP = "group"  # see `core.group`


class Misread(Exception):
    """The answer cannot be used. hint: tells the person what to send instead.

    choices: what is to be picked now in place of the question's own; none for those.
    """

    def __init__(self, hint: Message, choices: tuple[Choice, ...] = ()) -> None:
        super().__init__(hint.id)
        self.hint = hint
        self.choices = choices


class Condition(Protocol):
    """Whether a question is asked. key: of the question whose answer decides."""

    @property
    def key(self) -> str: ...

    def holds(self, answers: Mapping[str, Answer]) -> bool: ...


@dataclass(frozen=True, slots=True)
class When:
    """Asked only after a certain answer. values: any of them; a list answer needs one in it."""

    key: str
    values: tuple[Answer, ...]

    def holds(self, answers: Mapping[str, Answer]) -> bool:
        given = answers.get(self.key)
        picked = given if isinstance(given, list) else [given]
        # By type too, as True == 1 in Python and in no questionnaire.
        wanted = {(type(value), value) for value in self.values}
        return any((type(value), value) in wanted for value in picked)


@dataclass(frozen=True, slots=True)
class Last:
    """What was answered in the report of the last period. title: that report's."""

    answer: Answer
    title: str


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things that the same is asked about. of: the key of their group.

    number: which one it is, for good. name: what it is called now. spare: whether it may go.
    """

    of: str
    number: int
    name: Message
    spare: bool


@dataclass(frozen=True, slots=True)
class Question(ABC):
    """key: names the answer in storage for good; a question with a new meaning gets a new key.

    under: what stands under the question, such as a help text and a clause.
    last: a whole answer to this question; None where there is none.
    """

    key: str
    text: Message
    optional: bool = False
    when: Condition | None = None
    section: Message | None = None
    under: tuple[Message, ...] = ()
    last: Last | None = None
    part: Part | None = None

    typed: ClassVar[bool] = False  # see `core.screen.Screen`
    asks_phone: ClassVar[bool] = False
    takes_files: ClassVar[bool] = False

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        """Answers that can be picked; none when the answer is typed or sent."""
        return ()

    def advice(self, so_far: Answer) -> tuple[Message, ...]:
        """What more is said of an answer that was begun."""
        return ()

    @abstractmethod
    def read(self, given: Input, so_far: Answer) -> Answer:
        """Turn what the person did into an answer to store. Raises Misread.

        so_far: the answer stored before, which a list of picks or files adds to.
        """

    @abstractmethod
    def show(self, answer: Answer) -> Message:
        """Say a stored answer back, one that fits."""

    @abstractmethod
    def fits(self, answer: Answer) -> bool:
        """Whether it is an answer to this question, if only the beginning of one.

        One to an earlier wording of the checklist may be of another kind, or out of bounds.
        """

    def settles(self, given: Input) -> bool:
        """Whether the form may go on to the next question after this input."""
        return True

    def enough(self, answer: Answer) -> bool:
        """Whether a stored answer is whole, so that it need not be asked again."""
        return self.optional if answer is None else self.fits(answer)


@dataclass(frozen=True, slots=True)
class YesNo(Question):
    """yet: whether it asks what was done so far, so that no means not yet."""

    yet: bool = False

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        return (Choice(self.show(True), "answer:yes"), Choice(self.show(False), "answer:no"))

    def read(self, given: Input, so_far: Answer) -> Answer:
        match given:
            case Picked("answer:yes"):
                return True
            case Picked("answer:no"):
                return False
        raise Misread(_("Please choose Yes or No."))

    def show(self, answer: Answer) -> Message:
        if answer:
            return _("Yes")
        return _("Not yet") if self.yet else _("No")

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, bool)


@dataclass(frozen=True, slots=True)
class OneChoice(Question):
    """options: from the value that is stored to what is shown."""

    options: Mapping[str, Message] = None  # type: ignore[assignment]  # always given

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        return tuple(Choice(label, f"answer:{value}") for value, label in self.options.items())

    def read(self, given: Input, so_far: Answer) -> Answer:
        if (value := _picked(given, self.options)) is not None:
            return value
        raise Misread(_("Please choose one of the answers shown."))

    def show(self, answer: Answer) -> Message:
        return self.options.get(answer, verbatim(str(answer)))

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, str) and answer in self.options


@dataclass(frozen=True, slots=True)
class SeveralChoices(Question):
    """Each pick adds an answer or takes it away again, until Done."""

    options: Mapping[str, Message] = None  # type: ignore[assignment]  # always given

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        picked = so_far or []
        boxes = [
            Choice(_ticked(label) if value in picked else label, f"answer:{value}")
            for value, label in self.options.items()
        ]
        return (*boxes, Choice(_("Done"), DONE))

    def read(self, given: Input, so_far: Answer) -> Answer:
        picked = list(so_far or [])
        if given == Picked(DONE) and (picked or self.optional):
            return picked
        value = _picked(given, self.options)
        if value is None:
            raise Misread(_("Please pick at least one answer, then choose Done."))
        chosen = set(picked) ^ {value}
        return [known for known in self.options if known in chosen]

    def settles(self, given: Input) -> bool:
        return given == Picked(DONE)

    def enough(self, answer: Answer) -> bool:
        return self.fits(answer) if answer else self.optional

    def show(self, answer: Answer) -> Message:
        if not answer:
            return _("none")
        return listed([self.options.get(value, verbatim(value)) for value in answer])

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, list) and all(
            isinstance(value, str) and value in self.options for value in answer
        )


@dataclass(frozen=True, slots=True)
class Number(Question):
    """low, high: inclusive. decimals: most digits after the decimal mark. unit: "" for none.

    grows: whether it counts from the start of the year, so that one lower than the last is asked
        about as such, not as a slip.
    recorded: what the system itself counted, which can be picked; None where it knows nothing.
    A whole number is stored as a number, one with decimals as text, which keeps it exact.
    """

    low: Decimal = Decimal(0)
    high: Decimal = Decimal(1_000_000)
    decimals: int = 0
    unit: str = ""
    grows: bool = False
    recorded: int | None = None

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        if not self.fits(self.recorded):
            return ()
        label = _("As the system has it: {answer}", answer=self.show(self.recorded))
        return (Choice(label, f"answer:{self.recorded}"),)

    def read(self, given: Input, so_far: Answer) -> Answer:
        if isinstance(given, Picked) and given.action in (c.action for c in self.choices(so_far)):
            return self.recorded
        number = (
            read_number(given.text, self.decimals > 0, self.unit)
            if isinstance(given, Typed)
            else None
        )
        if number is not None and self._fits(Decimal(number)):
            return str(number) if self.decimals else int(number)
        raise Misread(self._hint())

    def show(self, answer: Answer) -> Message:
        number = Decimal(answer) if self.decimals else int(Decimal(answer))
        if self.unit:
            return Message("{number} {unit}", {"number": number, "unit": self.unit})
        return Message("{number}", {"number": number})

    def fits(self, answer: Answer) -> bool:
        number = number_of(answer)
        return number is not None and self._fits(number)

    def _fits(self, number: Decimal) -> bool:
        exponent = number.as_tuple().exponent
        digits = -exponent if isinstance(exponent, int) else self.decimals + 1
        return self.low <= number <= self.high and digits <= self.decimals

    def _hint(self) -> Message:
        bounds = {"low": self.low, "high": self.high}
        if self.decimals:
            return _("Please send a number from {low} to {high}, such as 12,5.", **bounds)
        return _("Please send a whole number from {low} to {high}, such as 12.", **bounds)


@dataclass(frozen=True, slots=True)
class Day(Question):
    """A date, typed freely or picked, stored as ISO text. today: the day it is at the office."""

    today: date = date.min

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        return (
            Choice(_("Today"), f"answer:{self.today}"),
            Choice(_("Yesterday"), f"answer:{date.fromordinal(self.today.toordinal() - 1)}"),
        )

    def read(self, given: Input, so_far: Answer) -> Answer:
        match given:
            case Typed(text):
                day = read_date(text, self.today)
            case Picked(action):
                day = _iso_date(action.removeprefix("answer:"))
            case _:
                day = None
        if day is None:
            raise Misread(_("Please send a date such as 5/6, 05-06-2026 or tomorrow."))
        return day.isoformat()

    def show(self, answer: Answer) -> Message:
        return Message("{day}", {"day": date.fromisoformat(answer)})

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, str) and _iso_date(answer) is not None


@dataclass(frozen=True, slots=True)
class Moment(Question):
    """At once, or a day and an hour to come, stored as ISO text. now: local time."""

    now: datetime = None  # type: ignore[assignment]  # always given

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        return (Choice(_("At once"), f"answer:{AT_ONCE}"),)

    def read(self, given: Input, so_far: Answer) -> Answer:
        if given == Picked(f"answer:{AT_ONCE}"):
            return AT_ONCE
        moment = read_moment(given.text, self.now) if isinstance(given, Typed) else None
        if moment is None:
            raise Misread(_("Please send a day and an hour, such as 5/6 14:30, or 7h30 mai."))
        if moment <= self.now:
            raise Misread(_("That moment has passed; please send one that is to come."))
        return moment.isoformat()

    def enough(self, answer: Answer) -> bool:
        if not self.fits(answer):
            return False
        return answer == AT_ONCE or datetime.fromisoformat(answer) > self.now

    def show(self, answer: Answer) -> Message:
        if answer == AT_ONCE:
            return _("At once")
        moment = datetime.fromisoformat(answer)
        return _("{time} on {day}", time=moment.time(), day=moment.date())

    def fits(self, answer: Answer) -> bool:
        return answer == AT_ONCE or (isinstance(answer, str) and _iso_moment(answer) is not None)


@dataclass(frozen=True, slots=True)
class Text(Question):
    """longest: in characters."""

    longest: int = 1000

    typed: ClassVar[bool] = True

    def read(self, given: Input, so_far: Answer) -> Answer:
        if isinstance(given, Typed) and self.fits(given.text.strip()):
            return given.text.strip()
        raise Misread(_("Please send a text of up to {longest} characters.", longest=self.longest))

    def show(self, answer: Answer) -> Message:
        return verbatim(answer)

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, str) and 0 < len(answer) <= self.longest


class Link(Question):
    """An address on the web. It is kept as text and never opened."""

    typed: ClassVar[bool] = True

    def read(self, given: Input, so_far: Answer) -> Answer:
        if isinstance(given, Typed) and (link := _link(given.text.strip())):
            return link
        raise Misread(_("Please send a web address such as https://truong.edu.vn."))

    def show(self, answer: Answer) -> Message:
        return with_links(answer)

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, str) and _link(answer) == answer


@dataclass(frozen=True, slots=True)
class Files(Question):
    """Files and photos, stored as [{"upload": id, "name": …}] with a caption and number if any.

    They are in the order they were sent, until the person changes it, by "swap 2 4" or a menu.
    least, most: inclusive.
    """

    least: int = 1
    most: int = 10

    takes_files: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        if not so_far:
            return ()
        arrange = (Choice(_("Arrange them"), "answer:arrange"),) if len(so_far) > 1 else ()
        again = (*arrange, Choice(_("Send them again from the start"), "answer:none"))
        return again if len(so_far) < self.least else (Choice(_("Done"), DONE), *again)

    def advice(self, so_far: Answer) -> tuple[Message, ...]:
        if photos(so_far) < 2:
            return ()
        return (quiet(_("To correct the order, type for instance “remove 3” or “swap 2 4”.")),)

    def read(self, given: Input, so_far: Answer) -> Answer:
        files = list(so_far or [])
        match given:
            case Uploaded(spoken=True):
                raise Misread(self._hint())
            case Uploaded():
                return self._with(files, given)
            case Picked("answer:none"):
                return []
            case Picked("done") if files and len(files) >= self.least:
                return files
            case Typed(text) if files and (command := arrange.read(text)):
                return _arranged(files, command)
            case Picked(action) if files:
                return _picked_to_arrange(files, action.removeprefix("answer:"), self._hint())
        raise Misread(self._hint())

    def settles(self, given: Input) -> bool:
        if isinstance(given, Uploaded):
            return self.most == 1 and given.album is None
        return given == Picked(DONE)

    def enough(self, answer: Answer) -> bool:
        return self.optional if not answer else self.fits(answer) and len(answer) >= self.least

    def show(self, answer: Answer) -> Message:
        names = listed([file_name(file) for file in answer])
        return ngettext(
            "{count} file: {names}", "{count} files: {names}", len(answer), names=names
        )

    def fits(self, answer: Answer) -> bool:
        return (
            isinstance(answer, list)
            and len(answer) <= self.most
            and all(isinstance(file, dict) and "upload" in file for file in answer)
        )

    def _with(self, files: list[Any], given: Uploaded) -> list[Any]:
        """One more, before those that were sent after it and came first."""
        if len(files) >= self.most:
            most = ngettext(
                "At most {count} file fits here.", "At most {count} files fit here.", self.most
            )
            raise Misread(most)
        at = len(files)
        while given.number and at and files[at - 1].get("number", 0) > given.number:
            at -= 1
        more = {"caption": given.caption, "number": given.number}
        known = {part: value for part, value in more.items() if value}
        file = {"upload": given.upload_id, "name": given.name, **known}
        return [*files[:at], file, *files[at:]]

    def _hint(self) -> Message:
        return ngettext(
            "Please send a photo or a file here ({count} at least).",
            "Please send photos or files here ({count} at least).",
            max(self.least, 1),
        )


def _arranged(files: list[Any], command: arrange.Command) -> list[Any]:
    try:
        return arrange.arranged(files, command)
    except IndexError as wrong:
        raise Misread(no_number(wrong.args[0], len(files))) from None


def no_number(number: int, last: int) -> Message:
    return _("There is no number {number} here; the last one is {last}.", number=number, last=last)


def _picked_to_arrange(files: list[Any], action: str, hint: Message) -> list[Any]:
    """The menu for whoever does not type: each step names its picks so far, as "swap.2"."""
    verb, *numbers = action.split(".")
    match verb, [int(number) for number in numbers if number.isdecimal()]:
        case "unchanged", []:
            return files
        case "remove", [one]:
            return _arranged(files, arrange.Remove((one,)))
        case "swap", [one, other]:
            return _arranged(files, arrange.Swap(one, other))
        case "arrange", []:
            raise Misread(_("What shall we do?"), (_REMOVE_ONE, _SWAP_TWO, _UNCHANGED))
        case "remove", []:
            raise Misread(_("Which one shall be left out?"), _numbers(files, action))
        case "swap", []:
            raise Misread(_("Which one shall change places?"), _numbers(files, action))
        case "swap", [one]:
            ask = _("With which one shall number {number} change places?", number=one)
            raise Misread(ask, _numbers(files, action, without=one))
    raise Misread(hint)


def _numbers(files: list[Any], action: str, without: int = 0) -> tuple[Choice, ...]:
    picks = [
        Choice(_("No. {number}", number=number), f"answer:{action}.{number}")
        for number in range(1, len(files) + 1)
        if number != without
    ]
    return (*picks, _UNCHANGED)


_REMOVE_ONE = Choice(_("Leave one out"), "answer:remove")
_SWAP_TWO = Choice(_("Swap two"), "answer:swap")
_UNCHANGED = Choice(_("Leave it as it is"), "answer:unchanged")


def photos(answer: Answer) -> int:
    """How many files of an answer are photos, by their names, as their bytes may not be here."""
    return sum(file["name"].lower().endswith(PHOTO_ENDS) for file in answer or [])


def file_name(file: Mapping[str, Any]) -> Message:
    """With what was written under it. file: one of an answer."""
    name = verbatim(file["name"])
    if caption := file.get("caption"):
        return Message("{name} (“{caption}”)", {"name": name, "caption": verbatim(caption)})
    return name


class Phone(Question):
    """A telephone number, typed or as the sender's own contact card."""

    typed: ClassVar[bool] = True
    asks_phone: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        return (Choice(_("📱 Share my phone number"), "phone"),)

    def read(self, given: Input, so_far: Answer) -> Answer:
        match given:
            case Contact(phone, own=True) | Typed(phone):
                if digits := _phone(phone):
                    return digits
            case Contact():
                raise Misread(_("That is somebody else's contact. Please send your own number."))
        raise Misread(_("Please send a phone number such as 0912 345 678."))

    def show(self, answer: Answer) -> Message:
        return verbatim(answer)

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, str)


def phone_in(text: str) -> tuple[str, str]:
    """What was typed without the telephone number at its end, and that; "" where there is none."""
    found = re.search(r"[ ,;:-]*(\+?[\d\s.()-]{9,})$", text, re.ASCII)
    phone = _phone(found[1]) if found else ""
    return (text[: found.start()], phone) if found and phone else (text, "")


def _phone(text: str) -> str:
    """In digits alone; "" for what is no number."""
    digits = re.sub(r"[\s.()-]", "", text)
    return digits if re.fullmatch(r"\+?\d{9,15}", digits) else ""


def number_of(answer: Answer) -> Decimal | None:
    """The number that an answer is, as `Number` stores it; None for any other answer."""
    if isinstance(answer, bool) or not isinstance(answer, int | str):
        return None
    try:
        number = Decimal(answer)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _picked(given: Input, options: Mapping[str, Message]) -> str | None:
    if not isinstance(given, Picked):
        return None
    value = given.action.removeprefix("answer:")
    return value if value in options else None


def _ticked(label: Message) -> Message:
    return Message("✓ {label}", {"label": label})


def _iso_moment(text: str) -> datetime | None:
    """None also where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _link(text: str) -> str | None:
    """With its scheme; None for what no browser would open."""
    whole = text if re.match(r"https?://", text, re.IGNORECASE) else f"https://{text}"
    host = re.fullmatch(r"(?i:https?)://([\w-]+\.)+[a-z]{2,}(:\d+)?([/?#]\S*)?", whole)
    return whole if host and len(whole) <= 500 else None
