"""The real program ends with one sentence and an exit status where it cannot do its work."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.demo import ledger
from tests.live import PATIENCE, ROOT, TOKEN, Live, live, until

WEBHOOK = {
    "TELEGRAM_MODE": "webhook",
    "PUBLIC_URL": "http://127.0.0.1:9",
    "WEBHOOK_SECRET": "a_word_that_must_not_leak",
}
WRONG_TOKEN = "987654321:another-token-that-must-never-leak"  # noqa: S105  opens nothing
A_WRONG_SETTING, REFUSED = 2, 1

_LOG_LINE = re.compile(r"[-0-9]{10} [:,0-9]{12} (INFO|WARNING) ")


@pytest.fixture(scope="module")
def alive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("start")
    with live(folder, f"sqlite:///{folder}/phongbot.db") as alive:
        yield alive


@pytest.mark.parametrize(
    ("named", "settings"),
    [
        ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": ""}),
        ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": WRONG_TOKEN}),
        ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": WRONG_TOKEN, **WEBHOOK}),
        ("PUBLIC_URL", {**WEBHOOK, "PUBLIC_URL": "https://bot.example.vn:9999"}),
        ("LISTEN", {"LISTEN": "host-of-nobody.invalid:8080"}),
        ("DATABASE_URL", {"DATABASE_URL": "postgresql+psycopg://me:pass-word@127.0.0.1:9/x"}),
        ("DATABASE_URL", {"DATABASE_URL": "postgresql+psycopg://me:pass-word@127.0.0.1:x/x"}),
        ("DATA_DIR", {"DATA_DIR": "/dev/null/var"}),
        ("FILES_URL", {"FILES_URL": "/dev/null/files"}),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(
    alive: Live, named: str, settings: dict[str, str]
) -> None:
    status, told = _ended(alive, settings)
    assert status == A_WRONG_SETTING
    *logged, sentence = told.splitlines()
    assert f"PHONGBOT_{named}" in sentence
    assert all(_LOG_LINE.match(line) for line in logged)
    for secret in (TOKEN, WRONG_TOKEN, WEBHOOK["WEBHOOK_SECRET"], "pass-word"):
        assert secret not in told


def test_a_taken_port_is_named(alive: Live) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, told = _ended(alive, {"LISTEN": f"127.0.0.1:{taken.getsockname()[1]}"})
    assert (status, told.count("PHONGBOT_LISTEN")) == (A_WRONG_SETTING, 1)
    assert "Traceback" not in told


# Another poller


def test_another_poller_that_stays_ends_it(alive: Live) -> None:
    with _another_poller(alive):
        status, told = _ended(alive, shorter="bot.receiver.CONFLICT_PATIENCE = 1")
    _assert_told_of_another(status, told)


@pytest.mark.soak
def test_another_poller_that_stays_ends_it_after_a_minute(alive: Live) -> None:
    with _another_poller(alive):
        status, told = _ended(alive, patience=4 * PATIENCE)
    _assert_told_of_another(status, told)


def test_another_poller_that_goes_does_not(alive: Live) -> None:
    before = _conflicts(alive)
    with _another_poller(alive):
        alive.start()
        until(lambda: _conflicts(alive) >= before + 4)
    lan = alive.phone("Lan")
    lan.says("/start")
    assert lan.screen()
    assert alive.stop() == 0
    assert "Traceback" not in alive.log.read_text()


def _assert_told_of_another(status: int, told: str) -> None:
    assert status == REFUSED
    assert told.splitlines()[-1].startswith("Another program receives the messages of this bot")
    assert "Traceback" not in told


@contextmanager
def _another_poller(alive: Live) -> Iterator[None]:
    """Whoever polls anew ends the poll that is open, and this one does so again and again."""
    stop = threading.Event()

    def polls() -> None:
        with httpx.Client(timeout=PATIENCE) as http:
            while not stop.is_set():
                http.post(f"{alive.api}/bot{TOKEN}/getUpdates", json={"timeout": 1})

    thread = threading.Thread(target=polls)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _conflicts(alive: Live) -> int:
    entries = alive.http.get(f"{alive.api}/control/ledger").json()
    return len(list(ledger.calls(entries, "getUpdates", "Conflict")))


def _ended(
    alive: Live,
    settings: Mapping[str, str] | None = None,
    *,
    shorter: str = "",
    patience: float = PATIENCE,
) -> tuple[int, str]:
    """The exit status, and what was written to stderr. shorter: run in the program before it."""
    program = f"import bot.receiver; {shorter or 'pass'}; from bot.__main__ import main; main()"
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program, "run"],
        env=alive.env | {f"PHONGBOT_{name}": value for name, value in (settings or {}).items()},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=patience,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_what_only_other_commands_need_is_not_loaded(tmp_path: Path) -> None:
    """Each would stay in memory for as long as the program runs."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PHONGBOT_")}
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "run"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "bot.app" in loaded
    others = {"pygments", "rich.console", "openpyxl", "xlsxwriter", "alembic", "prometheus_client"}
    assert not loaded & {*others, "holidays", "bot.demo"}
