"""Damaged updates reach the real program over HTTP: it goes on, and answers all that are well."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, select

from bot.web import SECRET_HEADER, webhook_path
from storage.database import connect
from storage.inbox import Received
from tests.databases import BOTH, database_url
from tests.live import PATIENCE, Live, live, until

SECRET = "a_word_that_opens_nothing"  # noqa: S105
PRIVATE = "lời riêng của cô Lan"
EVERY = 50  # one of so many is well
FIRST_ID = 1_000_000
SAMPLES = [
    json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[1] / "payloads" / "telegram").glob("*.json"))
]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, 10**30, float("nan"), float("inf")),
    *("", " ", "\x00", "\ud800", "é" * 5000, f"{PRIVATE} \x00", f"/start {PRIVATE}", "0.0.page:1"),
    *([], {}, [[[[]]]], {"id": 1}, [None], {"": ""}, {"text": PRIVATE}),
]


@pytest.fixture(params=BOTH)
def posted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    settings = {"TELEGRAM_MODE": "webhook", "WEBHOOK_SECRET": SECRET}
    with (
        database_url(request.param, tmp_path) as url,
        live(tmp_path, url, **settings, PUBLIC_URL="http://127.0.0.1:9") as alive,
    ):
        alive.env["PHONGBOT_PUBLIC_URL"] = f"http://{alive.env['PHONGBOT_LISTEN']}"
        alive.start()
        until(lambda: alive.health().get("ok"))
        yield alive


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.soak)])
def test_damaged_updates_harm_nobody_else(posted: Live, count: int) -> None:
    chance = Random(count)  # noqa: S311  the same damage every time
    lan = posted.phone("Lan")
    lan.says("/start")
    lan.screen()
    program = posted.program
    assert program is not None
    with httpx.Client(timeout=PATIENCE, headers={SECRET_HEADER: SECRET}) as http:
        url = posted.env["PHONGBOT_PUBLIC_URL"] + webhook_path(SECRET)
        for number in range(1, count + 1):
            body = json.dumps(damaged(chance, FIRST_ID + number)).encode()
            assert http.post(url, content=body).status_code == 200, body
            if number % EVERY == 0:
                lan.says("/trogiup")
                assert lan.screen(), number
    assert program.poll() is None
    health = posted.health()
    assert health["ok"]
    kept = in_quarantine(posted.env["PHONGBOT_DATABASE_URL"])
    assert health["quarantine"] == len(kept) > count // 10
    assert all("Unreadable" in why for why in kept), set(kept)
    assert PRIVATE not in posted.log.read_text()


def damaged(chance: Random, number: int) -> dict[str, Any]:
    """A real update in which one to three things are odd or missing."""
    update: dict[str, Any] = copy.deepcopy(chance.choice(SAMPLES))
    update["update_id"] = number
    for _time in range(chance.randint(1, 3)):
        if not update:
            break
        holder, key = chance.choice(list(_places(update)))
        if chance.random() < 0.2:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(ODD))
    return update


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where something stands in it, at any depth."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def in_quarantine(database_url: str) -> list[str]:
    engine = connect(database_url)
    with Session(engine) as session:
        kept = session.exec(select(Received.error).where(col(Received.error).is_not(None))).all()
    engine.dispose()
    return [str(why) for why in kept]
