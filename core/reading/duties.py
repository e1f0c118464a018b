"""Find the duties of a document: every sentence that says what to do, and until when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import zip_longest

from core.reading import asking, gate, matter
from core.reading.asking import Use, judge
from core.reading.deadline import Deadline, Setting, deadline
from core.reading.header import Header
from core.reading.letters import flat
from core.reading.matter import Kind, Matter
from core.reading.moments import Every, Moment, Op, Point, Tie, Unit, moments, periodic
from core.reading.parties import (
    Audience,
    Level,
    Owner,
    Receiver,
    audience,
    is_issuers_own,
    is_of_another,
    level,
    owner,
    receiver,
)
from core.reading.structure import Clause


@dataclass(frozen=True, slots=True)
class Duty:
    """phrase: the part of the sentence that asks for it, as written. place: its clause, "IV.2".

    draftable: whether somebody could be asked for it now; not what was told of the past, what
    changes the date of another duty, and what is wanted only when it happens.
    rules: the names of the rules that made it. also: other phrases that say the same.
    """

    phrase: str
    sentence: str
    place: str
    matter: Matter
    owner: Owner
    deadline: Deadline
    receiver: Receiver
    audience: Audience
    draftable: bool = True
    flags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    every: Every = Every.ONCE


@dataclass(frozen=True, slots=True)
class Event:
    """first, last: the days it lasts, None where they are not named. at: "07:30", or "".

    waiting: the words that stand instead of a day. milestones: as "2020-07-01/2020-09-30".
    """

    phrase: str
    what: str
    first: date | None = None
    last: date | None = None
    at: str = ""
    place: str = ""
    who: str = ""
    waiting: str = ""
    milestones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a sentence that one moment belongs to, and what was said before it."""

    text: str
    before: str
    ahead: str  # what of `before` is in the same sentence
    sentence: str
    after: str
    clause: Clause
    moment: Moment | None = None
    number: int = 0  # of its clause in the document


@dataclass
class Found:
    """dropped: phrases of dates that are no deadlines, each with the rule that says so."""

    duties: list[Duty] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)


def find(clauses: Sequence[Clause], header: Header) -> Found:
    """Raises Unreadable for what has more duties than any document."""
    found = Found()
    document = _Document(clauses, header)
    for segment in _segments(clauses):
        if segment.moment is None:
            found.duties += document.undated(segment)
            continue
        gate.check_number(found.duties, found.dropped)
        context = " ".join(segment.clause.headings)
        if len(segment.text) < _LABEL_ONLY:
            context += segment.before[-_LABEL_REACH:]
        judged = judge(segment.moment, segment.sentence, segment.text, context)
        if judged.use is Use.DUTY and document.is_long_past(segment):
            found.dropped.append((segment.text, "long past"))
        elif judged.use is Use.DUTY:
            found.duties.append(document.duty(segment, judged.rule))
        elif judged.use is Use.EVENT:
            found.events.append(document.event(segment))
        else:
            found.dropped.append((segment.text, judged.rule))
            found.duties += document.undated(segment) if judged.rule in _KEEPS_ASKING else []
    return found


# A date that does not count leaves a sentence that may still ask for something.
_KEEPS_ASKING = ("condition", "cut-off", "cited")


def _segments(clauses: Sequence[Clause]) -> Iterator[Segment]:
    for number, clause in enumerate(clauses):
        sentences = clause.sentences
        next_clause = clauses[number + 1].text[:_REACH] if number + 1 < len(clauses) else ""
        before = ""
        for sentence, after in zip_longest(sentences, sentences[1:], fillvalue=next_clause):
            for text, ahead, moment in _cut(sentence):
                yield Segment(
                    text, f"{before} {ahead}", ahead, sentence, after, clause, moment, number
                )
            before = f"{before} {sentence}"[-_REACH:]


def _cut(sentence: str) -> Iterator[tuple[str, str, Moment | None]]:
    """The sentence cut at its semicolons and after its deadlines."""
    start = 0
    found = moments(sentence)
    for end in [*_semicolons(sentence), len(sentence)]:
        inside = [one for one in found if start <= one.start < end]
        if not inside:
            yield sentence[start:end].strip(" ;"), sentence[:start], None
        else:
            yield from _between(sentence, start, end, inside)
        start = end + 1


def _semicolons(sentence: str) -> Iterator[int]:
    """Not those in brackets, where mailboxes and people are listed."""
    depth = 0
    for place, letter in enumerate(sentence):
        depth = max(0, depth + (letter == "(") - (letter == ")"))
        if letter == ";" and not depth:
            yield place


