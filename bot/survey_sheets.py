"""Make the sheets of totals that somebody of the office waits for, and send them as files."""

from collections.abc import Iterator

from sqlmodel import Session

from bot import sheets
from bot.i18n import say
from bot.inbound import Desk, Times
from bot.receipts import Clerk, Sheet
from core.message import _
from core.screen import Screen
from core.survey import Shares
from handlers import surveyed
from storage import surveys
from storage.surveys import Survey

SHEET_NAME = "khao-sat.xlsx"


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    return clerk.write(Survey, _sheet, times)


def _sheet(session: Session, desk: Desk, survey: Survey, _times: Times) -> Sheet:
    said = _("What was answered to “{title}”.", title=survey.title)
    return Sheet(sheets.totals(list(_rows(session, desk, survey))), Screen((said,)), SHEET_NAME)


def _rows(session: Session, desk: Desk, survey: Survey) -> Iterator[list[str]]:
    """As `bot.sheets.TOTALS` heads them, in the office's own language."""
    schools = {unit.id: unit for unit in surveys.schools(session, survey.id)}
    for unit_id, count, asked in surveyed.table(session, survey):
        school = schools.get(unit_id)
        of = [school.code, school.name] if school else ["", say(_("All together"), desk.language)]
        for number, shares in enumerate(asked, start=1):
            question = f"{number}. {say(shares.text, desk.language)}"
            for cells in _cells(shares, count, desk.language):
                yield [*of, str(count), question, *cells]


def _cells(shares: Shares, of: int, language: str) -> Iterator[list[str]]:
    if shares.mean is not None:
        yield [say(_("on average {mean}", mean=shares.mean), language), "", ""]
    for label, count in shares.counts.values():
        yield [say(label, language), str(count), str(surveyed.percent(count, of))]
