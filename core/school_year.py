"""School years, which begin in August and are named for the two years they lie in."""

import re
from dataclasses import dataclass
from datetime import date

BEGINS = 8  # the month


@dataclass(frozen=True, slots=True, order=True)
class SchoolYear:
    """begins: the first of its two years; "2020-2021" begins in 2020."""

    begins: int

    def __str__(self) -> str:
        return f"{self.begins}-{self.begins + 1}"

    @property
    def first(self) -> date:
        return date(self.begins, BEGINS, 1)

    @property
    def last(self) -> date:
        return date(self.begins + 1, BEGINS - 1, 31)

    def day(self, month: int, day: int) -> date:
        """The day of this school year that a text without a year names. Raises ValueError."""
        return date(self.begins if month >= BEGINS else self.begins + 1, month, day)


def of(day: date) -> SchoolYear:
    """The school year a day lies in."""
    return SchoolYear(day.year if day.month >= BEGINS else day.year - 1)


def parse(text: str) -> SchoolYear:
    """Read "2020-2021". Raises ValueError when these are no two years in a row."""
    found = re.fullmatch(r"((?:19|20)\d\d) ?[-–] ?((?:19|20)\d\d)", text.strip(), re.ASCII)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise ValueError(f"{text!r} is not a school year, such as 2020-2021")
    return SchoolYear(int(found[1]))
