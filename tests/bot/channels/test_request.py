"""Requests over real sockets to a server that behaves as badly as networks do."""

import asyncio
import gc
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.request import Request, TooLarge
from tests.bot.scripted import TOKEN, Api, Upload, scripted


class Ends(NamedTuple):
    """Of one line: the server, and the bot that talks to it through the request class."""

    api: Api
    bot: Bot
    request: Request


Talk = Callable[[Ends], Awaitable[None]]


def run(talk: Talk) -> None:
    async def main() -> None:
        async with scripted() as api, Request() as request:
            await talk(Ends(api, bot_of(api.url, request), request))

    asyncio.run(main())


def bot_of(url: str, request: Request) -> Bot:
    return Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)


async def failure(bot: Bot, **how: Any) -> TelegramError:
    with pytest.raises(TelegramError) as failed:
        await bot.send_message(7, "x", **how)
    return failed.value


def assert_no_token(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in it, nor in whatever hangs on it, nor in a log."""
    secret = TOKEN.partition(":")[2]
    link: BaseException | None = error
    while link is not None:
        assert secret not in repr(link) + str(link) + repr(link.args)
        link = link.__cause__ or link.__context__
    assert secret not in "".join(traceback.format_exception(error))
    assert secret not in caplog.text


def test_bots_of_ptb_talk_through_it() -> None:
    async def talk(ends: Ends) -> None:
        message = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "é"}
        ends.api.accept("sendMessage", message)
        sent = await ends.bot.send_message(7, "Chào cô 👋")
        assert (sent.message_id, sent.text) == (5, "é")
        assert ends.api.asked("sendMessage") == [{"chat_id": 7, "text": "Chào cô 👋"}]

    run(talk)


def test_files_go_as_multipart_with_their_names() -> None:
    async def talk(ends: Ends) -> None:
        document = InputFile(b"%PDF-1.7 \x00\xff", filename='Kế "hoạch".pdf')
        message = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}}
        ends.api.accept("sendDocument", message)
        await ends.bot.send_document(7, document, caption="Đây ạ")
        (asked,) = ends.api.asked("sendDocument")
        assert asked["caption"] == "Đây ạ"
        assert asked["chat_id"] == "7"
        assert asked["document"] == Upload('Kế "hoạch".pdf', b"%PDF-1.7 \x00\xff")

    run(talk)


def test_connections_are_kept() -> None:
    async def talk(ends: Ends) -> None:
        for _time in range(5):
            await ends.bot.delete_webhook()
        assert len(ends.api.connections) == 1

    run(talk)


@pytest.mark.parametrize(
    ("status", "why", "kind"),
    [
        (400, "Bad Request: chat not found", BadRequest),
        (401, "Unauthorized", InvalidToken),
        (403, "Forbidden: bot was blocked by the user", Forbidden),
        (404, "Not Found", InvalidToken),
        (409, "Conflict: terminated by other getUpdates request", Conflict),
        (500, "Internal Server Error", NetworkError),
    ],
)
def test_refusals_are_ptbs(status: int, why: str, kind: type[TelegramError]) -> None:
    async def talk(ends: Ends) -> None:
        ends.api.refuse("sendMessage", status, why)
        assert type(await failure(ends.bot)) is kind

    run(talk)


@pytest.mark.parametrize(("said", "seconds"), [(3, 3), (0.5, 0.5), ("x", 1), (-1, 1), (1e99, 1)])
def test_being_told_to_wait_says_how_long(said: Any, seconds: float) -> None:
    async def talk(ends: Ends) -> None:
        ends.api.refuse("sendMessage", 429, "Too Many Requests", retry_after=said)
        error = await failure(ends.bot)
        assert isinstance(error, RetryAfter)
        assert error.retry_after == timedelta(seconds=seconds)

    run(talk)


def test_a_chat_that_moved_is_named() -> None:
    async def talk(ends: Ends) -> None:
        why = "Bad Request: group chat was upgraded to a supergroup chat"
        ends.api.refuse("sendMessage", 400, why, migrate_to_chat_id=-100)
        error = await failure(ends.bot)
        assert isinstance(error, ChatMigrated)
        assert error.new_chat_id == -100

    run(talk)


async def _hang(_request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def _hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"ok": true')
    assert request.transport is not None
    request.transport.abort()
    return response


async def _page(request: web.Request) -> web.Response:
    return web.Response(
        status=502, text=f"<p>No answer from {request.url}", content_type="text/html"
    )


async def _redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": str(request.url)})


async def _nonsense(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.url}", content_type="application/json")


async def _nested(_request: web.Request) -> web.Response:
    return web.Response(text="[" * 200_000, content_type="application/json")


async def _list(_request: web.Request) -> web.Response:
    return web.json_response([{"result": 1}])


@pytest.mark.parametrize(
    "behaviour", [_hang, _hang_up, _half, _page, _redirect, _nonsense, _nested, _list]
)
def test_trouble_is_a_network_error_without_the_token(
    behaviour: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def talk(ends: Ends) -> None:
        ends.api.answers["sendMessage"] = [behaviour]
        error = await failure(ends.bot, read_timeout=0.2 if behaviour is _hang else 10)
        assert isinstance(error, NetworkError)
        assert isinstance(error, TimedOut) == (behaviour is _hang)
        assert_no_token(error, caplog)

    run(talk)


def test_no_server_is_a_network_error_without_the_token(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with Request() as request:
            for url in ("http://127.0.0.1:1", "ftp://127.0.0.1", "http://", "http://[::1"):
                error = await failure(bot_of(url, request))
                assert isinstance(error, NetworkError)
                assert_no_token(error, caplog)
        error = await failure(bot_of("http://127.0.0.1:1", request))
        assert isinstance(error, NetworkError)

    asyncio.run(main())


def test_a_file_is_fetched_up_to_the_limit() -> None:
    async def talk(ends: Ends) -> None:
        async def ten(_request: web.Request) -> web.Response:
            return web.Response(body=b"0123456789")

        ends.api.answers["a.pdf"] = [ten]
        url = f"{ends.api.url}/file/bot{TOKEN}/a.pdf"
        assert await ends.request.download(url, 10) == b"0123456789"
        with pytest.raises(TooLarge):
            await ends.request.download(url, 9)

    run(talk)


def test_a_file_without_end_is_given_up() -> None:
    async def talk(ends: Ends) -> None:
        written = 0

        async def endless(request: web.Request) -> web.StreamResponse:
            nonlocal written
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(bytes(64 * 1024))
                written += 64 * 1024

        ends.api.answers["a.pdf"] = [endless]
        with pytest.raises(TooLarge):
            await ends.request.download(f"{ends.api.url}/file/bot{TOKEN}/a.pdf", 1_000_000)
        assert written < 20_000_000

    run(talk)


def test_a_file_that_is_gone_is_a_network_error(caplog: pytest.LogCaptureFixture) -> None:
    async def talk(ends: Ends) -> None:
        with pytest.raises(NetworkError) as failed:
            await ends.request.download(f"{ends.api.url}/file/botwrong:{TOKEN}/a.pdf")
        assert_no_token(failed.value, caplog)

    run(talk)


def test_it_closes_what_it_opened() -> None:
    """An open session would warn when it is collected, and warnings are errors here."""

    async def talk(ends: Ends) -> None:
        await ends.request.initialize()
        await ends.bot.delete_webhook()

    run(talk)
    gc.collect()
