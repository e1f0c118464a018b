"""Link a chat to a person and a post: by invitation in two taps, or by asking the office.

Consent comes first; before it nothing but the chat is kept.
"""

from dataclasses import dataclass, replace

from core import fold
from core.form import Form
from core.message import Message, _, strong, verbatim
from core.question import Answer, Misread, OneChoice, Phone, Question, Text, When
from core.roles import AT_A_SCHOOL, MAY_ADMIT, Role, Standing
from core.screen import Choice, Input, Screen, number, open_flow, show
from handlers import handover, office, phrases
from handlers.flow import Answers, FormFlow, Gone, Opens, Turn
from storage import invitations, people, units
from storage.invitations import BadCode, Invitation
from storage.people import Person, Post
from storage.units import Unit

AGREE = "agree"
FEWEST_NAMES = 2  # a family's and a given one
MOST_FOUND = 5  # schools offered for a name; more would not fit a phone


def welcome(turn: Turn) -> Screen:
    """For somebody without a post: what this is, and the ways in."""
    posts = people.posts_of(turn.session, turn.me.id)
    pending = [unit.name for post, unit in posts if post.standing is Standing.PENDING]
    if pending:
        waits = _("Your registration at {unit} waits for the office.", unit=pending[0])
        return Screen((waits, _("You will get a message here as soon as it is decided.")))
    return Screen(
        (
            strong(_("Hello! This is the office's assistant for its schools.")),
            _("It shows what is due, takes reports and files, and reminds you in time."),
            _("Have you got an invitation code? Type it here."),
        ),
        (
            Choice(_("Register for my school"), open_flow("register")),
            Choice(_("Tiếng Việt / English"), show("language")),
        ),
    )


def with_code(turn: Turn, code: str) -> Screen | Opens:
    """Open what an invitation offers."""
    person = turn.session.get_one(Person, turn.me.id)
    try:
        invitation = invitations.look(turn.session, code, person, turn.now)
    except BadCode as bad:
        return Screen(
            (bad.message,), (Choice(_("Register for my school"), open_flow("register")),)
        )
    return Opens(Join.name, invitation.id)


@dataclass(frozen=True, slots=True)
class SchoolName(Text):
    """A school's name as people type it. names: from a unit's id to its name."""

    names: tuple[tuple[int, str], ...] = ()

    def read(self, given: Input, so_far: Answer) -> Answer:
        typed: str = Text.read(self, given, so_far)
        if not fold.alike(typed, dict(self.names)):
            raise Misread(
                _("No school here is called “{typed}”. Please type its name again.", typed=typed)
            )
        return typed


class FullName(Text):
    """By which others know who it is."""

    def read(self, given: Input, so_far: Answer) -> Answer:
        typed: str = Text.read(self, given, so_far)
        if len(typed.split()) < FEWEST_NAMES or any(letter.isdecimal() for letter in typed):
            raise Misread(_("Please write your full name, such as Lò Thị Mai."))
        return typed


