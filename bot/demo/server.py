"""The demo's server: as a part of another program, or as a process of its own."""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from bot.demo.api import BotApi, BotFiles
from bot.demo.guard import Guard
from bot.demo.limits import Limits
from bot.demo.phones import control_routes, phone_routes
from bot.demo.state import State

# Longer than any client keeps an unused connection: the side that closes first can lose a call.
KEEP_ALIVE_SECONDS = 75


class _ChatId(Convertor[int]):
    regex = "-?[0-9]{1,16}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


def make_app(state: State, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The Bot API, the phones, and more routes beside them, which get the same guard."""
    register_url_convertor("chat", _ChatId())
    guarded = [*phone_routes(state), *control_routes(state), *routes]
    bot: list[BaseRoute] = [
        Route("/bot{token}/{method}", BotApi(state)),
        Route("/file/bot{token}/{path:path}", BotFiles(state)),
        Mount("/", routes=guarded, middleware=[Middleware(Guard)]),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            webhook = group.create_task(state.webhook.run())
            yield
            state.close()
            webhook.cancel()

    return Starlette(routes=bot, lifespan=lifespan)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the program around it."""
        yield

    async def main_loop(self) -> None:
        """Until the state is closed, which also lets those go who wait for news."""
        await self.on_tick(0)
        await self.state.closing.wait()

    state: State


class BotApiServer:
    """Runs inside the current event loop, on loopback: `async with BotApiServer(state) as server`.

    port: 0 takes a free one; read `url` once it runs.
    """

    def __init__(self, state: State, *, port: int = 0, routes: Sequence[BaseRoute] = ()) -> None:
        self.state = state
        self._socket = socket.create_server(("127.0.0.1", port))
        self._server = _Server(_config(make_app(state, routes)))
        self._server.state = state
        state.hang_up = self._hang_up
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        serving = self._server.serve(sockets=[self._socket])
        self._task = asyncio.create_task(serving)  # noqa: TID251  held by self until stop()
        while not self._server.started:
            await asyncio.sleep(0.01)
            if self._task.done():
                self._task.result()

    async def stop(self) -> None:
        self.state.close()
        if self._task:
            await self._task
        self.state.ledger.close()

    def _hang_up(self, client: tuple[str, int]) -> None:
        for connection in self._server.server_state.connections:
            if getattr(connection, "client", None) == client and connection.transport:
                connection.transport.abort()

    async def __aenter__(self) -> "BotApiServer":
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="none",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the address on the first line, and serve until a signal."""
    asked = _arguments().parse_args(arguments)
    limits = Limits() if asked.limits else None
    state = State(asked.token, ledger=asked.ledger, limits=limits)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(state, asked.port))


async def _serve(state: State, port: int) -> None:
    async with BotApiServer(state, port=port) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        await _told_to_stop()


async def _told_to_stop() -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bot.demo.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", required=True)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--limits", action="store_true", help="limit as Telegram does")
    return parser


if __name__ == "__main__":
    main()
