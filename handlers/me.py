"""About me: posts and which one to act for, name, phone number, erasing."""

from core.form import Form
from core.message import Message, _, strong, verbatim
from core.question import OneChoice, Phone, Question
from core.roles import MAY_HAND_OVER, Standing
from core.screen import Choice, Screen, open_flow, show
from handlers import phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.menu import menu
from handlers.registration import FullName, welcome
from handlers.registration import act_for as to_act_for
from storage import conversations, erasing, people
from storage.people import Person, Post
from storage.units import Unit


def about_me(turn: Turn, _about: str) -> Screen:
    if not turn.me.consented:
        return welcome(turn)
    person = turn.session.get_one(Person, turn.me.id)
    posts = people.posts_of(turn.session, person.id)
    lines = [strong(verbatim(person.name)), _("Phone: {phone}", phone=person.phone or "–")]
    lines += [_post_line(turn, post, unit) for post, unit in posts]
    switches = [
        to_act_for(post, unit)
        for post, unit in posts
        if post.standing is Standing.ACTIVE and post.id != turn.me.post_id
    ]
    if turn.me.role in MAY_HAND_OVER:
        switches.append(Choice(_("Hand over a post"), show("handover")))
    return Screen(tuple(lines), (*switches, *_changes()))


def act_for(turn: Turn, post_id: str) -> Screen:
    """From now on the person acts for another of their posts."""
    mine = {str(post.id): (post, unit) for post, unit in people.posts_of(turn.session, turn.me.id)}
    post, unit = mine.get(post_id, (None, None))
    if post is None or unit is None or post.standing is not Standing.ACTIVE:
        raise Gone(_("You do not hold this post."))
    people.act_for(turn.session, turn.me.id, post.id)
    conversations.pause(turn.session, turn.me.id)  # it may be about the post acted for so far
    role = phrases.ROLE[post.role]
    return Screen(
        (_("You act as {role}, {unit}.", role=role, unit=unit.name),),
        (Choice(_("Open the menu"), show("menu")),),
    )


class ChangeName(FormFlow[None]):
    name = "name"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        _consented(turn)

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        name: Question = FullName("name", _("Your full name, please."), longest=80)
        return Form(_("Name"), (name,), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        turn.session.get_one(Person, turn.me.id).name = answers["name"]
        return about_me(turn, "")


class ChangePhone(FormFlow[None]):
    name = "phone"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        _consented(turn)

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        phone = Phone("phone", _("A phone number, so that the office can call you."))
        return Form(_("Phone number"), (phone,), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        turn.session.get_one(Person, turn.me.id).phone = answers["phone"]
        saved = _("Your number is saved: {phone}", phone=answers["phone"])
        return Screen((saved,))


class Erase(FormFlow[None]):
    """Take out a person's name and number and end their posts; filed reports stay."""

    name = "erase"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        _consented(turn)

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        warning = (
            _("Your name and phone number are erased and your posts end at once."),
            _("Reports that were handed in stay with the office, as its archive must keep them."),
        )
        options = {"erase": _("Erase my data"), "stay": _("No, keep it")}
        sure = OneChoice("sure", _("Shall we erase your data?"), under=warning, options=options)
        return Form(_("Erase my data"), (sure,), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        if answers["sure"] != "erase":
            return about_me(turn, "")
        if people.is_last_admin(turn.session, turn.me.id):
            last = _("You are the office's last administrator; please invite another one first.")
            return menu(turn, "").under(last)
        erasing.erase(turn.session, turn.me.id, turn.now)
        return Screen(
            (_("Done. Your name and phone number are erased. Thank you for your work!"),)
        )


def _consented(turn: Turn) -> None:
    if not turn.me.consented:
        raise Gone(_("Please register first."))


def _post_line(turn: Turn, post: Post, unit: Unit) -> Message:
    place = {"role": phrases.ROLE[post.role], "unit": unit.name}
    if post.standing is Standing.PENDING:
        return _("• {role}, {unit} (waits for the office)", **place)
    if post.id == turn.me.post_id:
        return _("• {role}, {unit} (you act for this one)", **place)
    return _("• {role}, {unit}", **place)


def _changes() -> tuple[Choice, ...]:
    return (
        Choice(_("Change my name"), open_flow("name")),
        Choice(_("Change my phone number"), open_flow("phone")),
        Choice(_("Time of reminders"), open_flow("hour")),
        Choice(_("Register for another school"), open_flow("register")),
        Choice(_("Erase my data"), open_flow("erase")),
    )
