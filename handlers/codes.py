"""How an invitation code is shown to whoever made it."""

from core.message import Message, Tappable, _, strong
from core.roles import Role
from handlers import phrases
from handlers.flow import Turn
from storage import invitations


def lines(turn: Turn, heading: Message, code: str, role: Role) -> list[Message]:
    """The code, the link that opens it, and how long it is good for."""
    shown = [strong(heading), _("Code: {code}", code=code)]
    if turn.bot_name:
        link = f"https://t.me/{turn.bot_name}?start={code}"
        shown.append(_("Link: {link}", link=Tappable(link)))
    until = phrases.moment(turn, turn.now + invitations.LASTS[role])
    return [*shown, _("Good for one person, until {when}.", when=until)]
