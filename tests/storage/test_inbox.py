from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from bot.app import KEEP_RECEIVED
from storage import inbox
from storage.inbox import Received
from tests.phone import MACHINE_NOW


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        ("\x00 and \ud800", "\ufffd and \ufffd"),
        ("\\u0000 \\\x00", "\\u0000 \\\ufffd"),
        ("Hoà 👋", "Hoà 👋"),
        (float("nan"), "NaN"),
        ({"\x00": [float("-inf")]}, {"\ufffd": ["-Infinity"]}),
        (10**30, 10**30),
    ],
)
def test_whatever_json_can_say_is_kept_in_quarantine(
    engine: Engine, odd: object, kept: object
) -> None:
    with engine.begin() as connection:
        for number in ("7", "\x00\ud800"):
            inbox.quarantine(
                *(connection, "telegram", number, MACHINE_NOW),
                error="Unreadable",
                raw={"odd": odd},
                attempts=1,
            )
        assert inbox.quarantined(connection) == 2
        rows = connection.execute(select(col(Received.update_id), col(Received.raw))).all()
    assert {row.update_id for row in rows} == {"7", "\\x00\\ud800"}
    assert [row.raw for row in rows] == [{"odd": kept}] * 2


def test_an_update_is_new_once_for_as_long_as_it_may_come_again(engine: Engine) -> None:
    update = ("telegram", "7")
    with engine.begin() as connection:
        assert inbox.is_new(connection, *update, MACHINE_NOW)
    for hours, new in ((1, False), (47, False), (49, True)):
        now = MACHINE_NOW + timedelta(hours=hours)
        with engine.begin() as connection:
            inbox.forget(connection, now - KEEP_RECEIVED)
            assert inbox.is_new(connection, *update, now) is new
