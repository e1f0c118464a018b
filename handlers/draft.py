"""One duty that was read in a document: what it says, what stands in the way, what is changed."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from core.audience import Audience
from core.calendar import (
    Monthly,
    On,
    Quarterly,
    Weekly,
    Yearly,
    parse_rule,
)
from core.form import Form
from core.message import Message, _, listed, ngettext, quiet, strong, verbatim
from core.question import OneChoice, Question, Text
from core.screen import Choice, Screen, number, open_flow, show
from handlers import audience, document, found, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import drafts, units
from storage.drafts import DraftDuty, ReadDocument, Standing

Subject = tuple[ReadDocument, DraftDuty]

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
DAY = "draft_day"  # the conversation in `handlers/draft_day.py`
END, OWNER, RECEIVER, CONDITION = "end_guessed", "owner_unclear", "other_receiver", "condition"
NOT_OF_DAY = frozenset({END, OWNER, RECEIVER, CONDITION})


def show_draft(turn: Turn, about: str) -> Screen:
    return card(turn, *subject(turn, number(about)))


def subject(turn: Turn, draft_id: int) -> Subject:
    """To be changed, locked. Raises Gone."""
    document.may(turn)
    its = drafts.draft(turn.session, turn.me, draft_id)
    if its is None:
        raise Gone(document.NONE)
    if its[1].standing in (Standing.PUBLISHED, Standing.OURS):
        raise Gone(_("This is no draft any more."))
    return its


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
        Choice(_("Change the day"), open_flow(DAY, row.id)),
        Choice(_("Change its name"), open_flow(Rename.name, row.id)),
        Choice(_("Leave out this duty"), show("drop_draft", str(row.id))),
        back,
    )


def _settled_by(flag: str) -> str:
    """The conversation that settles it; one settles all that is said against a date."""
    by = {END: "draft_end", OWNER: Whose.name, RECEIVER: Receives.name, CONDITION: WhoIsAsked.name}
    return by.get(flag, DAY)


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


# Who, to whom, and its name


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
        return found.card(turn.session, subject[0]) if answers["owner"] == "office" else shown


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


def ready(rows: Sequence[DraftDuty]) -> list[DraftDuty]:
    return [row for row in rows if row.is_ready]
