"""From the bytes of a document to drafts, in a child process that imports little."""

import json
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from bot import texts
from bot.texts import Source
from core.calendar import working_days
from core.message import Message
from core.reading.gate import Unreadable

Json = dict[str, Any]
Read = Callable[[Source, bytes, date, Collection[date], bool], Json]


def read_in_a_child(
    source: Source, content: bytes, today: date, closed: Collection[date], pasted: bool
) -> Json:
    """What `core.reading.drafting` makes of it. Raises BadText, Unreadable."""
    asked = {
        "source": source,
        "today": today.isoformat(),
        "closed": [day.isoformat() for day in closed],
        "pasted": pasted,
    }
    given = json.dumps(asked).encode() + b"\n" + content
    return found_in(texts.in_a_child("document", given))


def found_in(told: Json) -> Json:
    """What a child found. told: see `parse`. Raises Unreadable."""
    if told["unreadable"]:
        raise Unreadable(Message(told["unreadable"]))
    found: Json = told["found"]
    return found


# In the child


def parse(given: bytes) -> bytes:
    """given: what is asked as JSON, a line end and the content. Raises anything.

    Tells {"found", "refused", "unreadable"}: drafts, or why there are none.
    """
    # Here, as the rules take 3 MB, and only children read.
    from core.reading.drafting import drafted
    from core.reading.reading import read

    line, _end, content = given.partition(b"\n")
    asked = json.loads(line)
    told: Json = {"found": {}, "refused": "", "unreadable": ""}
    try:
        text = _storable(texts.text_of(Source(asked["source"]), content))
        works = working_days({date.fromisoformat(day) for day in asked["closed"]})
        today = date.fromisoformat(asked["today"])
        told["found"] = drafted(read(text, today, works, pasted=asked["pasted"]))
    except texts.Refused as refused:
        told["refused"] = str(refused)
    except Unreadable as bad:
        told["unreadable"] = bad.message.id
    return json.dumps(told).encode()


def _storable(text: str) -> str:
    """Without what a broken file may hold and no database takes."""
    return text.replace("\x00", "").encode(errors="ignore").decode()
