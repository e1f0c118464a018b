"""What a tick of the reminders costs: the same few questions for many people as for one."""

from datetime import datetime
from random import Random

import pytest
from sqlalchemy import event

from bot.nudging import remind
from tests.databases import BOTH, empty_database
from tests.phone import HANOI
from tests.years import World, begin

EACH = 9  # questions about one person alone, for the words of their message
MORNING = datetime(2018, 1, 19, 6, 45, tzinfo=HANOI)
EVENING = MORNING.replace(hour=17)  # after everybody's hour


@pytest.mark.parametrize("kind", BOTH)
def test_a_tick_asks_little_for_each_person(kind: str) -> None:
    asked: list[str] = []
    with empty_database(kind) as engine:
        world = World(engine, Random(1))  # noqa: S311
        begin(world, schools=40)
        remind(engine, world.desk, MORNING, MORNING)

        def note(*given: object) -> None:
            asked.append(str(given[2]))

        event.listen(engine, "before_cursor_execute", note)
        written = remind(engine, world.desk, EVENING, EVENING)
        event.remove(engine, "before_cursor_execute", note)
    assert written > 20
    assert len(asked) < EACH * written + 60
