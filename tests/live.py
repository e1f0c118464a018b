"""The real program and a Bot API server beside it, each a process of its own, and phones on it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx

from tests.pages import jpeg, page

TOKEN = "123456789:a-token-that-must-never-leak-anywhere"  # noqa: S105  opens nothing
PATIENCE = 30.0  # seconds until a test gives up; nothing is expected to take so long
CLOCK = "2018-06-01T08:00:00+07:00"
ROOT = Path(__file__).parent.parent


class Waited(AssertionError):
    """What was waited for did not come."""


def until(
    met: Callable[[], object], patience: float = PATIENCE, told: Callable[[], object] = str
) -> None:
    """Look again and again. patience: in seconds. told: what to say where it is never met."""
    deadline = time.monotonic() + patience
    while not met():
        if time.monotonic() > deadline:
            raise Waited(told())
        time.sleep(0.05)


@dataclass
class Live:
    """api: the server's address. env: of the program's commands."""

    api: str
    env: dict[str, str]
    log: Path
    program: subprocess.Popen[bytes] | None = None
    others: "list[Live]" = field(default_factory=list)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=PATIENCE))

    def command(self, *words: str) -> str:
        """What a command of the program prints; it must succeed."""
        call = [sys.executable, "-m", "bot", *words]
        done = subprocess.run(  # noqa: S603  our own program
            call, env=self.env, cwd=ROOT, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                env=self.env,
                cwd=ROOT,
                stderr=log,
                stdout=log,
            )

    def another(self) -> "Live":
        """One more program on the same database and the same bot."""
        env = {**self.env, "PHONGBOT_LISTEN": f"127.0.0.1:{_free_port()}"}
        self.others.append(replace(self, env=env, program=None))
        return self.others[-1]

    def health(self) -> dict[str, Any]:
        """What it says of itself; of one that does not listen yet, nothing."""
        try:
            found: dict[str, Any] = self.http.get(
                f"http://{self.env['PHONGBOT_LISTEN']}/healthz"
            ).json()
        except httpx.ConnectError:
            return {}
        return found

    def entries(self) -> list[dict[str, Any]]:
        """The server's account, see `bot.demo.ledger`."""
        found: list[dict[str, Any]] = self.http.get(f"{self.api}/control/ledger").json()
        return found

    def befall(self, **faults: object) -> None:
        """What goes wrong from now on, see `bot.demo.faults`."""
        self.http.post(f"{self.api}/control/faults", json=faults).raise_for_status()

    def stop(self, *, kill: bool = False) -> int:
        """The exit status."""
        assert self.program is not None
        (self.program.kill if kill else self.program.terminate)()
        return self.program.wait(PATIENCE)

    def phone(self, name: str, language: str = "vi") -> "LivePhone":
        made = self.http.post(f"{self.api}/phones", json={"name": name, "language": language})
        return LivePhone(self, made.json()["id"])

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"{self.api}/state").json()
        return found

    def move_clock(self, moment: str) -> None:
        answer = self.http.post(f"http://{self.env['PHONGBOT_LISTEN']}/clock", json={"to": moment})
        assert answer.status_code == 200, answer.text


