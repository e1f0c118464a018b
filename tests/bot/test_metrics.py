"""The figures of the real program, by name, and that nothing of people is in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import BOUNDS, Turns
from tests.databases import BOTH, database_url
from tests.live import Live, live, until

# Those who watch a bot depend on these names: none is taken away or renamed without a word in
# the changelog. By name, the labels.
NAMES = {
    "phongbot_updates": {"outcome"},
    "phongbot_turn_seconds": {"le"},
    "phongbot_sends": {"result"},
    "phongbot_told_to_wait": set(),
    "phongbot_job_ticked_timestamp_seconds": {"job"},
    "phongbot_not_understood": {"words", "digits", "language"},
    "phongbot_outbox_waiting": set(),
    "phongbot_outbox_oldest_seconds": set(),
    "phongbot_quarantined_updates": set(),
}
SHAPE = {"4-7", "no", "vi"}
LABELS = {"answered", "silent", "quarantined", "sent", "waiting", "failed"}
JOBS = {
    *(
        "beat",
        "remind",
        "eves",
        "heads",
        "lock",
        "verdicts",
        "broadcasts",
        "receipts",
        "menus",
        "sheets",
    ),
    *("documents", "tidy"),
}


@pytest.fixture(params=BOTH)
def alive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    with database_url(request.param, tmp_path) as url, live(tmp_path, url) as alive:
        alive.start()
        yield alive


def test_what_a_running_program_tells(alive: Live) -> None:
    phone = alive.phone("Người kín tiếng")
    for words in ("/start", "hôm nay trời đẹp quá"):
        phone.says(words)
        phone.screen()
    until(lambda: value(alive, "phongbot_sends_total", result="sent") == 2)
    found = families(alive)
    assert {name: labels(family) for name, family in found.items()} == NAMES
    assert value(alive, "phongbot_updates_total", outcome="answered") == 2
    assert value(alive, "phongbot_turn_seconds_bucket", le="+Inf") == 2
    assert value(alive, "phongbot_turn_seconds_sum") > 0
    assert value(alive, "phongbot_outbox_waiting") == 0
    assert value(alive, "phongbot_told_to_wait_total") == 0
    assert value(alive, "phongbot_quarantined_updates") == 0
    values = {
        v for f in found.values() for s in f.samples for k, v in s.labels.items() if k != "le"
    }
    assert values <= LABELS | JOBS | SHAPE


def test_turns_are_counted_by_how_long_they_took() -> None:
    turns = Turns()
    for seconds in (0.0005, BOUNDS[0], 0.002, 60):
        turns.took(seconds)
    counts = dict(turns.buckets())
    assert [counts["0.001"], counts["0.0025"], counts["2.5"], counts["+Inf"]] == [2, 3, 3, 4]


def families(alive: Live) -> dict[str, Metric]:
    text = alive.http.get(f"http://{alive.env['PHONGBOT_LISTEN']}/metrics").text
    return {family.name: family for family in text_string_to_metric_families(text)}


def labels(family: Metric) -> set[str]:
    return {label for sample in family.samples for label in sample.labels}


def value(alive: Live, name: str, **labels: str) -> float:
    samples = [s for family in families(alive).values() for s in family.samples]
    return sum(s.value for s in samples if s.name == name and s.labels == labels)
