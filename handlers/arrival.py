"""What is said when a file that somebody sent turns out to be unusable or cannot be fetched."""

from sqlmodel import Session

from core.message import Message, _
from core.screen import Choice, Screen, open_flow, show
from handlers import office
from storage import easings, reports
from storage.files import Arrival, Upload


def bad_news(session: Session, upload: Upload) -> Screen | None:
    """Take the file out of drafts that hold it; None where nothing need be said.

    A report that is handed in already stays as it is, and its sender is asked for the file.
    """
    if upload.arrival is Arrival.STORED:
        return None
    drafts = reports.drop_upload(session, upload)
    choices = [
        Choice(_("Continue {title}", title=report.title), open_flow("report", report.id))
        for report in drafts
    ]
    choices += [office.look(report) for report in easings.proved_by(session, upload)]
    lines: list[Message] = [_why(upload), _("Please send it again in another form.")]
    return Screen(tuple(lines), (*choices, Choice(_("Open the menu"), show("menu"))))


def _why(upload: Upload) -> Message:
    name = {"name": upload.name}
    if upload.arrival is Arrival.REFUSED:
        return _("“{name}” is not a PDF, Word, Excel or picture file, so it was not kept.", **name)
    return _("“{name}” could not be fetched from the app.", **name)
