"""A letter that urges schools which are late, before it is written in any format."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LateSchool:
    """days: how late. reminders: on how many days its people were reminded. last: of these."""

    school: str
    due_on: date
    days: int
    reminders: int
    last: date | None


@dataclass(frozen=True, slots=True)
class Urging:
    """office, above: names of who writes it, and of who is over them, "" for nobody.

    title: of the duty. document, issued_on, clause: where it is asked for.
    written: the deadline in the document's words, "" where that is not known.
    """

    office: str
    above: str
    title: str
    document: str
    issued_on: date
    clause: str
    written: str
    today: date
    schools: tuple[LateSchool, ...]