@dataclass
class LivePhone:
    live: Live
    id: int
    seen: dict[int, str] = field(default_factory=dict)

    def plays(self, talk: str) -> None:
        """A transcript as in `tests.phone`; each part must be shown before the next line is said.

        A star stands for words that differ from run to run, such as a receipt; a line that
        begins with a question mark may be missing.
        """
        for said, shown in _turns(dedent(talk).strip().splitlines()):
            self.says(said)
            self.hears(shown)

    def says(self, line: str) -> None:
        if line.startswith("["):
            self._tap(line.strip("[]"))
        elif line.startswith("("):
            self._send([name.strip() for name in line.strip("()").split(",")])
        elif line.startswith("{"):
            self._post("contact", phone=line.strip("{}"), own=True)
        else:
            self._post("say", text=line)

    def hears(self, expected: list[str]) -> None:
        """Wait until just this is new on the phone."""
        wanted = re.compile("".join(map(_pattern, expected)))
        heard: list[str] = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            heard = [line for text in self._news().values() for line in text.splitlines()]
            if wanted.fullmatch("".join(f"{line}\n" for line in heard)):
                self.seen |= self._news()
                return
            time.sleep(0.02)
        raise Waited("\n".join(["heard:", *heard, "", "expected:", *expected]))

    def screen(self) -> str:
        """The newest message of the bot, once everything said before is answered."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            news = self._news()
            if news and not self.live.state()["unanswered"]:
                self.seen |= news
                return news[max(news)]
            time.sleep(0.02)
        raise Waited("nothing new came")

    def receives(self, files: int) -> None:
        """Wait until the bot has sent that many files in all."""
        deadline = time.monotonic() + PATIENCE
        found = 0
        while time.monotonic() < deadline:
            found = sum(len(m["files"]) for m in self.messages() if m["from"] == "bot")
            if found == files:
                return
            time.sleep(0.02)
        raise Waited(f"{found} files of {files} came")

    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.live.http.get(
            f"{self.live.api}/phones/{self.id}/messages"
        ).json()
        return found

    def _news(self) -> dict[int, str]:
        """By message, what the bot wrote or changed since the last time."""
        shown = {m["message_id"]: _shown(m) for m in self.messages() if m["from"] == "bot"}
        return {number: text for number, text in shown.items() if self.seen.get(number) != text}

    def _tap(self, label: str) -> None:
        for message in reversed(self.messages()):
            for row in message["buttons"]:
                for button in row:
                    if button["text"] == label:
                        message_id, data = message["message_id"], button["data"]
                        self._post("tap", message_id=message_id, data=data)
                        return
        raise AssertionError(f"no button {label!r}")

    def _send(self, names: list[str]) -> None:
        files = [("files", (name, picture(name), "image/jpeg")) for name in names]
        where = f"{self.live.api}/phones/{self.id}/files"
        answer = self.live.http.post(where, files=files, data={"as": "photo"})
        assert answer.status_code == 200, answer.text

    def _post(self, what: str, **values: object) -> None:
        answer = self.live.http.post(f"{self.live.api}/phones/{self.id}/{what}", json=values)
        assert answer.status_code == 200, answer.text


@contextmanager
def live(folder: Path, database_url: str, **settings: str) -> Iterator[Live]:
    """The server runs, the database is migrated, and the program is stopped at the end."""
    call = [sys.executable, "-m", "bot.demo.server", "--port", "0", "--token", TOKEN]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE) as server:  # noqa: S603
        assert server.stdout is not None
        api = server.stdout.readline().decode().strip().split()[-1]
        alive = Live(api, _environment(folder, api, database_url, settings), folder / "bot.log")
        try:
            alive.command("migrate")
            yield alive
        finally:
            for one in (alive, *alive.others):
                if one.program is not None and one.program.poll() is None:
                    one.stop()
            alive.http.close()
            server.terminate()


def _environment(
    folder: Path, api: str, database_url: str, settings: Mapping[str, str]
) -> dict[str, str]:
    ours = {
        "TELEGRAM_API": api,
        "TELEGRAM_TOKEN": TOKEN,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "LISTEN": f"127.0.0.1:{_free_port()}",
        "CLOCK": CLOCK,
        **settings,
    }
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PHONGBOT_")}
    return plain | {f"PHONGBOT_{name}": value for name, value in ours.items()}


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _turns(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    said, shown = "", list[str]()
    for line in lines:
        if line.startswith("> "):
            if said:
                yield said, shown
            said, shown = line[2:], []
        else:
            shown.append(line)
    yield said, shown


def _pattern(line: str) -> str:
    words = ".+".join(map(re.escape, line.removeprefix("? ").split("*")))
    return f"(?:{words}\n)?" if line.startswith("? ") else f"{words}\n"


def _shown(message: dict[str, Any]) -> str:
    lines = unescape(re.sub(r"<[^>]+>", "", message["html"])).splitlines()
    lines += [f"({file['kind']})" for file in message["files"]]
    labels = [f"[{b['text']}]" for row in message["buttons"] for b in row]
    keyboard = message.get("keyboard") or {}
    labels += [f"[{key['text']}]" for row in keyboard.get("rows") or [] for key in row]
    return "\n".join([*lines, *([" ".join(labels)] if labels else [])])


def picture(name: str) -> bytes:
    """A page, another one for each name."""
    return jpeg(page(sum(name.encode())))
