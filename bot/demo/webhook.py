"""Delivers updates to the bot's own address, in order within each chat, until it says 2xx."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from bot.demo.refusal import Json
from bot.demo.updates import Update, Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  its name, not its value
# Not documented: Telegram waits about a minute for an answer, and between tries ever longer.
LONGEST_ANSWER = aiohttp.ClientTimeout(total=60)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Hook:
    url: str
    secret: str = ""
    max_connections: int = 40


class Webhook:
    """first_pause: seconds between the first failed try of an update and the second."""

    def __init__(self, updates: Updates, first_pause: float = FIRST_PAUSE) -> None:
        self.hook: Hook | None = None
        self._updates = updates
        self._first_pause = first_pause
        self._lanes: dict[int, deque[Update]] = {}
        self._start: Callable[[int], None] | None = None
        self._places = asyncio.Semaphore()
        self._error: tuple[int, str] | None = None

    def set(self, hook: Hook | None) -> None:
        self.hook, self._error, self._lanes = hook, None, {}
        self._updates.offer = self._offer if hook else None
        if hook:
            self._places = asyncio.Semaphore(hook.max_connections)
            self._updates.interrupt()
            for update in self._updates.pending.values():
                self._offer(update)

    def described(self) -> Json:
        """WebhookInfo of the Bot API."""
        url = self.hook.url if self.hook else ""
        info: Json = {"url": url, "has_custom_certificate": False}
        info["pending_update_count"] = len(self._updates.pending)
        if self.hook:
            info["max_connections"] = self.hook.max_connections
        if self._error:
            info["last_error_date"], info["last_error_message"] = self._error
        if self._updates.allowed is not None:
            info["allowed_updates"] = sorted(self._updates.allowed)
        return info

    async def run(self) -> None:
        """Delivers until cancelled."""
        async with (
            aiohttp.ClientSession(timeout=LONGEST_ANSWER) as http,
            asyncio.TaskGroup() as group,
        ):
            self._start = lambda chat: _keep(group.create_task(self._deliver(http, chat)))
            for chat in self._lanes:
                self._start(chat)
            await asyncio.Event().wait()

    def _offer(self, update: Update) -> None:
        if update.chat_id in self._lanes:
            self._lanes[update.chat_id].append(update)
            return
        self._lanes[update.chat_id] = deque([update])
        if self._start:
            self._start(update.chat_id)

    async def _deliver(self, http: aiohttp.ClientSession, chat: int) -> None:
        """One chat's updates, one after the other, while this hook is the one that is set."""
        hook, lane = self.hook, self._lanes.get(chat)
        while hook and lane and self._lanes.get(chat) is lane:
            async with self._places:
                await self._until_taken(http, hook, lane)
        if self._lanes.get(chat) is lane:
            self._lanes.pop(chat, None)

    async def _until_taken(
        self, http: aiohttp.ClientSession, hook: Hook, lane: deque[Update]
    ) -> None:
        pause, update = self._first_pause, lane[0]
        while self.hook is hook and update.id in self._updates.pending:
            if await self._post(http, hook, update):
                self._updates.confirm([update.id])
                break
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        lane.popleft()

    async def _post(self, http: aiohttp.ClientSession, hook: Hook, update: Update) -> bool:
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers[SECRET_HEADER] = hook.secret
        self._updates.handed([update.id], "webhook")
        try:
            post = http.post(hook.url, data=update.encoded, headers=headers, allow_redirects=False)
            async with post as answer:
                taken = 200 <= answer.status < 300
                wrong = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError):
            taken, wrong = False, "Connection failed"
        if not taken:
            self._error = (int(time.time()), wrong)
        return taken


def _keep(_: "asyncio.Task[None]") -> None:
    """The group that made the task holds it."""
