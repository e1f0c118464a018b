"""python-telegram-bot's requests on aiohttp: a third of the CPU of its own on httpx.

The URL of every request holds the bot's token. So no failure carries the URL: aiohttp's errors,
which do, are named by their class and left behind, not chained.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast

from aiohttp import (
    BytesPayload,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    FormData,
    TCPConnector,
)
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

Answer = TypeVar("Answer")

# Seconds. Telegram answers a send within 1 s when well and its own gateway gives up before 20 s;
# 50 MB, the most a bot may upload (core.telegram.org/bots/api#sending-files), take 100 s at
# 4 Mbit/s. A poll holds for `POLL`, then has as long again as a slow answer needs.
CONNECT, SEND, UPLOAD, POLL, POLL_GRACE = 5.0, 20.0, 120.0, 30, 10.0

# Seconds an idle connection is kept: less than the 75 s of nginx and of our own server, so that
# it is we who close it, and never the server while a request is on its way.
KEEP_ALIVE = 55.0
# One poll, files, and sends: at the thousand a second that may be paid for, 150 are on their way.
CONNECTIONS = 256

FETCH_LIMIT = 20_000_000  # bytes a bot may download, core.telegram.org/bots/api#getfile
_CHUNK = 64 * 1024
_LONGEST_WAIT = 7 * 86_400  # seconds that we would believe


class TooLarge(TelegramError):
    """A file has more bytes than may be fetched."""


class SlowDown(RetryAfter):
    """Telegram asks to wait. PTB's own class warns of a coming change wherever it is read."""

    @property
    def retry_after(self) -> timedelta:
        return self._retry_after


@dataclass(frozen=True, slots=True)
class _PlainData:
    """What is asked of PTB's `RequestData` here, which searches its parameters for files."""

    parameters: dict[str, Any]
    contains_files: bool = False


def plain_data(parameters: dict[str, Any]) -> RequestData:
    """Parameters that are JSON as they are."""
    return cast(RequestData, _PlainData(parameters))


class Request(BaseRequest):
    """One session for all requests of a bot: give it both for `request` and for updates."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None
        self._urls: dict[str, URL] = {}

    @property
    def read_timeout(self) -> float:
        return SEND

    async def initialize(self) -> None:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=DummyCookieJar(),
                headers={"Connection": "keep-alive"},
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
                auto_decompress=False,
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,  # noqa: ARG002  the arguments are PTB's
        connect_timeout: Any = None,  # noqa: ARG002
        pool_timeout: Any = None,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """read_timeout: seconds for the whole request; where not given, `SEND` or `UPLOAD`."""
        seconds = read_timeout if isinstance(read_timeout, int | float) else None
        status, kind, payload = await self._ask(method, url, request_data, seconds, _whole)
        if status == 429:
            raise _slow_down(payload)
        if status >= 300 and kind != "application/json":
            # A gateway's page, which may well show the URL it was asked for.
            raise NetworkError(f"the server answered {status}")
        return status, payload

    async def download(self, url: str, limit: int = FETCH_LIMIT) -> bytes:
        """limit: in bytes. Raises TooLarge, NetworkError or TimedOut."""
        status, content = await self._ask("GET", url, None, UPLOAD, partial(_at_most, limit))
        if status != 200:
            raise NetworkError(f"the server answered {status}")
        if len(content) > limit:
            raise TooLarge("the file is too large")
        return content

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(payload)
        except (ValueError, RecursionError):
            parsed = None
        if isinstance(parsed, dict) and ("result" in parsed or "description" in parsed):
            return parsed
        raise NetworkError("the server's answer is not the Bot API's")

    async def _ask(
        self,
        method: str,
        url: str,
        data: RequestData | None,
        seconds: float | None,
        read: Callable[[ClientResponse], Awaitable[Answer]],
    ) -> Answer:
        if self._session is None:
            raise NetworkError("the connection is closed")
        try:
            async with self._session.request(
                method,
                self._urls.get(url) or self._remember(url),
                data=None if data is None else _body(data),
                timeout=_timeout(data, seconds),
                allow_redirects=False,
            ) as response:
                return await read(response)
        except TimeoutError:
            failure: TelegramError = TimedOut()
        except (ClientError, OSError, RuntimeError, ValueError) as error:
            failure = NetworkError(type(error).__name__)
        raise failure  # out here, where it has no context to show

    def _remember(self, url: str) -> URL:
        """Parsing a URL costs as much as sending it; there are as many as methods and files."""
        parsed = URL(url, encoded=True)
        if len(self._urls) < 64:
            self._urls[url] = parsed
        return parsed


_JSON = "application/json"
_TIMEOUTS = {
    seconds: ClientTimeout(total=seconds, sock_connect=CONNECT)
    for seconds in (SEND, UPLOAD, POLL + POLL_GRACE)
}


def _timeout(data: RequestData | None, seconds: float | None) -> ClientTimeout:
    if seconds is None:
        seconds = UPLOAD if data is not None and data.contains_files else SEND
    return _TIMEOUTS.get(seconds) or ClientTimeout(total=seconds, sock_connect=CONNECT)


async def _whole(response: ClientResponse) -> tuple[int, str, bytes]:
    return response.status, response.content_type, await response.read()


async def _at_most(limit: int, response: ClientResponse) -> tuple[int, bytes]:
    """Status and content; one chunk beyond the limit at most, to tell that there is more."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > limit:
            break
    return response.status, bytes(content)


def _body(data: RequestData) -> BytesPayload | FormData:
    if not data.contains_files:
        # As bytes, aiohttp would ask each kind of payload it knows whether it can take them.
        return BytesPayload(json.dumps(data.parameters).encode(), content_type=_JSON)
    form = FormData(quote_fields=False)  # names in plain UTF-8, as browsers send them
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form


def _slow_down(payload: bytes) -> SlowDown:
    parameters = Request.parse_json_payload(payload).get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if not isinstance(seconds, int | float) or not 0 < seconds < _LONGEST_WAIT:
        seconds = 1
    return SlowDown(timedelta(seconds=seconds))
