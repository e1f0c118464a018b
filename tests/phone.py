"""A pretend phone, and talks written down as transcripts.

A talk is plain text. `> ` is what the phone says, `> [Yes]` what it picks, `> (a.jpg)` a file it
sends, `> {0912345678}` its own contact card, and every other line is what the bot must then show,
choices included; "…" stands for any words of a line. A talk that begins with such a line begins
with what the phone was shown since it last looked. The same talk is played on every channel. Each
line is answered from the database alone, in a transaction of its own, so a talk that passes also
shows that nothing else remembers where the person is.
"""

import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from textwrap import dedent
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.channels import numbered
from bot.channels.base import Incoming, Sent
from bot.inbound import Desk, Times, answer
from bot.taps import Taps
from core.screen import Contact, Picked, Typed
from storage import outbox
from storage.outbox import Outgoing, Sending
from storage.people import Address

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BOT_NAMES = {"telegram": "phong_bot", "numbered": "phong_bot"}
BUNDLED = {"units.xlsx": "sha256 of the sheet"}.__getitem__
MACHINE_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)

_ids = itertools.count(1)


def sha256_of(content: bytes) -> str:
    """Of bytes that nobody has to keep."""
    return sha256(content).hexdigest()


@dataclass
class Office:
    """What all phones of a test share: the database, the clock, the program's own facts."""

    engine: Engine
    now: datetime
    desk: Desk = field(
        default_factory=lambda: Desk(
            HANOI,
            "en",
            BOT_NAMES,
            BUNDLED,
            public_url="https://bot.example",
            keep=sha256_of,
            taps=Taps(timedelta()),  # each tap is meant, as no machine time goes by
        )
    )

    def wait(self, **how: float) -> None:
        """Let time pass, given as for `timedelta`."""
        self.now += timedelta(**how)

    def times(self) -> Times:
        return Times(self.now, MACHINE_NOW)


@dataclass
class Phone:
    """channel: "telegram" with buttons, or "numbered" for one that has none.

    labels: choices that were ever shown here, as old messages stay on a phone's screen: from the
    words to the code and the message, None where tapping them only types them.
    """

    office: Office
    channel: str
    chat: str
    name: str = ""
    labels: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def plays(self, talk: str) -> None:
        """Say the phone's lines of the talk, then compare what was shown with the rest."""
        wanted = dedent(talk).strip().splitlines()
        heard = [] if wanted[0].startswith("> ") else self.hears()
        for line in wanted:
            if line.startswith("> "):
                heard += [line, *self.says(line[2:])]
        assert "\n".join(heard) == "\n".join(_with_any_words(wanted, heard))

    def says(self, line: str, **how: object) -> list[str]:
        """One line of a talk; return what is shown then. how: more fields of `Incoming`."""
        self.does(line, **how)
        return self.hears()

    def does(self, line: str, **how: object) -> None:
        """As `says`, without looking at what is shown then."""
        self.gives(**{**self._given(line), **how})

    def gives(self, given: object, **how: object) -> None:
        values: dict[str, object] = {
            "channel": self.channel,
            "update_id": str(next(_ids)),
            "chat": self.chat,
            "user": self.chat,
            "name": self.name,
            "given": given,
        }
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
                message.sending = Sending.SENT
                message.reference = message.edits or f"m{message.id}"
                lines += self._show(message)
            session.commit()
        return lines

    def _show(self, message: Outgoing) -> list[str]:
        shown_in = None if message.asks_phone else message.reference
        self.labels |= {label: (code, shown_in) for label, code in message.choices}
        lines = [line for _style, text in message.lines for line in text.splitlines()]
        lines += [f"({file['name']})" for file in message.files]
        if message.choices:
            lines.append(" ".join(f"[{label}]" for label, _code in message.choices))
        return lines

    def _given(self, line: str) -> dict[str, object]:
        """What a line of a talk gives, as fields of `Incoming`."""
        if line.startswith("("):
            return {"given": photo(line.strip("()"))}
        if line.startswith("{"):
            return {"given": Contact(line.strip("{}"), own=True)}
        if self.channel == "numbered":
            return self._by_number(line[1:-1]) if line.startswith("[") else self._by_words(line)
        return self._tap(line[1:-1]) if line.startswith("[") else {"given": Typed(line)}

    def _tap(self, label: str) -> dict[str, object]:
        code, message = self.labels[label]
        if message is None:  # a keyboard of words types them
            return {"given": Typed(label)}
        action, seen = numbered.split(code)
        return {"given": Picked(action), "seen": seen, "message": message, "tap": "tap"}

    def _by_number(self, label: str) -> dict[str, object]:
        shown = self._shown()
        assert shown
        assert label in [words for words, _code in shown.choices]
        offered = [w for w, code in shown.choices if numbered.split(code)[0] != "phone"]
        return self._by_words(label if shown.typed else str(offered.index(label) + 1))

    def _by_words(self, text: str) -> dict[str, object]:
        shown = self._shown()
        meant = numbered.read(text, shown.choices, shown.typed) if shown else None
        return {"given": Picked(meant[0]), "seen": meant[1]} if meant else {"given": Typed(text)}

    def _shown(self) -> outbox.Shown | None:
        with self.office.engine.connect() as connection:
            address = connection.execute(
                select(Address.id).where(
                    Address.channel == self.channel, Address.chat == self.chat
                )
            ).scalar()
            return outbox.last_shown(connection, address) if address else None


def _with_any_words(wanted: list[str], heard: list[str]) -> list[str]:
    """The wanted lines, those with "…" as they were heard where they fit."""
    fitted = wanted.copy()
    for at, (line, said) in enumerate(zip(wanted, heard, strict=False)):
        if "…" in line and re.fullmatch(re.escape(line).replace("…", ".+"), said):
            fitted[at] = said
    return fitted


def photo(name: str, *, size: int = 1000, album: str | None = None) -> Sent:
    remote = f"remote-{name}"
    return Sent(remote, f"unique-{name}", name, size, "image/jpeg", "photo", album)
