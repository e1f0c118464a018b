"""Cut a document into its parts: head, body, foot and annexes; and the body into clauses, each
with its number, the headings it stands under, and its sentences.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.reading.letters import flat

_FOOT = re.compile(
    r"(?:noi nhan(?! (?:bao cao|ho so|dang ky))|- ?(?:nhu (?:tren|kinh gui|dieu)|luu)\b.{0,40}$)"
)
_ANNEX = re.compile(r"(?:phu luc|mau so|bieu so|bieu mau|de cuong|du thao)\b[^.;,]{0,60}$")
_SHORTEST_BODY = 150  # characters before the foot; with fewer the list stands at the top
_MARK = re.compile(
    r"(?:(?P<roman>[ivx]{1,5})[.)/] ?-? (?=\S)"
    r"|dieu (?P<article>\d{1,3})\b[.:]? ?"
    r"|(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})(?:[.)/] ?-? ?(?=[^\d\s])|[.)] (?=\d))"
    r"|(?P<deep>\d{1,2}(?:\.\d{1,2}){1,3}) (?=\S)"
    r"|(?P<letter>[a-eg-i])(?:[.)/] ?-? ?(?=[^\d\s.])|\) (?=\d))"
    r"|(?P<bullet>[-+*•–]) ?(?=\S))"
)
CELLS = " | "  # between the cells of a row
_ENDS = ".;:!?…"
_LONG_LINE = 45  # characters from which a line may have been broken by its margin
_FULL_LINE = 0.9  # of the usual width: the next word would not have fitted
_LONGEST_HEADING, _LONGEST_LEAD = 160, 500
_LONGEST_CLAUSE = 20_000  # characters; a longer one was never written by an office
_LONGEST_SENTENCE = 1_200  # three times what is usual in the longest letters
_NUMBERS = re.compile(r"[\d ]+")
_STAMP = re.compile(
    r"(?:ky boi|gio ky|nguoi ky|thoi gian ky|trang \d+)\b|\d{4}[.-]\d\d[.-]\d\d[ t]\d"
)
_STOP = re.compile(r"(?<=[.!?…])[)\"”]? +(?=[\"“(]?[A-ZÀ-ỸĐ*])")
_ABBREVIATION = 10  # characters before a full stop that may be one
_SHORT = re.compile(r"(?:\b(?:v/v|tp|tx|tt|ths|ts|gs|pgs|so|st|kg|đc|dc|[a-z])|gio \d\d)\.$")


@dataclass(frozen=True, slots=True)
class Clause:
    """A paragraph or an item of a list.

    place: "II.1", the numbers of what it stands in; "" before the first.
    headings: the texts of those, the outermost first; the lead-in of a list among them.
    """

    text: str
    place: str = ""
    headings: tuple[str, ...] = ()
    is_heading: bool = False

    @property
    def sentences(self) -> list[str]:
        return sentences(self.text)


@dataclass(frozen=True, slots=True)
class Parts:
    """body: all lines up to the foot, the head with them, but no page numbers. foot: from the
    list of receivers on, to the signer's name.
    """

    body: list[str] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    annexes: list[str] = field(default_factory=list)


def parts(lines: Sequence[str]) -> Parts:
    """What follows the first foot belongs to another document, or is a form to fill in."""
    body_to = _end_of_body(lines)
    foot_to = _end_of_foot(lines, body_to)
    body = [line for line in lines[:body_to] if not is_noise(line)]
    return Parts(body, list(lines[body_to:foot_to]), list(lines[foot_to:]))


def is_noise(line: str) -> bool:
    """Page numbers, stamped numbers, and what a digital signature prints."""
    return bool(line) and bool(_NUMBERS.fullmatch(line) or _STAMP.match(flat(line[:40])))


def _end_of_body(lines: Sequence[str]) -> int:
    seen = 0
    for number, line in enumerate(lines):
        seen += len(line)
        if seen > _SHORTEST_BODY and _begins_another(line):
            return number
    return len(lines)


def _begins_another(line: str) -> bool:
    if len(line) > 100:
        return False
    flatted = flat(line)
    return bool(_FOOT.match(flatted) or (line.isupper() and _ANNEX.match(flatted)))


_FOOT_LINES = 60  # receivers, the signer's titles and name, with the blank lines for the stamp


def _end_of_foot(lines: Sequence[str], start: int) -> int:
    end = min(start + _FOOT_LINES, len(lines))
    for number in range(start + 1, end):
        flatted = flat(lines[number])
        if "cong hoa xa hoi" in flatted or (lines[number].isupper() and _ANNEX.match(flatted)):
            return number
    return end


def paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines broken by the margin are joined again."""
    made: list[list[str]] = []
    width, blank = _usual_width(lines), True
    for line in lines:
        if not line:
            blank = True
            continue
        if made and _goes_on(made[-1][-1], line, blank, width):
            made[-1].append(line)
        else:
            made.append([line])
        blank = False
    joined = [" ".join(lines_of).replace(" , ", ", ") for lines_of in made]
    return [
        one[at : at + _LONGEST_CLAUSE]
        for one in joined
        for at in range(0, len(one), _LONGEST_CLAUSE)
    ]


