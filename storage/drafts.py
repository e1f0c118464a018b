"""Documents that officers had read, and the duties drafted from them, until they are published."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from core import replacing, scope
from core.audience import Audience
from core.calendar import IsWorking, On, parse_rule
from core.draft_items import Item, proposed
from core.likeness import likest
from core.replacing import (
    Asked,
    Comparison,
    EventChange,
    Gathering,
    Part,
    compare,
    without_period,
)
from core.roles import MAY_BROADCAST
from core.units import Level
from storage import audit, checklists, events, facts, plan_changes, plans, units
from storage.checklists import Duty, SourceDocument
from storage.database import Instant, Json, primary_key, words
from storage.files import READ, Arrival, StoredFile, Upload
from storage.people import Acting
from storage.units import Unit

SLACK = "days before the date of a superior office"  # a fact: working days
USUAL_SLACK, MOST_SLACK = 3, 30
EARLIER = "earlier"  # a flag: the date is our proposal


class Stage(StrEnum):
    """Of a document. WAITING for its file and to be read."""

    WAITING = "waiting"
    READ = "read"
    REFUSED = "refused"
    DISCARDED = "discarded"


class Standing(StrEnum):
    """Of a draft. OURS: the office does it itself."""

    OPEN = "open"
    OURS = "ours"
    DROPPED = "dropped"
    PUBLISHED = "published"


class ReadDocument(SQLModel, table=True):
    """upload_id: None where the text was pasted. text: what was pasted, "" for a file.

    found: what `core.reading.drafting` made of it. words: what schools are written, "" for the
    usual. why: the sentence with which it was refused. edition: grows with every change of it or
    its drafts; the button that publishes is made for one of them.
    document_id: what it became.
    """

    __tablename__ = "read_document"

    id: int = primary_key()
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int = Field(foreign_key="person.id")
    upload_id: int | None = Field(default=None, foreign_key="upload.id", index=True)
    text: str = ""
    stage: Stage = words(Stage, default=Stage.WAITING, index=True)
    why: str = ""
    found: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    words: str = ""
    given_at: datetime = Field(sa_type=Instant)
    edition: int = 0
    document_id: int | None = Field(default=None, foreign_key="source_document.id")

    @property
    def head(self) -> Mapping[str, str]:
        """See `core.reading.drafting`; what a person corrected is in it."""
        head: Mapping[str, str] = self.found.get("head", {})
        return head

    @property
    def name(self) -> str:
        """As `SourceDocument.name`; "" where it says no number."""
        number, symbol = self.head.get("number", ""), self.head.get("symbol", "")
        return f"{number}/{symbol}" if number and symbol else number


class DraftDuty(SQLModel, table=True):
    """found: the draft as it was read. flags: those of them that nobody has settled.

    due: a rule, see `core.calendar`. items: see `core.draft_items`. audience: see `core.audience`.
    receiver_id: None for the office itself. duty_id: what it became. done_at: when the office had
    done what it does itself.
    """

    __tablename__ = "draft_duty"

    id: int = primary_key()
    read_document_id: int = Field(foreign_key="read_document.id", index=True)
    position: int
    standing: Standing = words(Standing, default=Standing.OPEN)
    title: str
    due: str
    found: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    flags: list[str] = Field(default_factory=list, sa_type=Json())
    items: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json())
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    receiver_id: int | None = Field(default=None, foreign_key="unit.id")
    duty_id: int | None = Field(default=None, foreign_key="duty.id")
    done_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def code(self) -> str:
        """Of the duty it becomes, unless that is one that goes on."""
        return f"vb{self.read_document_id}-{self.position + 1}"

    @property
    def is_ready(self) -> bool:
        return self.standing is Standing.OPEN and not self.flags


def give(
    session: Session, me: Acting, now: datetime, *, upload: Upload | None = None, text: str = ""
) -> ReadDocument:
    """Have a file or a pasted text read after this turn."""
    if upload is not None:
        upload.purpose = READ
        session.add(upload)
    document = ReadDocument(
        unit_id=me.unit_id or 0,
        person_id=me.id,
        upload_id=upload.id if upload else None,
        text=text,
        given_at=now,
    )
    session.add(document)
    session.flush()
    return document


def waiting(session: Session) -> list[tuple[int, str | None]]:
    """What can be read now, oldest first: its id, and the SHA-256 of its file, if it has one."""
    here = col(ReadDocument.upload_id).is_(None) | (Upload.arrival == Arrival.STORED)
    return list(
        session.exec(
            select(ReadDocument.id, StoredFile.sha256)
            .outerjoin(Upload, col(Upload.id) == ReadDocument.upload_id)
            .outerjoin(StoredFile, col(StoredFile.id) == Upload.stored_file_id)
            .where(ReadDocument.stage == Stage.WAITING, here)
            .order_by(col(ReadDocument.id))
        )
    )


def refuse_upload(session: Session, upload: Upload) -> None:
    """Its bytes will never be here."""
    found = session.exec(
        select(ReadDocument).where(
            ReadDocument.upload_id == upload.id, ReadDocument.stage == Stage.WAITING
        )
    )
    for document in found:
        document.stage = Stage.REFUSED


def take_in(
    session: Session, document: ReadDocument, found: Mapping[str, Any], works: IsWorking
) -> None:
    """Draft what was found. found: see `core.reading.drafting.drafted`."""
    document.stage, document.found = Stage.READ, dict(found)
    made = [row for one in found["drafts"] for row in _rows(session, found, one, works)]
    for position, row in enumerate(made):
        row.read_document_id, row.position = document.id, position
        session.add(row)
    session.flush()
    _ask_as_before(session, document, made)


def _ask_as_before(session: Session, document: ReadDocument, rows: Sequence[DraftDuty]) -> None:
    """A duty that the replaced document had keeps its name, and its questions until changed."""
    for row, duty in kept(session, document, rows):
        row.title = without_period(duty.title)
        row.items = items_of(session, document, duty)


def kept(
    session: Session, document: ReadDocument, rows: Sequence[DraftDuty]
) -> list[tuple[DraftDuty, Duty]]:
    """The drafts that are duties of the replaced document, with these."""
    old, found = replaced(session, document), compared(session, document, rows)
    if old is None or found is None:
        return []
    duties = plan_changes.duties_by_code(session, [old])
    return [(row, duties[found.kept[row.code]]) for row in rows if row.code in found.kept]


def items_of(session: Session, document: ReadDocument, duty: Duty) -> list[Item]:
    """What a duty asks by now, for a draft of a document: with clauses that it has, too."""
    anchors = {one["anchor"] for one in document.found["clauses"]}
    revision = checklists.latest_revision(session, duty.checklist_id)
    items = map(checklists.written, checklists.items(session, revision.id))
    return [_in_document(item, anchors) for item in items]


def _in_document(item: Item, anchors: Collection[str]) -> Item:
    """Without what points elsewhere."""
    lost = {"same_as"} if item.get("clause", "") in anchors else {"same_as", "clause"}
    return {name: its for name, its in item.items() if name not in lost}


def _rows(
    session: Session, found: Mapping[str, Any], one: Mapping[str, Any], works: IsWorking
) -> Iterator[DraftDuty]:
    """What the office owes to a superior one, schools owe to the office some days before."""
    if one["owner"] != "office":
        yield _row(found, one, Standing.OPEN, one["due"], one["flags"])
        return
    yield _row(found, one, Standing.OURS, one["due"], [])
    if found["above"] and (day := _earlier(one["due"], slack(session), works)):
        for_schools = {**one, "owner": "school", "receiver": "", "channels": []}
        yield _row(found, for_schools, Standing.OPEN, f"on by {day}", [EARLIER])


def _row(
    found: Mapping[str, Any],
    one: Mapping[str, Any],
    standing: Standing,
    due: str,
    flags: Sequence[str],
) -> DraftDuty:
    return DraftDuty(
        read_document_id=0,
        position=0,
        standing=standing,
        title=one["title"],
        due=due,
        found=dict(one),
        flags=list(flags),
        items=_items(found, one),
        audience=_audience(one["levels"]).to_json(),
    )


def _items(found: Mapping[str, Any], one: Mapping[str, Any]) -> list[Item]:
    """The form that is attached belongs to the duty where there is one alone."""
    alone = len(found["drafts"]) == 1
    fields = one["fields"] or (found["form_fields"] if alone else [])
    aims = found["objectives"] if one["kind"] == "report" and not fields else []
    return proposed(fields, aims, ", ".join(one["deliverables"]) or one["title"])


def _audience(levels: Sequence[str]) -> Audience:
    taught = {part for level in levels for part in level.split("&")} & set(Level)
    return Audience(levels=frozenset(taught)) if taught else Audience(everybody=True)


def _earlier(due: str, days: int, works: IsWorking) -> date | None:
    """So many working days before a day; None where there is no day."""
    rule = parse_rule(due)
    if not isinstance(rule, On):
        return None
    day = rule.day
    for _step in range(days):
        day = _working_day_before(day, works)
    return day


def _working_day_before(day: date, works: IsWorking) -> date:
    before = (day - timedelta(back) for back in range(1, 32))
    return next((one for one in before if works(one)), day - timedelta(1))


def slack(session: Session) -> int:
    """Working days by which schools are asked before the office itself has to answer."""
    known = facts.get(session, SLACK)
    return int(known) if known else USUAL_SLACK


def set_slack(session: Session, days: int, by_id: int, now: datetime) -> None:
    before = {SLACK: slack(session)}
    facts.put(session, SLACK, str(days))
    audit.record(session, now, by_id, units.office(session), "set", before, {SLACK: days})


# Looking them up


def one(session: Session, me: Acting, document_id: int) -> ReadDocument | None:
    """One of the person's office that was read, locked."""
    document = session.get(
        ReadDocument, document_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if document is None or me.role not in MAY_BROADCAST or document.unit_id != me.unit_id:
        return None
    return document if document.stage is Stage.READ else None


def draft(session: Session, me: Acting, draft_id: int) -> tuple[ReadDocument, DraftDuty] | None:
    """A draft with its document, locked; see `one`."""
    row = session.get(DraftDuty, draft_id)
    document = one(session, me, row.read_document_id) if row else None
    if row is None or document is None:
        return None
    session.refresh(row)
    return document, row


def drafts_of(session: Session, document: ReadDocument) -> list[DraftDuty]:
    return list(
        session.exec(
            select(DraftDuty)
            .where(DraftDuty.read_document_id == document.id)
            .order_by(col(DraftDuty.position))
        )
    )


def recent(session: Session, me: Acting, most: int) -> list[ReadDocument]:
    """Of the person's office, read and not thrown away, the newest first."""
    return list(
        session.exec(
            select(ReadDocument)
            .where(ReadDocument.unit_id == me.unit_id, ReadDocument.stage == Stage.READ)
            .order_by(col(ReadDocument.id).desc())
            .limit(most)
        )
    )


def own_tasks(session: Session, me: Acting) -> list[DraftDuty]:
    """What the person's office has to do itself and has not done, in the order it came."""
    return list(
        session.exec(
            select(DraftDuty)
            .join(ReadDocument)
            .where(ReadDocument.unit_id == me.unit_id, ReadDocument.stage == Stage.READ)
            .where(DraftDuty.standing == Standing.OURS, col(DraftDuty.done_at).is_(None))
            .order_by(col(DraftDuty.id))
        )
    )


def change(
    session: Session, document: ReadDocument, row: DraftDuty, by_id: int, now: datetime
) -> None:
    """A person changed the draft."""
    session.add(row)
    touch(session, document)
    after = {"due": row.due, "standing": row.standing, "flags": row.flags}
    audit.record(session, now, by_id, row, "changed", None, after)


def finish_task(session: Session, row: DraftDuty, by_id: int, now: datetime) -> None:
    """The office has done what it does itself."""
    row.done_at = now
    session.add(row)
    audit.record(session, now, by_id, row, "done")


def touch(session: Session, document: ReadDocument) -> None:
    """Something of it was changed, so a button made before no longer publishes it."""
    document.edition += 1
    session.add(document)


# What it replaces


def replaced(session: Session, document: ReadDocument) -> SourceDocument | None:
    """The document that it says it replaces, unless another has; or itself, published before."""
    own = published(session, document)
    old = plans.named(session, document.found.get("replaces", ""), own)
    by = plans.replaced_by(session, old) if old else None
    return old if old and by in (None, own) else own


def published(session: Session, document: ReadDocument) -> SourceDocument | None:
    """What it became, or an earlier issue of it: of the same office, name and year."""
    if document.document_id is not None:
        return session.get_one(SourceDocument, document.document_id)
    issuer = units.known_issuer(session, document.head.get("issuer", ""))
    year = document.head.get("issued_on", "")[:4]
    newest = select(SourceDocument).order_by(col(SourceDocument.id).desc())
    known = session.exec(newest.where(SourceDocument.issuer_id == (issuer.id if issuer else 0)))
    fits = (one for one in known if one.name == document.name)
    return next((one for one in fits if not year or str(one.year) == year), None)


def compared(
    session: Session, document: ReadDocument, rows: Sequence[DraftDuty]
) -> Comparison | None:
    """With the duties of the document it replaces, by their codes; None where it replaces none.

    A document drops nothing by a new issue of its own, nor twice. Of chosen schools it is not
    compared which they are.
    """
    old = replaced(session, document)
    if old is None:
        return None
    done, duties = {row.duty_id for row in rows}, plan_changes.duties_by_code(session, [old])
    before = [_before(session, document, duty) for duty in duties.values() if duty.id not in done]
    open_rows = [row for row in rows if row.standing is Standing.OPEN]
    same = compare(before, [_after(session, document, row, None) for row in open_rows]).kept
    known = {row.id: duties[same[row.code]] for row in open_rows if row.code in same}
    after = [_after(session, document, row, known.get(row.id)) for row in open_rows]
    found = replace(compare(before, after), events=_event_changes(session, document, old))
    own = published(session, document)
    drops = own is not old and (own is None or own.supersedes_id != old.id)
    if drops:
        return found
    return replace(found, dropped=(), events=tuple(one for one in found.events if one.after))


def replaced_already(session: Session, document: ReadDocument) -> SourceDocument | None:
    """What else replaces the document that it says it replaces."""
    own = published(session, document)
    return plans.replaced_already(session, document.found.get("replaces", ""), own)


def unsettled(session: Session, document: ReadDocument, rows: Sequence[DraftDuty]) -> bool:
    """Whether a duty of the replaced document goes on, but its draft is not ready yet.

    Publishing the others alone would drop it.
    """
    old, found = replaced(session, document), compared(session, document, rows)
    if found is None or old is published(session, document):
        return False
    open_rows = [row for row in rows if row.standing is Standing.OPEN]
    return any(row.code in found.kept and not row.is_ready for row in open_rows)


def _before(session: Session, document: ReadDocument, duty: Duty) -> Asked:
    items = items_of(session, document, duty)
    title, rest = without_period(duty.title), plan_changes.rest(session, duty)
    return Asked(duty.code, title, duty.due, duty.audience, _questions(items), rest)


def _after(session: Session, document: ReadDocument, row: DraftDuty, old: Duty | None) -> Asked:
    """old: the duty that goes on as it, with what no document says."""
    asks, rest = scope_of(Audience.from_json(row.audience)), {}
    if old:
        receiver = row.receiver_id or units.office(session).id
        also = [other["due"] for other in also_in(document, old)]
        rest = {Part.RECEIVER: session.get_one(Unit, receiver).name, Part.ALSO: also}
    return Asked(row.code, row.title, row.due, asks, _questions(row.items), rest)


def also_in(document: ReadDocument, old: Duty) -> list[dict[str, str]]:
    """The other deadlines of a duty, as far as a document has their clauses too."""
    anchors = {"", *(one["anchor"] for one in document.found["clauses"])}
    return [other for other in old.also or [] if other["clause"] in anchors]


def _event_changes(
    session: Session, document: ReadDocument, old: SourceDocument
) -> tuple[EventChange, ...]:
    """Of the events that the older document brought, by their names, for want of codes."""
    rows = {row.id: row for row in events.of_documents(session, [old.id])}
    before = [replace(events.gathering(row), code=str(id)) for id, row in rows.items()]
    after = []
    for one in document.found.get("events", []):
        same = likest(one["what"], {id: row.title for id, row in rows.items()})
        if same is not None:
            day = date.fromisoformat(one["first"]) if one["first"] else None
            after.append(Gathering(str(same), rows.pop(same).title, day))
    return replacing.events(before, after)


def _questions(items: Sequence[Item]) -> str:
    return json.dumps(items, sort_keys=True, ensure_ascii=False)


Scope = Mapping[str, list[str]]


def scope_of(audience: Audience) -> Scope | None:
    """As a duty keeps it; None where it is chosen schools, which it keeps by their codes.

    Where only levels are named, a school that joins later is asked too.
    """
    if audience == Audience(everybody=True):
        return {}
    if audience == Audience(levels=audience.levels):
        return {scope.LEVELS: sorted(audience.levels)}
    return None