def _between(
    sentence: str, start: int, end: int, inside: Sequence[Moment]
) -> Iterator[tuple[str, str, Moment]]:
    """Where a part begins with its date, what follows the date belongs to it.

    Only what sets a limit ends a part; a date in passing is part of what it stands in.
    """
    first = inside[0].start - start <= _DATE_FIRST and inside[0].tie in _LIMITS
    for place, one in enumerate(inside):
        following = inside[place + 1] if place + 1 < len(inside) else None
        stop = end if following is None else following.start if first else one.end
        text = sentence[start:stop].strip(" ;,")
        yield _JOINT.sub("", text), sentence[:start], one
        if first or one.tie in _LIMITS or one.every is not Every.ONCE:
            start = stop


_LIMITS = (Tie.LIMIT, Tie.UNTIL)
_DATE_FIRST = 4  # characters before a date at the beginning
_JOINT = re.compile(r"^(?:và|,|đồng thời) ")
_ALWAYS = re.compile(
    r"\b(?:dinh ky|hang nam|moi nam|bao cao (?:6|sau) thang|bao cao (?:cuoi )?nam(?! hoc|"
    r" \d)|tung nam)\b"
)
_MOST_FIELDS, _LONGEST_FIELD = 20, 80  # items of a list, and the characters of each
# A short part as "Đợt 1: trước 25/12" says what is due in what stands before it.
_LABEL_ONLY, _LABEL_REACH = 80, 200  # characters
_LONG_PAST = timedelta(days=400)  # a year that was not changed in last year's text is less
_NEAR = 6  # clauses before and after one, in which its receiver may be named
_REACH = 1_500  # characters of its own clause that are looked at around a sentence


class _Document:
    """What one segment cannot know: the other clauses, and the head."""

    def __init__(self, clauses: Sequence[Clause], header: Header) -> None:
        self._clauses = clauses
        self._header = header
        self._days = _full_days(clauses)
        years = header.span
        self._several_years = years is not None and years[1] > years[0]

    def duty(self, segment: Segment, rule: str) -> Duty:
        moment = segment.moment or _NO_MOMENT
        moment = replace(moment, op=Op.BY) if moment.op is Op.NONE else moment
        back = asking.looks_back(segment.sentence, segment.after)
        due = deadline(moment, self._setting(segment, back))
        back = back and due.day is not None and not self._is_ahead(due.day)
        rules = (
            f"phrase: {moment.label or moment.rule}",
            f"date: {moment.rule}",
            f"judged: {rule}",
        )
        extends = asking.extends(segment.sentence)
        return self._made(
            segment, due, rules,
            flags=("reminder",) * back + ("extension",) * extends,
            draftable=not back and not extends,
            every=moment.every,
        )  # fmt: skip

    def is_long_past(self, segment: Segment) -> bool:
        """A day years before the document, in a sentence about what was."""
        due = deadline(segment.moment or _NO_MOMENT, self._setting(segment, back=False))
        reference = self._header.reference
        return bool(due.day and reference and due.day < reference - _LONG_PAST)

    def _is_ahead(self, day: date) -> bool:
        return self._header.reference is not None and day > self._header.reference

    def undated(self, segment: Segment) -> list[Duty]:
        """What is asked for without a day; only where its sentence has no day that counts."""
        whole = segment.sentence if segment.moment else segment.text
        if asking.is_conditional_demand(whole):
            return [self._made(segment, Deadline(op=Op.CONDITIONAL), ("asks: condition",))]
        rule = asking.is_undated_demand(segment.text)
        if not rule or is_issuers_own(segment.clause.headings, self._header):
            return []
        waiting = asking.waiting_words(segment.text)
        every = periodic(segment.text) if waiting else ""
        on_demand = asking.ON_DEMAND.search(flat(segment.text))
        due = Deadline(f"{_EVERY[every]} (no day)" if every else "", waiting=waiting)
        duty = self._made(segment, due, (f"asks: {rule}",), draftable=not on_demand)
        return [] if self._is_of_others(duty) else [duty]

    def _is_of_others(self, duty: Duty) -> bool:
        """What an office says in passing about what a Sở or others do anyway."""
        return duty.owner is Owner.OTHER and level(self._header) is Level.OFFICE

    def event(self, segment: Segment) -> Event:
        moment = segment.moment or _NO_MOMENT
        due = deadline(moment, self._setting(segment, back=False))
        first = due.text.split("/")[0] if "/" in due.text else ""
        begins = date.fromisoformat(first) if first and first != ".." else due.day
        name = (
            segment.text
            if len(segment.text) > len("ngày 00/00/0000") + 8
            else " ".join([*segment.clause.headings[-1:], segment.text])
        )
        return Event(
            segment.text, name, begins, due.day, f"{due.at:%H:%M}" if due.at else "",
            segment.clause.place, waiting=due.waiting,
        )  # fmt: skip

    def _made(
        self,
        segment: Segment,
        due: Deadline,
        rules: tuple[str, ...],
        flags: tuple[str, ...] = (),
        draftable: bool = True,
        every: Every = Every.ONCE,
    ) -> Duty:
        headings = segment.clause.headings
        whose, by = owner(segment.text, segment.before, headings, self._header)
        return Duty(
            phrase=segment.text,
            sentence=segment.sentence,
            place=segment.clause.place,
            matter=self._matter(segment),
            owner=whose,
            deadline=due,
            receiver=self._receiver(segment),
            audience=audience(segment.sentence, self._header),
            draftable=draftable,
            flags=flags,
            rules=(*rules, f"owner: {by}"),
            every=every,
        )

    def _matter(self, segment: Segment) -> Matter:
        near = [segment.text, segment.sentence, *self._before(segment.number)]
        return Matter(
            matter.what(segment.text, segment.ahead, self._header.title),
            matter.kind(segment.text, f"{segment.before[-300:]} {segment.text}"),
            tuple(matter.things(segment.text) or matter.things(segment.ahead)),
            matter.form([*near, segment.before, segment.after[:_REACH]]),
            tuple(matter.fields(near[:2]) or self._listed(segment)),
        )

    def _listed(self, segment: Segment) -> list[str]:
        """The items right above, of a list that asks for details."""
        items: list[str] = []
        for clause in reversed(
            self._clauses[max(0, segment.number - _MOST_FIELDS) : segment.number]
        ):
            asks = clause.headings and matter.ASKS_DETAILS.search(flat(clause.headings[-1]))
            if not asks or clause.is_heading or len(clause.text) > _LONGEST_FIELD:
                break
            items.append(clause.text.strip(" ;,."))
        return items[::-1]

    def _receiver(self, segment: Segment) -> Receiver:
        near = [segment.text, segment.before, segment.sentence, segment.after[:_REACH]]
        return receiver(
            [*near, *self._beside(segment.number)],
            [one.text[:_REACH] for one in self._around(segment.number)],
            self._header,
            hands_in=_sends(segment),
        )

    def _setting(self, segment: Segment, back: bool) -> Setting:
        flatted = flat(segment.clause.text)
        headings = flat(" ".join(segment.clause.headings))
        told = _ALWAYS.search(flatted) or _ALWAYS.search(headings) or self._several_years
        yearly = bool(told) and self._header.school_year is None
        return Setting(
            reference=self._header.reference,
            same_item=self._days,
            yearly=yearly,
            backwards=back,
            school_year=self._header.school_year,
        )

    def _before(self, number: int) -> list[str]:
        return [clause.text[-_REACH:] for clause in self._clauses[max(0, number - 1) : number]]

    def _beside(self, number: int) -> list[str]:
        """What stands under the same heading, the nearer first, then that heading."""
        here = self._clauses[number]
        office = is_of_another(here.text)
        beside = [
            one.text[:_REACH]
            for one in self._around(number)
            if (one.headings == here.headings or here.text in one.headings)
            and (office or not is_of_another(one.text))
        ]
        return beside + list(reversed(here.headings))

    def _around(self, number: int) -> list[Clause]:
        before = self._clauses[max(0, number - _NEAR) : number]
        return [*self._clauses[number + 1 : number + _NEAR], *reversed(before)]


