"""The card of a document that was read: its head, each duty, and the dates that are no duties."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from core.calendar import parse_rule
from core.message import Message, _, ngettext, strong, verbatim
from core.screen import Choice, Screen, open_flow, show
from handlers import phrases, replacing
from storage import drafts
from storage.drafts import DraftDuty, ReadDocument, Standing

MOST_EVENTS = 8


def card(session: Session, document: ReadDocument) -> Screen:
    """What was found: the head, each duty, and the dates that are no duties."""
    rows = drafts.drafts_of(session, document)
    asked = [row for row in rows if row.standing is not Standing.OURS]
    ours = [row for row in rows if row.standing is Standing.OURS]
    lines = [*_head(document), *_replacing(session, document, rows), *_duties(asked)]
    if ours:
        lines += [strong(_("For the office itself")), *map(task_line, ours)]
    lines += _events(document)
    return Screen(tuple(lines), _choices(document, asked))


def _choices(document: ReadDocument, asked: Sequence[DraftDuty]) -> tuple[Choice, ...]:
    id = str(document.id)
    choices = [
        Choice(
            _("{number}. {title}", number=at, title=phrases.short(row.title)),
            show("draft", str(row.id)),
        )
        for at, row in enumerate(asked, start=1)
        if row.standing is not Standing.PUBLISHED
    ]
    ready = sum(row.is_ready for row in asked)
    if ready and lacks_head(document):
        choices.insert(
            0, Choice(_("⚠ Its number or day is missing"), open_flow("head", document.id))
        )
    elif ready:
        label = ngettext("Publish {count} duty…", "Publish {count} duties…", ready)
        choices.insert(0, Choice(label, show("publish", id)))
    if document.document_id is None:
        choices.append(Choice(_("Throw it away"), show("forget", id)))
    return (*choices, Choice(_("Official documents"), show("documents")))


def lacks_head(document: ReadDocument) -> bool:
    """Whether somebody has to say its number or its day before it is published."""
    return not (document.head.get("issued_on") and document.head.get("number"))


def _head(document: ReadDocument) -> list[Message]:
    head = document.head
    kind = head.get("kind", "").capitalize()
    lines = [strong(verbatim(" ".join(part for part in (kind, document.name) if part) or "…"))]
    if issued := head.get("issued_on"):
        by = {"issuer": head["issuer"] or "…", "day": date.fromisoformat(issued)}
        lines.append(_("Issued by {issuer}, {day}", **by))
    elif head.get("issuer"):
        lines.append(verbatim(head["issuer"]))
    if head.get("title"):
        lines.append(verbatim(head["title"]))
    return lines


def _duties(asked: Sequence[DraftDuty]) -> list[Message]:
    if not asked:
        return [_("It asks nothing of schools.")]
    lines = [strong(ngettext("{count} duty:", "{count} duties:", len(asked)))]
    for at, row in enumerate(asked, start=1):
        said = {"number": at, "title": row.title, "when": phrases.rule(parse_rule(row.due))}
        lines.append(_("{number}. {title}: {when} ({state})", **said, state=_standing(row)))
    return lines


def _standing(row: DraftDuty) -> Message:
    if row.standing is Standing.PUBLISHED:
        return _("published")
    if row.standing is Standing.DROPPED:
        return _("left out")
    if row.flags:
        return ngettext("⚠ {count} thing to settle", "⚠ {count} things to settle", len(row.flags))
    return _("✓ ready")


def _replacing(
    session: Session, document: ReadDocument, rows: Sequence[DraftDuty]
) -> list[Message]:
    """What is otherwise than in the document that it replaces, until it does."""
    if document.document_id is not None:
        return []
    lines: list[Message] = []
    if by := drafts.replaced_already(session, document):
        said = {"name": document.found["replaces"], "by": by.name}
        lines.append(_("⚠ It says it replaces {name}, which {by} has replaced already.", **said))
    found, old = drafts.compared(session, document, rows), drafts.replaced(session, document)
    if found is None or old is None:
        return lines
    return [
        *lines,
        strong(_("It replaces {name}.", name=old.name)),
        *replacing.duty_by_duty(found),
        *([_("It asks for the same as before.")] if found.is_empty else []),
    ]


def _events(document: ReadDocument) -> list[Message]:
    events: list[dict[str, Any]] = document.found.get("events", [])
    if not events:
        return []
    shown = [
        _("• {what}: {when}", what=phrases.short(one["what"]), when=_when(one)) for one in events
    ]
    lines = [strong(_("Dates without a report")), *shown[:MOST_EVENTS]]
    if len(shown) > MOST_EVENTS:
        lines.append(_("… and {count} more.", count=len(shown) - MOST_EVENTS))
    return lines


def _when(event: dict[str, Any]) -> Message:
    if not event["last"]:
        return verbatim(event["waiting"]) if event["waiting"] else _("no date set yet")
    first, last = (date.fromisoformat(event[part]) for part in ("first", "last"))
    if first != last:
        return _("from {first} to {last}", first=first, last=last)
    if event["at"]:
        return Message("{at} {day}", {"at": event["at"], "day": last})
    return Message("{day}", {"day": last})


def title(document: ReadDocument) -> Message:
    """By which it is known in a list."""
    if document.name:
        return verbatim(document.name)
    words = document.head.get("title") or document.text
    return phrases.short(words) if words else _("a document")


def task_line(row: DraftDuty) -> Message:
    when = phrases.rule(parse_rule(row.due))
    return _("• {title}: {when}", title=phrases.short(row.title), when=when)
