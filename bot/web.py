"""The bot's own web address: webhook, health, figures, calendars, surveys, the clock."""

import asyncio
import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import ics
from bot.settings import is_loopback

LARGEST_BODY = 1_000_000  # bytes; Telegram's updates are under 100 kB
HEALTH_SECONDS = 5.0  # a database that takes longer to answer is not well
KEEP_ALIVE = 75  # seconds, longer than any client of ours keeps an idle connection

log = logging.getLogger(__name__)

Take = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  the header's name


@dataclass(frozen=True, slots=True)
class Health:
    """facts: what was looked at, in JSON, without secrets or people."""

    ok: bool
    facts: Mapping[str, object] = field(default_factory=dict)


def webhook_path(secret: str) -> str:
    """Where Telegram posts to. Made from the secret, which itself would end up in access logs."""
    return f"/telegram/{hmac.digest(secret.encode(), b'webhook path', hashlib.sha256).hex()[:32]}"


def make_app(
    health: Callable[[], Awaitable[Health]],
    take: Take | None = None,
    secret: str = "",
    move_clock: Callable[[datetime], None] | None = None,
    metrics: Callable[[], Awaitable[bytes]] | None = None,
    calendar: Callable[[str], Awaitable[bytes | None]] | None = None,
    more: Sequence[Route] = (),
) -> Starlette:
    """take, secret: both, or no webhook. take: returns once the updates are committed.

    move_clock: only where the clock may be moved, which is never beside a real platform.
    metrics: in Prometheus's text format, without secrets or people.
    calendar: the iCalendar file that a secret opens, None for one that opens nothing.
    more: pages that people are given links to.
    """
    routes = [Route("/healthz", _Healthz(health).get)]
    if metrics is not None:
        routes.append(Route("/metrics", _MetricsRoute(metrics).get))
    if take is not None:
        if not secret:
            raise ValueError("a webhook needs a secret")
        routes.append(Route("/telegram/{path}", _Webhook(take, secret).post, methods=["POST"]))
    if calendar is not None:
        routes.append(Route("/calendar/{secret:str}.ics", _Calendar(calendar).get))
    if move_clock is not None:
        routes.append(Route("/clock", _ClockRoute(move_clock).post, methods=["POST"]))
    return Starlette(routes=[*routes, *more])


class _Webhook:
    def __init__(self, take: Take, secret: str) -> None:
        self._take = take
        self._secret = secret.encode()
        self._path = webhook_path(secret).encode()

    async def post(self, request: Request) -> Response:
        """200 says that the update is committed; after anything else Telegram sends it again."""
        if not self._is_telegram(request):
            return _refuse(403, "not for you")
        update = await _json_object(request)
        if isinstance(update, Response):
            return update
        try:
            await self._take([update])
        except Exception:
            log.exception("an update waits, as it could not be committed")
            return _refuse(503, "try again")
        return Response(status_code=200)

    def _is_telegram(self, request: Request) -> bool:
        """In the same time, however much of the secret is right; as bytes, which need no ASCII."""
        given = request.headers.get(SECRET_HEADER, "").encode()
        path = request.url.path.encode()
        return hmac.compare_digest(given, self._secret) & hmac.compare_digest(path, self._path)


class _Healthz:
    def __init__(self, health: Callable[[], Awaitable[Health]]) -> None:
        self._health = health

    async def get(self, _request: Request) -> Response:
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                found = await self._health()
        except Exception:
            log.exception("health could not be found out")
            found = Health(ok=False)
        facts = {"ok": found.ok, **found.facts}
        return JSONResponse(facts, status_code=200 if found.ok else 503)


class _MetricsRoute:
    def __init__(self, text: Callable[[], Awaitable[bytes]]) -> None:
        self._text = text

    async def get(self, _request: Request) -> Response:
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                return Response(await self._text(), media_type="text/plain; version=0.0.4")
        except Exception:
            log.exception("figures could not be found out")
            return _refuse(503, "try again")


class _Calendar:
    def __init__(self, look: Callable[[str], Awaitable[bytes | None]]) -> None:
        self._look = look

    async def get(self, request: Request) -> Response:
        """The same answer for a link that ended and one that never was."""
        try:
            found = await self._look(request.path_params["secret"])
        except Exception:
            log.exception("a calendar could not be read")
            return _refuse(503, "try again")
        if found is None:
            return _refuse(404, "no such calendar")
        return Response(found, headers={"content-type": ics.CONTENT_TYPE, **_PRIVATE})


_PRIVATE = {"cache-control": "private, no-store", "referrer-policy": "no-referrer"}


class _ClockRoute:
    def __init__(self, move: Callable[[datetime], None]) -> None:
        self._move = move

    async def post(self, request: Request) -> Response:
        """{"to": a moment with its time zone}, from a program on this machine."""
        if not _is_local(request):
            return _refuse(403, "only from this machine")
        wanted = await _json_object(request)
        if isinstance(wanted, Response):
            return wanted
        try:
            moment = datetime.fromisoformat(wanted["to"])
        except (KeyError, TypeError, ValueError):
            return _refuse(400, "to: a moment such as 2018-06-07T08:00+07:00")
        if moment.tzinfo is None:
            return _refuse(400, "to: needs a time zone, as in 2018-06-07T08:00+07:00")
        self._move(moment)
        return JSONResponse({"to": moment.isoformat()})


def _is_local(request: Request) -> bool:
    """Also that no page of another site has a browser on this machine ask, under any name."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    client = request.client.host if request.client else ""
    own = (f"http://{request.headers.get('host')}", None)
    return (
        is_loopback(client)
        and is_loopback(host)
        and request.headers.get("origin") in own
        and request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    )


async def _json_object(request: Request) -> dict[str, Any] | Response:
    """Refused while it is still arriving, where it is too much."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return _refuse(413, "too large")
        value = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect):
        return _refuse(400, "not JSON")
    return value if isinstance(value, dict) else _refuse(400, "not an object")


def _refuse(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status)


async def serve(app: Starlette, listen: str, ready: Callable[[str], None] = log.debug) -> None:
    """Serve until cancelled. listen: "host:port"; port 0 takes any free one. Raises OSError.

    ready: called with the address once it answers.
    """
    host, _colon, port = listen.rpartition(":")
    with _bound(host.strip("[]"), int(port)) as bound:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=5,
            lifespan="off",
        )
        host, port = bound.getsockname()[:2]
        await _Server(config, lambda: ready(f"{host}:{port}")).run_until_cancelled(bound)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


class _Server(uvicorn.Server):
    """Runs inside our own loop: signals are ours to handle."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def run_until_cancelled(self, bound: socket.socket) -> None:
        """Open requests are finished first, within the limit of the configuration."""
        try:
            await self._serve([bound])
        except asyncio.CancelledError:
            if self.started:
                await self.shutdown([bound])
            raise
