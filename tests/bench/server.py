"""A Bot API server that costs next to nothing, so that what is measured is the bot.

It knows the few methods an answer needs, keeps nothing, and refuses nothing. Many people talk at
once: each waits for the answer to a message before somebody sends the next one.
"""

import asyncio
import json
import re
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

TOKEN = "123456789:" + "A" * 35
MOST_AT_ONCE = 100  # updates in one answer, core.telegram.org/bots/api#getupdates

# Bots send JSON, a form or multipart; a number is found in each of them by its name.
_OFFSET = re.compile(rb'offset"?[\s:=]*"?(-?\d+)')
_TIMEOUT = re.compile(rb'timeout"?[\s:=]*"?(\d+)')
_CHAT = re.compile(rb'chat_id"?[\s:=]*"?(-?\d+)')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

Answer = Callable[[bytes], None]


@dataclass(slots=True)
class Talk:
    """updates: how many are to be answered. pause: seconds between an answer and the next message.

    latencies: seconds from the moment an update could be fetched until its answer was here.
    """

    people: Iterator[int]
    updates: int
    pause: float = 0
    text: str = "/start"
    latencies: list[float] = field(default_factory=list)
    waiting: dict[int, float] = field(default_factory=dict)
    begun: int = 0
    stray: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)


class BenchServer:
    """One bot's server on loopback. delay: seconds added to each request, half of them each way.

    quiet_from: the first of the chats that only read. went: when each message to these came.
    """

    def __init__(self, delay: float = 0, quiet_from: int = sys.maxsize) -> None:
        self.delay = delay
        self.went: list[float] = []
        self._quiet_from = quiet_from
        self.calls = 0
        self.url = ""
        self._talk: Talk | None = None
        self._pending: deque[tuple[int, bytes]] = deque()
        self._next_id = 1
        self._poll: tuple[Answer, asyncio.TimerHandle] | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(partial(_Connection, self), "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        if self._poll:
            self._poll[1].cancel()
        if self._server:
            self._server.close()

    def begin(self, talk: Talk, at_once: int) -> None:
        """Have so many people speak. Await `talk.done`."""
        self._talk = talk
        for _number in range(min(at_once, talk.updates)):
            self._speak(talk)
        self._offer()

    def _speak(self, talk: Talk) -> None:
        person = next(talk.people)
        talk.begun += 1
        talk.waiting[person] = time.perf_counter()
        self._pending.append((self._next_id, _update(self._next_id, person, talk.text)))
        self._next_id += 1

    def answer(self, method: bytes, body: bytes, write: Answer) -> None:
        """Called when the request has come all the way."""
        self.calls += 1
        match method.lower():
            case b"getupdates":
                self._take_poll(body, write)
            case b"sendmessage":
                found = _CHAT.search(body)
                chat = int(found[1]) if found else 0
                self._heard(chat)
                write(_message(chat))
            case b"getme":
                write(_ME)
            case b"getmycommands":
                write(b"[]")
            case _:
                write(b"true")

    def _take_poll(self, body: bytes, write: Answer) -> None:
        offset, timeout = _OFFSET.search(body), _TIMEOUT.search(body)
        if offset:
            while self._pending and self._pending[0][0] < int(offset[1]):
                self._pending.popleft()
        self._end_poll()
        seconds = int(timeout[1]) if timeout else 0
        self._poll = write, asyncio.get_running_loop().call_later(seconds, self._end_poll)
        self._offer()

    def _offer(self) -> None:
        if self._pending:
            self._end_poll()

    def _end_poll(self) -> None:
        if self._poll:
            (write, timer), self._poll = self._poll, None
            timer.cancel()
            some = [update for _id, update in self._some()]
            write(b"[" + b",".join(some) + b"]")

    def _some(self) -> list[tuple[int, bytes]]:
        return [self._pending[at] for at in range(min(len(self._pending), MOST_AT_ONCE))]

    def _heard(self, chat: int) -> None:
        if chat >= self._quiet_from:
            self.went.append(time.perf_counter())
            return
        talk = self._talk
        if talk is None:
            return
        since = talk.waiting.pop(chat, None)
        if since is None:
            talk.stray += 1
            return
        talk.latencies.append(time.perf_counter() - since)
        if talk.begun < talk.updates:
            asyncio.get_running_loop().call_later(talk.pause, self._speak_next, talk)
        elif not talk.waiting:
            talk.done.set()

    def _speak_next(self, talk: Talk) -> None:
        if talk.begun < talk.updates:
            self._speak(talk)
            self._offer()


class _Connection(asyncio.Protocol):
    def __init__(self, server: BenchServer) -> None:
        self._server = server
        self._buffer = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while request := self._request():
            self._later(partial(self._server.answer, *request, self._write))

    def _request(self) -> tuple[bytes, bytes] | None:
        """Method and body of one whole request."""
        head, gap, rest = self._buffer.partition(b"\r\n\r\n")
        if not gap:
            return None
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        path = head.split(b" ", 2)[1].partition(b"?")[0]
        return path.rpartition(b"/")[2], rest[:length]

    def _write(self, result: bytes) -> None:
        body = b'{"ok":true,"result":' + result + b"}"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._later(partial(self._send, head % len(body) + body))

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)

    def _later(self, act: Callable[[], None]) -> None:
        """After one way through the network."""
        if self._server.delay:
            self._loop.call_later(self._server.delay / 2, act)
        else:
            act()


_ME = json.dumps(
    {"id": 123456789, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
).encode()


def _update(number: int, person: int, text: str) -> bytes:
    user = {"id": person, "first_name": "Lan", "last_name": "Nguyễn", "language_code": "vi"}
    message = {
        "message_id": number,
        "from": {**user, "is_bot": False},
        "chat": {"id": person, "type": "private", "first_name": "Lan", "last_name": "Nguyễn"},
        "date": 1_780_000_000,
        "text": text,
    }
    return json.dumps({"update_id": number, "message": message}).encode()


def _message(chat: int) -> bytes:
    return (
        b'{"message_id":1,"date":1780000000,"text":"ok","chat":{"id":%d,"type":"private"},'
        b'"from":{"id":123456789,"is_bot":true,"first_name":"Bench"}}' % chat
    )
