"""A pretend phone, and talks written down as transcripts.

A talk is plain text. `> ` is what the phone says, `> [Yes]` what it picks, `> (a.jpg)` a file it
sends, `> {0912345678}` its own contact card, and every other line is what the bot must then show,
choices included. The same talk is played on every channel. Each line is answered from the
database alone, in a transaction of its own, so a talk that passes also shows that nothing else
remembers where the person is.
"""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.channels import numbered
from bot.channels.base import Incoming, Sent
from bot.inbound import Desk, Times, answer
from core.screen import Contact, Picked, Typed
from storage import outbox
from storage.outbox import Outgoing, Sending
from storage.people import Address

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BOT_NAMES = {"telegram": "phong_bot", "numbered": "phong_bot"}
MACHINE_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)

_ids = itertools.count(1)


@dataclass
class Office:
    """What all phones of a test share: the database, the clock, the program's own facts."""

    engine: Engine
    now: datetime
    desk: Desk = field(default_factory=lambda: Desk(HANOI, language="en", bot_names=BOT_NAMES))

    def wait(self, **how: float) -> None:
        """Let time pass, given as for `timedelta`."""
        self.now += timedelta(**how)

    def times(self) -> Times:
        return Times(self.now, MACHINE_NOW)


@dataclass
class Phone:
    """channel: "telegram" with buttons, or "numbered" for one that has none.

    labels: choices that were ever shown here, from the words to the code, as old messages stay
    on a phone's screen.
    """

    office: Office
    channel: str
    chat: str
    name: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    def plays(self, talk: str) -> None:
        """Say the phone's lines of the talk, then compare what was shown with the rest."""
        heard: list[str] = []
        for line in dedent(talk).strip().splitlines():
            if line.startswith("> "):
                heard += [line, *self.says(line[2:])]
        assert "\n".join(heard) == dedent(talk).strip()

    def says(self, line: str, **how: str) -> list[str]:
        """One line of a talk; return what is shown then. how: more fields of `Incoming`."""
        self.gives(self._given(line), line, **how)
        return self.hears()

    def gives(self, given: object, line: str = "", **how: str) -> None:
        values: dict[str, object] = {
            "channel": self.channel,
            "update_id": str(next(_ids)),
            "chat": self.chat,
            "user": self.chat,
            "name": self.name,
            "given": given,
        }
        if isinstance(given, Picked) and line.startswith("["):
            seen, message = self._picked_from(line.strip("[]"))
            values |= {"seen": seen, "message": message, "tap": "tap"}
        self.takes(Incoming(**{**values, **how}))  # type: ignore[arg-type]

    def takes(self, incoming: Incoming) -> None:
        with self.office.engine.begin() as connection:
            answer(connection, self.office.desk, incoming, self.office.times())

    def hears(self) -> list[str]:
        """Lines shown since the last time, choices included."""
        unheard = (
            select(Outgoing)
            .join(Address, col(Address.id) == Outgoing.address_id)
            .where(Address.channel == self.channel, Address.chat == self.chat)
            .where(Outgoing.sending == Sending.WAITING)
            .order_by(col(Outgoing.id))
        )
        lines: list[str] = []
        with Session(self.office.engine) as session:
            for message in session.exec(unheard):
                lines += self._show(message)
                message.sending, message.reference = Sending.SENT, f"m{message.id}"
            session.commit()
        return lines

    def _show(self, message: Outgoing) -> list[str]:
        self.labels |= dict(message.choices)
        lines = [line for _style, text in message.lines for line in text.splitlines()]
        lines += [f"({file['name']})" for file in message.files]
        if message.choices:
            lines.append(" ".join(f"[{label}]" for label, _code in message.choices))
        return lines

    def _given(self, line: str) -> object:
        if line.startswith("("):
            return photo(line.strip("()"))
        if line.startswith("{"):
            return Contact(line.strip("{}"), own=True)
        if line.startswith("["):
            return self._choice(line.strip("[]"))
        if self.channel == "numbered":
            return self._by_words(line)
        return Typed(line)

    def _choice(self, label: str) -> object:
        if self.channel == "telegram":
            return Picked(numbered.split(self.labels[label])[0])
        shown = self._shown()
        labels = [words for words, _code in shown.choices] if shown else []
        if label not in labels:
            raise AssertionError(f"{label!r} is not among {labels}")
        offered = [w for w, code in shown.choices if numbered.split(code)[0] != "phone"]  # type: ignore[union-attr]
        typed = label if shown and shown.typed else str(offered.index(label) + 1)
        return self._by_words(typed)

    def _by_words(self, text: str) -> object:
        shown = self._shown()
        meant = numbered.read(text, shown.choices, shown.typed) if shown else None
        return Picked(meant[0]) if meant else Typed(text)

    def _picked_from(self, label: str) -> tuple[str, str | None]:
        return numbered.split(self.labels[label])[1], None

    def _shown(self) -> outbox.Shown | None:
        with self.office.engine.connect() as connection:
            address = connection.execute(
                select(Address.id).where(
                    Address.channel == self.channel, Address.chat == self.chat
                )
            ).scalar()
            return outbox.last_shown(connection, address) if address else None


def photo(name: str, *, size: int = 1000, album: str | None = None) -> Sent:
    remote = f"remote-{name}"
    return Sent(remote, f"unique-{name}", name, size, "image/jpeg", "photo", album)
