"""The poll loop, against a platform that keeps what was not confirmed, as Telegram does."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError, TimedOut

from bot.channels.telegram import TelegramChannel
from bot.receiver import CONFLICT_PATIENCE, LONGEST_WAIT, AnotherPoller, WrongToken, poll
from tests.bot.scripted import TOKEN, scripted, until


class Platform:
    """trouble: raised by the next asks, in turn. An ask without updates ends the test's loop."""

    def __init__(self, *numbers: int, trouble: Sequence[TelegramError] = ()) -> None:
        self.waiting: list[Any] = [{"update_id": number} for number in numbers]
        self.trouble = list(trouble)
        self.offsets: list[int | None] = []
        self.webhooks_deleted = 0
        self.is_drained = asyncio.Event()

    async def delete_webhook(self) -> None:
        self.webhooks_deleted += 1

    async def updates(self, offset: int | None, seconds: int = 30) -> list[Any]:
        self.offsets.append(offset)
        if self.trouble:
            raise self.trouble.pop(0)
        if offset is not None:
            self.waiting = [u for u in self.waiting if not _below(u, offset)]
        if not self.waiting and seconds:
            self.is_drained.set()
            await asyncio.Event().wait()
        return self.waiting[:2]


def _below(update: Any, offset: int) -> bool:
    return isinstance(update, dict) and update.get("update_id", 0) < offset


