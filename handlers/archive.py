"""What a school has handed in, by year and duty: looked through, searched, any file sent back."""

from dataclasses import dataclass

from core.fold import fold
from core.form import Form
from core.message import Message, _, ngettext, strong, verbatim
from core.question import Text, file_name
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import evidence, reports, submissions, units
from storage.files import Upload
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit

MOST_FOUND = 40  # more than that, and other words find it sooner
MOST_WORDS = 100  # letters of what is searched for


@dataclass(frozen=True, slots=True)
class Handed:
    """A report with files, as it was handed in last."""

    report: Report
    unit: Unit
    year: int
    files: list[Upload]

    @property
    def words(self) -> str:
        """All that it can be found by."""
        said = [upload.name + " " + upload.caption for upload in self.files]
        return fold(" ".join([self.report.title, str(self.year), self.unit.name, *said]))


def archive(turn: Turn, words: str) -> Screen:
    """words: to search for, as typed after the command; "" for all."""
    _check_post(turn)
    if words:
        return found(turn, words)
    if turn.me.at_a_school:
        return of_unit(turn, str(turn.me.unit_id))
    schools = units.schools(turn.session, turn.today)
    choices = [Choice(verbatim(u.name), show("archive_of", str(u.id))) for u in schools]
    return Screen((_("Files of which school?"),), (_search(), *choices))


def of_unit(turn: Turn, unit_id: str) -> Screen:
    """Every report of one school that has files, newest first."""
    if not _may_see(turn, number(unit_id)):
        raise Gone(_("There is no such school for you."))
    here = _readable(turn, number(unit_id))
    if not here:
        return Screen((_("No files were handed in yet."),), _back(turn))
    count = sum(len(one.files) for one in here)
    heading = ngettext("{count} file handed in", "{count} files handed in", count)
    lines = (strong(verbatim(here[0].unit.name)), heading)
    return Screen(lines, (_search(), *(_button(turn, one) for one in here), *_back(turn)))


def _may_see(turn: Turn, unit_id: int) -> bool:
    if turn.me.at_a_school:
        return unit_id == turn.me.unit_id
    schools = units.schools(turn.session, turn.today) if turn.me.at_the_office else []
    return unit_id in {school.id for school in schools}


def of_report(turn: Turn, report_id: str) -> Screen:
    """The files of one report, each to be had by a tap."""
    report = reports.readable(turn.session, turn.me, number(report_id))
    here = _readable(turn, report.unit_id) if report else []
    one = next((handed for handed in here if handed.report.id == number(report_id)), None)
    if one is None:
        raise Gone(_("There is no such report for you."))
    lines = [strong(_("{title} – {unit}", title=one.report.title, unit=one.unit.name))]
    lines += [Message("• {file}", {"file": _name(upload)}) for upload in one.files]
    each = [
        Choice(_name(upload), show("archive_file", f"{report_id}.{upload.id}"))
        for upload in one.files
    ]
    back = Choice(_("All files handed in"), show("archive_of", str(one.unit.id)))
    every = Choice(_("Get the files ({count})", count=len(each)), show("files", report_id))
    return Screen(tuple(lines), (*each, every, back))


def file(turn: Turn, about: str) -> Screen:
    """about: "report.upload"."""
    report_id, _dot, upload_id = about.partition(".")
    report = reports.readable(turn.session, turn.me, number(report_id))
    sent = submissions.last_sent(turn.session, report) if report else None
    shelf = evidence.on_the_shelf(turn.session, [sent.id]) if sent else {}
    upload = next((u for us in shelf.values() for u in us if u.id == number(upload_id)), None)
    if upload is None:
        raise Gone(_("There is no such file for you."))
    back = Choice(_("Back"), show("archive_report", report_id))
    return Screen((_name(upload),), (back,), files=(Enclosed(upload.id),))


def found(turn: Turn, words: str) -> Screen:
    """Reports whose title, year, school, files or captions hold all the words."""
    wanted = fold(words[:MOST_WORDS]).split()
    hits = [one for one in _readable(turn) if all(word in one.words for word in wanted)]
    if not hits:
        nothing = _("Nothing that was handed in has “{words}” in it.", words=words[:MOST_WORDS])
        return Screen((nothing,), (_search(), *_back(turn)))
    count = len(hits)
    lines = [ngettext("{count} report has it:", "{count} reports have it:", count)]
    if count > MOST_FOUND:
        lines.append(_("Here are the newest {count}.", count=MOST_FOUND))
    shown = [_button(turn, one) for one in hits[:MOST_FOUND]]
    return Screen(tuple(lines), (*shown, _search(), *_back(turn)))


class Find(FormFlow[None]):
    """Ask for a few words, and show what has them."""

    name = "find"

    def subject(self, turn: Turn, subject_id: int) -> None:  # noqa: ARG002
        _check_post(turn)

    def form(self, turn: Turn, subject: None, answers: Answers) -> Form:  # noqa: ARG002
        ask = _("What shall I look for? A few words of the title or of a file's name do.")
        asked = Text("words", ask, longest=MOST_WORDS)
        return Form(_("Search the files"), (asked,), reviewed=False)

    def finish(self, turn: Turn, subject: None, answers: Answers) -> Screen:  # noqa: ARG002
        return found(turn, answers["words"])


def _check_post(turn: Turn) -> None:
    if not (turn.me.at_a_school or turn.me.at_the_office):
        raise Gone(_("You act for no school, so there are no files."))


def _readable(turn: Turn, unit_id: int | None = None) -> list[Handed]:
    """Of the person's own school, or of all whose reports their office receives."""
    sent = submissions.handed_in(turn.session, turn.me, unit_id)
    shelf = evidence.on_the_shelf(turn.session, [one.id for _report, _unit, one in sent])
    return [
        Handed(report, unit, _year(turn, report, one), shelf[one.id])
        for report, unit, one in sent
        if one.id in shelf
    ]


def _year(turn: Turn, report: Report, sent: Submission) -> int:
    day = report.due_on or (sent.sent_at or turn.now).astimezone(turn.zone).date()
    return day.year


def _name(upload: Upload) -> Message:
    return file_name({"name": upload.name, "caption": upload.caption})


def _button(turn: Turn, one: Handed) -> Choice:
    about = {"year": str(one.year), "title": one.report.title, "count": len(one.files)}
    label = Message("{year} · {title} ({count})", about)
    if turn.me.at_the_office:
        label = Message("{unit} · {rest}", {"unit": one.unit.name, "rest": label})
    return Choice(label, show("archive_report", str(one.report.id)))


def _search() -> Choice:
    return Choice(_("Search the files"), open_flow(Find.name))


def _back(turn: Turn) -> tuple[Choice, ...]:
    if turn.me.at_the_office:
        return (Choice(_("Another school"), show("archive")),)
    return (Choice(_("Open the menu"), show("menu")),)
