"""Invitation codes: made for one role at one unit, and opened by whoever holds the code."""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update

from core.message import Message, _
from core.roles import AT_THE_OFFICE, Role
from storage import audit
from storage.database import Instant, Json, primary_key, words
from storage.people import Person

log = logging.getLogger(__name__)

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32: no 0 and O, no 1 and I
LENGTH = 10  # 32 ** 10 codes are 50 bits

AT_OFFICE_LASTS = timedelta(hours=48)
AT_SCHOOL_LASTS = timedelta(days=7)  # a school hears of it by letter, and opens less
LASTS: Mapping[Role, timedelta] = {
    role: AT_OFFICE_LASTS if role in AT_THE_OFFICE else AT_SCHOOL_LASTS for role in Role
}

WRONG_IN_A_DAY = 5  # of one person
ALARM_AT = 50  # wrong codes of everybody in a day; people who copy a letter make a few
DAY = timedelta(days=1)

_MISREAD = str.maketrans("1I", "LL")


def is_code(typed: str) -> bool:
    """Whether it is written as a code, which words in small letters are not."""
    meant = typed.strip()
    letters = set(meant.upper().translate(_MISREAD))
    written_so = meant.isupper() or any(letter.isdecimal() for letter in meant)
    return len(meant) == LENGTH and written_so and letters <= set(ALPHABET)


class Invitation(SQLModel, table=True):
    """code_hash: see `_hash`; the code itself is kept nowhere. topics: empty for all.

    hands_over: the post that goes to whoever opens it; None for a post besides the others.
    """

    id: int = primary_key()
    code_hash: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.id")
    role: Role = words(Role)
    topics: list[str] = Field(default_factory=list, sa_type=Json())
    uses_left: int
    expires_at: datetime = Field(sa_type=Instant)
    made_by: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime = Field(sa_type=Instant)
    hands_over: int | None = Field(default=None, foreign_key="post.id")


class WrongCode(SQLModel, table=True):
    """A code that somebody tried in vain; forgotten after a day."""

    __tablename__ = "wrong_code"

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id", index=True)
    at: datetime = Field(sa_type=Instant, index=True)