def _sends(segment: Segment) -> bool:
    """Whether it ends with handing something in, or is only to be done."""
    if _PUBLISHES.match(flat(segment.text)):
        return False
    if matter.kind(segment.text, "") in _HANDED_IN:
        return True
    texts = (segment.text, segment.ahead, *segment.clause.headings)
    if any(asking.SUBMIT.search(flat(one)) for one in texts):
        return True
    if asking.ACT.search(flat(segment.text)):
        return False
    label = len(segment.text) < _LABEL_ONLY
    said = f"{segment.before[-_LABEL_REACH:]} {segment.sentence}" if label else segment.sentence
    return bool(asking.SUBMIT.search(flat(said)))


_HANDED_IN = (Kind.REPORT, Kind.LIST, Kind.REGISTRATION)  # by their nature
_PUBLISHES = re.compile(r"[^a-z]*(?:cong bo|niem yet|cong khai|thong bao ket qua)\b")
_NO_MOMENT = Moment(0, 0, Point(), Unit.NONE, tie=Tie.ON)
_EVERY = {
    "year": "yearly", "half": "half-yearly", "quarter": "quarterly", "month": "monthly",
    "week": "weekly", "": "",
}  # fmt: skip
_FULL = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")


def _full_days(clauses: Sequence[Clause]) -> tuple[date, ...]:
    """Days written with their year, from which one without takes it."""
    days = []
    for clause in clauses:
        for found in _FULL.finditer(clause.text):
            try:
                days.append(date(int(found[3]), int(found[2]), int(found[1])))
            except ValueError:
                continue
    return tuple(days)
