"""The server's own account of what happened, for tests that count."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bot.demo.refusal import Json

OK = "ok"


class Ledger:
    """Numbered entries, in memory and, where a path is given, at once in a file of JSON lines.

    Every entry has "n" (1, 2, 3 …), "at" (machine time, Unix seconds) and "event":

    - "call": "method" in small letters, "chat_id", "text", "outcome" ("ok", or the error's
      description), "message_id" of what was sent or edited, "fault" where one was injected;
    - "update": an update came into being: "update_id", "kind", "chat_id", "text";
    - "handed": "updates" given to the bot, by "poll" or "webhook" ("by");
    - "confirmed": "updates" the bot will not be given again.
    """

    def __init__(
        self, path: Path | None = None, changed: Callable[[], None] = lambda: None
    ) -> None:
        """changed: called after each entry."""
        self.entries: list[Json] = []
        self._changed = changed
        self._file = path.open("a", encoding="utf-8") if path else None

    def add(self, event: str, **facts: object) -> None:
        entry = {"n": len(self.entries) + 1, "at": time.time(), "event": event, **facts}
        self.entries.append(entry)
        if self._file:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()
        self._changed()

    def close(self) -> None:
        if self._file:
            self._file.close()

    def calls(self, method: str = "", outcome: str = "") -> list[Json]:
        return list(calls(self.entries, method, outcome))

    def handed(self) -> Counter[int]:
        return handed(self.entries)

    def confirmed(self) -> set[int]:
        return confirmed(self.entries)


def read_ledger(path: Path) -> list[Json]:
    """The whole lines of a file that may still be growing."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def calls(entries: Iterable[Json], method: str = "", outcome: str = "") -> Iterator[Json]:
    """Calls of a method, all methods by default; outcome: how the outcome begins."""
    for entry in entries:
        if entry["event"] != "call" or method.lower() not in ("", entry["method"]):
            continue
        if entry["outcome"].startswith(outcome):
            yield entry


def handed(entries: Iterable[Json]) -> Counter[int]:
    """How often each update was given to the bot."""
    return Counter(
        one for entry in entries if entry["event"] == "handed" for one in entry["updates"]
    )


def confirmed(entries: Iterable[Json]) -> set[int]:
    return {one for entry in entries if entry["event"] == "confirmed" for one in entry["updates"]}
