"""The phones' own routes: what a page or a test does in place of a person with a phone."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.demo import acts
from bot.demo.acts import Act, NotPossible
from bot.demo.faults import Faults
from bot.demo.files import Upload
from bot.demo.limits import Limits
from bot.demo.refusal import Json, Refused
from bot.demo.request import parts, read_body
from bot.demo.state import Chat, State
from bot.demo.stream import events_of, state_events

Asked = dict[str, Any]
Doing = Callable[[State, Chat, Asked], Act | None]
Endpoint = Callable[[Request], Awaitable[Response]]


def say(state: State, chat: Chat, asked: Asked) -> Act:
    return acts.say(state, chat, str(asked["text"]), _by(asked))


def start(state: State, chat: Chat, asked: Asked) -> Act:
    return acts.start(state, chat, str(asked.get("code", "")))


def tap(state: State, chat: Chat, asked: Asked) -> Act:
    return acts.tap(state, chat, int(asked["message_id"]), str(asked["data"]), _by(asked))


def contact(state: State, chat: Chat, asked: Asked) -> Act:
    own = bool(asked.get("own", True))
    return acts.share_contact(state, chat, str(asked["phone"]), own, _by(asked))


def edit(state: State, chat: Chat, asked: Asked) -> Act:
    return acts.edit(state, chat, int(asked["message_id"]), str(asked["text"]))


def block(state: State, chat: Chat, asked: Asked) -> Act:
    return acts.block(state, chat, bool(asked["blocked"]))


def deactivate(_: State, chat: Chat, __: Asked) -> None:
    acts.deactivate(chat)


def sticker(state: State, chat: Chat, asked: Asked) -> Act:
    return acts.send_sticker(state, chat, _by(asked))


def voice(state: State, chat: Chat, asked: Asked) -> Act:
    return acts.send_voice(state, chat, _by(asked))


def kick(state: State, chat: Chat, _: Asked) -> Act:
    return acts.kick(state, chat)


DOINGS: dict[str, Doing] = {
    "say": say,
    "start": start,
    "tap": tap,
    "contact": contact,
    "edit": edit,
    "block": block,
    "deactivate": deactivate,
    "sticker": sticker,
    "voice": voice,
}


def phone_routes(state: State) -> list[Route]:
    phones = Phones(state)
    routes = [
        Route("/phones", _answered(phones.list), methods=["GET"]),
        Route("/phones", _answered(phones.add), methods=["POST"]),
        Route("/groups", _answered(phones.add_group), methods=["POST"]),
        Route("/groups/{chat:chat}/migrate", _answered(phones.migrate), methods=["POST"]),
        Route("/groups/{chat:chat}/kick", _answered(phones.doing(kick)), methods=["POST"]),
        Route("/phones/{chat:chat}/messages", _answered(phones.messages)),
        Route("/phones/{chat:chat}/events", _answered(phones.events)),
        Route("/phones/{chat:chat}/files", _answered(phones.send_files), methods=["POST"]),
        Route("/phones/{chat:chat}/files/{file}", _answered(phones.file)),
    ]
    for name, doing in DOINGS.items():
        path = f"/phones/{{chat:chat}}/{name}"
        routes.append(Route(path, _answered(phones.doing(doing)), methods=["POST"]))
    return routes


def control_routes(state: State) -> list[Route]:
    control = Control(state)
    return [
        Route("/state", _answered(control.state), methods=["GET"]),
        Route("/state/events", _answered(control.events)),
        Route("/control/ledger", _answered(control.ledger)),
        Route("/control/clock", _answered(control.clock), methods=["POST"]),
        Route("/control/faults", _answered(control.faults), methods=["POST"]),
        Route("/control/limits", _answered(control.limits), methods=["POST"]),
    ]


class Phones:
    """The routes below /phones and /groups."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list(self, _: Request) -> Response:
        return JSONResponse([_described(chat) for chat in self._state.chats.values()])

    async def add(self, request: Request) -> Response:
        asked = await _asked(request)
        name = str(asked["name"]).strip()
        if not name:
            raise NotPossible("A phone needs a name.")
        return JSONResponse(_described(self._state.add_person(name, asked.get("language", "vi"))))

    async def add_group(self, request: Request) -> Response:
        asked = await _asked(request)
        members = tuple(int(one) for one in asked["members"])
        return JSONResponse(_described(acts.make_group(self._state, str(asked["title"]), members)))

    async def migrate(self, request: Request) -> Response:
        return JSONResponse(_described(acts.migrate(self._state, self._chat(request))))

    async def messages(self, request: Request) -> Response:
        chat = self._chat(request)
        return JSONResponse([self._state.shown(chat, one) for one in chat.messages.values()])

    async def events(self, request: Request) -> Response:
        seen = request.headers.get("last-event-id") or request.query_params.get("after") or 0
        return _stream(events_of(self._state, self._chat(request), int(seen)))

    def doing(self, act: Doing) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            done = act(self._state, self._chat(request), await _asked(request))
            return JSONResponse(_done(done) if done else {})

        return endpoint

    async def send_files(self, request: Request) -> Response:
        chat = self._chat(request)
        body = await read_body(request.receive)
        uploads, words = _sorted(parts(request.headers.get("content-type", ""), body))
        if not uploads:
            raise NotPossible("There is no file to send.")
        kind = words.get("as", "document")
        if kind not in ("photo", "document"):
            raise NotPossible("A file goes as photo or as document.")
        caption, by = words.get("caption", ""), int(words.get("by", 0))
        sent = acts.send_files(self._state, chat, uploads, kind, caption, by)
        return JSONResponse([_done(act) for act in sent])

    async def file(self, request: Request) -> Response:
        """A picture is shown; anything else is only saved, never opened as a page."""
        file = self._state.files.get(request.path_params["file"])
        if file is None:
            raise LookupError
        picture = file.kind == "photo"
        kind = "image/png" if file.content.startswith(b"\x89PNG") else "image/jpeg"
        headers = {"X-Content-Type-Options": "nosniff"}
        headers["Content-Disposition"] = "inline" if picture else "attachment"
        mime = kind if picture else "application/octet-stream"
        return Response(file.content, media_type=mime, headers=headers)

    def _chat(self, request: Request) -> Chat:
        return self._state.chats[int(request.path_params["chat"])]


