"""Answers calls at /bot<token>/<method> and gives files at /file/bot<token>/<path>."""

import asyncio
import hmac
import json
import time
from typing import Any

from starlette.types import Receive, Scope, Send

from bot.demo.faults import DROP_AFTER, DROP_BEFORE
from bot.demo.files import MOST_DOWNLOAD_BYTES
from bot.demo.ledger import OK
from bot.demo.methods import METHODS
from bot.demo.refusal import Json, Refused
from bot.demo.request import Call, read_body, read_call
from bot.demo.state import State

JSON, BYTES = b"application/json", b"application/octet-stream"


class BotApi:
    """One bot's methods; the path parameters are "token" and "method"."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state, method = self._state, scope["path_params"]["method"].lower()
        state.calls += 1
        fault = state.faults.next(method)
        pause = state.faults.delay / 2000
        if pause:
            await asyncio.sleep(pause)
        answer = await _carried_out(state, method, fault, scope, receive)
        if pause:
            await asyncio.sleep(pause)
        if fault in (DROP_BEFORE, DROP_AFTER):
            await _hang_up(state, scope, receive)
        else:
            await _reply(send, *answer)


async def _carried_out(
    state: State, method: str, fault: str, scope: Scope, receive: Receive
) -> tuple[int, bytes]:
    """Status and body of the answer; the ledger knows of it before anybody else."""
    call = Call(method)
    try:
        call = read_call(method, scope, await read_body(receive))
        _check_token(state, scope)
        _befall(state, fault)
        result = await _result(state, call, receive)
    except Refused as refused:
        _note(state, call, str(refused), fault)
        return refused.status, _encoded(refused.answer())
    _note(state, call, OK, fault, result)
    encoded = result if isinstance(result, bytes) else _encoded(result)
    return 200, b'{"ok":true,"result":' + encoded + b"}"


def _befall(state: State, fault: str) -> None:
    """Raises Refused where the call comes to nothing."""
    if fault == DROP_BEFORE:
        raise Refused("the connection broke before the call was carried out", 0)
    if fault and fault != DROP_AFTER:
        raise state.faults.refusal(fault)


def _check_token(state: State, scope: Scope) -> None:
    given = scope["path_params"]["token"].encode()
    if not hmac.compare_digest(given, state.token.encode()):
        raise Refused("Unauthorized", 401)


async def _result(state: State, call: Call, receive: Receive) -> Any:
    """JSON, or bytes that already are JSON."""
    if call.method == "getupdates":
        return await _get_updates(state, call, receive)
    method = METHODS.get(call.method)
    if method is None:
        raise Refused("Not Found: method not found", 404)
    return method(state, call)


async def _get_updates(state: State, call: Call, receive: Receive) -> bytes:
    state.last_poll = time.monotonic()
    state.updates.allow(call.json("allowed_updates"))
    offset, limit = call.number("offset"), call.number("limit", 100)
    updates = await state.updates.poll(offset, limit, call.number("timeout"), receive)
    return b"[" + b",".join(updates) + b"]"


def _note(state: State, call: Call, outcome: str, fault: str, result: Any = None) -> None:
    facts: Json = {"method": call.method, "chat_id": call.chat_id, "outcome": outcome}
    facts["text"] = call.text("text") or call.text("caption")
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
        state = self._state
        fault = state.faults.next("download")
        await asyncio.sleep(state.faults.delay / 1000)
        status, body = self._found(scope, fault)
        if fault in (DROP_BEFORE, DROP_AFTER):
            await _hang_up(state, scope, receive)
        else:
            await _reply(send, status, body, BYTES if status == 200 else JSON)

    def _found(self, scope: Scope, fault: str) -> tuple[int, bytes]:
        state, path = self._state, scope["path_params"]["path"]
        call = Call("download", {"text": path})
        try:
            _check_token(state, scope)
            _befall(state, fault)
            content = _content(state, path)
        except Refused as refused:
            _note(state, call, str(refused), fault)
            return refused.status, _encoded(refused.answer())
        _note(state, call, OK, fault)
        return 200, content


def _content(state: State, path: str) -> bytes:
    file = state.files.at(path)
    if file is None or len(file.content) > MOST_DOWNLOAD_BYTES:
        raise Refused("Not Found", 404)
    return file.content


async def _hang_up(state: State, scope: Scope, receive: Receive) -> None:
    """Break the connection without an answer, and wait until it is broken."""
    state.hang_up(scope["client"])
    while (await receive())["type"] != "http.disconnect":
        pass


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


async def _reply(send: Send, status: int, body: bytes, mime: bytes = JSON) -> None:
    headers = [(b"content-type", mime), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
