"""Read one official document: text in, findings out. No model, no network, no clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core.reading import gate, matter, page, plan
from core.reading.duties import Duty, Event, find
from core.reading.flags import flagged
from core.reading.header import Header, header
from core.reading.hygiene import clean
from core.reading.merge import merge
from core.reading.plan import Objective
from core.reading.structure import Clause, clauses, parts


@dataclass(frozen=True, slots=True)
class Reading:
    """clauses: the whole body, so that whoever reads may show the place of every finding."""

    header: Header
    duties: Sequence[Duty] = ()
    events: Sequence[Event] = ()
    activities: Sequence[Event] = ()
    objectives: Sequence[Objective] = ()
    clauses: Sequence[Clause] = ()
    form_fields: Sequence[str] = ()
    dropped: Sequence[tuple[str, str]] = field(default_factory=tuple)


def read(
    text: str,
    today: date | None = None,
    works: Callable[[date], bool] = lambda _day: True,
    *,
    pasted: bool = False,
) -> Reading:
    """today: to say what is past. works: whether a day is a working day. Raises Unreadable.

    pasted: it may be a paragraph alone, whose dates are then counted from today.
    """
    lines = clean(text)
    gate.check("\n".join(lines), pasted=pasted)
    cut = parts(lines)
    gate.check_length(cut.body)
    head = header(cut.body + cut.foot, cut.foot, lines)
    if pasted and head.reference is None:
        head = replace(head, posted_on=today)
    body = clauses(_text(cut.body))
    found = find(body, head)
    duties = flagged(merge(found.duties), head, today, works)
    return Reading(
        head,
        duties,
        found.events,
        plan.activities(body, head),
        plan.objectives(body),
        body,
        matter.blanks(cut.annexes),
        found.dropped,
    )


def _text(body: Sequence[str]) -> list[str]:
    """Without the menus of a page, and what says when it was posted."""
    kept = []
    for number, (line, before) in enumerate(zip(body, ["", *body], strict=False)):
        # Under another line, or further down, a day alone is the end of a sentence.
        posted = number <= _TOP_LINES and not before and page.stamp(line) is not None
        if not posted and not page.is_menu(line):
            kept.append(line)
    return kept


_TOP_LINES = 12
