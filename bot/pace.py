"""How fast a channel may be used: each chat, bulk messages, and trying again. Pure: time is given.

Moments here are seconds of any clock that only moves forward.
"""

from collections import deque
from dataclasses import dataclass

# How long to wait before a message is tried again: 1, 2, 4 ... 60 s, and up to a quarter more so
# that those that failed together do not come back together. "Exponential Backoff And Jitter",
# https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
JITTER = 0.25
# 63 s for the first six waits and 60 s for each of the others: an hour, the longest outage that
# people should not notice afterwards.
MOST_ATTEMPTS = 66

SAVED_UP = 0.1  # seconds a slot may be late: at 25 a second never more than 28 in one second
REPLIES_FIRST = 4  # replies slow bulk messages down to a fifth of the rate, but no further
CHATS = 10_000  # remembered before those that are idle are forgotten


def back_off(attempts: int, chance: float) -> float:
    """Seconds until a message is tried again. attempts: from 1. chance: at random, 0 to 1."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 16))
    return wait * (1 + JITTER * chance)


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `burst` messages at once, and one more every `interval` seconds."""

    burst: int
    interval: float


# "Avoid sending more than one message per second" in one chat, short bursts apart, and "20
# messages per minute" in a group: https://core.telegram.org/bots/faq, "My bot is hitting limits".
PRIVATE = Allowance(burst=5, interval=1)
GROUP = Allowance(burst=5, interval=4)  # 5 + 60 / 4 = 20 in any minute


class ChatPace:
    """When each chat may be written to.

    Of a chat only the moment is kept at which its whole burst is allowed again.
    """

    def __init__(self, private: Allowance = PRIVATE, group: Allowance = GROUP) -> None:
        self._private, self._group = private, group
        self._rested_at: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}

    def free_at(self, chat: str, now: float) -> float:
        """The moment from which one message may go; now or earlier: at once."""
        allowed = self._allowance(chat)
        free = self._rested_at.get(chat, now) - (allowed.burst - 1) * allowed.interval
        if self._paused_until:
            return max(free, self._paused_until.get(chat, now))
        return free

    def spend(self, chat: str, now: float) -> None:
        """One message goes."""
        rested = max(now, self._rested_at.get(chat, now))
        self._rested_at[chat] = rested + self._allowance(chat).interval
        if len(self._rested_at) > CHATS:
            self._forget(now)

    def pause(self, chat: str, until: float) -> None:
        """The channel wants this chat to be left alone."""
        self._paused_until[chat] = max(until, self._paused_until.get(chat, until))
        if len(self._paused_until) > CHATS:
            self._forget(until)

    def _allowance(self, chat: str) -> Allowance:
        return self._group if chat[:1] == "-" else self._private  # as Telegram's ids are

    def _forget(self, now: float) -> None:
        self._rested_at = {c: at for c, at in self._rested_at.items() if at > now}
        self._paused_until = {c: at for c, at in self._paused_until.items() if at >= now}


class Slots:
    """The moments this process was given for bulk messages, one for each.

    Replies count against the rate too: each takes a slot, or is owed one.
    """

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self._asked_at = 0.0
        self._owed = self._given_up = 0

    def __len__(self) -> int:
        return len(self._times)

    def owed(self, now: float) -> int:
        """How many replies found no slot since this was last asked; not those of long ago."""
        owed, self._owed = self._owed, 0
        recent, self._asked_at = now - self._asked_at < 1, now
        return owed if recent else 0

    def add(self, first: float, count: int, rate: float) -> None:
        """rate: a second."""
        self._times.extend(first + number / rate for number in range(count))

    def open_at(self, now: float) -> float | None:
        """When the next one is open; None if there is none. Those long past are gone."""
        while self._times and self._times[0] < now - SAVED_UP:
            self._times.popleft()
        return self._times[0] if self._times else None

    def take(self) -> None:
        self._times.popleft()
        self._given_up = 0

    def give_way(self) -> None:
        """A reply goes."""
        if self._times and self._given_up < REPLIES_FIRST:
            self._times.popleft()
            self._given_up += 1
        else:
            self._owed += 1
