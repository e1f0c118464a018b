"""Give each chat the platform's own command menu, for its person's role and in their language."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine, String, bindparam, cast, func, select
from sqlmodel import Session, col

from bot.channels.base import SendError
from bot.i18n import LANGUAGES, say
from core.roles import Role, Standing
from handlers import commands
from storage.database import reading
from storage.people import Address, Person, Post

AT_ONCE = 50  # chats of one look


class MenuChannel(Protocol):
    """Raises SendError."""

    async def set_commands(
        self, commands: list[tuple[str, str]], language: str = "", chat: str | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class _Wanted:
    address_id: int
    channel: str
    chat: str
    role: Role | None
    language: str

    @property
    def name(self) -> str:
        return f"{self.role or ''}.{self.language}"


async def for_newcomers(channel: MenuChannel, language: str) -> None:
    """The menu of whoever has none of their own, in each language of the app."""
    await channel.set_commands(_menu(None, language))
    for other in LANGUAGES:
        if other != language:
            await channel.set_commands(_menu(None, other), language=other)


async def bring_up_to_date(
    engine: Engine, channels: Mapping[str, MenuChannel], language: str
) -> int:
    """Set the menus that no longer fit, and return how many. language: of those who chose none."""
    wanted = await asyncio.to_thread(_outdated, engine, language)
    done = [want for want in wanted if await _set(channels, want)]
    await asyncio.to_thread(_note, engine, done)
    return len(done)


async def _set(channels: Mapping[str, MenuChannel], want: _Wanted) -> bool:
    """A chat that cannot be reached keeps what it has; the next look tries again."""
    try:
        menu = _menu(want.role, want.language)
        await channels[want.channel].set_commands(menu, chat=want.chat)
    except SendError:
        return False
    return True


def _menu(role: Role | None, language: str) -> list[tuple[str, str]]:
    return [(c.names[language], say(c.about, language)) for c in commands.offered(role)]


def _outdated(engine: Engine, language: str) -> list[_Wanted]:
    with reading(engine) as session:
        rows = session.execute(_OUTDATED, {"otherwise": language})
        return [_Wanted(*row) for row in rows]


_spoken = func.coalesce(
    func.nullif(col(Person.language), ""), bindparam("otherwise", type_=String)
)
# As `_Wanted.name`; asked every few seconds, so nobody is looked at whose menu fits.
_fitting = func.coalesce(cast(col(Post.role), String), "") + "." + _spoken
_OUTDATED = (
    select(
        *(col(Address.id), col(Address.channel), col(Address.chat), col(Post.role)),
        _spoken.label("language"),
    )
    .join(Person, col(Person.id) == Address.person_id)
    .outerjoin(Post, (col(Post.id) == Person.post_id) & (col(Post.standing) == Standing.ACTIVE))
    .where(col(Address.reachable))
    .where(col(Person.consent_at).is_not(None) | (col(Address.menu) != ""))
    .where(col(Address.menu) != _fitting)
    .limit(AT_ONCE)
)


def _note(engine: Engine, done: list[_Wanted]) -> None:
    with Session(engine) as session:
        for want in done:
            session.get_one(Address, want.address_id).menu = want.name
        session.commit()
