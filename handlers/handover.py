"""Hand a post over: a code is made for it, and whoever opens that takes the post over.

Until then nothing changes, and the code can be withdrawn.
"""

from core.form import Form
from core.message import Message, _, strong
from core.question import OneChoice
from core.roles import AT_THE_OFFICE, MAY_HAND_OVER, Role, Standing
from core.screen import Choice, Screen, number, open_flow, show
from handlers import codes, office, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.report import FillReport
from storage import invitations, people, succession
from storage.invitations import Invitation
from storage.people import Person, Post
from storage.units import Unit


def offer(turn: Turn, _about: str) -> Screen:
    """The posts of one's own unit that may be handed over, and those for which a code waits."""
    if turn.me.role not in MAY_HAND_OVER:
        raise Gone(_("You have no post that you could hand over."))
    held = people.to_hand_over(turn.session, turn.me)
    lines = [strong(_("Which post shall be handed over?"))]
    choices = [hand_over(post, person) for post, person in held]
    for post, person in held:
        if waiting := invitations.handover_of(turn.session, post.id, turn.now):
            until = phrases.moment(turn, waiting.expires_at)
            who = {"name": person.name, "role": phrases.ROLE[post.role], "until": until}
            lines.append(_("• {name}, {role}: a code waits until {until}", **who))
            choices.append(_withdraw(waiting, person))
    return Screen(tuple(lines), tuple(choices))


def hand_over(post: Post, person: Person) -> Choice:
    who = {"name": phrases.name(person), "role": phrases.ROLE[post.role]}
    return Choice(_("Hand over: {name}, {role}", **who), open_flow(HandOver.name, post.id))


def _withdraw(invitation: Invitation, person: Person) -> Choice:
    label = _("Withdraw the code for {name}", name=phrases.name(person))
    return Choice(label, show("withdraw", str(invitation.id)))


class HandOver(FormFlow[tuple[Post, Person, Unit]]):
    name = "handover"

    def subject(self, turn: Turn, subject_id: int) -> tuple[Post, Person, Unit]:
        post = people.post_to_hand_over(turn.session, turn.me, subject_id)
        if post is None:
            raise Gone(_("There is no such post for you."))
        person = turn.session.get_one(Person, post.person_id)
        return post, person, turn.session.get_one(Unit, post.unit_id)

    def form(self, turn: Turn, subject: tuple[Post, Person, Unit], answers: Answers) -> Form:  # noqa: ARG002
        post, person, unit = subject
        who = {"name": person.name, "role": phrases.ROLE[post.role], "unit": unit.name}
        ask = _("Hand over the post of {name} ({role}, {unit})?", **who)
        under = (
            _("Nothing changes until the new person opens the code."),
            _("Then drafts and reminders go to them, and {name} has no access any more.", **who),
        )
        options = {"make": _("Make the code"), "leave": _("No")}
        sure = OneChoice("sure", ask, under=under, options=options)
        return Form(_("Handing over"), (sure,), reviewed=False)

    def finish(self, turn: Turn, subject: tuple[Post, Person, Unit], answers: Answers) -> Screen:
        post, person, unit = subject
        if answers["sure"] != "make":
            return offer(turn, "")
        if before := invitations.handover_of(turn.session, post.id, turn.now):
            invitations.withdraw(turn.session, before, turn.me.id, turn.now)
        maker = turn.session.get_one(Person, turn.me.id)
        code = invitations.make(
            turn.session, unit.id, post.role, maker, turn.now, hands_over=post.id
        )
        made = invitations.handover_of(turn.session, post.id, turn.now)
        who = {"name": person.name, "role": phrases.ROLE[post.role], "unit": unit.name}
        heading = _("To take over from {name} ({role}, {unit})", **who)
        choices = (_withdraw(made, person),) if made else ()
        return Screen(tuple(codes.lines(turn, heading, code, post.role)), choices)


def withdraw(turn: Turn, invitation_id: str) -> Screen:
    """The code that was made opens nothing any more."""
    invitation = turn.session.get(Invitation, number(invitation_id))
    post_id = invitation.hands_over if invitation else None
    post = people.post_to_hand_over(turn.session, turn.me, post_id or 0)
    if invitation is None or post is None:
        raise Gone(_("There is no such code for you."))
    if not invitations.withdraw(turn.session, invitation, turn.me.id, turn.now):
        raise Gone(_("There is no such code for you."))
    done = _("The code is withdrawn; the post stays with its holder.")
    return Screen((done,), (Choice(_("Open the menu"), show("menu")),))


# The new person


def post_of(turn: Turn, invitation: Invitation) -> Post | None:
    """The post that a code hands over, locked; None for an ordinary invitation. Raises Gone."""
    if invitation.hands_over is None:
        return None
    post = people.lock_post(turn.session, invitation.hands_over)
    if post.standing is not Standing.ACTIVE:
        raise Gone(_("This invitation is no longer valid. Please ask for a new one."))
    if post.person_id == turn.me.id:
        raise Gone(_("This is your own post; whoever takes it over has to open the code."))
    return post


def accept(turn: Turn, invitation: Invitation, post: Post, person: Person) -> Post:
    """Take the post over, and tell the leaver, the giver and the office."""
    leaver = turn.session.get_one(Person, post.person_id)
    unit = turn.session.get_one(Unit, post.unit_id)
    taken = succession.take_over(turn.session, post, person, FillReport.name, turn.now)
    who = {"name": person.name, "role": phrases.ROLE[post.role], "unit": unit.name}
    ended = _("{name} has taken over your post: {role}, {unit}.", **who)
    thanks = _("You have no access to it any more. Thank you for your work!")
    menu = Choice(_("Open the menu"), show("menu"))
    turn.tell(leaver.id, Screen((strong(ended), thanks), (menu,)))
    news = _("{name} has taken over from {leaver}: {role}, {unit}.", **who, leaver=leaver.name)
    told = {officer.id for officer in _office(turn, post.role, unit)} | {invitation.made_by or 0}
    for person_id in sorted(told - {0, leaver.id, person.id}):
        turn.tell(person_id, Screen((news,)))
    return taken


def _office(turn: Turn, role: Role, unit: Unit) -> list[Person]:
    """Who is to know about a change of this post."""
    if role in AT_THE_OFFICE:
        return [p for _post, p in people.holders(turn.session, unit.id, {Role.ADMIN})]
    return office.in_charge_of(turn, unit)


def offered(turn: Turn, post: Post, unit: Unit) -> Message:
    leaver = turn.session.get_one(Person, post.person_id)
    who = {"name": phrases.name(leaver), "role": phrases.ROLE[post.role], "unit": unit.name}
    return _("You take over from {name} as {role}, {unit}.", **who)
