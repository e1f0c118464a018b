"""A web server that answers as a test tells it to, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

TOKEN = "123456789:AAHsecretSECRETsecretSECRETsecret_-x"  # noqa: S105  nobody's

Answer = Callable[[dict[str, Any]], Any]


@dataclass
class Upload:
    filename: str | None
    content: bytes


@dataclass
class Api:
    """answers: of each method in turn; the last one stays. calls: what was asked, in order."""

    url: str = ""
    answers: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    def asked(self, method: str) -> list[dict[str, Any]]:
        return [data for name, data in self.calls if name == method]

    def refuse(self, method: str, status: int, why: str, **parameters: Any) -> None:
        self.answers.setdefault(method, []).append(refusal(status, why, **parameters))

    def accept(self, method: str, result: Any) -> None:
        self.answers.setdefault(method, []).append({"ok": True, "result": result})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.path.rpartition("/")[2]
        if not request.path.startswith((f"/bot{TOKEN}/", f"/file/bot{TOKEN}/")):
            return web.json_response({"ok": False, "description": "Not Found"}, status=404)
        self.calls.append((method, await _data(request)))
        self.connections.add(request.transport)
        answers = self.answers.get(method) or [{"ok": True, "result": _usual(method)}]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = await answer(request)
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.json_response(answer, status=answer.get("error_code", 200))


def refusal(status: int, why: str, **parameters: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"ok": False, "error_code": status, "description": why}
    return {**answer, "parameters": parameters} if parameters else answer


def _usual(method: str) -> Any:
    if method == "sendMediaGroup":
        return [{"message_id": 71}, {"message_id": 72}]
    return {"message_id": 70} if method.startswith(("send", "edit")) else True


async def _data(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        given: dict[str, Any] = await request.json()
        return given
    if request.content_type != "multipart/form-data":
        return {}
    data: dict[str, Any] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        if part.filename is None:
            data[part.name or ""] = _plain(content.decode())
        else:
            data[part.name or ""] = Upload(part.filename, content)
    return data


def _plain(text: str) -> Any:
    """Telegram takes JSON in the fields of a form."""
    try:
        return json.loads(text) if text[:1] in ("[", "{") else text
    except ValueError:
        return text


@asynccontextmanager
async def scripted() -> AsyncIterator[Api]:
    api = Api()
    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", api.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield api
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that must come true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
