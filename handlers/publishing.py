"""Show what publishing the drafts of a document will do, and do it in one step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from core import scope, writing
from core.audience import Audience
from core.calendar import Occurrence, opens_on, parse_rule
from core.form import Form
from core.ladder import USUAL, days_told
from core.message import Day, Message, _, as_typed, listed, ngettext, strong
from core.question import AT_ONCE
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from core.writing import Writing
from handlers import broadcast, document, draft, due, found, letters, phrases, replacing
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import (
    broadcasts,
    closed_days,
    drafts,
    files,
    lateness,
    nudges,
    people,
    publishing,
    reports,
    units,
)
from storage.broadcasts import Broadcast, Reach
from storage.checklists import Duty
from storage.drafts import DraftDuty, ReadDocument, Scope
from storage.files import Upload
from storage.plan_items import BadPlan
from storage.plans import Published
from storage.units import Unit

MOST_NAMED = 20  # schools without anybody; more would fill a phone


class ChangeWords(FormFlow[ReadDocument]):
    """What the schools are written with the document."""

    name = "words"

    def subject(self, turn: Turn, subject_id: int) -> ReadDocument:
        return document.to_change(turn, subject_id)

    def form(self, turn: Turn, subject: ReadDocument, answers: Answers) -> Form:  # noqa: ARG002
        what = _("Write what the schools shall read; its file goes with it.")
        return Form(found.title(subject), (Writing("letter", what),), reviewed=False)

    def finish(self, turn: Turn, subject: ReadDocument, answers: Answers) -> Screen:
        subject.words = answers["letter"].get("text", "")
        drafts.touch(turn.session, subject)
        return _preview(turn, subject)


@dataclass(frozen=True, slots=True)
class Round:
    """What is published together. asked: the schools of each draft; reach: of all of them.

    kept: by the id of a draft the duty that goes on as it.
    """

    rows: Sequence[DraftDuty]
    kept: Mapping[int, Duty]
    asked: Mapping[int, Reach]
    audience: Audience
    reach: Reach


def preview(turn: Turn, about: str) -> Screen:
    return _preview(turn, document.to_change(turn, number(about)))


def _preview(turn: Turn, paper: ReadDocument) -> Screen:
    """The message as a phone shows it, then whom it reaches, what is due, and the reminders."""
    going = _round(turn, paper)
    lines = [strong(Message("📢 {office}", {"office": turn.me.unit_name}))]
    lines.append(as_typed(_words(paper, going.rows), ()))
    lines += [letters.RULE, *_whom(going)]
    for row in going.rows:
        lines += _due(turn, row, going)
    publish = Choice(_("Publish"), show("post", f"{paper.id}.{paper.edition}"))
    choices = (
        *((publish,) if going.reach.units else ()),
        Choice(_("Change the words"), open_flow(ChangeWords.name, paper.id)),
        Choice(_("Reminders to come"), show("schedule", f"{turn.today}.{paper.id}")),
        Choice(_("Back to the document"), show("document", str(paper.id))),
    )
    enclosed = tuple(Enclosed(file["upload"]) for file in _files(turn, paper))
    return Screen(tuple(lines), choices, files=enclosed)


def _round(turn: Turn, paper: ReadDocument) -> Round:
    """Raises Gone where nothing can be published yet."""
    all_rows = drafts.drafts_of(turn.session, paper)
    rows = draft.ready(all_rows)
    if not rows and paper.document_id is not None:
        raise Gone(document.PUBLISHED)
    unsettled = drafts.unsettled(turn.session, paper, all_rows)
    if not rows or unsettled or found.lacks_head(paper):
        raise Gone(_UNSETTLED)
    kept = {row.id: duty for row, duty in drafts.kept(turn.session, paper, all_rows)}
    asked = {row.id: _reach(turn, Audience.from_json(row.audience)) for row in rows}
    whole = _together(turn, rows, asked)
    return Round(rows, kept, asked, whole, _reach(turn, whole))


_UNSETTLED = _("Something has to be settled first; nothing was published.")


def _reach(turn: Turn, wanted: Audience) -> Reach:
    return broadcasts.reach(turn.session, wanted, turn.me.unit_id or 0, turn.today)


def _together(turn: Turn, rows: Sequence[DraftDuty], asked: Mapping[int, Reach]) -> Audience:
    """One message for all of it."""
    first = Audience.from_json(rows[0].audience)
    if all(Audience.from_json(row.audience) == first for row in rows):
        return first
    ids = {id for reach in asked.values() for id in reach.units}
    if ids == {unit.id for unit in units.schools(turn.session, turn.today)}:
        return Audience(everybody=True)
    return Audience(named=frozenset(ids))


def _words(paper: ReadDocument, rows: Sequence[DraftDuty]) -> str:
    """The document's own, unless somebody wrote others."""
    if paper.words:
        return paper.words
    head = paper.head
    named = " ".join(part for part in (head["kind"].capitalize(), paper.name) if part)
    lines = [": ".join(part for part in (named, head["title"]) if part)]
    lines += [": ".join(part for part in (row.title, _said(row)) if part) for row in rows]
    return "\n• ".join(lines)[: writing.LONGEST]


def _said(row: DraftDuty) -> str:
    """Its deadline as the document has it, or as a person corrected it."""
    said: str = row.found.get("said", row.found["written"])
    return said


def _whom(going: Round) -> list[Message]:
    reached = going.reach
    schools = ngettext("{count} school", "{count} schools", len(reached.units))
    persons = ngettext("{count} person", "{count} people", len(reached.reachable))
    lines = [strong(_("To {schools}, {people}.", schools=schools, people=persons))]
    if empty := reached.empty:
        names = ", ".join(empty[:MOST_NAMED]) + (" …" if len(empty) > MOST_NAMED else "")
        lines.append(_("Nobody registered ({count}): {names}", count=len(empty), names=names))
    return lines


