"""The web address over real sockets, and what forgers and other pages get from it."""

import asyncio
import http.client
import json
import random
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.web import LARGEST_BODY, Health, make_app, serve, webhook_path

SECRET = "s3cret_s3cret_s3cret"  # noqa: S105  nobody's
HEADER = "X-Telegram-Bot-Api-Secret-Token"
PATH = webhook_path(SECRET)

Talk = Callable[[ClientSession, str], Awaitable[None]]


class Rows:
    """What is committed. is_down: whether the database is."""

    def __init__(self) -> None:
        self.updates: list[Any] = []
        self.moments: list[datetime] = []
        self.is_down = False

    async def take(self, batch: Sequence[dict[str, Any]]) -> None:
        if self.is_down:
            raise OSError("the database is down")
        self.updates += batch

    async def health(self) -> Health:
        if self.is_down:
            raise OSError("the database is down")
        return Health(ok=not self.updates, facts={"waiting": len(self.updates)})

    async def metrics(self) -> bytes:
        if self.is_down:
            raise OSError("no figures")
        return b"updates 5\n"


def run(rows: Rows, talk: Talk, with_clock: bool = True) -> None:
    async def main() -> None:
        clock = rows.moments.append if with_clock else None
        app = make_app(rows.health, rows.take, SECRET, clock, rows.metrics)
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        async with (
            asyncio.timeout(60),
            asyncio.TaskGroup() as group,
            ClientSession() as client,
        ):
            task = group.create_task(serve(app, "127.0.0.1:0", ready.set_result))
            await talk(client, f"http://{await ready}")
            task.cancel()

    asyncio.run(main())


async def status(client: ClientSession, url: str, body: Any, **headers: str) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.post(url, data=data, headers=named) as response:
        return response.status


def test_an_update_is_confirmed_once_it_is_committed() -> None:
    rows = Rows()

    async def talk(client: ClientSession, url: str) -> None:
        update = {"update_id": 5}
        assert await status(client, url + PATH, update, **{HEADER: SECRET}) == 200
        assert rows.updates == [update]
        rows.is_down = True
        assert await status(client, url + PATH, {"update_id": 6}, **{HEADER: SECRET}) == 503
        assert rows.updates == [update]

    run(rows, talk)


def test_forgers_leave_no_row() -> None:
    rows, dice = Rows(), random.Random(7)  # noqa: S311

    def wrong() -> str:
        letters = list(SECRET)
        letters[dice.randrange(len(letters))] = dice.choice("xyzé")
        return "".join(letters[: dice.randint(0, len(letters))])

    async def talk(client: ClientSession, url: str) -> None:
        for number in range(1_000):
            headers = {} if number % 3 == 0 else {HEADER: wrong()}
            path = PATH if number % 2 else f"/telegram/{wrong()}"
            assert await status(client, url + path, {"update_id": number}, **headers) in (403, 404)
        for path in ("/telegram/x", f"/telegram/{SECRET}"):
            assert await status(client, url + path, {"update_id": 1}, **{HEADER: SECRET}) == 403

    run(rows, talk)
    assert rows.updates == []


def test_oversized_bodies_leave_no_row() -> None:
    rows = Rows()
    body = b'{"update_id": 1, "x": "' + b"x" * LARGEST_BODY + b'"}'

    async def talk(client: ClientSession, url: str) -> None:
        for _ in range(100):
            assert await status(client, url + PATH, body, **{HEADER: SECRET}) == 413

    run(rows, talk)
    assert rows.updates == []


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"[" * 100_000, 400),
        (b'{"update_id": ' + b"9" * 5000 + b"}", 400),
    ],
)
def test_what_is_no_update_leaves_no_row(body: bytes, answer: int) -> None:
    rows = Rows()

    async def talk(client: ClientSession, url: str) -> None:
        assert await status(client, url + PATH, body, **{HEADER: SECRET}) == answer

    run(rows, talk)
    assert rows.updates == []


def test_a_body_without_end_is_refused_while_it_arrives() -> None:
    rows = Rows()

    async def talk(_client: ClientSession, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        assert await asyncio.to_thread(endless, host, int(port)) == 413

    def endless(host: str, port: int) -> int:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        connection.putrequest("POST", PATH)
        connection.putheader(HEADER, SECRET)
        connection.putheader("Content-Length", str(10**12))
        connection.endheaders()
        for _time in range(20):
            connection.send(b" " * 64 * 1024)
        answer = connection.getresponse().status
        connection.close()
        return answer

    run(rows, talk)
    assert rows.updates == []


def test_only_posting_is_known_there() -> None:
    async def talk(client: ClientSession, url: str) -> None:
        async with client.get(url + PATH, headers={HEADER: SECRET}) as response:
            assert response.status == 405

    run(Rows(), talk)


def test_without_a_webhook_there_is_no_address_for_one() -> None:
    async def health() -> Health:
        return Health(ok=True)

    assert [route.path for route in make_app(health).routes] == ["/healthz"]  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="secret"):
        make_app(health, Rows().take, "")


