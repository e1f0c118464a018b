"""The people of the demo: whose phones lie on the table, and who of them is invited.

What the page says stands here and in the page itself, in Vietnamese, as only the bot's own
sentences are in the catalogs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.demo.refusal import Json
from core.roles import Role
from storage import samples

# As in `storage.units`, the import of which would keep the page waiting for seconds.
OFFICE_CODE = "PHONG"


@dataclass(frozen=True, slots=True)
class Guest:
    """The owner of a phone. The names are invented.

    unit: the code of where they work, "" if nobody knows.
    role: what they are invited as; None for somebody who registers without an invitation.
    hint: how to begin, where there is no invitation.
    """

    name: str
    unit: str = ""
    role: Role | None = None
    hint: str = "Bấm “Bắt đầu” bên dưới để làm quen với bot."


CAST = (
    Guest("Nguyễn Thu Hà", OFFICE_CODE, Role.ADMIN),
    Guest("Lò Thị Mai", "MNHB", Role.REPORTER),
    Guest("Cầm Minh Tuấn", "MNHB", Role.HEAD),
    Guest(
        "Quàng Văn Nam",
        "THQT",
        hint="Chưa ai mời: bấm “Bắt đầu”, chọn đăng ký, rồi gõ tên trường: “quyet thang”.",
    ),
)
INVITED_AS: Mapping[Role, str] = {
    Role.ADMIN: "người quản trị",
    Role.REPORTER: "người làm báo cáo",
    Role.HEAD: "hiệu trưởng",
}


def described(chat_id: int, guest: Guest, code: str | None) -> Json:
    """A phone as the page knows it. code: of the invitation, None until it is written."""
    office = guest.unit == OFFICE_CODE
    unit = _unit_names().get(guest.unit, "")
    phone: Json = {"id": chat_id, "name": guest.name, "place": unit, "office": office}
    phone |= {"short": _short(guest, unit)}
    phone |= {"number": f"+84900{chat_id:06d}", "hint": guest.hint, "invitation": None}
    if guest.role:
        phone["invitation"] = {"code": code, "role": INVITED_AS[guest.role], "unit": unit}
    return phone


def _short(guest: Guest, unit: str) -> str:
    """For a tab, which tells a head of school from the school's writer."""
    if guest.unit == OFFICE_CODE:
        return "Phòng"
    return f"HT {unit}" if guest.role is Role.HEAD else unit or guest.name


@cache
def _unit_names() -> Mapping[str, str]:
    return {unit["code"]: unit["name"] for unit in samples.units()}
