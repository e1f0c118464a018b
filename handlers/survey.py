"""Ask the public: write a survey, give out its links and QR codes, see what was answered.

Who answers does so on the web, see `bot/surveys.py`. Nothing of it is shown before the survey is
closed, as two looks at an open one would give away who answered between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import survey as rules
from core.form import Form
from core.group import Group, More
from core.message import Message, _, ngettext, quiet, strong, verbatim, with_links
from core.question import Answer, ItemKind, OneChoice, Question, Text, When
from core.roles import MAY_BROADCAST
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from core.survey import KINDS, MOST_QUESTIONS, Options
from core.writing import excerpt
from handlers import audience
from handlers.audience import Groups
from handlers.flow import Answers, FormFlow, Gone, Turn
from handlers.review import ComingDay
from storage import broadcasts, surveys
from storage.surveys import Survey
from storage.units import Unit

MOST_SHOWN = 8  # of earlier surveys
LONGEST_TITLE, LONGEST_QUESTION = 120, 300
WEB_PATH = "phieu"  # where the web pages are, before the code of a link

KIND: Mapping[ItemKind, Message] = {
    ItemKind.CHOICE: _("one of several answers"),
    ItemKind.CHOICES: _("several answers"),
    ItemKind.YES_NO: _("yes or no"),
    ItemKind.NUMBER: _("a number"),
}


class WriteSurvey(FormFlow[None]):
    name = "survey"

    def subject(self, turn: Turn, subject_id: int) -> None:
        if turn.me.role not in MAY_BROADCAST or subject_id:
            raise Gone(_("Only the office can make surveys."))
        if not turn.public_url:
            raise Gone(NO_ADDRESS)

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        closes = ComingDay(
            "closes", _("What is the last day to answer? Such as 20/6."), today=turn.today
        )
        title = Text("title", _("What is the survey called?"), longest=LONGEST_TITLE)
        schools = (_Schools.of(turn, answers), *audience.by_name(turn))
        questions: tuple[Question | Group, ...] = (title, _asked(), *schools, closes)
        return Form(_("Survey"), questions, submit=_("Open the survey"), cancels=True)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        survey = Survey(
            unit_id=turn.me.unit_id or 0,
            author_id=turn.me.id,
            title=answers["title"],
            asked=_as_kept(answers),
            closes_on=date.fromisoformat(answers["closes"]),
            least=turn.survey_least,
            made_at=turn.now,
        )
        surveys.make(turn.session, survey, _meant(turn, answers))
        return _card(turn, survey).under(_("The survey is open. Here are its links."))


NO_ADDRESS = _(
    "Surveys are answered on the web, and this program has no public address yet: the operator "
    "has to set PHONGBOT_PUBLIC_URL."
)


def _asked() -> Group:
    choices: tuple[Answer, ...] = (str(ItemKind.CHOICE), str(ItemKind.CHOICES))
    more = More(
        "question",
        _("Is there one more question?"),
        each=_("Question"),
        least=1,
        most=MOST_QUESTIONS,
    )
    kinds = {str(kind): KIND[kind] for kind in KINDS}
    options = _("What can be answered? One answer on each line, or with ; in between.")
    return Group(
        more,
        (
            Text("text", _("What is asked?"), longest=LONGEST_QUESTION),
            OneChoice("kind", _("How is it answered?"), options=kinds),
            Options("options", options, when=When("kind", choices)),
        ),
    )


def _as_kept(answers: Answers) -> list[dict[str, Any]]:
    """As `core.survey` takes them."""
    found = []
    for one in answers["question"]["present"]:
        its = {name: answers.get(f"question.{one}.{name}") for name in ("text", "kind", "options")}
        found.append({name: value for name, value in its.items() if value is not None})
    return found


@dataclass(frozen=True, slots=True)
class _Schools(Groups):
    """Asked again where no school fits all that was ticked."""

    nobody: bool = False

    @classmethod
    def of(cls, turn: Turn, answers: Answers) -> "_Schools":
        text, options = _("Which schools? Tick all that have to fit."), audience.of_schools(turn)
        nobody = bool(answers.get("to")) and not _meant(turn, answers)
        under = (strong(_("No school fits all of that.")),) if nobody else ()
        labels = {**options, **audience.BY_NAME}
        return cls("to", text, options=labels, under=under, nobody=nobody)

    def enough(self, answer: Answer) -> bool:
        return not self.nobody and Groups.enough(self, answer)


def _meant(turn: Turn, answers: Answers) -> list[int]:
    wanted = audience.meant(turn, answers)
    office, today = turn.me.unit_id or 0, turn.today
    return list(broadcasts.reach(turn.session, wanted, office, today).units)


# Looking


def list_surveys(turn: Turn, about: str) -> Screen:
    """about: the id of one, "" for the latest."""
    _may_see(turn)
    if about:
        return _card(turn, _one(turn, about))
    latest = surveys.recent(turn.session, turn.me, MOST_SHOWN)
    lines = [strong(_("Surveys")), *(_line(turn, survey) for survey in latest)]
    if not latest:
        lines.append(_("There is no survey yet."))
    if not turn.public_url:
        lines.append(quiet(NO_ADDRESS))
    choices = [_look(survey, verbatim(excerpt(survey.title))) for survey in latest]
    if turn.me.role in MAY_BROADCAST and turn.public_url:
        choices.insert(0, Choice(_("Make a survey"), open_flow(WriteSurvey.name)))
    return Screen(tuple(lines), tuple(choices))


def links(turn: Turn, about: str) -> Screen:
    """about: the survey's id and the school's, "7.12"; 0 for the link for all of them."""
    survey, unit_id = of_school(turn, about)
    found = surveys.link_of(turn.session, survey.id, unit_id or None)
    if found is None:
        raise Gone(NONE)
    if not turn.public_url:
        raise Gone(NO_ADDRESS)
    link = f"{turn.public_url.rstrip('/')}/{WEB_PATH}/{found.code}"
    of = turn.session.get_one(Unit, unit_id).name if unit_id else ""
    lines = (
        strong(verbatim(survey.title)),
        _("For {unit}.", unit=of) if of else _("For all schools; who answers picks one."),
        with_links(link),
        quiet(_("Print the QR code, or send the link to the parents' group.")),
    )
    return Screen(lines, (back(survey),), files=(Enclosed(qr=link),), anew=True)


def close(turn: Turn, about: str) -> Screen:
    survey = to_change(turn, about)
    if not survey.is_open(turn.today):
        raise Gone(_("This survey is closed already."))
    surveys.close(turn.session, survey, turn.me, turn.now)
    return _card(turn, survey).under(_("The survey is closed."))


# Loading, and the way around


def _may_see(turn: Turn) -> None:
    if not (turn.me.at_the_office or turn.me.at_a_school):
        raise Gone(NONE)


def _one(turn: Turn, about: str) -> Survey:
    _may_see(turn)
    survey = surveys.readable(turn.session, turn.me, number(about))
    if survey is None:
        raise Gone(NONE)
    return survey


NONE = _("There is no such survey for you.")


def to_change(turn: Turn, about: str) -> Survey:
    if turn.me.role not in MAY_BROADCAST:
        raise Gone(_("Only the office can make surveys."))
    return _one(turn, about)


def of_school(turn: Turn, about: str) -> tuple[Survey, int]:
    """A school's people always get their own."""
    survey_id, _dot, unit_id = about.partition(".")
    survey = _one(turn, survey_id)
    return survey, number(unit_id) if turn.me.at_the_office else turn.me.unit_id or 0


