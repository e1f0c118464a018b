"""Two real programs on one database: one polls and the other takes over, or both take posts."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from bot.demo import ledger
from bot.web import SECRET_HEADER
from tests.bot.account import CATCH_UP, nothing_twice, received, wait_until_answered
from tests.databases import database_url, opened
from tests.live import PATIENCE, Live, live, until

pytestmark = pytest.mark.postgres

SECRET = "a_word_between_the_two"  # noqa: S105  nobody's
TAKEOVER = 15.0  # seconds; a program tries to become the poller every three


@pytest.mark.parametrize("each", [3, pytest.param(75, marks=pytest.mark.soak)])
def test_when_the_one_that_polls_is_killed_the_other_takes_over(tmp_path: Path, each: int) -> None:
    with (
        database_url("postgres", tmp_path) as url,
        live(tmp_path, url) as one,
        opened(url) as engine,
    ):
        other = one.another()
        one.start()
        _say(one, 1, 1)
        until(lambda: one.health().get("poll") is not None)
        other.start()
        until(lambda: other.health().get("database"))
        _say(one, 20, each)
        until(lambda: received(engine) >= 10 * each, CATCH_UP)
        assert other.health()["poll"] is None
        one.stop(kill=True)
        _say(one, 20, each)
        until(lambda: other.health()["poll"] is not None, TAKEOVER)
        wait_until_answered(one, engine)
        assert received(engine) == 1 + 40 * each
        nothing_twice(engine, one, kills=1)
        assert not list(ledger.calls(one.entries(), "getUpdates", "Conflict"))


@pytest.mark.parametrize("each", [3, pytest.param(75, marks=pytest.mark.soak)])
def test_both_take_what_is_posted_and_answer_it_once(tmp_path: Path, each: int) -> None:
    with (
        database_url("postgres", tmp_path) as url,
        _balanced() as balancer,
        live(
            *(tmp_path, url),
            TELEGRAM_MODE="webhook",
            PUBLIC_URL=balancer.url,
            WEBHOOK_SECRET=SECRET,
        ) as one,
        opened(url) as engine,
    ):
        both = (one, one.another())
        for program in both:
            balancer.programs.append(f"http://{program.env['PHONGBOT_LISTEN']}")
            program.start()
        until(lambda: all(program.health().get("database") for program in both))
        _say(one, 40, each)
        wait_until_answered(one, engine)
        assert received(engine) == 40 * each
        nothing_twice(engine, one, kills=0)
        assert min(balancer.taken.values()) >= 40 * each // 3
        assert balancer.twice >= 40 * each // 3


def _say(alive: Live, people: int, each: int) -> None:
    phones = [alive.phone(f"Người {number}") for number in range(people)]
    for number in range(each):
        for phone in phones:
            phone.says(f"câu {number}")


@dataclass
class Balancer:
    """Hands each post to one program in turn, and every other one to both at the same time.

    taken: how many posts each program said were committed. twice: how many both did.
    """

    programs: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    url: str = ""
    _turns: Iterator[int] = field(default_factory=itertools.count)
    hands: Executor = field(default_factory=lambda: ThreadPoolExecutor(16))
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=PATIENCE))

    def hand(self, path: str, secret: str, body: bytes) -> int:
        """The worst answer: only where all that were asked have committed it, it is done."""
        turn = next(self._turns)
        asked = [self.programs[turn % 2], self.programs[1 - turn % 2]][: 1 + turn // 2 % 2]
        post = partial(self._post, path=path, secret=secret, body=body)
        answers = list(self.hands.map(post, asked))
        self.twice += answers == [200, 200]
        return max(answers)

    def _post(self, program: str, path: str, secret: str, body: bytes) -> int:
        post = self.http.post(program + path, content=body, headers={SECRET_HEADER: secret})
        self.taken[program] += post.status_code == 200
        return post.status_code


@contextmanager
def _balanced() -> Iterator[Balancer]:
    """Listens on loopback, as what stands before several programs would."""
    balancer = Balancer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(balancer.hand(self.path, self.headers[SECRET_HEADER], body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Into the test's own output nothing belongs."""

    with balancer.http, balancer.hands, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        balancer.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield balancer
        server.shutdown()
        thread.join()
