"""By when a drafted duty is due, and until when it is repeated: offered, typed, or left open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from core.calendar import parse_rule
from core.dates import read_date
from core.form import Form
from core.message import Day, Message, _, listed, quiet
from core.question import Answer, Misread, Question, Text
from core.redated import with_day, with_end
from core.screen import Choice, Input, Picked, Screen, Typed
from handlers import document, found
from handlers.draft import END, FLAGS, NOT_OF_DAY, ChangeDraft, Subject
from handlers.flow import Answers, FormFlow, Turn
from storage import closed_days, drafts
from storage.drafts import EARLIER, DraftDuty, ReadDocument

NO_DAY = "none"


@dataclass(frozen=True, slots=True)
class DueDay(Question):
    """A day that is offered or typed, stored as ISO text; "none" for no day yet.

    offered: from ISO text to what is shown.
    """

    offered: Mapping[str, Message] = field(default_factory=dict)
    today: date = date.min

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:  # noqa: ARG002
        return tuple(Choice(label, f"answer:{value}") for value, label in self.offered.items())

    def read(self, given: Input, so_far: Answer) -> Answer:  # noqa: ARG002
        match given:
            case Picked(action) if (value := action.removeprefix("answer:")) in self.offered:
                return value
            case Typed(text) if day := read_date(text, self.today):
                return day.isoformat()
        raise Misread(_("Please tap a day, or type one such as 5/6/2026."))

    def show(self, answer: Answer) -> Message:
        return _no_day() if answer == NO_DAY else _day(date.fromisoformat(answer))

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, str)


def _no_day() -> Message:
    return _("No day yet")


def _day(day: date) -> Message:
    return Message("{day}", {"day": Day(day, weekday=True, year=True)})


class When(ChangeDraft):
    name = "draft_day"
    settles = frozenset(FLAGS) - NOT_OF_DAY

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:
        _paper, row = subject
        against = [FLAGS[flag] for flag in row.flags if flag not in NOT_OF_DAY]
        said = row.found["written"] or row.found["sentence"]
        ask = _("By which day? The document says “{written}”.", written=said)
        under = (quiet(listed(against)),) if against else ()
        return (DueDay("day", ask, under=under, offered=_days(turn, *subject), today=turn.today),)

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:  # noqa: ARG002
        before, corrects = row.due, bool(_CONTRADICTED & set(row.flags))
        day = None if answers["day"] == NO_DAY else date.fromisoformat(answers["day"])
        row.due = with_day(before, day)
        if corrects or row.due != before:
            row.found = {**row.found, "said": _said(day, row.found["written"]) if day else ""}


def _said(day: date, written: str) -> str:
    """Tied as the document ties its own day; in digits, as these words are not translated."""
    said, tie = f"{day.day}/{day.month}/{day.year}", _TIE.match(written)
    return f"{tie[1]} ngày {said}" if tie else said


_TIE = re.compile(
    r"((?:trước|chậm nhất|đến hết)(?: là)?)(?: thứ \w+)?(?: ngày)? \d", re.IGNORECASE
)
# Where what the document writes can no longer be told to schools.
_CONTRADICTED = {"wrong_weekday", "year_mended", "no_such_date", "two_dates", EARLIER}


def _days(turn: Turn, paper: ReadDocument, row: DraftDuty) -> dict[str, Message]:
    """The day as it was read, then others that may be meant."""
    works = closed_days.works(turn.session)
    day = _first_day(row.due, turn.today)
    others = [_first_day(one.due, turn.today) for one in _same(turn, paper, row)]
    offered = [day, *others]
    if day and not works(day):
        before = (date.fromordinal(day.toordinal() - back) for back in range(1, 15))
        offered.append(next((one for one in before if works(one)), None))
    if day and {"year_guessed", "past", "due_at_issue"} & set(row.flags):
        offered.append(_a_year_later(day))
    days = {one.isoformat(): _day(one) for one in offered if one}
    return days | {NO_DAY: _no_day()}


def _same(turn: Turn, paper: ReadDocument, row: DraftDuty) -> list[DraftDuty]:
    """Those that give another date for the same."""
    if "two_dates" not in row.flags:
        return []
    return [one for one in drafts.drafts_of(turn.session, paper) if one.title == row.title]


def _first_day(due: str, today: date) -> date | None:
    """The next day of a rule, else its last."""
    days = [one.due_on for one in parse_rule(due).occurrences() if one.due_on]
    return next((day for day in days if day >= today), days[-1] if days else None)


def _a_year_later(day: date) -> date | None:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return None


class Until(ChangeDraft):
    """How long something is repeated."""

    name = "draft_end"
    settles = frozenset({END})

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:
        last = parse_rule(subject[1].due).occurrences()[-1].due_on or turn.today
        days = dict.fromkeys([last, date(turn.today.year, 12, 31)])
        offered = {day.isoformat(): _day(day) for day in days}
        ask = _("Until which day shall it be repeated?")
        return (DueDay("end", ask, offered=offered, today=turn.today),)

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:  # noqa: ARG002
        row.due = with_end(row.due, date.fromisoformat(answers["end"]))


# The document's own number and day


class Head(FormFlow[ReadDocument]):
    """What the document does not say of itself."""

    name = "head"

    def subject(self, turn: Turn, subject_id: int) -> ReadDocument:
        return document.to_change(turn, subject_id)

    def form(self, turn: Turn, subject: ReadDocument, answers: Answers) -> Form:  # noqa: ARG002
        head, questions = subject.head, list[Question]()
        if not head["number"]:
            ask = _("Which number has it? For instance 215/PGDĐT-TH.")
            questions.append(Text("number", ask, optional=True, longest=LONGEST_NUMBER))
        if not head["issued_on"]:
            today = {turn.today.isoformat(): _("Today")}
            ask = _("When was it issued?")
            questions.append(DueDay("issued_on", ask, offered=today, today=turn.today))
        return Form(found.title(subject), tuple(questions), reviewed=False)

    def finish(self, turn: Turn, subject: ReadDocument, answers: Answers) -> Screen:
        given = {name: value for name, value in answers.items() if value}
        if "number" in answers:
            digits, _slash, symbol = (answers["number"] or "").partition("/")
            # What has no number is told apart by its place in our own list.
            given |= {"number": digits.strip() or f"({subject.id})", "symbol": symbol.strip()}
        subject.found = {**subject.found, "head": {**subject.head, **given}}
        drafts.touch(turn.session, subject)
        return found.card(turn.session, subject)


LONGEST_NUMBER = 40
