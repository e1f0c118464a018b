"""What the system itself counted, which a school is offered when it is asked for the same."""

from collections.abc import Iterable

from sqlmodel import Session

from core.events import EventKind
from storage import events
from storage.checklists import ChecklistItem
from storage.reports import Report


def look_up(
    session: Session, report: Report, items: Iterable[ChecklistItem]
) -> dict[str, int] | None:
    """For `Submission.recorded`: who was at events of the report's year, by item key.

    An item asks for it by `attended`, see `storage.plan_items`. Nothing is offered where nobody
    was there, as not every event is noted here.
    """
    wanted = {item.key: item.options["attended"] for item in items if "attended" in item.options}
    year = report.period[:4]
    if not wanted or not year:
        return None
    attended = events.attended(session, report.unit_id, int(year))
    found = {}
    for key, asked in wanted.items():
        of_kind = [
            (event, who) for kind, event, who in attended if kind is EventKind(asked["kind"])
        ]
        by_events = asked.get("count") == "events"
        if counted := len({event if by_events else who for event, who in of_kind}):
            found[key] = counted
    return found or None
