"""A running server, and what tests ask of it: as a bot, as a phone, over plain HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from starlette.routing import BaseRoute
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.demo.faults import Faults
from bot.demo.limits import Limits
from bot.demo.server import BotApiServer
from bot.demo.state import State

TOKEN = "4242:a-token-that-must-not-leak"  # noqa: S105  opens nothing
LONGEST_TEST = 60

Json = dict[str, Any]

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000030000000208060000009d74661a"
    "0000000b49444154789c636040040000000e000177a2e6a70000000049454e44ae426082"
)


def png(width: int, height: int) -> bytes:
    """A picture's head, which is all that is looked at."""
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


@dataclass
class Scene:
    state: State
    url: str
    http: aiohttp.ClientSession

    def bot(self) -> Bot:
        """To be entered: `async with scene.bot() as bot`."""
        return Bot(
            TOKEN,
            base_url=f"{self.url}/bot",
            base_file_url=f"{self.url}/file/bot",
            request=HTTPXRequest(connection_pool_size=4),
            get_updates_request=HTTPXRequest(connection_pool_size=2),
        )

    async def call(self, method: str, **values: Any) -> tuple[int, Json]:
        """One call of the Bot API with a JSON body: status and answer."""
        path = f"/bot{TOKEN}/{method}"
        async with self.http.post(path, json=values) as answer:
            return answer.status, await answer.json()

    async def do(self, path: str, **values: Any) -> Any:
        """One request to the phones' routes."""
        async with self.http.post(path, json=values) as answer:
            done = await answer.json()
            assert answer.status == 200, done
            return done

    async def refused(self, path: str, **values: Any) -> int:
        async with self.http.post(path, json=values) as answer:
            return answer.status

    async def phone(self, name: str) -> str:
        """A new phone whose person has opened the bot, and whose update was fetched: its path."""
        path = f"/phones/{(await self.do('/phones', name=name))['id']}"
        await self.do(f"{path}/start")
        self.state.updates.drop()
        return path

    async def messages(self, phone: str) -> list[Json]:
        async with self.http.get(f"{phone}/messages") as answer:
            found: list[Json] = await answer.json()
        return found

    async def events(self, phone: str, count: int, after: int = 0) -> list[tuple[int, Json]]:
        """So many events of a phone, each with its number."""
        async with self.http.get(f"{phone}/events?after={after}") as stream:
            assert stream.content_type == "text/event-stream"
            return [await _event(stream) for _ in range(count)]


def run(
    talk: Callable[[Scene], Awaitable[None]],
    *,
    ledger: Path | None = None,
    limits: Limits | None = None,
    faults: Faults | None = None,
    routes: Sequence[BaseRoute] = (),
) -> None:
    """Play a talk on a server of its own."""

    async def main() -> None:
        options: Json = {"ledger": ledger, "limits": limits, "faults": faults}
        state = State(TOKEN, webhook_pause=0.01, **options)
        async with asyncio.timeout(LONGEST_TEST), scene(state, routes) as stage:
            await talk(stage)

    asyncio.run(main())


@asynccontextmanager
async def scene(state: State, routes: Sequence[BaseRoute] = ()) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(BotApiServer(state, routes=routes))
        http = await stack.enter_async_context(aiohttp.ClientSession(server.url))
        yield Scene(state, server.url, http)


async def until(met: Callable[[], object]) -> None:
    """Wait for a condition; the test's own limit ends it."""
    while not met():
        await asyncio.sleep(0.005)


async def _event(stream: aiohttp.ClientResponse) -> tuple[int, Json]:
    number = 0
    while True:
        line = (await stream.content.readline()).decode()
        if line.startswith("id: "):
            number = int(line.removeprefix("id: "))
        if line.startswith("data: "):
            return number, json.loads(line.removeprefix("data: "))
