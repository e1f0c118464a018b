import logging
import subprocess
import sys
from urllib.parse import quote

import pytest

from bot.logs import HIDDEN, Redacting

TOKEN = "123456789:AAHsecretSECRETsecretSECRETsecret_-x"  # noqa: S105  nobody's
SECRET = "web/hook:bí mật"  # noqa: S105  nobody's


def shown(message: str, *values: object, error: BaseException | None = None) -> str:
    record = logging.LogRecord("x", logging.INFO, "x", 1, message, values, None)
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    return Redacting([TOKEN, SECRET, ""]).format(record)


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        f"/file/bot{TOKEN}/photos/1.jpg",
        quote(TOKEN, safe=""),
        quote(TOKEN, safe="").lower(),
        quote(quote(TOKEN, safe=""), safe=""),
        repr({"url": f"bot{TOKEN}"}),
        SECRET,
        quote(SECRET, safe=""),
        quote(quote(SECRET, safe=""), safe=""),
        ascii(SECRET),
    ],
)
def test_a_secret_is_hidden_however_it_is_spelt(text: str) -> None:
    for line in (shown(text), shown("got %s here", text)):
        assert HIDDEN in line
        assert TOKEN.partition(":")[2].lower() not in line.lower()
        assert "web/hook" not in line
        assert quote("bí mật").lower() not in line.lower()
        assert "hook" not in line


def test_a_secret_is_hidden_in_tracebacks() -> None:
    try:
        try:
            raise ValueError(f"no answer from bot{TOKEN}/getMe")
        except ValueError as cause:
            raise RuntimeError(SECRET) from cause
    except RuntimeError as error:
        line = shown("stopped", error=error)
    assert line.count(HIDDEN) >= 2
    assert "secretSECRET" not in line
    assert "Traceback" in line


def test_any_bots_token_is_hidden() -> None:
    assert shown("bot987654321:BBHotherOTHERotherOTHERotherOTHERot/x").endswith(f"bot{HIDDEN}/x")


def test_all_else_is_shown() -> None:
    assert shown("sent %s of %s at 08:30", 3, 4).endswith("INFO x: sent 3 of 4 at 08:30")


PROGRAM = f"""
import logging, warnings
from bot.logs import set_up
set_up([{TOKEN!r}])
logging.getLogger("bot").info("GET /bot{TOKEN}/getMe")
logging.getLogger("httpx").info("talk of httpx")
logging.getLogger("telegram.Bot").debug("talk of ptb {TOKEN}")
warnings.warn("careful with {TOKEN}")
raise SystemError("at {TOKEN}")
"""


def test_nothing_that_the_program_writes_shows_it() -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "secretSECRET" not in done.stderr
    assert done.stderr.count(HIDDEN) >= 3
    assert "SystemError" in done.stderr
    assert "talk of" not in done.stderr
