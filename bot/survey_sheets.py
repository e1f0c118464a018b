"""Make the sheets of totals that somebody of the office waits for, and send them as files."""

from collections.abc import Iterator

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot import sheets
from bot.i18n import say
from bot.inbound import Desk, Times
from bot.receipts import Clerk, hand_over
from core.message import _
from core.screen import Screen
from core.survey import Shares
from handlers import surveyed
from storage import surveys
from storage.surveys import Survey

SHEET_NAME = "khao-sat.xlsx"


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    return sum(_write(clerk, survey_id, times) for survey_id in _wanted(clerk.engine))


def _wanted(engine: Engine) -> list[int]:
    with Session(engine) as session:
        found = session.exec(select(Survey.id, Survey.sheet_for).order_by(col(Survey.id)))
        return [id for id, people in found if people]


def _write(clerk: Clerk, survey_id: int, times: Times) -> int:
    with Session(clerk.engine) as session:
        survey = session.get_one(Survey, survey_id)
        content = sheets.totals(list(_rows(session, clerk.desk, survey)))
        screen = Screen((_("What was answered to “{title}”.", title=survey.title),))
        wanted = survey.sheet_for
    return hand_over(clerk, Survey, survey_id, wanted, (SHEET_NAME, content), screen, times)


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
