"""The office's schools and their people; inviting somebody; taking in the list of schools."""

from core.form import Form
from core.message import Message, _, ngettext, quiet, strong, verbatim
from core.question import OneChoice, Question
from core.roles import AT_A_SCHOOL, AT_THE_OFFICE, MAY_IMPORT, MAY_INVITE, Role
from core.screen import Choice, Enclosed, Screen, Uploaded, show
from handlers import codes, handover, phrases, undelivered
from handlers.flow import Answers, FormFlow, Gone, Opens, Turn
from handlers.registration import SchoolName, found
from storage import files, invitations, people, units
from storage.people import Person
from storage.units import Unit

AT_THE_OFFICE_ITSELF = "office"
MOST_FAULTS = 30  # more would fill a phone several times
SHEET_ENDS = (".xlsx",)
UNITS_SHEET = "units.xlsx"  # the empty one, which the program ships


def list_units(turn: Turn, about: str) -> Screen:
    """about: a unit's id for that one alone, else ""."""
    if not turn.me.at_the_office:
        raise Gone(_("Only the office can see this."))
    schools = units.schools(turn.session, turn.today)
    if about:
        return _one(turn, next((u for u in schools if str(u.id) == about), None))
    empty = [u for u in schools if not people.holders(turn.session, u.id, AT_A_SCHOOL)]
    lines = [strong(ngettext("{count} school", "{count} schools", len(schools)))]
    if empty:
        lines.append(_("Without anybody registered ({count}):", count=len(empty)))
        lines += [_("• {unit}", unit=unit.name) for unit in empty]
    choices = [Choice(verbatim(u.name), show("units", str(u.id))) for u in schools]
    return Screen(tuple(lines), (*_tools(turn), *choices))


def _tools(turn: Turn) -> list[Choice]:
    tools = []
    if turn.me.role in MAY_INVITE:
        tools.append(Choice(_("Invite somebody"), show("invite")))
    if turn.me.role in MAY_IMPORT:
        tools.append(Choice(_("Get the sheet to fill in"), show("sheet")))
    if failed := undelivered.of_late(turn):
        label = _("Not delivered ({count})", count=len(failed))
        tools.append(Choice(label, show("undelivered")))
    return tools


def _one(turn: Turn, unit: Unit | None) -> Screen:
    if unit is None:
        raise Gone(_("There is no such school for you."))
    lines = [strong(verbatim(unit.name)), quiet(_("Code {code}", code=unit.code))]
    held = people.holders(turn.session, unit.id, AT_A_SCHOOL)
    lines += [phrases.holder(post.role, person) for post, person in held]
    if not held:
        lines.append(_("Nobody is registered yet."))
    choices = [handover.hand_over(*one) for one in held if turn.me.role is Role.ADMIN]
    return Screen(tuple(lines), (*choices, Choice(_("All schools"), show("units"))))


class Invite(FormFlow[None]):
    """Make an invitation code for a post, and the link that opens it."""

    name = "invite"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        if turn.me.role not in MAY_INVITE:
            raise Gone(_("Only the office can invite."))

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        names = tuple((u.id, u.name) for u in units.schools(turn.session, turn.today))
        asked: list[Question] = []
        if turn.me.role is Role.ADMIN:
            asked.append(OneChoice("where", _("Invite somebody to where?"), options=_where()))
        if answers.get("where") == AT_THE_OFFICE_ITSELF:
            asked.append(OneChoice("role", _("As what?"), options=_roles(AT_THE_OFFICE)))
        else:
            found_here = found(names, answers)
            asked += [
                SchoolName("search", _("To which school? Type its name."), names=names),
                OneChoice("unit", _("Is it one of these?"), options=found_here),
                OneChoice("role", _("As what?"), options=_roles(AT_A_SCHOOL)),
            ]
        return Form(_("Invitation"), tuple(asked), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        at_office = answers.get("where") == AT_THE_OFFICE_ITSELF
        chosen = turn.me.unit_id if at_office else int(answers["unit"])
        unit = turn.session.get_one(Unit, chosen)
        role = Role(answers["role"])
        maker = turn.session.get_one(Person, turn.me.id)
        code = invitations.make(turn.session, unit.id, role, maker, turn.now)
        place = {"role": phrases.ROLE[role], "unit": unit.name}
        lines = codes.lines(turn, _("Invitation as {role}, {unit}", **place), code, role)
        return Screen(tuple(lines), (Choice(_("Invite somebody else"), show("invite")),))


def invite(turn: Turn, _about: str) -> Opens:  # noqa: ARG001
    return Opens(Invite.name)


def _where() -> dict[str, Message]:
    return {"school": _("A school"), AT_THE_OFFICE_ITSELF: _("This office")}


def _roles(roles: frozenset[Role]) -> dict[str, Message]:
    return {role.value: phrases.ROLE[role] for role in Role if role in roles}


def offer_import(turn: Turn, given: Uploaded) -> Screen | None:
    """For a sheet that somebody at the office just sent."""
    if turn.me.role not in MAY_IMPORT or not given.name.casefold().endswith(SHEET_ENDS):
        return None
    ask = _("Shall we take in the list of schools from “{name}”?", name=given.name)
    choices = (
        Choice(_("Yes, take it in"), show("import", str(given.upload_id))),
        Choice(_("No"), show("menu")),
    )
    return Screen((ask,), choices)


def take_in(turn: Turn, upload_id: str) -> Screen:
    """Have a sheet read after this turn; the sender hears what became of it."""
    upload = files.own(turn.session, turn.me.id, upload_id)
    if upload is None or turn.me.role not in MAY_IMPORT:
        raise Gone(_("There is no such file for you."))
    upload.purpose = files.UNITS
    return Screen((_("Reading the sheet; you will hear in a moment."),))


def sheet(turn: Turn, _about: str) -> Screen:
    """The empty sheet of schools."""
    if turn.me.role not in MAY_IMPORT:
        raise Gone(_("Only the office can do this."))
    lines = (
        _("Fill in one school a row and send the file back here."),
        _("Either every row is taken in, or none, and each wrong row is named."),
    )
    return Screen(lines, files=(Enclosed(bundled=UNITS_SHEET),))


def imported(done: units.Imported) -> Screen:
    """What became of a sheet."""
    if not done.faults:
        counts = {"added": done.added, "changed": len(done.changed)}
        taken = _("The list is taken in: {added} added, {changed} changed.", **counts)
        return Screen((taken,), (Choice(_("All schools"), show("units")),))
    lines = [strong(_("Nothing was taken in. Please correct these rows and send it again:"))]
    lines += done.faults[:MOST_FAULTS]
    more = len(done.faults) - MOST_FAULTS
    if more > 0:
        lines.append(_("… and {count} more.", count=more))
    return Screen(tuple(lines))
