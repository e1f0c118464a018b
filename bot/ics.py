"""Write due dates as an iCalendar file (RFC 5545), which every calendar program reads."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.i18n import say
from core.agenda import Agenda, Entry

if TYPE_CHECKING:
    from icalendar import Alarm, Event

CONTENT_TYPE = "text/calendar; charset=utf-8"
FILE_NAME = "han-nop.ics"
LOOK_AGAIN = timedelta(hours=6)  # how often programs are asked to fetch it
REMIND_AT = time(7, 15)  # on the day to aim at


def write(agenda: Agenda, language: str, zone: ZoneInfo, now: datetime) -> bytes:
    """zone: of its local times. now: when it is written."""
    # Imported here because it takes a fifth of a second, and few people ask for it.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//phongbot//due dates//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", agenda.name)
    calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"value": "DURATION"})
    for entry in agenda.entries:
        calendar.add_component(_event(entry, language, zone, now))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry, language: str, zone: ZoneInfo, now: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{entry.key}@phongbot")
    event.add("dtstamp", now.astimezone(UTC))
    # Programs that have the file of an earlier day take this one for the newer.
    event.add("sequence", now.astimezone(UTC).toordinal())
    event.add("summary", say(entry.title, language))
    event.add("description", "\n".join(say(line, language) for line in entry.about))
    event.add("transp", "TRANSPARENT")  # a deadline keeps nobody busy
    if entry.at is None:
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
    else:
        event.add("dtstart", datetime.combine(entry.day, entry.at, zone).astimezone(UTC))
    event.add_component(_alarm(entry, language, zone))
    return event


def _alarm(entry: Entry, language: str, zone: ZoneInfo) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", say(entry.title, language))
    at = datetime.combine(entry.aim_on, REMIND_AT, zone).astimezone(UTC)
    alarm.add("trigger", at, parameters={"value": "DATE-TIME"})
    return alarm