class Patience:
    """Sleeps without sleeping; its clock runs on by what was slept."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)

    def now(self) -> float:
        return sum(self.waits)


class Inbox:
    """fails: how often committing does not work, at first."""

    def __init__(self, fails: int = 0) -> None:
        self.taken: list[list[int]] = []
        self.fails = fails

    async def take(self, batch: Sequence[dict[str, Any]]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the database is down")
        self.taken.append([update["update_id"] for update in batch])


async def drained(platform: Platform, inbox: Inbox, patience: Patience) -> None:
    """Poll until nothing waits, then stop."""
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(
            poll(platform, inbox.take, sleep=patience.sleep, now=patience.now)
        )
        await platform.is_drained.wait()
        task.cancel()


def polled(*numbers: int, fails: int = 0, trouble: Sequence[TelegramError] = ()) -> Any:
    async def main() -> Any:
        platform = Platform(*numbers, trouble=trouble)
        inbox, patience = Inbox(fails), Patience()
        await drained(platform, inbox, patience)
        return platform, inbox, patience

    return asyncio.run(main())


def test_a_batch_is_confirmed_by_the_next_ask() -> None:
    platform, inbox, _patience = polled(11, 12, 13)
    assert inbox.taken == [[11, 12], [13]]
    assert platform.offsets[:3] == [None, 13, 14]
    assert platform.webhooks_deleted == 1


def test_what_was_not_committed_is_asked_for_again() -> None:
    platform, inbox, patience = polled(11, 12, 13, fails=3)
    assert inbox.taken == [[11, 12], [13]]
    assert platform.offsets[:5] == [None, None, None, None, 13]
    assert len(patience.waits) == 3


def test_a_failed_commit_is_logged_whole_but_once(caplog: pytest.LogCaptureFixture) -> None:
    polled(11, fails=3)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "the database is down" in caplog.text


def test_waits_grow_up_to_a_limit() -> None:
    trouble = [NetworkError("x")] * 12
    _platform, _inbox, patience = polled(11, trouble=trouble)
    assert patience.waits[0] <= 0.5
    assert LONGEST_WAIT / 2 <= patience.waits[-1] <= LONGEST_WAIT
    assert all(a < b * 2.01 for a, b in zip(patience.waits, patience.waits[1:], strict=False))


def test_after_a_success_the_first_wait_is_short_again() -> None:
    class Flaky(Inbox):
        async def take(self, batch: Sequence[dict[str, Any]]) -> None:
            await super().take(batch)
            platform.trouble = [TimedOut()]

    async def main() -> list[float]:
        patience = Patience()
        await drained(platform, Flaky(), patience)
        return patience.waits

    platform = Platform(11, 12, 13, trouble=[NetworkError("x")] * 8)
    waits = asyncio.run(main())
    assert len(waits) == 10
    assert waits[7] > 10
    assert max(waits[8:]) <= 0.5


def test_trouble_is_told_once_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.receiver")
    polled(11, trouble=[NetworkError("no route")] * 5 + [TimedOut()] * 2)
    assert [record.message for record in caplog.records] == [
        "no updates for now: no route",
        "no updates for now: Timed out",
        "updates arrive again",
    ]


def test_another_poller_is_borne_for_a_while() -> None:
    _platform, inbox, patience = polled(11, trouble=[Conflict("terminated")] * 6)
    assert inbox.taken == [[11]]
    assert patience.now() < CONFLICT_PATIENCE


def test_another_poller_that_stays_is_the_end() -> None:
    async def main() -> None:
        patience = Patience()
        platform = Platform(11, trouble=[Conflict("terminated")] * 100)
        await poll(platform, Inbox().take, sleep=patience.sleep, now=patience.now)

    with pytest.raises(AnotherPoller, match="stop it"):
        asyncio.run(main())


def test_a_wrong_token_is_the_end_at_once() -> None:
    async def main() -> None:
        await poll(Platform(trouble=[InvalidToken()]), Inbox().take)

    with pytest.raises(WrongToken, match="PHONGBOT_TELEGRAM_TOKEN"):
        asyncio.run(main())


def test_without_network_starting_goes_on_trying() -> None:
    class Offline(Platform):
        async def delete_webhook(self) -> None:
            await super().delete_webhook()
            if self.webhooks_deleted < 20:
                raise NetworkError("ClientConnectorError")

    async def main() -> Offline:
        platform = Offline(11)
        await drained(platform, Inbox(), Patience())
        return platform

    assert asyncio.run(main()).webhooks_deleted == 20


def test_stopping_confirms_what_is_committed_and_drops_nothing() -> None:
    async def main() -> tuple[Platform, Inbox]:
        platform, inbox = Platform(11, 12, 13), Inbox()
        is_taken = asyncio.Event()

        async def take(batch: Sequence[dict[str, Any]]) -> None:
            if inbox.taken:
                is_taken.set()
                await asyncio.Event().wait()
            await inbox.take(batch)

        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            task = group.create_task(poll(platform, take))
            await is_taken.wait()
            task.cancel()
        return platform, inbox

    platform, inbox = asyncio.run(main())
    assert inbox.taken == [[11, 12]]
    assert platform.waiting == [{"update_id": 13}]


def test_stopping_confirms_what_an_unanswered_poll_did_not() -> None:
    class Deaf(Platform):
        """The second poll never reaches it."""

        async def updates(self, offset: int | None, seconds: int = 30) -> list[Any]:
            if offset is not None and seconds:
                self.is_drained.set()
                await asyncio.Event().wait()
            return await super().updates(offset, seconds)

    async def main() -> Platform:
        platform = Deaf(11, 12, 13)
        await drained(platform, Inbox(), Patience())
        return platform

    assert asyncio.run(main()).waiting == [{"update_id": 13}]


def test_an_update_without_a_number_does_not_stop_the_others() -> None:
    async def main() -> Inbox:
        platform, inbox = Platform(12, 13), Inbox()
        platform.waiting[:0] = [{"update_id": True}]
        await drained(platform, inbox, Patience())
        return inbox

    assert asyncio.run(main()).taken == [[12], [13]]


def test_updates_that_cannot_be_confirmed_are_not_asked_for_at_full_speed() -> None:
    async def main() -> Patience:
        platform, patience = Platform(), Patience()
        platform.waiting = ["odd", None]
        task = asyncio.ensure_future(
            poll(platform, Inbox().take, sleep=patience.sleep, now=patience.now)
        )
        await until(lambda: len(patience.waits) > 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(platform.offsets) <= len(patience.waits) + 1
        return patience

    assert asyncio.run(main()).waits[-1] >= LONGEST_WAIT / 2


def test_after_quiet_the_numbers_may_start_anew() -> None:
    class Quiet(Platform):
        async def updates(self, offset: int | None, seconds: int = 30) -> list[Any]:
            if len(self.offsets) == 1:
                self.offsets.append(offset)
                self.waiting = [{"update_id": 3}]
                return []
            return await super().updates(offset, seconds)

    async def main() -> tuple[Platform, Inbox]:
        platform, inbox = Quiet(1_000), Inbox()
        await drained(platform, inbox, Patience())
        return platform, inbox

    platform, inbox = asyncio.run(main())
    assert inbox.taken == [[1_000], [3]]
    assert platform.offsets[:4] == [None, 1_001, None, 4]


def test_it_polls_telegram_over_http(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    inbox, beats = Inbox(), []

    async def main() -> None:
        async with (
            scripted() as api,
            TelegramChannel(SecretStr(TOKEN), api.url, Path) as channel,
        ):
            api.refuse("getUpdates", 502, "Bad Gateway")
            api.refuse("getUpdates", 429, "Too Many Requests", retry_after=0.01)
            api.accept("getUpdates", [{"update_id": 5}, {"update_id": 6}])
            api.accept("getUpdates", [])

            async def hold(_request: Any) -> Any:
                await asyncio.Event().wait()

            api.answers["getUpdates"].append(hold)
            async with asyncio.timeout(10), asyncio.TaskGroup() as group:
                task = group.create_task(poll(channel, inbox.take, heard=lambda: beats.append(1)))
                await until(lambda: len(api.asked("getUpdates")) == 5)
                task.cancel()
            assert [data.get("offset") for data in api.asked("getUpdates")][:5] == [
                *(None, None, None, 7, None)
            ]
            assert api.calls[0][0] == "deleteWebhook"

    asyncio.run(main())
    assert inbox.taken == [[5, 6]]
    assert len(beats) == 2
    assert TOKEN not in caplog.text
