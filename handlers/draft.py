"""One duty that was read in a document: what it says, what stands in the way, what is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from core.audience import Audience
from core.calendar import (
    Monthly,
    NoneYet,
    On,
    Operator,
    Quarterly,
    Weekly,
    Window,
    Yearly,
    parse_rule,
)
from core.dates import read_date
from core.form import Form
from core.message import Day, Message, _, listed, ngettext, quiet, strong, verbatim
from core.question import Answer, Misread, OneChoice, Question, Text
from core.screen import Choice, Input, Picked, Screen, Typed, number, open_flow, show
from handlers import audience, document, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import closed_days, drafts, units
from storage.drafts import DraftDuty, ReadDocument, Standing

Subject = tuple[ReadDocument, DraftDuty]
NO_DAY = "none"

FLAGS: Mapping[str, Message] = {
    "wrong_weekday": _("the weekday does not fit the date"),
    "due_at_issue": _("the date is not after the day of issue"),
    "past": _("the date has passed"),
    "two_dates": _("two dates are given for the same"),
    "weekend": _("the date is on a weekend"),
    "holiday": _("the date is a day off"),
    "year_guessed": _("the year is not written"),
    "year_mended": _("the year in the document cannot be meant"),
    "no_such_date": _("there is no such day"),
    "other_school_year": _("another school year is named than the document's"),
    "no_date": _("no day is given"),
    "earlier": _("this day is proposed, so that the office can answer in time"),
    "end_guessed": _("until when it is repeated is not said"),
    "owner_unclear": _("who has to do it is unclear"),
    "other_receiver": _("it goes to another office"),
    "condition": _("not all schools are meant"),
}
END, OWNER, RECEIVER, CONDITION = "end_guessed", "owner_unclear", "other_receiver", "condition"
NOT_OF_DAY = frozenset({END, OWNER, RECEIVER, CONDITION})


def show_draft(turn: Turn, about: str) -> Screen:
    return card(turn, *subject(turn, number(about)))


def subject(turn: Turn, draft_id: int) -> Subject:
    """To be changed, locked. Raises Gone."""
    document.may(turn)
    found = drafts.draft(turn.session, turn.me, draft_id)
    if found is None:
        raise Gone(document.NONE)
    if found[1].standing in (Standing.PUBLISHED, Standing.OURS):
        raise Gone(_("This is no draft any more."))
    return found


def card(turn: Turn, paper: ReadDocument, row: DraftDuty) -> Screen:
    lines = [strong(verbatim(row.title)), *_parties(turn, row), *_dates(row)]
    lines.append(quiet(_("It says: “{sentence}”", sentence=row.found["sentence"])))
    lines += _questions(row)
    lines += [_("⚠ {flag}", flag=FLAGS[flag]) for flag in row.flags]
    if row.standing is Standing.DROPPED:
        lines.append(strong(_("It is left out.")))
    return Screen(tuple(lines), _choices(paper, row))


def _parties(turn: Turn, row: DraftDuty) -> list[Message]:
    receiver = row.found["receiver"] or _("this office")
    if row.receiver_id:
        receiver = turn.session.get_one(units.Unit, row.receiver_id).name
    by = [row.found["topic"], *row.found["channels"]]
    ways = [verbatim(one) for one in by if one]
    to = _("{receiver} ({ways})", receiver=receiver, ways=listed(ways)) if ways else receiver
    return [_("Who: {who}", who=_who(row)), _("To whom: {receiver}", receiver=to)]


def _who(row: DraftDuty) -> Message:
    """Those asked now, and whom the document names where that is fewer."""
    if OWNER in row.flags:
        return _("unclear")
    wanted = Audience.from_json(row.audience)
    asked = listed([verbatim(level) for level in sorted(wanted.levels)]) if wanted.levels else None
    if asked is None:
        asked = _("all schools") if wanted.everybody else _("chosen schools")
    if condition := row.found["condition"]:
        return _("{schools}; it says: {condition}", schools=asked, condition=condition)
    return asked


def _dates(row: DraftDuty) -> list[Message]:
    rule = parse_rule(row.due)
    lines = [_("By when: {when}", when=phrases.rule(rule))]
    if written := row.found["written"]:
        lines[0] = _("By when: {when} (“{written}”)", when=phrases.rule(rule), written=written)
    often = _OFTEN.get(type(rule), _OFTEN[On])
    return [*lines, _("How often: {often}", often=often)]


_OFTEN: Mapping[type, Message] = {
    On: _("once"),
    Yearly: _("every year"),
    Quarterly: _("every quarter"),
    Monthly: _("every month"),
    Weekly: _("every week"),
}


def _questions(row: DraftDuty) -> list[Message]:
    count = len(row.items)
    lines = [ngettext("The form asks {count} thing:", "The form asks {count} things:", count)]
    return lines + [
        Message("{at}. {text}", {"at": at, "text": one["text"]})
        for at, one in enumerate(row.items, start=1)
    ]


def _choices(paper: ReadDocument, row: DraftDuty) -> tuple[Choice, ...]:
    back = Choice(_("Back to the document"), show("document", str(paper.id)))
    if row.standing is Standing.DROPPED:
        return (Choice(_("Take it in again"), show("keep_draft", str(row.id))), back)
    settle = {_settled_by(flag): flag for flag in reversed(row.flags)}
    flags = [
        Choice(_("⚠ Settle: {flag}", flag=FLAGS[flag]), open_flow(flow, row.id))
        for flow, flag in reversed(settle.items())
    ]
    return (
        *flags,
        Choice(_("Change the questions"), open_flow("questions", row.id)),
        Choice(_("Change who is asked"), open_flow(WhoIsAsked.name, row.id)),
        Choice(_("Change the day"), open_flow(When.name, row.id)),
        Choice(_("Change its name"), open_flow(Rename.name, row.id)),
        Choice(_("Leave out this duty"), show("drop_draft", str(row.id))),
        back,
    )


def _settled_by(flag: str) -> str:
    """The conversation that settles it; one settles all that is said against a date."""
    by = {END: Until.name, OWNER: Whose.name, RECEIVER: Receives.name, CONDITION: WhoIsAsked.name}
    return by.get(flag, When.name)


def drop(turn: Turn, about: str) -> Screen:
    paper, row = subject(turn, number(about))
    row.standing = Standing.DROPPED
    return _changed(turn, paper, row)


def keep(turn: Turn, about: str) -> Screen:
    paper, row = subject(turn, number(about))
    row.standing = Standing.OPEN
    return _changed(turn, paper, row)


def _changed(turn: Turn, paper: ReadDocument, row: DraftDuty) -> Screen:
    drafts.change(turn.session, paper, row, turn.me.id, turn.now)
    return card(turn, paper, row)


class ChangeDraft(FormFlow[Subject]):
    """A question about a draft, whose answer may settle flags."""

    settles: ClassVar[frozenset[str]] = frozenset()

    def subject(self, turn: Turn, subject_id: int) -> Subject:
        return subject(turn, subject_id)

    def form(self, turn: Turn, subject: Subject, answers: Answers) -> Form:  # noqa: ARG002
        return Form(verbatim(subject[1].title), self.questions(turn, subject), reviewed=False)

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:
        raise NotImplementedError

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:
        raise NotImplementedError

    def finish(self, turn: Turn, subject: Subject, answers: Answers) -> Screen:
        paper, row = subject
        self.take(turn, row, answers)
        row.flags = [flag for flag in row.flags if flag not in self.settles]
        return _changed(turn, paper, row)


# By when


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
        row.due = with_day(row.due, answers["day"])
        # In digits, as it goes into words that are not translated.
        day = None if answers["day"] == NO_DAY else date.fromisoformat(answers["day"])
        row.found = {**row.found, "said": f"{day:%d/%m/%Y}" if day else ""}


def with_day(due: str, answer: str) -> str:
    """The rule with another day; one that is repeated stays where its own day is chosen."""
    rule = parse_rule(due)
    if answer == NO_DAY:
        return str(NoneYet())
    day = date.fromisoformat(answer)
    match rule:
        case On(operator, _old, at):
            return str(On(operator, day, at))
        case Window(first, _last, operator) if first <= day:
            return str(Window(first, day, operator))
        case Yearly(operator, _month, _day, first, last):
            return str(Yearly(operator, day.month, day.day, first, last))
        case Monthly() | Quarterly():
            return str(replace(rule, day=day.day))
        case Weekly():
            return str(replace(rule, weekday=day.weekday()))
    return str(On(Operator.BY, day))


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


def with_end(due: str, end: date) -> str:
    """The rule until that day; unchanged where it would never fall due."""
    rule = parse_rule(due)
    match rule:
        case Yearly():
            ended: object = replace(rule, last=max(rule.first, end.year))
        case Weekly() | Monthly() | Quarterly():
            ended = replace(rule, last=end)
        case _:
            return due
    try:
        return str(parse_rule(str(ended)))
    except ValueError:
        return due


# Who, and to whom


class Whose(ChangeDraft):
    name = "draft_owner"
    settles = frozenset({OWNER})

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:  # noqa: ARG002
        ask = _("Who has to do it? It says: “{sentence}”", sentence=subject[1].found["sentence"])
        options = {
            "school": _("The schools"),
            "office": _("This office"),
            "other": _("Somebody else: leave it out"),
        }
        return (OneChoice("owner", ask, options=options),)

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:  # noqa: ARG002
        standing = {"office": Standing.OURS, "other": Standing.DROPPED}
        row.standing = standing.get(answers["owner"], Standing.OPEN)

    def finish(self, turn: Turn, subject: Subject, answers: Answers) -> Screen:
        shown = super().finish(turn, subject, answers)
        return document.card(turn.session, subject[0]) if answers["owner"] == "office" else shown


class Receives(ChangeDraft):
    name = "draft_receiver"
    settles = frozenset({RECEIVER})

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:
        named = subject[1].found["receiver"]
        ask = _("The document says it goes to {receiver}. Who shall receive it?", receiver=named)
        others = units.outside(turn.session)[:MOST_OFFICES]
        options = {"office": _("This office")} | {str(u.id): verbatim(u.name) for u in others}
        return (OneChoice("receiver", ask, options=options),)

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:  # noqa: ARG002
        chosen = answers["receiver"]
        row.receiver_id = None if chosen == "office" else int(chosen)
        if chosen == "office":
            row.found = {**row.found, "receiver": ""}


MOST_OFFICES = 8


class WhoIsAsked(ChangeDraft):
    name = "draft_audience"
    settles = frozenset({CONDITION})

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:  # noqa: ARG002
        return audience.questions(turn)

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:
        row.audience = audience.meant(turn, answers).to_json()


class Rename(ChangeDraft):
    name = "draft_name"

    def questions(self, turn: Turn, subject: Subject) -> tuple[Question, ...]:  # noqa: ARG002
        return (Text("title", _("What shall it be called?"), longest=LONGEST_TITLE),)

    def take(self, turn: Turn, row: DraftDuty, answers: Answers) -> None:  # noqa: ARG002
        row.title = answers["title"]


LONGEST_TITLE = 200


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
        return Form(document.title(subject), tuple(questions), reviewed=False)

    def finish(self, turn: Turn, subject: ReadDocument, answers: Answers) -> Screen:
        given = {name: value for name, value in answers.items() if value}
        if "number" in answers:
            digits, _slash, symbol = (answers["number"] or "").partition("/")
            # What has no number is told apart by its place in our own list.
            given |= {"number": digits.strip() or f"({subject.id})", "symbol": symbol.strip()}
        subject.found = {**subject.found, "head": {**subject.head, **given}}
        drafts.touch(turn.session, subject)
        return document.card(turn.session, subject)


LONGEST_NUMBER = 40


def ready(rows: Sequence[DraftDuty]) -> list[DraftDuty]:
    return [row for row in rows if row.is_ready]
