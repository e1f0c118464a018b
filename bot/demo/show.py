"""What `phongbot demo` runs: the phones, their page, and the real program beside them."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from dotenv import dotenv_values
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from bot.demo.program import PREFIX, Program
from bot.demo.refusal import Json
from bot.demo.server import BotApiServer
from bot.demo.stage import NotNow, Stage, remembered
from bot.demo.state import State

STATIC = Path(__file__).with_name("static")
OFFICE = "Phòng GD&ĐT thành phố Sơn La"
BOT_TITLE = "Trợ lý Phòng GD&ĐT"
TOKEN = f"{PREFIX}TELEGRAM_TOKEN"
LOOK_AGAIN = 0.5  # seconds; most news ring, but a program that ends by itself does not
# The page needs nothing from anywhere else, and nothing that a bot writes may run in it.
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:;"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def main(port: int, keep: Path | None, *, ignore_token: bool = False) -> None:
    """Show until told to stop; the exit status is 1 where it refuses to start."""
    if not ignore_token and real_token_near():
        sys.exit(
            f"There is a real token here ({TOKEN}, in the environment or in .env). The demo would"
            " not use it, but must not be mistaken for your bot: unset it, or give --ignore-token."
        )
    try:
        with suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_until_told_to_stop(port, keep))
    except OSError as error:
        sys.exit(f"The demo cannot start on port {port}: {error.strerror}. Try another --port.")


def real_token_near() -> bool:
    return bool(os.environ.get(TOKEN) or dotenv_values(".env").get(TOKEN))


async def _until_told_to_stop(port: int, keep: Path | None) -> None:
    """The program has a session of its own: whatever ends us must let us end it."""
    showing = asyncio.ensure_future(show(port, keep))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, showing.cancel)
    await showing


async def show(port: int, keep: Path | None, ready: Callable[[str], None] = print) -> None:
    """Show until cancelled. port: 0 for any free one. keep: a folder whose data go on.

    ready: called with the one address to open. Raises OSError where the port is taken.
    """
    with _folder(keep) as folder:
        port = port or free_port()
        stage = make_stage(folder, f"http://127.0.0.1:{port}")
        async with BotApiServer(stage.state, port=port, routes=routes(stage)) as server:
            ready(server.url)
            try:
                await stage.prepare()
                await asyncio.Event().wait()
            finally:
                await stage.end()


def make_stage(folder: Path, api: str) -> Stage:
    token = f"{1_000_000_000}:{token_hex(17)}A"
    state = State(token, session=remembered(folder)["sessions"])
    state.me["first_name"] = BOT_TITLE
    listen = f"127.0.0.1:{free_port()}"
    settings = {
        "TELEGRAM_API": api,
        "TELEGRAM_TOKEN": token,
        "LISTEN": listen,
        "PUBLIC_URL": f"http://{listen}",
        "DATA_DIR": str(folder),
        "OFFICE_NAME": OFFICE,
    }
    return Stage(state, Program(folder, settings), folder, listen)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
    return port


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """A new one, gone afterwards, unless one is given."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="phongbot-demo-") as made:
            yield Path(made)
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()


# The page and what it asks for


def routes(stage: Stage) -> list[BaseRoute]:
    page = Page(stage)
    return [
        Route("/", page.index),
        Mount("/static", Quiet(StaticFiles(directory=STATIC))),
        Route("/demo", page.now, methods=["GET"]),
        Route("/demo/events", page.events),
        Route("/demo/bot", page.turn, methods=["POST"]),
        Route("/demo/clock", page.move, methods=["POST"]),
    ]


class Page:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def index(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers=PAGE_HEADERS)

    async def now(self, _request: Request) -> Response:
        return JSONResponse(self._stage.snapshot())

    async def events(self, request: Request) -> Response:
        """News of all phones in one stream, as a browser opens only six connections to a place.

        after: how many events of each phone were heard, as in "1001.12-1002.3".
        """
        try:
            heard = _heard(request.query_params.get("after", ""))
        except ValueError:
            return JSONResponse({"error": "after: as in 1001.12-1002.3"}, 400)
        news = _tell(self._stage, heard)
        return StreamingResponse(news, media_type="text/event-stream", headers=PAGE_HEADERS)

    async def turn(self, request: Request) -> Response:
        """{"running": true or false, "pull": whether to kill it}."""

        async def turn(asked: Json) -> None:
            pull = bool(asked.get("pull", False))
            await self._stage.turn(running=bool(asked["running"]), pull=pull)

        return await self._done(request, turn)

    async def move(self, request: Request) -> Response:
        """{"to": a moment with its time zone} or {"jump": see Stage.moment}."""

        async def move(asked: Json) -> None:
            to = asked.get("to")
            moment = datetime.fromisoformat(to) if to else self._stage.moment(asked["jump"])
            if moment.tzinfo is None:
                raise ValueError
            await self._stage.move(moment)

        return await self._done(request, move)

    async def _done(self, request: Request, act: Callable[[Json], Awaitable[None]]) -> Response:
        try:
            await act(json.loads(await request.body()))
        except NotNow as why:
            return JSONResponse({"error": str(why)}, 409)
        except (ValueError, TypeError, KeyError, AttributeError):
            return JSONResponse({"error": "Không hiểu yêu cầu này."}, 400)
        return JSONResponse(self._stage.snapshot())


class Quiet:
    """Files that a browser asks for again each time, so that a new version is seen at once."""

    def __init__(self, files: StaticFiles) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def fresh(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cache-control", b"no-cache")]
            await send(message)

        await self._files(scope, receive, fresh)


def _heard(after: str) -> dict[int, int]:
    """Raises ValueError."""
    pairs = (part.split(".") for part in after.split("-") if part)
    return {int(phone): int(number) for phone, number in pairs}


async def _tell(stage: Stage, heard: dict[int, int]) -> AsyncIterator[str]:
    """Lines of a stream of server-sent events: what was, then {"live": true}, then what comes."""
    told, live = "", False
    while not stage.state.closing.is_set():
        snapshot = stage.snapshot()
        facts = json.dumps({**snapshot, "clock": ""})
        news: list[Json] = [{"demo": snapshot}] if facts != told else []
        news += _new_events(stage.state, heard)
        if not live:
            news.append({"live": True})
        told, live = facts, True
        for one in news:
            yield f"data: {json.dumps(one, ensure_ascii=False)}\n\n"
        if not news:
            await _something(stage.state)


def _new_events(state: State, heard: dict[int, int]) -> list[Json]:
    """Those not heard yet, which now are."""
    news: list[Json] = []
    for chat in state.people():
        seen = heard.get(chat.id, 0)
        for number, event in enumerate(chat.events[seen:], seen):
            news.append({"phone": chat.id, "number": number + 1, "event": event})
        heard[chat.id] = len(chat.events)
    return news


async def _something(state: State) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_AGAIN):
            await state.changed.heard()
