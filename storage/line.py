"""Threads that wait in line for what only one of them may have."""

import threading
from collections import deque


class Line:
    """A lock that whoever has waited longest gets next.

    With a common lock, or SQLite's own, a thread that lets go and asks again at once is first
    again, and others wait for as long as it has work.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns: deque[threading.Lock] = deque()
        self._taken = False

    @property
    def is_free(self) -> bool:
        return not self._taken

    @property
    def waiting(self) -> int:
        return len(self._turns)

    def enter(self, seconds: float) -> bool:
        """Whether it was one's turn within so many seconds; then `leave` is to be called."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._turns.append(turn)
        return turn.acquire(timeout=seconds) or self._came_after_all(turn)

    def leave(self) -> None:
        with self._guard:
            if self._turns:
                self._turns.popleft().release()
            else:
                self._taken = False

    def _came_after_all(self, turn: threading.Lock) -> bool:
        with self._guard:
            if turn in self._turns:
                self._turns.remove(turn)
                return False
            return True
