"""Connections that can be broken on purpose, which the web server offers no way to do."""

import asyncio

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}


class Breakable(H11Protocol):
    """The web server's protocol, whose connections are known by the caller's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client:
            _open.pop(self.client, None)
        super().connection_lost(exc)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Break the connection of a request without an answer, and wait until it is broken."""
    _open[scope["client"]].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
