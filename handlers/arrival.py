"""What is said of a file once its bytes are here, or once it is clear that they never will be."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlmodel import Session

from core.filetype import Refusal
from core.message import Message, _
from core.screen import Choice, Screen, open_flow, show
from handlers import office
from handlers.flow import Gone, Opens, Turn
from storage import drafts, easings, evidence, files, submissions
from storage.evidence import Product
from storage.files import Arrival, Upload


def news(session: Session, upload: Upload, zone: ZoneInfo) -> Screen | None:
    """None where nothing need be said."""
    if upload.arrival is Arrival.STORED:
        return _seen_before(session, upload, zone)
    return bad_news(session, upload)


def bad_news(session: Session, upload: Upload) -> Screen:
    """Take the file out of drafts that hold it.

    A report that is handed in already stays as it is, and its sender is asked for the file.
    """
    held_by = submissions.drop_upload(session, upload)
    drafts.refuse_upload(session, upload)
    choices = [
        Choice(_("Continue {title}", title=report.title), open_flow("report", report.id))
        for report in held_by
    ]
    choices += [office.look(report) for report in easings.proved_by(session, upload)]
    lines: list[Message] = [_why(upload), _("Please send it again in another form.")]
    return Screen(tuple(lines), (*choices, Choice(_("Open the menu"), show("menu"))))


def _why(upload: Upload) -> Message:
    name = {"name": upload.name}
    if upload.arrival is not Arrival.REFUSED:
        return _("“{name}” could not be fetched from the app.", **name)
    said = _REFUSED.get(upload.refusal or Refusal.KIND, _REFUSED[Refusal.KIND])
    return Message(said.id, name)


_REFUSED: Mapping[Refusal, Message] = {
    Refusal.KIND: _("“{name}” is not a PDF, Word, Excel or picture file, so it was not kept."),
    Refusal.MACROS: _("“{name}” holds macros or embedded programs, so it was not kept."),
    Refusal.LOCKED: _("“{name}” has a password, or is of an old type, so it was not kept."),
    Refusal.HARMFUL: _("“{name}” is built in a way that could do harm, so it was not kept."),
    Refusal.PICTURE: _("“{name}” is damaged or too large a picture, so it was not kept."),
    Refusal.DAMAGED: _("“{name}” is damaged and cannot be opened, so it was not kept."),
}


# The same bytes again


def _seen_before(session: Session, upload: Upload, zone: ZoneInfo) -> Screen | None:
    before = _used(session, upload)
    if before is None or not submissions.drafts_with(session, upload):
        return None
    day = before.sent_at.astimezone(zone).date()
    ask = _("You have “{name}” already, since {day}. Use it again?", name=before.name, day=day)
    choices = (
        Choice(_("Use it again"), show("same", f"{upload.id}.use")),
        Choice(_("Send it as a new file"), show("same", f"{upload.id}.new")),
        Choice(_("Leave it out"), show("same", f"{upload.id}.drop")),
    )
    return Screen((ask,), choices)


def _used(session: Session, upload: Upload) -> Upload | None:
    """The same file as it stands in an answer of the school already."""
    same = files.same_before(session, upload)
    return next((one for one in same if evidence.stands(session, one.id)), None)


def same(turn: Turn, about: str) -> Opens:
    """What to do with a file that the school has already. about: "upload.use", new or drop."""
    upload_id, _dot, how = about.partition(".")
    upload = files.own(turn.session, turn.me.id, upload_id)
    places = submissions.drafts_with(turn.session, upload) if upload else []
    mine = [(p, r, d) for p, r, d in places if d.holder_id == turn.me.id]
    if upload is None or not mine:
        raise Gone(_("That file waits for no answer any more."))
    place, report, draft = mine[0]
    if how in ("use", "drop"):
        before = _used(turn.session, upload) if how == "use" else None
        _put_in_its_place(turn, place.key, draft.id, upload.id, before)
    return Opens("report", report.id)


def _put_in_its_place(
    turn: Turn, key: str, draft_id: int, upload_id: int, other: Upload | None
) -> None:
    listed = [file["upload"] for file in evidence.lists(turn.session, draft_id)[key]]
    put = [other.id if other and one == upload_id else one for one in listed]
    left = dict.fromkeys(one for one in put if one != upload_id)
    evidence.put(turn.session, draft_id, key, [{"upload": one} for one in left])
    evidence.ask(turn.session, draft_id, key, Product.SHEET, turn.me.id, turn.machine_now)
