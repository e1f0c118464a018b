"""The words people may type after a slash, as the platform's own command menu lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.message import Message, _
from core.roles import AT_A_SCHOOL, AT_THE_OFFICE, MAY_INVITE, MAY_REVIEW, Role

EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Command:
    """names: the word in each language; both always work.

    query: see `handlers.QUERIES`. roles: in whose menu it stands. open: also before registration.
    """

    names: Mapping[str, str]
    query: str
    about: Message
    roles: frozenset[Role] = EVERYBODY
    open: bool = False


def _command(
    vi: str, en: str, query: str, about: Message, roles: frozenset[Role] = EVERYBODY
) -> Command:
    return Command({"vi": vi, "en": en}, query, about, roles)


COMMANDS = (
    _command("han", "due", "due", _("What is due"), AT_A_SCHOOL),
    _command("nop", "report", "fill", _("Fill in or continue a report"), AT_A_SCHOOL),
    _command("tinhhinh", "status", "status", _("Who has handed in"), AT_THE_OFFICE),
    _command("duyet", "review", "review", _("Reports to review"), MAY_REVIEW),
    _command("thongbao", "broadcast", "broadcast", _("Messages to the schools"), AT_THE_OFFICE),
    _command("sukien", "events", "events", _("Events"), AT_THE_OFFICE),
    _command("hoi", "ask", "ask", _("Questions of the schools"), AT_THE_OFFICE),
    _command("tailieu", "files", "archive", _("Files handed in")),
    _command("vanban", "documents", "documents", _("Official documents")),
    _command("hoi", "ask", "ask", _("Questions to the office"), AT_A_SCHOOL),
    _command("sukien", "events", "events", _("Events you are invited to"), AT_A_SCHOOL),
    _command("diemdanh", "attend", "attend", _("Say that I am at an event"), AT_A_SCHOOL),
    _command("lienhe", "contact", "contact", _("Whom to ask at the office"), AT_A_SCHOOL),
    _command("khaosat", "survey", "surveys", _("Surveys of parents")),
    _command("donvi", "units", "units", _("Schools and their people"), AT_THE_OFFICE),
    _command("moi", "invite", "invite", _("Invite somebody"), MAY_INVITE),
    Command({"vi": "start", "en": "start"}, "start", _("Open the menu"), open=True),
    _command("toi", "me", "me", _("About me")),
    Command({"vi": "ngonngu", "en": "language"}, "language", _("Tiếng Việt / English"), open=True),
    Command({"vi": "huy", "en": "cancel"}, "cancel", _("Stop what I am doing"), open=True),
    Command({"vi": "trogiup", "en": "help"}, "help", _("Help"), open=True),
)


def offered(role: Role | None) -> list[Command]:
    """What stands in the menu of this role; of somebody not registered where None."""
    return [c for c in COMMANDS if (c.open if role is None else role in c.roles)]