class BadCode(Exception):
    """message: what to tell the person; it does not say whether such a code exists."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


def make(
    session: Session,
    unit_id: int,
    role: Role,
    made_by: Person | None,
    now: datetime,
    uses: int = 1,
    lasts: timedelta | None = None,
    topics: tuple[str, ...] = (),
    hands_over: int | None = None,
) -> str:
    """Return the code, which can be read only here. lasts: None for what `LASTS` says."""
    code = "".join(secrets.choice(ALPHABET) for _n in range(LENGTH))
    by_id = made_by.id if made_by else None
    invitation = Invitation(
        code_hash=_hash(code),
        unit_id=unit_id,
        role=role,
        topics=list(topics),
        uses_left=uses,
        expires_at=now + (LASTS[role] if lasts is None else lasts),
        made_by=by_id,
        made_at=now,
        hands_over=hands_over,
    )
    session.add(invitation)
    session.flush()
    offered = {"unit": unit_id, "role": role, "hands_over": hands_over}
    audit.record(session, now, by_id, invitation, "invited", None, offered)
    return code


def look(session: Session, code: str, person: Person, now: datetime) -> Invitation:
    """The invitation of this code, as the person typed it; `use` then uses it up.

    Raises BadCode. The caller must commit even then, as the attempt counts.
    """
    may_try(session, person, now)
    invitation = _find(session, code)
    if invitation is None or invitation.uses_left < 1 or invitation.expires_at <= now:
        count_wrong(session, person, now)
        raise BadCode(_not_valid())
    return invitation


def may_try(session: Session, person: Person, now: datetime) -> None:
    """Raises BadCode for somebody who tried too many wrong codes today. Locks them."""
    _lock(session, person)
    if _wrong_today(session, now, person) >= WRONG_IN_A_DAY:
        raise BadCode(_("Too many wrong codes today. Please try again tomorrow."))


def use(session: Session, invitation: Invitation, person: Person, now: datetime) -> None:
    """Take one use; of two who take the last one, one gets BadCode and nothing is counted."""
    taken = session.exec(
        update(Invitation)
        .where(
            col(Invitation.id) == invitation.id,
            col(Invitation.uses_left) > 0,
            col(Invitation.expires_at) > now,
        )
        .values(uses_left=col(Invitation.uses_left) - 1)
    )
    if taken.rowcount != 1:
        raise BadCode(_not_valid())
    session.refresh(invitation)
    log.info("person %s used invitation %s", person.id, invitation.id)


def handover_of(session: Session, post_id: int, now: datetime) -> Invitation | None:
    """The code for this post that nobody has opened yet."""
    return session.exec(
        select(Invitation).where(
            Invitation.hands_over == post_id,
            Invitation.uses_left > 0,
            Invitation.expires_at > now,
        )
    ).first()


def withdraw(session: Session, invitation: Invitation, by_id: int, now: datetime) -> bool:
    """Whether it was still good; of this and of `use` at once, one wins."""
    taken = session.exec(
        update(Invitation)
        .where(col(Invitation.id) == invitation.id, col(Invitation.uses_left) > 0)
        .values(uses_left=0)
    )
    if taken.rowcount:
        audit.record(session, now, by_id, invitation, "withdrawn")
    return taken.rowcount == 1


def withdraw_handovers_by(session: Session, maker_id: int, now: datetime) -> None:
    """Whoever has left hands over nothing any more."""
    made = select(Invitation).where(
        Invitation.made_by == maker_id, col(Invitation.hands_over).is_not(None)
    )
    for invitation in session.exec(made.where(Invitation.uses_left > 0)):
        withdraw(session, invitation, maker_id, now)


def wrong_today(session: Session, now: datetime) -> int:
    """Wrong codes of everybody in the last day; `ALARM_AT` of them look like guessing."""
    return _wrong_today(session, now)


def plain(typed: str) -> str:
    """What was meant: in capitals, without spaces and dashes; only L looks like 1 and I."""
    kept = "".join(letter for letter in typed.upper() if letter.isalnum())
    return kept.translate(_MISREAD)


def _find(session: Session, code: str) -> Invitation | None:
    meant = plain(code)
    if len(meant) != LENGTH:
        return None
    return session.exec(select(Invitation).where(Invitation.code_hash == _hash(meant))).first()


def _hash(code: str) -> str:
    """Slow on purpose, about 20 ms.

    Whoever steals a backup could try all 2 ** 50 codes against a fast hash within days. The
    salt is the same for all, because a code is looked up by its hash; it is random already.
    """
    return hashlib.scrypt(
        code.encode(), salt=b"phongbot invitation", n=2**12, r=8, p=1, dklen=32
    ).hex()


def _lock(session: Session, person: Person) -> None:
    """Let one person's attempts pass one by one, so that none slips by the limit."""
    session.exec(select(Person.id).where(Person.id == person.id).with_for_update())


def _wrong_today(session: Session, now: datetime, person: Person | None = None) -> int:
    wrong = select(func.count()).select_from(WrongCode).where(col(WrongCode.at) > now - DAY)
    if person:
        wrong = wrong.where(WrongCode.person_id == person.id)
    return session.exec(wrong).one()


def count_wrong(session: Session, person: Person, now: datetime) -> None:
    """A code that opens nothing, of whatever kind it was meant to be."""
    session.exec(delete(WrongCode).where(col(WrongCode.at) <= now - DAY))
    session.add(WrongCode(person_id=person.id, at=now))
    session.flush()
    if _wrong_today(session, now) == ALARM_AT:
        log.warning("%s wrong invitation codes in a day: somebody may be guessing", ALARM_AT)


def _not_valid() -> Message:
    return _("This code is not valid. Please check it, or ask whoever gave it for a new one.")
