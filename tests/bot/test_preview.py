"""What the preview says is what is sent."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import product

import pytest
from sqlmodel import Session, col, select, update

from bot.eves import remind_of_events
from bot.nudging import remind
from bot.preview import Reminder, of, upcoming
from core.roles import Role
from storage.nudges import Nudge
from storage.people import Person
from storage.units import OFFICE_CODE
from tests.conftest import someone
from tests.handlers.test_due import change
from tests.handlers.test_event import invite
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, MACHINE_NOW, Office, Phone

FIRST, LAST = date(2026, 10, 20), date(2026, 11, 24)  # over Teachers' Day
TICKS = (time(1), time(6, 30), time(7, 15), time(12), time(21))

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)


def preview(office: Office) -> list[Reminder]:
    now = datetime.combine(FIRST, time(), HANOI)
    return list(upcoming(of(office.engine), office.desk, FIRST, LAST, now))


def sent(office: Office, phones: list[Phone]) -> Iterator[tuple[datetime, str, str]]:
    """The real reminders, with ticks by night, early, at noon and late."""
    days = (FIRST + timedelta(days=ahead) for ahead in range((LAST - FIRST).days + 1))
    for day, tick in product(days, TICKS):
        now = datetime.combine(day, tick, HANOI)
        remind_of_events(office.engine, HANOI, now)
        remind(office.engine, office.desk, now, MACHINE_NOW)
        for phone in phones:
            for lines in _messages(phone.hears()):
                yield now, phone.name, "\n".join(lines)


def _messages(lines: list[str]) -> Iterator[list[str]]:
    """Each without its choices, which come last."""
    message: list[str] = []
    for line in lines:
        if line.startswith("["):
            yield message
            message = []
        else:
            message.append(line)


@only_with_buttons
def test_the_preview_says_what_is_sent(office: Office, channel: str, lan: Phone) -> None:
    tam = someone(office, channel, "Tâm", "QT", Role.HEAD, language="vi")
    minh = someone(office, channel, "Minh", OFFICE_CODE, Role.OFFICER)
    change(office, "Safety plan", due_on=date(2026, 11, 20))
    with Session(office.engine) as session:
        session.exec(update(Person).where(col(Person.name) == "Tâm").values(told_at=time(12)))
        session.commit()
    invite(office, minh, lan, tam)
    says_all(lan, "[✅ We come]")
    assert [(one.at[:16], one.person) for one in preview(office) if one.kind == "event"] == [
        ("2026-11-11T07:15", "Lan")
    ]
    told = {(datetime.fromisoformat(r.at), r.person, r.text) for r in preview(office)}
    assert told == set(sent(office, [lan, tam, minh]))
    assert len(told) > 20


@only_with_buttons
def test_nothing_is_decided_by_looking(office: Office, lan: Phone) -> None:
    first = preview(office)
    assert preview(office) == first != []
    assert lan.hears() == []
    with Session(office.engine) as session:
        assert session.exec(select(Nudge)).all() == []


@only_with_buttons
@pytest.mark.usefixtures("lan")
def test_each_reminder_names_its_report(office: Office) -> None:
    reminders = [r for r in preview(office) if r.period == "2026-10"]
    assert [(r.at[:16], r.kind) for r in reminders] == [
        ("2026-10-20T07:15", "published"),
        ("2026-10-23T07:15", "before"),
        ("2026-10-27T07:15", "before"),
        ("2026-10-29T07:15", "before"),
        ("2026-10-30T07:15", "on the day"),
        ("2026-10-31T07:15", "after"),
        ("2026-11-02T07:15", "after"),
    ]
    assert {(r.person, r.unit, r.duty) for r in reminders} == {("Lan", "LL", "fire")}


def test_whoever_is_not_there_gets_none(office: Office) -> None:
    assert preview(office) == []
