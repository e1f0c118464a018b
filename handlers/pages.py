"""What photographed pages become after the turn: a numbered sheet to look over, and one PDF."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.message import Message, _, ngettext, strong, verbatim
from core.question import photos
from core.review import OWED
from core.screen import Choice, Enclosed, Screen, open_flow, show
from handlers.flow import Answers, Turn
from storage import conversations, evidence, files
from storage.evidence import Product
from storage.reports import Report
from storage.submissions import Submission

SETTLED = timedelta(seconds=2)  # an album's photos arrive within a second of each other
LEAST = 2  # pictures that are worth a sheet or a PDF


@dataclass(frozen=True, slots=True)
class Faults:
    """What may be wrong with the photo of this number."""

    number: int
    blurred: bool = False
    dark: bool = False
    small: bool = False

    def __bool__(self) -> bool:
        return self.blurred or self.dark or self.small


def ask_for_sheets(turn: Turn, draft: Submission, changed: Mapping[str, Any]) -> None:
    """Have a fresh sheet made of every answer that changed; a single photo is only judged."""
    for key, value in changed.items():
        if files.is_list(value):
            at = turn.machine_now + SETTLED
            evidence.ask(turn.session, draft.id, key, Product.SHEET, turn.me.id, at)


def to_bind(answers: Answers) -> int:
    """How many pages of the answers are going to be put into PDFs."""
    counts = [photos(value) for value in answers.values() if files.is_list(value)]
    return sum(count for count in counts if count >= LEAST)


def coming(changed: Mapping[str, Any]) -> tuple[Message, ...]:
    """What is said at once of a sheet that follows."""
    counts = [photos(value) for value in changed.values() if files.is_list(value)]
    return tuple(
        ngettext(
            "Putting {count} photo on a numbered sheet…",
            "Putting {count} photos on a numbered sheet…",
            count,
        )
        for count in counts
        if count >= LEAST
    )


def sheet(report: Report, faults: list[Faults]) -> Screen:
    """For whoever is somewhere else by now."""
    where = strong(_("Photos of {title}", title=report.title))
    return Screen((where, *advice(faults)), (_report(report),))


def is_there(turn: Turn, report: Report) -> bool:
    """Whether the person is in the middle of the very report."""
    talking = conversations.current(turn.session, turn.me)
    return talking is not None and (talking.flow, talking.subject_id) == ("report", report.id)


def advice(faults: list[Faults]) -> tuple[Message, ...]:
    """Never a refusal: whoever has only this photo may hand it in."""
    return tuple(line for fault in faults for line in _advice(fault))


def _advice(fault: Faults) -> Iterator[Message]:
    number = {"number": fault.number}
    if fault.small:
        yield _(
            "Photo {number} is small; it may be hard to read. Better sent as a file.", **number
        )
    if fault.dark:
        yield _("Photo {number} is dark; it may be hard to read.", **number)
    if fault.blurred:
        yield _("Photo {number} looks blurred; it may be hard to read.", **number)


def pdf(report: Report, upload_id: int, count: int, *, lighter: bool) -> Screen:
    pages = ngettext("{count} page", "{count} pages", count)
    done = _("{title}: {pages} in one PDF.", title=report.title, pages=pages)
    lines = [strong(done)]
    if lighter:
        lines.append(
            _("The photos in it were made smaller, as it was too large; they are kept as sent.")
        )
    return Screen(tuple(lines), (_report(report),), files=(Enclosed(upload_id),))


def failed(report: Report) -> Screen:
    sorry = _(
        "The photos of {title} could not be put on one sheet or into one PDF. "
        "Each of them is kept as it was sent.",
        title=report.title,
    )
    return Screen((sorry,), (_report(report),))


def _report(report: Report) -> Choice:
    """To go on with it, or to read it once it is handed in."""
    if report.state in OWED:
        return Choice(_("Continue {title}", title=report.title), open_flow("report", report.id))
    return Choice(verbatim(report.title), show("read", str(report.id)))