def _usual_width(lines: Sequence[str]) -> int:
    long = sorted(len(line) for line in lines if len(line) >= _LONG_LINE)
    return long[len(long) * 3 // 4] if long else _LONG_LINE


def _goes_on(before: str, line: str, blank: bool, width: int) -> bool:
    """Whether a line is the rest of the one before it."""
    if CELLS in line or CELLS in before:
        return False
    if _MARK.match(flat(line[:16])) or _NEW.match(flat(line[:24])):
        return bool(_SECOND_YEAR.match(line)) and before[-1].isdigit()
    ended = before[-1] in _ENDS
    if line[0].islower() or line[0] in ".,;)&":
        return not blank or not ended
    if blank or ended or line[0] in "*“" or line.isupper() != before.isupper():
        return not blank and not ended and before[-1] in ",-"
    if before[-1] in ",-&":
        return True
    return _is_full(before, line, width)


def _is_full(before: str, line: str, width: int) -> bool:
    said = _ENDS_IN_DAY.search(before) and line[1:2].islower()
    first_word = line.partition(" ")[0]
    return not said and len(before) + 1 + len(first_word) >= max(_FULL_LINE * width, _LONG_LINE)


_NEW = re.compile(r"(?:nhan duoc (?:cong van|van ban)|tren day la|kinh de nghi|tran trong)\b")
_SECOND_YEAR = re.compile(r"[-–] ?\d{4}\b")
_ENDS_IN_DAY = re.compile(r"(?:/ ?|năm |[-–] ?)\d{4}$")


def clauses(body: Sequence[str]) -> list[Clause]:
    """Each with the headings above it."""
    above: list[tuple[int, str, str]] = []  # rank, number, text
    made = []
    ended = False
    for text in paragraphs(body):
        rank, number, words = _numbered(text)
        left = ended and rank == _PLAIN  # the list of a lead-in
        above = [one for one in above if one[0] < rank and not (left and one[0] == _LEAD_IN)]
        heading = _is_heading(rank, words)
        place = _place([one[1] for one in above], number)
        made.append(Clause(words, place, tuple(one[2] for one in above), heading))
        ended = words[-1] in ".…" and not heading
        if rank < _PLAIN or words.endswith(":") or _is_head_of_table(words):
            at = _LEAD_IN if rank == _PLAIN else rank
            above = [one for one in above if one[0] < at]
            above.append(
                (at, number, words[-_LONGEST_LEAD:] if heading else words[:_LONGEST_HEADING])
            )
    return made


def _is_head_of_table(words: str) -> bool:
    """A row that names a column of days, over rows that have them."""
    return (
        CELLS in words and not _DIGITS.search(words) and bool(_COLUMN_OF_DAYS.search(flat(words)))
    )


_DIGITS = re.compile(r"\d\d?[/-]\d")


def _place(above: Sequence[str], number: str) -> str:
    """2.1 stands under 2 and says so itself."""
    place: list[str] = []
    for one in [*above, number]:
        if place and one.startswith(f"{place[-1]}."):
            place.pop()
        place += [one] if one else []
    return ".".join(place)


_COLUMN_OF_DAYS = re.compile(
    r"\b(?:thoi han|han nop|han|ngay nop|thoi gian(?: [a-z]+){0,3}|tien do)\b"
)
_LEAD_IN = 8  # rank of a paragraph that ends in a colon, over its list up to a full stop
_PLAIN = 9  # rank of a paragraph without a number; bullets are below it
_RANKS = {"roman": 0, "article": 0, "letter": 6}


def _numbered(text: str) -> tuple[int, str, str]:
    """The rank of a paragraph (0 the highest), its own number, and the text after it."""
    mark = _MARK.match(flat(text[:16]))
    if mark is None:
        return _PLAIN, "", text
    kind = mark.lastgroup or ""
    number = mark[kind]
    words = text[mark.end() :].strip() or text
    if kind == "bullet":
        return _PLAIN + (2 if number == "+" else 1), "", words
    if kind in ("number", "deep"):
        return 1 + number.count("."), number, words
    return _RANKS[kind], number.upper() if kind == "roman" else number, words


def _is_heading(rank: int, words: str) -> bool:
    if words.endswith(":") or _is_head_of_table(words):
        return True
    if rank > _PLAIN or len(words) > _LONGEST_HEADING:
        return False
    return words[-1] not in (";,." if rank == _PLAIN else ";,")


def sentences(text: str) -> list[str]:
    """Not cut after V/v., TP. or 16 giờ 00."""
    made, start = [], 0
    for stop in _STOP.finditer(text):
        if not _SHORT.search(flat(text[max(0, stop.start() - _ABBREVIATION) : stop.start()])):
            made.append(text[start : stop.start()].strip())
            start = stop.start()
    whole = [one for one in [*made, text[start:].strip()] if one]
    return [
        one[at : at + _LONGEST_SENTENCE]
        for one in whole
        for at in range(0, len(one), _LONGEST_SENTENCE)
    ]
