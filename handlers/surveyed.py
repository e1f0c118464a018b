"""What was answered to a survey: totals, as far as they give away nobody."""

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from core import survey as rules
from core.message import Message, _, quiet, strong, verbatim
from core.screen import Choice, Screen, show
from core.survey import Shares
from handlers.flow import Gone, Turn
from handlers.survey import back, how_many, of_school, to_change
from storage import surveys
from storage.surveys import Survey
from storage.units import Unit


def results(turn: Turn, about: str) -> Screen:
    """about: as for `links`; a school gets its own only."""
    survey, unit_id = of_school(turn, about)
    if survey.is_open(turn.today):
        raise Gone(_("Answers are shown once the survey is closed, so that nobody is found out."))
    counts = surveys.counts(turn.session, survey.id)
    told = _told(turn, survey, counts)
    if unit_id not in told:
        return Screen((how_many(survey, counts.get(unit_id, 0)), _FEW), (back(survey),))
    answers = surveys.answers(turn.session, survey.id, unit_id or None)
    of = turn.session.get_one(Unit, unit_id).name if unit_id else ""
    lines = [strong(verbatim(survey.title)), *([verbatim(of)] if of else [])]
    lines.append(how_many(survey, len(answers)))
    for shares in rules.tally(survey.asked, answers):
        lines += _shown(shares, len(answers))
    choices = [back(survey)]
    if turn.me.at_the_office and not unit_id:
        schools = [u for u in surveys.schools(turn.session, survey.id) if u.id in told]
        choices = [*(_of(survey, school) for school in schools), *choices]
        if len(schools) < len(surveys.schools(turn.session, survey.id)):
            lines.append(quiet(_OTHERS))
    return Screen(tuple(lines), tuple(choices))


_FEW = _("That is too few to show what was answered without giving anybody away.")
_OTHERS = _("Schools that would give away what few people answered are not shown by themselves.")


def sheet(turn: Turn, about: str) -> Screen:
    """Have the totals written into a spreadsheet after this turn; it comes as a file."""
    survey = to_change(turn, about)
    if survey.is_open(turn.today):
        raise Gone(_("Answers are shown once the survey is closed, so that nobody is found out."))
    survey.sheet_for = sorted({*survey.sheet_for, turn.me.id})
    return Screen((_("The sheet is being made; it comes in a moment."),), (back(survey),))


# What is told of answers


def table(session: Session, survey: Survey) -> list[tuple[int, int, list[Shares]]]:
    """Of all, as 0, and of each school that may be told: how many answered, and what."""
    rows = []
    for unit_id in sorted(_may_be_told(survey, surveys.counts(session, survey.id))):
        its = surveys.answers(session, survey.id, unit_id or None)
        rows.append((unit_id, len(its), rules.tally(survey.asked, its)))
    return rows


def _told(turn: Turn, survey: Survey, counts: Mapping[int, int]) -> set[int]:
    """Whose totals this person may see; 0 for those of all."""
    if turn.me.at_the_office:
        return _may_be_told(survey, counts)
    own = turn.me.unit_id or 0
    return {own} if counts.get(own, 0) >= survey.least else set()


def _may_be_told(survey: Survey, counts: Mapping[int, int]) -> set[int]:
    if sum(counts.values()) < survey.least:
        return set()
    return {0, *rules.may_be_told(counts, survey.least)}


def _shown(shares: Shares, of: int) -> list[Message]:
    lines = [strong(shares.text)]
    if shares.mean is not None:
        lines.append(_("• on average {mean}", mean=shares.mean))
    for label, count in shares.counts.values():
        said = {"answer": label, "count": count, "percent": percent(count, of)}
        lines.append(_("• {answer}: {count} ({percent} %)", **said))
    return lines


def percent(count: int, of: int) -> int:
    return round(Decimal(100 * count) / of)


def _of(survey: Survey, school: Unit) -> Choice:
    return Choice(verbatim(school.name), show("survey_results", f"{survey.id}.{school.id}"))
