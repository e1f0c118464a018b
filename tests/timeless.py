"""An event loop whose time jumps to the next timer, so that tests of waiting take no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
STUCK = 30  # real seconds in which something must happen


class _Selector(selectors.DefaultSelector):
    """Lets time pass only when there is nothing to do."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            ready = super().select(STUCK)
            assert ready, "everything waits for something that will not happen"
            return ready
        self.passed += timeout
        return []


class TimelessLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._passing = _Selector()
        super().__init__(self._passing)

    def time(self) -> float:
        return self._passing.passed


class AtOnce(Executor):
    """Works while the loop waits, as a thread's time is not the loop's."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def play(scene: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a timeless loop."""
    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        return runner.run(scene)


def now() -> datetime:
    """Machine time, as the running timeless loop has it."""
    return START + timedelta(seconds=asyncio.get_running_loop().time())