def test_the_address_does_not_show_the_secret() -> None:
    assert SECRET not in PATH
    assert webhook_path("other") != PATH


def test_health_is_told_in_facts() -> None:
    rows = Rows()

    async def talk(client: ClientSession, url: str) -> None:
        async def healthz() -> tuple[int, Any]:
            async with client.get(f"{url}/healthz") as response:
                return response.status, await response.json()

        assert await healthz() == (200, {"ok": True, "waiting": 0})
        rows.updates.append({})
        assert await healthz() == (503, {"ok": False, "waiting": 1})
        rows.is_down = True
        assert await healthz() == (503, {"ok": False})

    run(rows, talk)


def test_metrics_are_told_in_the_format_of_prometheus() -> None:
    rows = Rows()

    async def talk(client: ClientSession, url: str) -> None:
        async with client.get(f"{url}/metrics") as response:
            assert (response.status, await response.read()) == (200, b"updates 5\n")
            assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        rows.is_down = True
        async with client.get(f"{url}/metrics") as response:
            assert (response.status, await response.json()) == (503, {"error": "try again"})

    run(rows, talk)


MOMENT = {"to": "2018-06-07T08:00+07:00"}


def test_the_clock_is_moved_from_this_machine() -> None:
    rows = Rows()

    async def talk(client: ClientSession, url: str) -> None:
        assert await status(client, f"{url}/clock", MOMENT) == 200
        assert await status(client, f"{url}/clock", MOMENT, Origin=url) == 200

    run(rows, talk)
    assert rows.moments == [datetime(2018, 6, 7, 1, tzinfo=UTC)] * 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_the_clock_is_not_moved_by_other_pages(headers: dict[str, str]) -> None:
    rows = Rows()

    async def talk(client: ClientSession, url: str) -> None:
        assert await status(client, f"{url}/clock", MOMENT, **headers) == 403

    run(rows, talk)
    assert rows.moments == []


@pytest.mark.parametrize("wanted", [{}, {"to": 7}, {"to": "mai"}, {"to": "2018-06-07T08:00"}, []])
def test_the_clock_is_not_moved_to_nowhere(wanted: Any) -> None:
    rows = Rows()

    async def talk(client: ClientSession, url: str) -> None:
        assert await status(client, f"{url}/clock", wanted) == 400

    run(rows, talk)
    assert rows.moments == []


def test_beside_a_real_platform_there_is_no_clock_to_move() -> None:
    async def talk(client: ClientSession, url: str) -> None:
        assert await status(client, f"{url}/clock", MOMENT) == 404

    run(Rows(), talk, with_clock=False)


def test_signals_stay_ours_and_the_port_is_freed() -> None:
    before = signal.getsignal(signal.SIGTERM)
    ports: list[int] = []

    async def talk(_client: ClientSession, url: str) -> None:
        assert signal.getsignal(signal.SIGTERM) is before
        ports.append(int(url.rpartition(":")[2]))

    run(Rows(), talk)
    socket.create_server(("127.0.0.1", ports[0])).close()


def test_a_taken_port_is_an_error() -> None:
    async def main(port: int) -> None:
        await serve(make_app(Rows().health), f"127.0.0.1:{port}")

    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        asyncio.run(main(taken.getsockname()[1]))


def test_a_calendar_opens_with_its_secret_alone() -> None:
    async def look(given: str) -> bytes | None:
        if given == "down":
            raise OSError("the database is down")
        return b"BEGIN:VCALENDAR" if given == "right" else None

    async def main() -> None:
        app = make_app(Rows().health, calendar=look)
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group, ClientSession() as client:
            task = group.create_task(serve(app, "127.0.0.1:0", ready.set_result))
            url = f"http://{await ready}/calendar"
            async with client.get(f"{url}/right.ics") as response:
                assert response.status == 200
                assert response.content_type == "text/calendar"
                assert response.headers["cache-control"] == "private, no-store"
                assert await response.read() == b"BEGIN:VCALENDAR"
            for path, status in (("wrong.ics", 404), ("right", 404), ("down.ics", 503)):
                async with client.get(f"{url}/{path}") as response:
                    assert response.status == status
            task.cancel()

    asyncio.run(main())
