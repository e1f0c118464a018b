"""Which official document, and which clause of it, people ask for in words of their own."""

import re
from dataclasses import dataclass

from core.fold import fold


@dataclass(frozen=True, slots=True)
class Wanted:
    """number: without zeros before it, "" for no document. symbol: folded, "" where not said.

    anchor: of a clause, as documents number them: "III.4"; "" for the whole.
    """

    number: str = ""
    symbol: str = ""
    anchor: str = ""


_KIND = (
    r"(?:ke hoach|cong van|thong bao|huong dan|quyet dinh|chi thi|giay moi|cong dien|van ban|"
    r"kh|cv|tb|hd|qd|document|plan|letter)"
)
_PAPER = (
    rf"(?:{_KIND} ){{1,2}}(?:so |no\.? ?)?0*(?P<number>\d{{1,5}})(?:/(?P<symbol>[a-z0-9&/-]+))?"
)
_CLAUSE = (
    r"(?:muc|phan|khoan|dieu|diem|clause|section) "
    r"(?P<anchor>(?:[ivx]{1,5}|\d{1,2})(?:\.\d{1,2}){0,3}(?:\.?[a-e])?)"
)
_BEFORE = (
    r"(?:(?:cho|em|minh|toi|xin|hoi|xem|doc|tim|lay|gui|lai|noi dung|file|tep|show|open) ){0,5}"
)
_BETWEEN = r",?(?: (?:cua|trong|o|tai|of|in|the))?"
_AFTER = (
    r"(?:(?: |^)(?:la|gi|noi|nhu the|the|nao|ve|cai|o|dau|voi|a|nhe|viet|yeu cau|what|is|says?|"
    r"does|it)){0,6} ?[?.!]*"
)
_FORMS = tuple(
    re.compile(rf"{_BEFORE}{form}{_AFTER}")
    for form in (
        rf"{_CLAUSE}{_BETWEEN} {_PAPER}",
        rf"{_PAPER}{_BETWEEN} {_CLAUSE}",
        _CLAUSE,
        _PAPER,
    )
)
_LONGEST = 120  # letters; whoever writes more asks for something else


def wanted(text: str) -> Wanted | None:
    """None for whatever else is said."""
    said = fold(text)
    if len(said) > _LONGEST:
        return None
    found = next((found for form in _FORMS if (found := form.fullmatch(said))), None)
    if found is None:
        return None
    slots = found.groupdict()
    anchor = _anchor(slots.get("anchor") or "")
    return Wanted(slots.get("number") or "", slots.get("symbol") or "", anchor)


def _anchor(said: str) -> str:
    """Roman numbers in capitals; a letter after a point."""
    parts = re.findall(r"[ivx]+|\d+|[a-e]", said)
    return ".".join(part.upper() if re.fullmatch("[ivx]+", part) else part for part in parts)
