"""Server-sent events: what a chat shows, and the state of the server."""

import asyncio
import json
from collections.abc import AsyncIterator

from bot.demo.refusal import Json
from bot.demo.state import Bell, Chat, State

# A line now and then lets both sides notice a connection that broke.
QUIET_SECONDS = 15.0
# The state changes with every call; a page need not see each change.
PAUSE_SECONDS = 0.1


async def events_of(state: State, chat: Chat, after: int) -> AsyncIterator[str]:
    """Events of a chat after that number (the first is 1), until the server ends."""
    at = after if 0 <= after <= len(chat.events) else 0  # numbers of an earlier server say nothing
    while not state.closing.is_set():
        for event in chat.events[at:]:
            at += 1
            yield f"id: {at}\ndata: {_encoded(event)}\n\n"
        if at >= len(chat.events) and not await _rung(chat.bell, QUIET_SECONDS):
            yield ": quiet\n\n"


async def state_events(state: State) -> AsyncIterator[str]:
    """The state now, and again when it changed, at most ten times a second."""
    while not state.closing.is_set():
        yield f"data: {_encoded(state.described_state())}\n\n"
        await _rung(state.changed, QUIET_SECONDS)
        await asyncio.sleep(PAUSE_SECONDS)


async def _rung(bell: Bell, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await bell.heard()
    except TimeoutError:
        return False
    return True


def _encoded(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
