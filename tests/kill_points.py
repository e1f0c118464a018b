"""For programs that tests run and kill: end with SIGKILL at a named point, when it is reached."""

import os
import signal
from collections.abc import Callable
from typing import Any


def armed(point: str) -> Callable[[Any, str, str, str], None]:
    """What puts a named point before and after a function, given its owner and its name.

    point: "name:count", of the point to die at and at which time it is reached, from 1.
    """
    name, wanted = point.split(":")
    passed = 0

    def kill_at(here: str) -> None:
        nonlocal passed
        if here == name:
            passed += 1
            if passed == int(wanted):
                os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: Any, attribute: str, before: str, after: str) -> None:
        real = getattr(owner, attribute)

        def wrapped(*given: Any, **named: Any) -> Any:
            kill_at(before)
            result = real(*given, **named)
            kill_at(after)
            return result

        setattr(owner, attribute, wrapped)

    return around
