"""Due dates in a calendar of one's own: as a file, and as a link that is secret and can end."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import Session, select

from bot import ics
from core.review import State
from core.roles import Role
from core.screen import Picked
from handlers import agenda
from storage import calendar_links, people
from storage.audit import Audit
from storage.calendar_links import CalendarLink
from storage.people import Post
from tests.conftest import someone
from tests.handlers.test_due import change
from tests.phone import HANOI, Office, Phone

LINK = "https://bot.example/calendar/"


class Kept(list[bytes]):
    """Bytes that the bot wrote."""

    def put(self, content: bytes) -> str:
        self.append(content)
        return "0" * 64


@pytest.fixture
def kept(office: Office) -> Kept:
    kept = Kept()
    office.desk = replace(office.desk, keep=kept.put)
    return kept


def events(content: bytes) -> dict[str, Any]:
    """By their summaries."""
    return {str(event["summary"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


def test_the_file_has_every_date_in_the_reader_s_language(
    office: Office, lan: Phone, kept: Kept
) -> None:
    lan.says("/due")
    lan.plays("""
        > [Into my calendar]
        The due dates of Trường TH Lê Lợi for your calendar: open the file on your phone.
        It stays as it is today; dates that change later are always in /due.
        (han-nop.ics)
        [Subscribe, so that it stays up to date] [What is due]
    """)
    (content,) = kept
    found = events(content)
    assert set(found) == {"Due: Fire safety tháng 10/2026", "Due: Fire safety tháng 11/2026"}
    october = found["Due: Fire safety tháng 10/2026"]
    assert october["dtstart"].dt == date(2026, 10, 30)
    assert october["dtend"].dt == date(2026, 10, 31)
    assert october["dtstamp"].dt == office.now
    assert october["sequence"] == office.now.toordinal()
    assert october["description"] == "before 30 October, better sent on Thursday 29 October"
    (alarm,) = october.walk("VALARM")
    assert alarm["trigger"].dt == datetime(2026, 10, 29, 7, 15, tzinfo=HANOI)
    assert b"\r\n" in content


def test_a_date_with_an_hour_is_a_moment(office: Office, lan: Phone, kept: Kept) -> None:
    change(office, "Safety plan", due_on=date(2026, 11, 6), due_at=time(16))
    lan.gives(Picked("show:calendar"))
    (content,) = kept
    start = events(content)["Due: Safety plan"]["dtstart"].dt
    assert start == datetime(2026, 11, 6, 9, tzinfo=UTC)


def test_a_moved_date_is_the_same_event(office: Office, lan: Phone, kept: Kept) -> None:
    lan.gives(Picked("show:calendar"))
    change(office, "Fire safety tháng 10/2026", due_on=date(2026, 11, 5))
    lan.gives(Picked("show:calendar"))
    before, after = (events(c)["Due: Fire safety tháng 10/2026"] for c in kept)
    assert before["uid"] == after["uid"]
    assert after["dtstart"].dt == date(2026, 11, 5)


def test_what_waits_for_the_head_is_due_and_what_is_excused_is_not(
    office: Office, lan: Phone, kept: Kept
) -> None:
    change(office, "Fire safety tháng 10/2026", state=State.AWAITING_HEAD)
    change(office, "Fire safety tháng 11/2026", state=State.EXCUSED)
    lan.gives(Picked("show:calendar"))
    (content,) = kept
    assert set(events(content)) == {"Due: Fire safety tháng 10/2026"}


def opened(office: Office, link: str) -> dict[str, Any] | None:
    secret = link.removeprefix(LINK).removesuffix(".ics")
    with Session(office.engine) as session:
        found = calendar_links.opened_by(session, secret)
        if found is None:
            return None
        dates = agenda.of(session, found[0], office.now.date())
        return events(ics.write(dates, "vi", HANOI, office.now))


def subscribed(phone: Phone) -> str:
    phone.gives(Picked("show:subscribe"))
    heading, link, *_rest = phone.hears()
    assert heading == "The calendar of Trường TH Lê Lợi"
    assert link.startswith(LINK)
    return link


def test_a_link_opens_the_school_s_dates_until_it_ends(office: Office, lan: Phone) -> None:
    first = subscribed(lan)
    assert set(opened(office, first) or {}) == {
        "Hạn nộp: Fire safety tháng 10/2026",
        "Hạn nộp: Fire safety tháng 11/2026",
    }
    lan.gives(Picked("show:subscribe"))
    assert lan.hears()[0] == "You have a link already. A new one ends it."
    assert opened(office, first)
    second = lan.says("[Make a new link]")[1]
    assert opened(office, first) is None
    assert opened(office, second)
    assert lan.says("[End the link]")[0] == "The link opens nothing any more."
    assert opened(office, second) is None
    lan.gives(Picked("show:unsubscribe"))
    assert lan.hears()[0] == "You have no link."
    with Session(office.engine) as session:
        changes = session.exec(select(Audit.change).where(Audit.subject == "calendar_link")).all()
        assert changes == ["made", "revoked", "made", "revoked"]


def test_only_a_digest_is_kept_and_it_opens_nothing(office: Office, lan: Phone) -> None:
    link = subscribed(lan)
    with Session(office.engine) as session:
        digest = session.exec(select(CalendarLink.digest)).one()
    assert digest not in link
    assert opened(office, f"{LINK}{digest}.ics") is None
    assert opened(office, f"{LINK}{link[-20:]}") is None


def test_a_link_ends_with_its_person_s_post(office: Office, lan: Phone, hoa: Phone) -> None:
    links = [subscribed(lan), subscribed(hoa)]
    with Session(office.engine) as session:
        post = session.exec(select(Post).where(Post.role == Role.REPORTER)).one()
        people.end_post(session, post, post.person_id, office.now, "left")
        session.commit()
    assert opened(office, links[0]) is None
    assert opened(office, links[1])


def test_there_is_no_link_where_the_program_is_not_on_the_web(
    office: Office, lan: Phone, kept: Kept
) -> None:
    office.desk = replace(office.desk, public_url="")
    lan.gives(Picked("show:calendar"))
    assert lan.hears()[-1] == "[What is due]"
    lan.gives(Picked("show:subscribe"))
    assert lan.hears()[0] == "Calendars cannot be subscribed to here."
    assert len(kept) == 1


@pytest.mark.parametrize("query", ["calendar", "subscribe", "unsubscribe"])
def test_the_office_has_no_due_dates(minh: Phone, query: str) -> None:
    minh.gives(Picked(f"show:{query}"))
    assert minh.hears()[0] == "You act for no school, so nothing is due from you."


def test_each_school_has_its_own(office: Office, channel: str, kept: Kept) -> None:
    tam = someone(office, channel, "Tâm", "QT", Role.REPORTER)
    tam.gives(Picked("show:calendar"))
    lan = someone(office, channel, "Lan", "LL", Role.REPORTER)
    lan.gives(Picked("show:calendar"))
    uids = [{str(event["uid"]) for event in events(content).values()} for content in kept]
    assert not uids[0] & uids[1]
