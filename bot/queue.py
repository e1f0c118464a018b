"""Which of the letters this process holds for one channel goes next. Pure: time is given.

The rules: a chat gets the letters of a lane in order and one by one; replies go before nudges,
and nudges before broadcasts; bulk messages keep their slots and leave some places to replies;
no chat is written to faster than it may be. A letter has a place from the moment it starts until
what became of it is committed, so the places bound what a crash can repeat. One that gets no
answer for long gives its place to another, or a few such would hold up everybody; they are the
ones that will most likely be repeated in any case.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count

from bot.pace import ChatPace, Slots
from storage.outbox import BULK, Lane, Letter

TOGETHER = 0.01  # seconds; bulk messages whose slots are closer than this go at once
SLOW_FOR_A_PLACE = 10  # letters without an answer for each place; half of them bulk messages


@dataclass(slots=True)
class _Places:
    """busy: letters on their way. slow: those besides that have given their place to another."""

    all: int
    most_slow: int
    busy: int = 0
    slow: int = 0

    @property
    def is_full(self) -> bool:
        return self.busy >= self.all

    def leave(self, slow: bool) -> None:
        self.slow -= slow
        self.busy -= not slow


@dataclass(eq=False, slots=True)
class _Chain:
    """The letters of one chat and lane; only the first may be on its way."""

    lane: Lane
    letters: deque[Letter] = field(default_factory=deque)
    on_its_way: bool = False
    slow: bool = False


class Queue:
    """places: how many letters may be on their way at once.

    closed: lanes of which nothing starts.
    """

    def __init__(self, places: int, pace: ChatPace) -> None:
        slow = places * SLOW_FOR_A_PLACE
        self.slots = Slots()
        self.closed: frozenset[Lane] = frozenset()
        self._places = _Places(places, slow)
        self._bulk_places = _Places(places - max(1, places // 4), slow // 2)
        self._pace = pace
        self._chains: dict[tuple[int, Lane], _Chain] = {}
        self._ready: dict[Lane, deque[_Chain]] = {lane: deque() for lane in Lane}
        self._resting: list[tuple[float, int, _Chain]] = []
        self._numbers = count()
        self._paused_until = self._bulk_at = 0.0

    def put(self, letter: Letter) -> None:
        key = (letter.address_id, letter.lane)
        chain = self._chains.get(key)
        if chain is None:
            chain = self._chains[key] = _Chain(letter.lane)
            self._ready[letter.lane].append(chain)
        chain.letters.append(letter)
        if len(chain.letters) > 1 and letter.id < chain.letters[-2].id:
            _put_in_order(chain)

    def next(self, now: float) -> Letter | None:
        """Start the letter that may go now, if any."""
        while self._resting and self._resting[0][0] <= now:
            chain = heappop(self._resting)[2]
            self._ready[chain.lane].append(chain)
        if self._places.is_full or self.is_paused(now):
            return None
        if letter := self._first(Lane.REPLY, now):
            self.slots.give_way()
        elif self._bulk_may_go(now) and (letter := self._first_bulk(now)):
            self._bulk_places.busy += 1
            self._bulk_at = now
            self.slots.take()
        return letter

    def slow(self, letter: Letter) -> None:
        """It is on its way for long; another may start, unless too many are slow already."""
        taken = self._places_of(letter)
        if all(places.slow < places.most_slow for places in taken):
            self._chains[letter.address_id, letter.lane].slow = True
            for places in taken:
                places.busy -= 1
                places.slow += 1

    def done(self, letter: Letter) -> None:
        """It was sent, or has failed, and this is committed."""
        chain = self._stop(letter)
        chain.letters.popleft()
        if chain.letters:
            self._ready[letter.lane].append(chain)
        else:
            del self._chains[letter.address_id, letter.lane]

    def rest(self, letter: Letter, until: float) -> None:
        """It is to be tried again, perhaps changed, and this is committed."""
        chain = self._stop(letter)
        chain.letters[0] = letter
        self._rest(chain, until)

    def pause(self, until: float, chat: str | None = None) -> None:
        """Leave one chat alone, or all."""
        if chat is None:
            self._paused_until = max(until, self._paused_until)
        else:
            self._pace.pause(chat, until)

    def is_paused(self, now: float) -> bool:
        return now < self._paused_until

    def drop(self, address_id: int) -> list[Letter]:
        """Take out what waits for a chat; what is on its way stays."""
        chains = [self._chains.get((address_id, lane)) for lane in Lane]
        return [letter for chain in chains if chain for letter in self._empty(chain)]

    def clear(self) -> None:
        """Take out everything that waits; what is on its way stays."""
        for chain in list(self._chains.values()):
            self._empty(chain)

    def move(self, address_id: int, chat: str) -> None:
        for lane in Lane:
            if chain := self._chains.get((address_id, lane)):
                moved = [replace(letter, chat=chat) for letter in chain.letters]
                chain.letters = deque(moved)

    def due(self, now: float) -> float | None:
        """When to ask `next` again, if nothing else happens; None: not before."""
        if self._places.is_full:
            return None
        moments = [self._resting[0][0]] if self._resting else []
        if self._ready[Lane.REPLY]:
            moments.append(now)
        if self.ready_bulk and not self._bulk_places.is_full:
            opens = self.slots.open_at(now)
            moments += [] if opens is None else [max(opens, self._bulk_at + TOGETHER)]
        return max(self._paused_until, min(moments)) if moments else None

    @property
    def ready_bulk(self) -> int:
        """How many bulk messages only lack a slot."""
        return sum(len(self._ready[lane]) for lane in BULK if lane not in self.closed)

    def lacking(self, most: int) -> int:
        """How many slots to ask for, so that bulk messages can go; at most `most`."""
        if self._bulk_places.is_full:
            return 0
        return max(0, min(most, self.ready_bulk) - len(self.slots))

    @property
    def held(self) -> int:
        """In how many chats and lanes something waits or is on its way."""
        return len(self._chains)

    @property
    def active(self) -> bool:
        """Whether something is on its way or to go for the first time."""
        return any(c.on_its_way or not c.letters[0].attempts for c in self._chains.values())

    def letters(self) -> Iterable[Letter]:
        return (letter for chain in self._chains.values() for letter in chain.letters)

    def _first(self, lane: Lane, now: float) -> Letter | None:
        ready = self._ready[lane]
        while ready:
            chain = ready.popleft()
            if not chain.letters:  # taken out meanwhile
                continue
            letter = chain.letters[0]
            free_at = self._pace.free_at(letter.chat, now)
            if free_at <= now:
                self._pace.spend(letter.chat, now)
                self._places.busy += 1
                chain.on_its_way = True
                return letter
            self._rest(chain, free_at)
        return None

    def _first_bulk(self, now: float) -> Letter | None:
        lanes = (lane for lane in BULK if lane not in self.closed)
        return next(filter(None, (self._first(lane, now) for lane in lanes)), None)

    def _bulk_may_go(self, now: float) -> bool:
        opens = self.slots.open_at(now)
        return opens is not None and opens <= now and not self._bulk_places.is_full

    def _stop(self, letter: Letter) -> _Chain:
        chain = self._chains[letter.address_id, letter.lane]
        for places in self._places_of(letter):
            places.leave(chain.slow)
        chain.on_its_way = chain.slow = False
        return chain

    def _places_of(self, letter: Letter) -> list[_Places]:
        return [self._places] if letter.lane is Lane.REPLY else [self._places, self._bulk_places]

    def _rest(self, chain: _Chain, until: float) -> None:
        heappush(self._resting, (until, next(self._numbers), chain))

    def _empty(self, chain: _Chain) -> list[Letter]:
        first = [chain.letters.popleft()] if chain.on_its_way else []
        waiting = list(chain.letters)
        chain.letters.clear()
        chain.letters.extend(first)
        if waiting and not first:
            del self._chains[waiting[0].address_id, chain.lane]
        return waiting


def _put_in_order(chain: _Chain) -> None:
    """Two transactions may be handed over in the other order than they were committed in."""
    first = [chain.letters.popleft()] if chain.on_its_way else []
    chain.letters = deque(first + sorted(chain.letters, key=lambda letter: letter.id))