def _due(turn: Turn, row: DraftDuty, going: Round) -> list[Message]:
    """The duty with its day, and when its writers will be reminded."""
    rule = parse_rule(row.due)
    count = len(going.asked[row.id].units)
    schools = ngettext("{count} school", "{count} schools", count)
    said = {"title": row.title, "when": phrases.rule(rule), "schools": schools}
    lines = [_("• {title}: {when}, {schools}", **said)]
    days = [one for one in rule.occurrences() if one.due_on and one.due_on >= turn.today]
    if not days:
        return [*lines, _("No reminders, as it has no day to come.")]
    told = _reminded(turn, going.kept.get(row.id), days[0])
    due_on = days[0].due_on or turn.today
    reminders = [Message("{day}", {"day": Day(day)}) for day in told]
    if reminders:
        about = {"day": Day(due_on), "days": listed(reminders)}
        lines.append(_("Reminders before and after {day}: {days}", **about))
    return lines


def _reminded(turn: Turn, old: Duty | None, due: Occurrence) -> list[date]:
    """The days of its reminders. old: the duty that goes on, with its own ladder."""
    due_on = due.due_on or date.max
    last = lateness.last_day(turn.session, due.deadline) or due_on
    closed = closed_days.days(turn.session)
    ladder = old.ladder if old else USUAL
    opening = opens_on(old.opens, due_on) if old else None
    if opening and opening > turn.today:
        begin = datetime.combine(opening, time(), turn.zone)
        return days_told(ladder, last, begin, turn.zone, closed)
    told_on = turn.today if _tells(turn) else None
    return days_told(ladder, last, turn.now, turn.zone, closed, told_on)


def _tells(turn: Turn) -> bool:
    """Whether the message goes out at once, and so is how schools hear of what is due."""
    return not broadcasts.needs_second(turn.session)


def _files(turn: Turn, paper: ReadDocument) -> list[dict[str, Any]]:
    """The file as it was given. A web page is not passed on, as one that is opened may act."""
    if paper.upload_id is None:
        return []
    upload = turn.session.get_one(Upload, paper.upload_id)
    if files.is_web_page(turn.session, upload):
        return []
    return [{"upload": upload.id, "name": upload.name}]


# Doing it


def post(turn: Turn, about: str) -> Screen:
    """about: the document and its edition, so that nothing goes out that nobody looked at."""
    id, _dot, edition = about.partition(".")
    paper = document.to_change(turn, number(id))
    if edition != str(paper.edition):
        return _preview(turn, paper).under(_CHANGED)
    going = _round(turn, paper)
    broadcast.check_second(turn)
    words, enclosed = _words(paper, going.rows), _files(turn, paper)
    news = _go_live(turn, paper, going, turn.tell_by_day)
    letter = {"text": words, "marks": "", "files": enclosed, "document": str(paper.document_id)}
    sent = Broadcast(
        unit_id=turn.me.unit_id or 0,
        author_id=turn.me.id,
        made_at=turn.now,
        written={"letter": letter, "when": AT_ONCE},
        audience=going.audience.to_json(),
        document_id=paper.document_id,
    )
    turn.session.add(sent)
    turn.session.flush()
    count = len(going.rows)
    done = ngettext("{count} duty is published.", "{count} duties are published.", count)
    return broadcast.dispatch(turn, sent).under(strong(done), *news)


_CHANGED = _("This was changed meanwhile. It now reads:")


def _scope(turn: Turn, row: DraftDuty, reach: Reach) -> Scope:
    whole = drafts.scope_of(Audience.from_json(row.audience))
    if whole is not None:
        return whole
    return {scope.UNITS: sorted(turn.session.get_one(Unit, id).code for id in reach.units)}


@contextmanager
def rehearsed(turn: Turn, paper: ReadDocument) -> Iterator[frozenset[int]]:
    """As if its drafts were published now: their duties, by id, until all is undone again.

    Raises Gone.
    """
    going = _round(turn, paper)
    trial = turn.session.begin_nested()
    try:
        _go_live(turn, paper, going, lambda _id, _screen: None)
        yield frozenset(row.duty_id for row in going.rows if row.duty_id)
    finally:
        trial.rollback()


Tell = Callable[[int, Screen], None]


def _go_live(turn: Turn, paper: ReadDocument, going: Round, tell: Tell) -> list[Message]:
    """Return what became of reports that were there. tell: the schools what changed for them."""
    codes = {row.id: _scope(turn, row, going.asked[row.id]) for row in going.rows}
    done = _published(turn, paper, codes)
    for person_id, screen in replacing.news(turn.session, done.moves, turn.today, turn.now):
        tell(person_id, screen)
    if _tells(turn):
        _heard(turn, going)
    return [] if done.moves.is_empty else replacing.became(done)


def _published(turn: Turn, paper: ReadDocument, codes: Mapping[int, Scope]) -> Published:
    try:
        done = publishing.publish(turn.session, paper, codes, turn.me.id, turn.now)
    except BadPlan:
        raise Gone(_UNSETTLED) from None
    turn.session.flush()
    return done


def _heard(turn: Turn, going: Round) -> None:
    """Note that the schools hear of what is due by the message, so no reminder says it as new."""
    duties = [row.duty_id for row in going.rows if row.duty_id]
    schools = people.at_schools(turn.session, going.reach.units)
    for report in reports.owed_of(turn.session, duties):
        if due.is_open(report, turn.today) and report.unit_id in schools:
            held = [person.id for person in schools[report.unit_id]]
            nudges.heard(turn.session, report, held, turn.today, turn.now)
