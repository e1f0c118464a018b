"""Threads for what waits long, as for a child process, so that it never holds up a tick."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack

AT_ONCE = 4  # children; more would only wait for processors

_threads = ThreadPoolExecutor(AT_ONCE, "beside")

T = TypeVar("T")
Given = TypeVarTuple("Given")


async def wait_for(work: Callable[[Unpack[Given]], T], *given: *Given) -> T:
    """What `work` returns, which may block for long. Raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *given)
