"""Answers calls at /bot<token>/<method> and gives files at /file/bot<token>/<path>."""

import asyncio
import hmac
import json
import time
from typing import Any

from starlette.types import Receive, Scope, Send

from bot.demo.faults import DROP_AFTER, DROP_BEFORE
from bot.demo.methods import METHODS
from bot.demo.refusal import Json, Refused
from bot.demo.request import Call, read_body, read_call
from bot.demo.state import State

UNAUTHORIZED = Refused("Unauthorized", 401)
NOT_FOUND = Refused("Not Found", 404)
NO_SUCH_METHOD = Refused("Not Found: method not found", 404)


class BotApi:
    """One bot's methods; the path parameters are "token" and "method"."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = scope["path_params"]
        if not _right(self._state, given["token"]):
            await _refuse(send, UNAUTHORIZED)
            return
        method = given["method"].lower()
        state = self._state
        state.calls += 1
        fault = state.faults.next(method)
        pause = state.faults.delay / 2000
        if pause:
            await asyncio.sleep(pause)
        body = await _carried_out(state, method, fault, scope, receive)
        if pause:
            await asyncio.sleep(pause)
        if fault in (DROP_BEFORE, DROP_AFTER):
            await _hang_up(state, scope, receive)
        else:
            await _reply(send, *body)


async def _carried_out(
    state: State, method: str, fault: str, scope: Scope, receive: Receive
) -> tuple[int, bytes]:
    """Status and body of the answer; the ledger knows of it before anybody else."""
    call = Call(method)
    try:
        call = read_call(method, scope, await read_body(scope, receive))
        if fault == DROP_BEFORE:
            raise Refused("the connection broke before", 0)
        if fault and fault != DROP_AFTER:
            raise state.faults.refusal(fault)
        result = await _result(state, call, receive)
    except Refused as refused:
        _note(state, call, str(refused), fault)
        return refused.status, _encoded(refused.answer())
    _note(state, call, "ok", fault, result)
    if isinstance(result, bytes):
        return 200, b'{"ok":true,"result":' + result + b"}"
    return 200, b'{"ok":true,"result":' + _encoded(result) + b"}"


async def _result(state: State, call: Call, receive: Receive) -> Any:
    """JSON, or bytes that already are JSON."""
    if call.method == "getupdates":
        return await _get_updates(state, call, receive)
    method = METHODS.get(call.method)
    if method is None:
        raise NO_SUCH_METHOD
    return method(state, call)


async def _get_updates(state: State, call: Call, receive: Receive) -> bytes:
    state.last_poll = time.monotonic()
    state.updates.allow(call.json("allowed_updates"))
    offset, limit = call.number("offset"), call.number("limit", 100)
    updates = await state.updates.poll(offset, limit, call.number("timeout"), receive)
    return b"[" + b",".join(updates) + b"]"


def _note(state: State, call: Call, outcome: str, fault: str, result: Any = None) -> None:
    facts: Json = {"method": call.method, "chat_id": call.values.get("chat_id")}
    facts["text"] = call.values.get("text") or call.values.get("caption") or ""
    facts["outcome"] = outcome
    if isinstance(result, dict) and "message_id" in result:
        facts["message_id"] = result["message_id"]
    if fault:
        facts["fault"] = fault
    state.ledger.add("call", **facts)


class BotFiles:
    """The bytes of files; the path parameters are "token" and "path"."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given, state = scope["path_params"], self._state
        file = state.files.at(given["path"]) if _right(state, given["token"]) else None
        fault = state.faults.next("download")
        if fault in (DROP_BEFORE, DROP_AFTER):
            await _hang_up(state, scope, receive)
        elif fault:
            await _refuse(send, state.faults.refusal(fault))
        elif file is None:
            await _refuse(send, NOT_FOUND)
        else:
            await asyncio.sleep(state.faults.delay / 1000)
            await _reply(send, 200, file.content, b"application/octet-stream")


async def _hang_up(state: State, scope: Scope, receive: Receive) -> None:
    """Break the connection without an answer, and wait until it is broken."""
    state.hang_up(scope["client"])
    while (await receive())["type"] != "http.disconnect":
        pass


def _right(state: State, token: str) -> bool:
    return hmac.compare_digest(token.encode(), state.token.encode())


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


async def _refuse(send: Send, refused: Refused) -> None:
    await _reply(send, refused.status, _encoded(refused.answer()))


async def _reply(send: Send, status: int, body: bytes, mime: bytes = b"application/json") -> None:
    headers = [(b"content-type", mime), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
