"""Ask an official document: its file, its clauses, and what it asks for."""

from core.fold import fold
from core.message import Message, _, as_typed, quiet, strong, verbatim
from core.papers import Wanted, wanted
from core.screen import Choice, Enclosed, Screen, number, show
from handlers import phrases
from handlers.flow import Gone, Turn
from storage import broadcasts, checklists
from storage.checklists import Clause, SourceDocument

MOST_SHOWN = 8
LONGEST_TEXT = 3_000  # letters; a message holds 4,096
NONE = _("There is no such document for you.")


def papers(turn: Turn) -> Screen:
    may(turn)
    found = choices(turn)
    if not found:
        return Screen(
            (_("No document is here yet."),), (Choice(_("Open the menu"), show("menu")),)
        )
    ask = _("Which document? You may also type its number, or “mục III.4 là gì”.")
    return Screen((strong(_("Official documents")), ask), tuple(found))


def choices(turn: Turn) -> list[Choice]:
    """The newest published ones."""
    known = broadcasts.documents(turn.session, MOST_SHOWN)
    return [_paper(one) for one in known]


def _paper(document: SourceDocument) -> Choice:
    label = Message("📄 {name}", {"name": document.name})
    return Choice(label, show("paper", str(document.id)))


def may(turn: Turn) -> None:
    if turn.me.role is None:
        raise Gone(_("Please register first."))


def paper(turn: Turn, about: str) -> Screen:
    """One document with its file. about: its id."""
    document = _document(turn, number(about))
    clauses = [one for one in checklists.clauses(turn.session, document.id) if one.anchor]
    files = broadcasts.files_of(turn.session, document.id)
    about_it = {"name": document.name, "day": document.issued_on, "title": document.title}
    lines = [strong(_("Document {name} of {day}: {title}", **about_it))]
    if not files:
        lines.append(quiet(_("Its file was not given to the bot.")))
    buttons = [_button(one) for one in clauses]
    enclosed = tuple(Enclosed(file["upload"]) for file in files)
    return Screen(tuple(lines), tuple(buttons), files=enclosed)


def _document(turn: Turn, document_id: int) -> SourceDocument:
    may(turn)
    document = turn.session.get(SourceDocument, document_id)
    if document is None:
        raise Gone(NONE)
    return document


def _button(clause: Clause) -> Choice:
    words = {"anchor": clause.anchor, "title": phrases.short(clause.title)}
    return Choice(_("{anchor}. {title}", **words), show("clause", str(clause.id)))


def clause(turn: Turn, about: str) -> Screen:
    """The words of one clause. about: its id."""
    may(turn)
    found = turn.session.get(Clause, number(about))
    if found is None:
        raise Gone(NONE)
    document = turn.session.get_one(SourceDocument, found.document_id)
    where = {"clause": found.anchor, "document": document.name}
    lines = [strong(_("Clause {clause}, document {document}", **where)), verbatim(found.title)]
    if found.text:
        lines.append(as_typed(found.text[:LONGEST_TEXT], ()))
    whole = Choice(_("The whole document"), show("paper", str(document.id)))
    return Screen(tuple(lines), (whole,))


# Asked for in words


def asked(turn: Turn, text: str) -> list[Choice]:
    """The clauses or documents that words such as “mục III.4 là gì” name, as buttons."""
    meant = wanted(text) if turn.me.role else None
    if meant is None:
        return []
    known = [one for one in checklists.documents(turn.session) if _is_meant(one, meant)]
    if not meant.anchor:
        return [_paper(one) for one in known[:MOST_SHOWN]]
    pairs = [(one, _clause(turn, one, meant.anchor)) for one in known]
    return [
        Choice(
            _("Clause {clause}, document {document}", clause=found.anchor, document=one.name),
            show("clause", str(found.id)),
        )
        for one, found in pairs
        if found
    ][:MOST_SHOWN]


def _is_meant(document: SourceDocument, meant: Wanted) -> bool:
    """Whoever names none means any."""
    if meant.number and document.number.lstrip("0") != meant.number:
        return False
    return fold(document.symbol).startswith(meant.symbol)


def _clause(turn: Turn, document: SourceDocument, anchor: str) -> Clause | None:
    known = checklists.clauses(turn.session, document.id)
    return next((one for one in known if one.anchor.casefold() == anchor.casefold()), None)
