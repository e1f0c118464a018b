"""How updates reach the bot: by polling, each until confirmed, and by webhook."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.error import Conflict

from bot.demo.ledger import Ledger
from bot.demo.updates import Updates
from tests.bot.demo.scene import TOKEN, Json, Scene, run, until

OTHER = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)


async def polled(scene: Scene, **values: Any) -> list[Json]:
    status, answer = await scene.call("getUpdates", **values)
    assert status == 200, answer
    found: list[Json] = answer["result"]
    return found


async def said(scene: Scene, *texts: str) -> list[int]:
    """Ids of the updates."""
    phone = await scene.phone("Lan")
    return [(await scene.do(f"{phone}/say", text=text))["update_id"] for text in texts]


def texts(updates: list[Json]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def test_an_update_is_given_again_until_an_offset_confirms_it() -> None:
    async def talk(scene: Scene) -> None:
        first, second, third = await said(scene, "Một", "Hai", "Ba")
        assert texts(await polled(scene)) == ["Một", "Hai", "Ba"]
        assert texts(await polled(scene, offset=first)) == ["Một", "Hai", "Ba"]
        assert texts(await polled(scene, offset=second, limit=1)) == ["Hai"]
        assert scene.state.ledger.confirmed() >= {first}
        assert second not in scene.state.ledger.confirmed()
        assert await polled(scene, offset=third + 1) == []
        assert scene.state.ledger.confirmed() >= {first, second, third}
        assert scene.state.ledger.handed() == {first: 2, second: 3, third: 2}

    run(talk)


def test_a_negative_offset_forgets_all_but_the_last() -> None:
    """Bot API, getUpdates: offset."""

    async def talk(scene: Scene) -> None:
        await said(scene, "Một", "Hai", "Ba")
        assert texts(await polled(scene, offset=-1)) == ["Ba"]
        assert texts(await polled(scene)) == ["Ba"]

    run(talk)


def test_a_long_poll_ends_with_the_next_update() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        async with asyncio.TaskGroup() as group:
            poll = group.create_task(polled(scene, timeout=50))
            await until(lambda: scene.state.updates.waiting)
            await scene.do(f"{phone}/say", text="Chào")
        assert texts(poll.result()) == ["Chào"]

    run(talk)


def test_a_long_poll_without_news_ends_empty() -> None:
    async def main() -> None:
        updates = Updates(Ledger())
        assert await updates.poll(0, 100, 0.01, asyncio.Event().wait) == []
        assert not updates.waiting

    asyncio.run(main())


def test_a_second_poller_ends_the_first() -> None:
    """Bot API, getUpdates; the words are Telegram's."""

    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        async with scene.bot() as bot, asyncio.TaskGroup() as group:
            first = group.create_task(_error(bot.get_updates(timeout=50)))
            await until(lambda: scene.state.updates.waiting)
            second = group.create_task(polled(scene, timeout=50))
            assert isinstance(await first, Conflict)
            await until(lambda: scene.state.updates.waiting)
            await scene.do(f"{phone}/say", text="Chào")
            assert texts(await second) == ["Chào"]
        assert len(scene.state.ledger.calls("getUpdates", OTHER)) == 1

    run(talk)


async def _error(call: Any) -> BaseException | None:
    try:
        await call
    except Exception as error:
        return error
    return None


def test_updates_are_not_handed_to_a_poller_that_hung_up() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        async with aiohttp.ClientSession(scene.url) as leaving:
            poll = asyncio.ensure_future(leaving.get(f"/bot{TOKEN}/getUpdates?timeout=50"))
            await until(lambda: scene.state.updates.waiting)
            poll.cancel()
        await until(lambda: not scene.state.updates.waiting)
        said = await scene.do(f"{phone}/say", text="Chào")
        assert said["update_id"] not in scene.state.ledger.handed()
        assert texts(await polled(scene, timeout=50)) == ["Chào"]

    run(talk)


def test_only_updates_that_were_asked_for_are_made() -> None:
    """Bot API, getUpdates: allowed_updates, remembered until they are given again."""

    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        await polled(scene, allowed_updates=["callback_query"])
        assert (await scene.do(f"{phone}/say", text="Một"))["update_id"] is None
        await polled(scene)
        assert (await scene.do(f"{phone}/say", text="Hai"))["update_id"] is None
        await polled(scene, allowed_updates=[])
        await scene.do(f"{phone}/say", text="Ba")
        assert texts(await polled(scene)) == ["Ba"]

    run(talk)


