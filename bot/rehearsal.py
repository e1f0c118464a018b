"""Write all reminders to come into a spreadsheet, for those of the office who wait for it."""

from collections.abc import Iterator
from contextlib import nullcontext

from sqlmodel import Session

from bot import preview, sheets
from bot.i18n import say
from bot.inbound import Desk, Times, turn_of
from bot.preview import Sessions
from bot.receipts import Clerk, Sheet
from core.message import _
from core.screen import Screen
from handlers import document, found, schedule
from handlers.flow import Gone
from handlers.schedule import Wanted
from storage import reports
from storage.reports import Report

SHEET_NAME = "lich-nhac-thu.xlsx"


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    with Session(clerk.engine) as session:
        waiting = schedule.wanted(session)
    return sum(_write_one(clerk, one, times) for one in waiting)


def _write_one(clerk: Clerk, asked: Wanted, times: Times) -> int:
    def note(session: Session) -> None:
        schedule.want(session, [one for one in schedule.wanted(session) if one != asked])

    try:
        content, screen = _made(clerk, asked, times)
    except Gone as gone:
        return clerk.say(Screen((gone.why,)), [asked.person], note, times)
    return clerk.hand_over(Sheet(content, screen, SHEET_NAME), [asked.person], note, times)


def _made(clerk: Clerk, asked: Wanted, times: Times) -> tuple[bytes, Screen]:
    """Raises Gone where drafts cannot be published any more."""
    if not asked.paper:
        content = write(preview.of(clerk.engine), clerk.desk, times, asked.office)
        return content, Screen((_("All reminders to come, as of now:"),))
    with Session(clerk.engine) as session:  # rolled back; as `preview.with_plan`, of drafts
        turn = turn_of(session, clerk.desk, asked.person, times)
        if turn is None:
            raise Gone(document.NONE)
        named = {"name": found.title(document.to_change(turn, asked.paper))}
        with schedule.as_if(turn, asked.paper) as duties:
            content = write(lambda: nullcontext(session), clerk.desk, times, asked.office, duties)
    return content, Screen((_("All reminders of {name}, if it were published now:", **named),))


def write(
    sessions: Sessions,
    desk: Desk,
    times: Times,
    office_id: int | None = None,
    duties: frozenset[int] | None = None,
) -> bytes:
    """From today until after the last deadline.

    office_id: whose duties; None for all. duties: which letters are about; None for any.
    """
    today = times.now.astimezone(desk.zone).date()
    with sessions() as session:
        last = max(reports.last_due(session, office_id) or today, today) + schedule.SPAN
    every = schedule.by_letter(preview.planned(sessions, desk, today, last, times.now, office_id))
    with sessions() as session:
        letters = schedule.about_some(session, every, duties)
        due = reports.units_owing(session, today, last, office_id, duties)
        lines = list(schedule.warnings(session, letters, due))
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
