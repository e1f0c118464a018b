"""Keeps other web sites away from a page that anybody on this machine can reach."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.settings import is_loopback


class Guard:
    """Answers only requests to this machine's own names, and none that another page sent.

    A foreign name that points here (DNS rebinding) shows in Host, a foreign page in Origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_ours(Headers(scope=scope)):
            refusal = PlainTextResponse("Only this machine's own page may ask.", 403)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_ours(headers: Headers) -> bool:
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not _is_loopback(hosts[0]):
        return False
    return all(origin == f"http://{hosts[0]}" for origin in origins)


def _is_loopback(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
