"""Write all reminders to come into a spreadsheet, for those of the office who wait for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot import preview, sheets
from bot.i18n import say
from bot.inbound import Desk, Times, tell
from bot.preview import Sessions
from bot.receipts import Clerk
from core.message import _
from core.screen import Screen
from handlers import schedule
from storage import facts, outbox, reports
from storage.reports import Report

SHEET_NAME = "lich-nhac-thu.xlsx"


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox.

    Bytes first, the message that encloses them after; made again after a kill between.
    """
    sessions = preview.of(clerk.engine)
    with sessions() as session:
        people = schedule.wanted(session)
    if not people:
        return 0
    content = write(sessions, clerk.desk, times)
    sha256 = clerk.blobs.put(content)
    file = {"remote": None, "sha256": sha256, "name": SHEET_NAME, "kind": "document"}
    screen = Screen((_("All reminders to come, as of now:"),))
    with sessions() as session:
        left = [id for id in schedule.wanted(session) if id not in people]
        facts.put(session, schedule.WANTED, ",".join(map(str, left)))
        drafts = [draft for id in people for draft in tell(session, clerk.desk, id, screen)]
        session.flush()
        enclosed = [replace(draft, files=[file]) for draft in drafts]
        outbox.add(session.connection(), enclosed, times.machine)
        session.commit()
    return len(drafts)


def write(sessions: Sessions, desk: Desk, times: Times, last: date | None = None) -> bytes:
    """From today to the last deadline, or to `last`."""
    today = times.now.astimezone(desk.zone).date()
    if last is None:
        with sessions() as session:
            last = max(reports.last_due(session) or today, today) + schedule.SPAN
    found = list(preview.planned(sessions, desk, today, last, times.now))
    letters = schedule.by_letter(found)
    with sessions() as session:
        warned = [
            say(line, desk.language) for line in schedule.warnings(session, letters, today, last)
        ]
    rows = list(_rows(sessions, desk, letters))
    return sheets.rehearsal(rows, warned)


def _rows(sessions: Sessions, desk: Desk, letters: list[schedule.Letter]) -> Iterator[list[str]]:
    """As `bot.sheets.REHEARSAL` heads them."""
    for letter in letters:
        with sessions() as session:
            told = preview.told(session, desk, letter.about)
            for planned, one in zip(letter.about, told, strict=False):  # none in a closed chat
                at, title = letter.at, session.get_one(Report, planned.report_id).title
                when = [f"{at:%d/%m/%Y}", sheets.WEEKDAYS[at.weekday()], f"{at:%H:%M}"]
                what = [title, sheets.REMINDER_KINDS[one.kind], one.text]
                yield [*when, one.person, one.unit, *what]
