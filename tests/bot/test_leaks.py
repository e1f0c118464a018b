"""Secrets stay secret, and people's words out of the logs, through work, trouble and damage."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.demo.faults import DROP_AFTER, DROP_BEFORE
from storage import schema
from storage.database import connect
from tests.databases import BOTH, all_rows, database_url
from tests.live import PATIENCE, ROOT, TOKEN, Live, live, until
from tests.people import fill_in, load, office, register

pytestmark = pytest.mark.long

WRONG_TOKEN = "987654321:another-token-that-must-never-leak-anywhere"  # noqa: S105
SECRETS = [TOKEN, TOKEN.partition(":")[2], WRONG_TOKEN, WRONG_TOKEN.partition(":")[2]]
WORDS = ["Lò Thị Lan", "0912345678", "truong th quyet thang", "Trường đã làm tốt", "page1"]


@pytest.fixture(params=BOTH)
def alive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    with database_url(request.param, tmp_path) as url, live(tmp_path, url) as alive:
        load(alive, tmp_path / "sample")
        alive.start()
        yield alive


def test_nothing_that_stays_behind_shows_a_secret(alive: Live, tmp_path: Path) -> None:
    _work_in_trouble(alive)
    told = [alive.http.get(_web(alive, path)).text for path in ("/healthz", "/metrics", "/x")]
    alive.stop(kill=True)
    told += [_refused(alive, words) for words in (["run"], ["invite", "--role", "nobody"])]
    told.append(_rows(alive))
    log = alive.log.read_text()
    assert "Traceback" not in log  # what may go wrong in the world is no surprise
    for path in tmp_path.rglob("*"):
        if path.is_file():
            told.append(path.read_bytes().decode(errors="replace"))
    for secret in SECRETS:
        for spelt in (secret, quote(secret, safe=""), quote(quote(secret, safe=""), safe="")):
            assert not [text for text in told if spelt.lower() in text.lower()], spelt
    assert [words for words in WORDS if words.lower() in log.lower()] == []


def _work_in_trouble(alive: Live) -> None:
    """The main job while calls and downloads fail, with a kill in its middle."""
    ha = office(alive)
    lan = alive.phone("Lò Thị Lan")
    register(lan, ha)
    lan.says("/nop")
    lan.screen()
    before = len(alive.entries())
    alive.befall(sequence=["502", "429", DROP_BEFORE, "500", DROP_AFTER, "504"])
    lan.says("[Làm: Báo cáo 6 tháng năm 2018]")
    until(lambda: len(alive.entries()) > before + 8)
    alive.stop(kill=True)
    alive.start()
    fill_in(lan)
    lan.says("[Nộp]")
    assert "Đã nộp" in lan.screen()


def _refused(alive: Live, words: list[str]) -> str:
    """What a command says when it ends badly, with a token that Telegram does not know."""
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "bot", *words],
        env=alive.env | {"PHONGBOT_TELEGRAM_TOKEN": WRONG_TOKEN},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode
    return done.stdout + done.stderr


def _web(alive: Live, path: str) -> str:
    return f"http://{alive.env['PHONGBOT_LISTEN']}{path}"


def _rows(alive: Live) -> str:
    schema.load_tables()
    engine = connect(alive.env["PHONGBOT_DATABASE_URL"])
    rows = all_rows(engine)
    engine.dispose()
    assert "Lò Thị Lan" in str(rows)
    return str(rows)
