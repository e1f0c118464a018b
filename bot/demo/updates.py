"""The updates that wait for the bot, and the two ways it may fetch them."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from bot.demo.ledger import Ledger
from bot.demo.refusal import Json, Refused

# Bot API, getUpdates and setWebhook: allowed_updates. These come only when asked for.
ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
# Bot API, getUpdates: limit, 1-100.
MOST_AT_ONCE = 100
# Not documented: Telegram's server answers a long poll after 50 seconds at the latest.
LONGEST_POLL = 50

OTHER_POLL = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_SET = "terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
NEWS, GONE = "", "gone"


@dataclass(frozen=True, slots=True)
class Update:
    """encoded: the whole Update object as JSON."""

    id: int
    chat_id: int
    encoded: bytes


class Updates:
    """A queue that forgets an update only when it is confirmed."""

    def __init__(self, ledger: Ledger, first_id: int = 500_000_001) -> None:
        self.pending: OrderedDict[int, Update] = OrderedDict()
        self.allowed: frozenset[str] | None = None
        self.offer: Callable[[Update], None] | None = None  # set while a webhook is
        self._ledger = ledger
        self._next_id = first_id
        self._poll: asyncio.Future[str] | None = None

    def add(self, kind: str, chat_id: int, body: Json) -> int | None:
        """The new update's id; None where the bot did not ask for this kind."""
        if not self._wanted(kind):
            return None
        update_id = self._next_id
        self._next_id += 1
        encoded = json.dumps({"update_id": update_id, kind: body}, ensure_ascii=False).encode()
        update = self.pending[update_id] = Update(update_id, chat_id, encoded)
        text = body.get("text") or body.get("data") or body.get("caption") or ""
        self._ledger.add("update", update_id=update_id, kind=kind, chat_id=chat_id, text=text)
        if self.offer:
            self.offer(update)
        self._end_poll(NEWS)
        return update_id

    def allow(self, kinds: list[str] | None) -> None:
        """From now on; None leaves it as it is, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def _wanted(self, kind: str) -> bool:
        return kind not in ONLY_WHEN_ASKED if self.allowed is None else kind in self.allowed

    async def poll(
        self, offset: int, limit: int, seconds: float, left: Callable[[], Awaitable[object]]
    ) -> list[bytes]:
        """getUpdates. left: returns when the caller hangs up. Raises Refused."""
        if self.offer:
            raise Refused(WEBHOOK_ACTIVE, 409)
        self._end_poll(OTHER_POLL)
        self._forget(offset)
        if not self.pending and seconds > 0:
            reason = await self._wait(min(seconds, LONGEST_POLL), left)
            if reason == GONE:
                return []
            if reason != NEWS:
                raise Refused(reason, 409)
        return self._hand(max(1, min(limit, MOST_AT_ONCE)))

    @property
    def waiting(self) -> bool:
        """Whether a long poll waits for news."""
        return self._poll is not None

    def interrupt(self) -> None:
        """A webhook takes over."""
        self._end_poll(WEBHOOK_SET)

    def stop(self) -> None:
        """The server ends: nobody waits any more."""
        self._end_poll(GONE)

    def drop(self) -> None:
        """Forget everything that waits."""
        self.confirm(list(self.pending))

    def confirm(self, ids: Iterable[int]) -> None:
        gone = [one for one in ids if self.pending.pop(one, None)]
        if gone:
            self._ledger.add("confirmed", updates=gone)

    def handed(self, ids: list[int], by: str) -> None:
        self._ledger.add("handed", updates=ids, by=by)

    def _forget(self, offset: int) -> None:
        """An offset confirms what is before it; a negative one keeps so many of the last."""
        if offset < 0:
            self.confirm(list(self.pending)[:offset])
            return
        before = []
        for update_id in self.pending:
            if update_id >= offset:
                break
            before.append(update_id)
        self.confirm(before)

    def _hand(self, limit: int) -> list[bytes]:
        chosen = [one for one, _ in zip(self.pending.values(), range(limit), strict=False)]
        if chosen:
            self.handed([one.id for one in chosen], "poll")
        return [one.encoded for one in chosen]

    async def _wait(self, seconds: float, left: Callable[[], Awaitable[object]]) -> str:
        mine: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = mine
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(_hang_up(left, mine))
            await asyncio.wait((mine,), timeout=seconds)
            watcher.cancel()
        if self._poll is mine:
            self._poll = None
        return mine.result() if mine.done() else NEWS

    def _end_poll(self, reason: str) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result(reason)


async def _hang_up(left: Callable[[], Awaitable[object]], poll: "asyncio.Future[str]") -> None:
    await left()
    if not poll.done():
        poll.set_result(GONE)