class Listener:
    """The bot's own web address. statuses: what it answers, in order; then always 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.heard: list[tuple[str | None, Json]] = []

    async def __call__(self, request: Request) -> Response:
        secret = request.headers.get("x-telegram-bot-api-secret-token")
        self.heard.append((secret, await request.json()))
        status = self.statuses.pop(0) if self.statuses else 200
        return Response(status_code=status, headers={"Location": "/state"})

    def route(self) -> Route:
        return Route("/hook", self.__call__, methods=["POST"])

    @property
    def texts(self) -> list[str]:
        return texts([update for _, update in self.heard])


@asynccontextmanager
async def hooked(scene: Scene) -> AsyncIterator[str]:
    """A phone whose bot has a webhook."""
    phone = await scene.phone("Lan")
    async with scene.bot() as bot:
        await bot.set_webhook(f"{scene.url}/hook", secret_token="s-1", max_connections=4)  # noqa: S106
        yield phone
        await bot.delete_webhook()


def test_a_webhook_gets_every_update_in_order_with_its_secret() -> None:
    listener = Listener()

    async def talk(scene: Scene) -> None:
        async with hooked(scene) as phone:
            for number in range(20):
                await scene.do(f"{phone}/say", text=str(number))
            await until(lambda: not scene.state.updates.pending)
        assert listener.texts == [str(number) for number in range(20)]
        assert {secret for secret, _ in listener.heard} == {"s-1"}
        assert all(Update.de_json(update) for _, update in listener.heard)
        assert len(scene.state.ledger.confirmed()) == 21

    run(talk, routes=[listener.route()])


@pytest.mark.parametrize("status", [500, 403, 302])
def test_a_webhook_is_tried_again_until_it_takes_the_update(status: int) -> None:
    """Bot API, setWebhook: in case of an unsuccessful request, we will repeat the request."""
    listener = Listener(status, status)

    async def talk(scene: Scene) -> None:
        async with hooked(scene) as phone:
            await scene.do(f"{phone}/say", text="Một")
            await scene.do(f"{phone}/say", text="Hai")
            await until(lambda: not scene.state.updates.pending)
            async with scene.bot() as bot:
                info = await bot.get_webhook_info()
        assert listener.texts == ["Một", "Một", "Một", "Hai"]
        assert (
            info.last_error_message
            == f"Wrong response from the webhook: {status} {_NAMES[status]}"
        )
        assert (info.max_connections, info.pending_update_count) == (4, 0)

    run(talk, routes=[listener.route()])


_NAMES = {500: "Internal Server Error", 403: "Forbidden", 302: "Found"}


def test_one_chat_that_is_not_taken_does_not_hold_back_another() -> None:
    listener = Listener()

    async def stubborn(request: Request) -> Response:
        update = await request.json()
        if update["message"]["chat"]["first_name"] == "Lan":
            return Response(status_code=500)
        return await listener(request)

    async def talk(scene: Scene) -> None:
        async with hooked(scene) as phone:
            await scene.do(f"{phone}/say", text="Một")
            other = await scene.do("/phones", name="Hoa")
            await scene.do(f"/phones/{other['id']}/say", text="Hai")
            await until(lambda: listener.heard)
        assert listener.texts == ["Hai"]
        assert texts(await polled(scene)) == ["Một"]

    run(talk, routes=[Route("/hook", stubborn, methods=["POST"])])


def test_what_waited_before_the_webhook_is_delivered_too() -> None:
    listener = Listener()

    async def talk(scene: Scene) -> None:
        await said(scene, "Một", "Hai")
        async with scene.bot() as bot:
            await bot.set_webhook(f"{scene.url}/hook")
            await until(lambda: not scene.state.updates.pending)
            await bot.delete_webhook()
        assert listener.texts == ["Một", "Hai"]
        assert {secret for secret, _ in listener.heard} == {None}

    run(talk, routes=[listener.route()])


def test_what_waits_can_be_dropped() -> None:
    """Bot API, deleteWebhook: drop_pending_updates."""

    async def talk(scene: Scene) -> None:
        await said(scene, "Một")
        async with scene.bot() as bot:
            await bot.delete_webhook(drop_pending_updates=True)
        assert await polled(scene) == []

    run(talk)


def test_setting_a_webhook_ends_a_poll() -> None:
    async def talk(scene: Scene) -> None:
        async with asyncio.TaskGroup() as group:
            poll = group.create_task(scene.call("getUpdates", timeout=50))
            await until(lambda: scene.state.updates.waiting)
            await scene.call("setWebhook", url=f"{scene.url}/hook")
        status, answer = poll.result()
        assert (status, answer["description"]) == (
            409,
            "Conflict: terminated by setWebhook request",
        )

    run(talk)
