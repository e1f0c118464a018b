"""Write all reminders to come into a spreadsheet, for those of the office who wait for it."""

from collections.abc import Iterator

from sqlmodel import Session

from bot import preview, sheets
from bot.i18n import say
from bot.inbound import Desk, Times
from bot.preview import Sessions
from bot.receipts import Clerk, Sheet
from core.message import _
from core.screen import Screen
from handlers import schedule
from storage import reports
from storage.reports import Report

SHEET_NAME = "lich-nhac-thu.xlsx"


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    with Session(clerk.engine) as session:
        waiting = schedule.wanted(session)
    return sum(_write_one(clerk, one, times) for one in waiting)


def _write_one(clerk: Clerk, asked: schedule.Wanted, times: Times) -> int:
    office_id, person_id = asked
    content = write(preview.of(clerk.engine), clerk.desk, times, office_id)
    screen = Screen((_("All reminders to come, as of now:"),))

    def note(session: Session) -> None:
        schedule.want(session, [one for one in schedule.wanted(session) if one != asked])

    return clerk.hand_over(Sheet(content, screen, SHEET_NAME), [person_id], note, times)


def write(sessions: Sessions, desk: Desk, times: Times, office_id: int | None = None) -> bytes:
    """From today until after the last deadline. office_id: whose duties; None for all."""
    today = times.now.astimezone(desk.zone).date()
    with sessions() as session:
        last = max(reports.last_due(session, office_id) or today, today) + schedule.SPAN
    found = preview.planned(sessions, desk, today, last, times.now, office_id)
    letters = schedule.by_letter(found)
    with sessions() as session:
        lines = list(schedule.warnings(session, letters, today, last, office_id))
    warned = [say(line, desk.language) for line in lines]
    return sheets.rehearsal(list(_rows(sessions, desk, letters)), warned)


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
