"""The bundled sample: the units of one city, and one plan with its duties and checklists."""

import tomllib
from pathlib import Path
from typing import Any

from core.units import COLUMNS, cells

PLAN = Path(__file__).with_name("plan.toml")
UNITS = Path(__file__).with_name("units.toml")


def units() -> list[dict[str, Any]]:
    """Parents before children, as written: code, name, kind and, where they have them,
    levels, cluster, ward, parent, and public where it is false.
    """
    listed: list[dict[str, Any]] = tomllib.loads(UNITS.read_text(encoding="utf-8"))["unit"]
    return listed


def sheet() -> list[list[str]]:
    """The units as rows of `core.units`, the first naming the columns."""
    return [list(COLUMNS), *(cells(unit) for unit in units())]