class Control:
    """The routes below /state and /control."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def state(self, _: Request) -> Response:
        return JSONResponse(self._state.described_state())

    async def events(self, _: Request) -> Response:
        return _stream(state_events(self._state))

    async def ledger(self, request: Request) -> Response:
        after = int(request.query_params.get("after", 0))
        return JSONResponse(self._state.ledger.entries[after:])

    async def clock(self, request: Request) -> Response:
        """Move the clock to so many seconds ahead of the machine's."""
        self._state.ahead = float((await _asked(request))["offset"])
        return JSONResponse({"now": self._state.now()})

    async def faults(self, request: Request) -> Response:
        """The fields of Faults; what is left out is off."""
        self._state.faults = Faults(**await _asked(request))
        return JSONResponse({})

    async def limits(self, request: Request) -> Response:
        """The fields of Limits, or {"off": true}."""
        asked = await _asked(request)
        self._state.throttle.set(None if asked.pop("off", False) else Limits(**asked))
        return JSONResponse({})


def _answered(endpoint: Endpoint) -> Endpoint:
    """Says in a status and a sentence what was wrong with a request."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (NotPossible, Refused) as wrong:
            return JSONResponse({"error": str(wrong)}, getattr(wrong, "status", 409))
        except LookupError as missing:
            what = f"missing: {missing}" if missing.args else "not found"
            return JSONResponse({"error": what}, 404)
        except (ValueError, TypeError):
            return JSONResponse({"error": "the request cannot be understood"}, 400)

    return answered


async def _asked(request: Request) -> Asked:
    body = await read_body(request.receive)
    asked = json.loads(body or b"{}")
    if not isinstance(asked, dict):
        raise ValueError("not an object")
    return asked


def _sorted(found: list[tuple[str, str | Upload]]) -> tuple[list[Upload], dict[str, str]]:
    uploads = [part for name, part in found if name == "files" and isinstance(part, Upload)]
    words = {name: part for name, part in found if isinstance(part, str)}
    return uploads, words


def _by(asked: Asked) -> int:
    return int(asked.get("by", 0))


def _described(chat: Chat) -> Json:
    described: Json = {"id": chat.id, "name": chat.name, "kind": chat.kind}
    described |= {"blocked": chat.blocked, "language": chat.language}
    return described if chat.private else {**described, "members": chat.members}


def _done(act: Act) -> Json:
    return {"update_id": act.update_id, "message_id": act.message_id}


def _stream(events: AsyncIterator[str]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