class Register(FormFlow[None]):
    """Ask the office for a post at a school."""

    name = "register"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        return None

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        names = tuple((u.id, u.name) for u in units.schools(turn.session, turn.today))
        asked: list[Question] = [] if turn.me.consented else [_consent()]
        asked += [
            SchoolName("search", _("Which school are you from? Type its name."), names=names),
            OneChoice("unit", _("Is it one of these?"), options=found(names, answers)),
            OneChoice("role", _("What do you do there?"), options=_school_roles()),
        ]
        if not turn.me.name:
            asked += [_name(), _phone()]
        return Form(_("Registration"), tuple(asked), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        unit = turn.session.get_one(Unit, int(answers["unit"]))
        person = _introduce(turn, answers.get("name"), answers.get("phone"))
        post = people.give_post(
            turn.session,
            person.id,
            unit.id,
            Role(answers["role"]),
            turn.now,
            standing=Standing.PENDING,
        )
        if post.standing is Standing.ACTIVE:
            return Screen((_("You hold this post already."),), (_go_on(),))
        for officer in office.in_charge_of(turn, unit):
            turn.tell(officer.id, _card(person, post, unit))
        asked = _(
            "Thank you! {office} will check your registration at {unit}.",
            office=units.office(turn.session).name,
            unit=unit.name,
        )
        return Screen((strong(asked), _("You will get a message here as soon as it is decided.")))


class Join(FormFlow[tuple[Invitation, Unit]]):
    """Take up the post that an invitation offers: agree, confirm, done."""

    name = "join"
    by_button = False  # only the code itself opens it

    def subject(self, turn: Turn, subject_id: int) -> tuple[Invitation, Unit]:
        invitation = turn.session.get(Invitation, subject_id)
        if invitation is None or invitation.uses_left < 1 or invitation.expires_at <= turn.now:
            raise Gone(_("This invitation is no longer valid. Please ask for a new one."))
        handover.post_of(turn, invitation)
        return invitation, turn.session.get_one(Unit, invitation.unit_id)

    def form(self, turn: Turn, subject: tuple[Invitation, Unit], answers: Answers) -> Form:  # noqa: ARG002
        invitation, unit = subject
        known = turn.me.name or turn.nickname
        offered = _offered(turn, invitation, unit)
        asked: list[Question] = [] if turn.me.consented else [_consent(offered)]
        if known:
            asked.append(OneChoice("who", offered, options=_who(known)))
        when = When("who", ("other",)) if known else None
        asked.append(replace(_name(), when=when))
        return Form(_("Invitation"), tuple(asked), reviewed=False)

    def finish(self, turn: Turn, subject: tuple[Invitation, Unit], answers: Answers) -> Screen:
        invitation, unit = subject
        person = _introduce(turn, answers.get("name") or turn.me.name or turn.nickname, None)
        try:
            invitations.use(turn.session, invitation, person, turn.now)
        except BadCode as bad:
            return Screen((bad.message,))
        post = _joined(turn, invitation, person)
        people.act_for(turn.session, person.id, post.id)
        return _admitted(post, unit)


def _offered(turn: Turn, invitation: Invitation, unit: Unit) -> Message:
    if taken := handover.post_of(turn, invitation):
        return handover.offered(turn, taken, unit)
    place = {"role": phrases.ROLE[invitation.role], "unit": unit.name}
    return _("You are invited as {role}, {unit}.", **place)


def _joined(turn: Turn, invitation: Invitation, person: Person) -> Post:
    if taken := handover.post_of(turn, invitation):
        return handover.accept(turn, invitation, taken, person)
    return people.give_post(
        turn.session,
        person.id,
        invitation.unit_id,
        invitation.role,
        turn.now,
        standing=Standing.ACTIVE,
        topics=invitation.topics,
    )


class Refuse(FormFlow[Post]):
    """Decline a registration, with a reason that its person is told."""

    name = "refuse"

    def subject(self, turn: Turn, subject_id: int) -> Post:
        return _to_admit(turn, subject_id)

    def form(self, turn: Turn, subject: Post, answers: Answers) -> Form:  # noqa: ARG002
        why = Text("why", _("Why not? Your words are passed on."), longest=300)
        return Form(_("Decline a registration"), (why,), reviewed=False)

    def finish(self, turn: Turn, subject: Post, answers: Answers) -> Screen:
        people.end_post(turn.session, subject, turn.me.id, turn.now, "refused")
        unit = turn.session.get_one(Unit, subject.unit_id)
        told = _(
            "The office did not accept your registration at {unit}: {why}",
            unit=unit.name,
            why=answers["why"],
        )
        again = Choice(_("Register for my school"), open_flow("register"))
        turn.tell(subject.person_id, Screen((told,), (again,)))
        return Screen((_("Declined, and your reason passed on."),))


def admit(turn: Turn, post_id: str) -> Screen:
    """The office accepts a registration."""
    post = _to_admit(turn, number(post_id))
    acts_for_it = people.activate(turn.session, post, turn.me.id, turn.now)
    person = turn.session.get_one(Person, post.person_id)
    unit = turn.session.get_one(Unit, post.unit_id)
    turn.tell(person.id, _admitted(post, unit) if acts_for_it else _also(post, unit))
    return Screen((_("{name} now acts for {unit}.", name=person.name, unit=unit.name),))


def _to_admit(turn: Turn, post_id: int) -> Post:
    """Raises Gone, alike whether there is nothing to decide or it is not theirs to decide."""
    post = people.pending_post(turn.session, post_id) if turn.me.role in MAY_ADMIT else None
    if post is None:
        raise Gone(_("This registration is already decided."))
    return post


def _consent(*before: Message) -> OneChoice:
    notice = (
        *before,
        _(
            "We keep your name, phone number, chat and what you send here, so that the office and "
            "your school can work together. Your office and your school see it; nobody else does."
        ),
        _("You may have it erased at any time: /me, then Erase my data."),
    )
    options = {AGREE: _("I agree")}
    return OneChoice("consent", _("Before we begin"), under=notice, options=options)


def _name() -> FullName:
    return FullName("name", _("Your full name, please."), longest=80)


def _phone() -> Phone:
    return Phone("phone", _("A phone number, so that the office can call you."), optional=True)


def _who(name: str) -> dict[str, Message]:
    return {"me": _("Yes, I am {name}", name=name), "other": _("Write another name")}


def _school_roles() -> dict[str, Message]:
    return {role.value: phrases.ROLE[role] for role in (Role.REPORTER, Role.HEAD)}


def found(names: tuple[tuple[int, str], ...], answers: Answers) -> dict[str, Message]:
    """Schools whose name is like the typed one, the likest first."""
    by_id = dict(names)
    found = fold.alike(answers.get("search") or "", by_id, MOST_FOUND)
    return {str(unit_id): verbatim(by_id[unit_id]) for unit_id, _score in found}


def _introduce(turn: Turn, name: str | None, phone: str | None) -> Person:
    """Keep who they are; they have agreed by now."""
    person = turn.session.get_one(Person, turn.me.id)
    person.name = name or person.name
    person.phone = phone or person.phone
    person.consent_at = person.consent_at or turn.now
    return person


def _card(person: Person, post: Post, unit: Unit) -> Screen:
    who = _(
        "{name} asks to act as {role}, {unit}.",
        name=person.name,
        role=phrases.ROLE[post.role],
        unit=unit.name,
    )
    lines = [strong(_("A registration")), who]
    if person.phone:
        lines.append(_("Phone: {phone}", phone=person.phone))
    choices = (
        Choice(_("Accept"), show("admit", str(post.id))),
        Choice(_("Decline"), open_flow("refuse", post.id)),
    )
    return Screen(tuple(lines), choices)


def _admitted(post: Post, unit: Unit) -> Screen:
    role = phrases.ROLE[post.role]
    welcome = strong(_("Welcome! You act as {role}, {unit}.", role=role, unit=unit.name))
    return Screen((welcome,), (_go_on_as(post.role), Choice(_("Open the menu"), show("menu"))))


def _also(post: Post, unit: Unit) -> Screen:
    """For somebody who acts for another post, and may be in the middle of something there."""
    role = phrases.ROLE[post.role]
    accepted = _("The office accepted you as {role}, {unit}, too.", role=role, unit=unit.name)
    return Screen((strong(accepted),), (act_for(post, unit),))


def act_for(post: Post, unit: Unit) -> Choice:
    return Choice(_("Act for {unit}", unit=unit.name), show("act", str(post.id)))


def _go_on_as(role: Role) -> Choice:
    if role in AT_A_SCHOOL:
        return Choice(_("What is due"), show("due"))
    return Choice(_("Who has handed in"), show("status"))


def _go_on() -> Choice:
    return Choice(_("Open the menu"), show("menu"))
