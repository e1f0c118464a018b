"""Logs on stderr, in which a secret is never shown, whoever writes it and however it is spelt."""

import logging
import re
import sys
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import quote

HIDDEN = "[secret]"

# Any bot's token, also where it is not ours: core.telegram.org/bots/api#authorizing-your-bot
_TOKEN = r"[0-9]{6,12}(?::|%3A|%253A)[A-Za-z0-9_-]{30,64}"  # noqa: S105  a pattern

_TOO_TALKATIVE = (
    "aiohttp",
    "alembic",
    "apscheduler",
    "asyncio",
    "httpcore",
    "httpx",
    "telegram",
    "uvicorn",
)


def set_up(secrets: Iterable[str], level: int = logging.INFO) -> None:
    """Log to stderr alone, errors that nobody caught included. Empty secrets are left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A tick that finds its forerunner still at work is left out on purpose.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


class Redacting(logging.Formatter):
    """Hides secrets in the finished text, so that arguments and tracebacks are covered too."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
        longest_first = sorted(map(re.escape, spellings), key=len, reverse=True)
        self._secret = re.compile("|".join([*longest_first, _TOKEN]), re.IGNORECASE)

    def format(self, record: logging.LogRecord) -> str:
        return self._secret.sub(HIDDEN, super().format(record))


def _spellings(secret: str) -> Iterable[str]:
    """Plain, percent-encoded once or twice, and as Python and JSON quote it."""
    once = quote(secret, safe="")
    return secret, once, quote(once, safe=""), ascii(secret)[1:-1]


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("stopped", exc_info=(kind, error, trace))