def _card(turn: Turn, survey: Survey) -> Screen:
    counts = surveys.counts(turn.session, survey.id)
    own = 0 if turn.me.at_the_office else turn.me.unit_id or 0
    asked = rules.questions(survey.asked)
    lines = [_line(turn, survey)]
    lines.append(how_many(survey, counts.get(own, 0) if own else sum(counts.values())))
    lines += [Message("{n}. {text}", {"n": n, "text": q.text}) for n, q in enumerate(asked, 1)]
    ways = _ways if survey.is_open(turn.today) else _ways_once_closed
    choices = (*ways(turn, survey, own), Choice(_("All surveys"), show("surveys")))
    return Screen(tuple(lines), choices)


def _ways(turn: Turn, survey: Survey, own: int) -> list[Choice]:
    choices = [Choice(_("Link and QR code"), show("survey_link", f"{survey.id}.{own}"))]
    if turn.me.role in MAY_BROADCAST:
        choices.append(Choice(_("Close it now"), show("survey_close", str(survey.id))))
    schools = [] if own else surveys.schools(turn.session, survey.id)
    for unit in schools:
        label = Message("🔗 {unit}", {"unit": unit.name})
        choices.append(Choice(label, show("survey_link", f"{survey.id}.{unit.id}")))
    return choices


def _ways_once_closed(turn: Turn, survey: Survey, own: int) -> list[Choice]:
    choices = [Choice(_("What was answered"), show("survey_results", f"{survey.id}.{own}"))]
    if turn.me.role in MAY_BROADCAST:
        choices.append(Choice(_("Get it as a sheet"), show("survey_sheet", str(survey.id))))
    return choices


def how_many(survey: Survey, count: int) -> Message:
    if count < survey.least:
        return _("Fewer than {least} answers.", least=survey.least)
    return ngettext("{count} answer.", "{count} answers.", count)


def _line(turn: Turn, survey: Survey) -> Message:
    said = {"title": survey.title, "day": survey.closes_on}
    if survey.is_open(turn.today):
        return _("• {title}: open until {day}", **said)
    return _("• {title}: closed", title=survey.title)


def _look(survey: Survey, label: Message) -> Choice:
    return Choice(label, show("surveys", str(survey.id)))


def back(survey: Survey) -> Choice:
    return _look(survey, _("Back to the survey"))
