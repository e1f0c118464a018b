"""Poll for updates: the next ones are asked for only once all before them are committed.

Asking with a higher offset is what confirms the updates below it, so a crash at any moment has
the platform repeat whatever was not committed, and nothing is lost.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError

from bot.channels.request import SlowDown
from bot.settings import WrongSetting

# Seconds. The first wait is short, as most failures are a dropped connection; the last is that
# of a bot that comes back soon after its network does.
FIRST_WAIT, LONGEST_WAIT, GROWTH = 0.5, 30.0, 2.0

# Seconds for which another poller is taken for our own predecessor: a poll that its death left
# open is held by the platform for up to 30 s, and a service may take as long to stop.
CONFLICT_PATIENCE = 60.0

CONFIRM = 3.0  # seconds that stopping may take to confirm what was committed

log = logging.getLogger(__name__)

Update = dict[str, Any]
Take = Callable[[Sequence[Update]], Awaitable[None]]


class Source(Protocol):
    """Where updates come from. Both raise TelegramError."""

    async def updates(self, offset: int | None, seconds: int = ...) -> list[Any]: ...

    async def delete_webhook(self) -> None: ...


class CannotPoll(Exception):
    """One sentence for the operator."""


class AnotherPoller(CannotPoll):
    def __init__(self) -> None:
        super().__init__(
            "Another program receives the messages of this bot: stop it, and start this one again."
        )


class WrongToken(WrongSetting):
    def __init__(self) -> None:
        super().__init__(
            "PHONGBOT_TELEGRAM_TOKEN: Telegram does not know this bot; @BotFather shows its token."
        )


async def poll(
    source: Source,
    take: Take,
    *,
    heard: Callable[[], None] = lambda: None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Take updates for ever, in order, in batches. Raises CannotPoll, WrongToken.

    take: returns once the whole batch is committed; where it raises, the batch comes again.
    heard: called whenever the platform has answered. now: machine time in seconds.
    """
    patience = _Patience(sleep, now)
    await _without_webhook(source, patience)
    reader = _Reader(source, take, heard)
    try:
        while True:
            try:
                await reader.step()
            except Exception as error:
                await patience.lose(error)
            else:
                patience.regain()
    finally:
        await reader.confirm()


async def _without_webhook(source: Source, patience: "_Patience") -> None:
    """A bot with a webhook may not poll."""
    while True:
        try:
            return await source.delete_webhook()
        except TelegramError as error:
            await patience.lose(error)


class _Reader:
    def __init__(self, source: Source, take: Take, heard: Callable[[], None]) -> None:
        self._source, self._take, self._heard = source, take, heard
        self._offset: int | None = None

    async def step(self) -> None:
        """Ask once, and take what came."""
        batch = await self._source.updates(self._offset)
        self._heard()
        updates = [update for update in batch if _number(update) is not None]
        if len(updates) < len(batch):
            log.error("%s updates without a number are left out", len(batch) - len(updates))
            if not updates:  # nothing that could be confirmed: they would come at full speed
                raise NetworkError("updates have no numbers")
        if updates:
            await self._take(updates)
            self._offset = max(number for u in updates if (number := _number(u)) is not None) + 1
        else:
            # All is confirmed. After a quiet week the numbers start anew, perhaps below ours.
            self._offset = None

    async def confirm(self) -> None:
        """Spare the next start the updates that are committed; it would know them anyway."""
        if self._offset is not None:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(CONFIRM):
                    await self._source.updates(self._offset, 0)


class _Patience:
    """How long to wait after each failure in a row, and which of them is the end."""

    def __init__(
        self, sleep: Callable[[float], Awaitable[object]], now: Callable[[], float]
    ) -> None:
        self._sleep, self._now = sleep, now
        self._failures = 0
        self._said = ""
        self._conflict_since: float | None = None

    async def lose(self, error: Exception) -> None:
        """Wait before the next try. Raises as `poll` does."""
        if isinstance(error, InvalidToken):
            raise WrongToken from None
        self._bear_conflict(error)
        self._say(error)
        await self._sleep(self._wait(error))
        self._failures += 1

    def regain(self) -> None:
        if self._failures:
            log.info("updates arrive again")
        self._failures, self._said, self._conflict_since = 0, "", None

    def _bear_conflict(self, error: Exception) -> None:
        if not isinstance(error, Conflict):
            self._conflict_since = None
            return
        if self._conflict_since is None:
            self._conflict_since = self._now()
        if self._now() - self._conflict_since >= CONFLICT_PATIENCE:
            raise AnotherPoller from None

    def _say(self, error: Exception) -> None:
        """Once per kind of trouble, however many tries it takes."""
        kind = type(error).__name__
        if kind == self._said:
            return
        self._said = kind
        if isinstance(error, TelegramError):
            log.warning("no updates for now: %s", error)
        else:
            log.error("updates wait, as they could not be committed", exc_info=error)

    def _wait(self, error: Exception) -> float:
        """In seconds, with a random part, so that many bots do not come back at once."""
        if isinstance(error, SlowDown):
            return error.retry_after.total_seconds()
        longest = min(LONGEST_WAIT, FIRST_WAIT * GROWTH**self._failures)
        return longest * (0.5 + random.random() / 2)  # noqa: S311  no secret depends on it


def _number(update: object) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int else None
