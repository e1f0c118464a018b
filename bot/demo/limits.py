"""How often a bot may send before Telegram tells it to wait."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.refusal import too_many_requests


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages; the sources are Telegram's bot FAQ, "My bot is hitting limits".

    private: per second in one private chat, after a burst of `burst` ("short bursts" are allowed).
    group: per minute in one group. whole: per second over all chats.
    """

    private: float = 1
    burst: int = 5
    group: int = 20
    whole: float = 30


@dataclass(slots=True)
class _Bucket:
    """Leaks at a rate; holds what was sent and has not leaked yet."""

    level: float = 0
    at: float = 0

    def wait(self, now: float, rate: float, size: float) -> float:
        """Seconds until one more fits."""
        self.level = max(0.0, self.level - (now - self.at) * rate)
        self.at = now
        return max(0.0, (self.level + 1 - size) / rate)


class Throttle:
    """Counts what is sent against the limits; without limits it lets everything pass."""

    def __init__(self, limits: Limits | None, now: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._now = now
        self._chats: dict[int, _Bucket] = {}
        self._whole = _Bucket()

    def set(self, limits: Limits | None) -> None:
        self.limits = limits
        self._chats.clear()
        self._whole = _Bucket()

    def check(self, chat_id: int, messages: int = 1) -> None:
        """Count so many messages to a chat. Raises Refused with 429."""
        if self.limits is None:
            return
        now = self._now()
        chat = self._chats.setdefault(chat_id, _Bucket(at=now))
        wait = max(
            chat.wait(now, *self._chat_rate(chat_id, self.limits)),
            self._whole.wait(now, self.limits.whole, self.limits.whole),
        )
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        chat.level += messages
        self._whole.level += messages

    @staticmethod
    def _chat_rate(chat_id: int, limits: Limits) -> tuple[float, float]:
        if chat_id < 0:
            return limits.group / 60, limits.group
        return limits.private, limits.burst
