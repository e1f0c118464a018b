"""Measure the reader on marked documents: `make bench-reading`, with READING_CORPUS a folder.

Prints what was missed in each, which rules each document needs, and how fast it reads. The exit
status is 1 where a target is not met.
"""

import os
import sys
import time
from collections import defaultdict
from pathlib import Path

from core.reading.gate import Unreadable
from core.reading.reading import read
from core.reading.shape import Json, shape, unreadable
from tests.bench.reading.gold import MEASURES, Count, Document, Score, documents, score
from tests.bench.reading.reasons import REASONS
from tests.reading import letter

TARGETS = {
    "recall": 0.95, "precision": 0.95, "deadline and operator": 0.97,
    "owner": 0.90, "receiver": 0.90, "header": 0.95,
}  # fmt: skip
TEN_PAGES = 0.2  # seconds of CPU, of the rules alone
LETTERS_A_PAGE = 3_000


def main() -> int:
    folder = os.environ.get("READING_CORPUS", "")
    if not folder:
        _say("Skipped: READING_CORPUS names no folder of marked documents.")
        return 0
    marked = documents(Path(folder))
    found = [reading(document.text) for document in marked]
    scores = [score(document, one) for document, one in zip(marked, found, strict=True)]
    met = _print_scores(marked, scores)
    met &= _print_empty(marked, found)
    met &= _print_plans(marked, found)
    _print_rules(marked, found)
    return 0 if _print_speed() and met else 1


def reading(text: str) -> Json:
    try:
        return shape(read(text))
    except Unreadable as why:
        return unreadable(why.message.id)


def _print_scores(marked: list[Document], scores: list[Score]) -> bool:
    for document, one in zip(marked, scores, strict=True):
        for miss in one.misses:
            _say(f"  {document.name}: {miss}")
    met = True
    for measure in MEASURES:
        counts = [one.counts[measure] for one in scores]
        total = Count(sum(one.right for one in counts), sum(one.of for one in counts))
        reached = total.share >= TARGETS[measure]
        met &= reached
        worst = min(_without(total, one) for one in counts)
        _say(
            f"{measure:>22}: {total.right} of {total.of} = {total.share:.3f} "
            f"(target {TARGETS[measure]:.2f}{'' if reached else ', NOT MET'}; "
            f"{worst:.3f} without its best document)"
        )
    _say(f"{sum(one.left_out for one in scores)} fields of heads are not in the texts.")
    return met


def _without(total: Count, one: Count) -> float:
    return Count(total.right - one.right, total.of - one.of).share


def _print_empty(marked: list[Document], found: list[Json]) -> bool:
    """Documents without duties give no draft, and broken ones are refused."""
    empty = [
        (document, one)
        for document, one in zip(marked, found, strict=True)
        if not document.gold["duties"]
    ]
    drafts = sum(len(one["duties"]) for _document, one in empty)
    broken = [
        one["readable"] for document, one in empty if not document.gold.get("readable", True)
    ]
    _say(f"{drafts} drafts from {len(empty)} documents without duties.")
    _say(f"{len(broken) - sum(broken)} of {len(broken)} broken documents refused.")
    return drafts == 0 and not any(broken)


def _print_plans(marked: list[Document], found: list[Json]) -> bool:
    met = True
    for document, one in zip(marked, found, strict=True):
        for name, mine in (
            ("ideal_drafts", "duties"),
            ("activities", "events"),
            ("objectives", "objectives"),
        ):
            wanted = len(document.gold.get(name, ())) if "ideal_drafts" in document.gold else None
            if wanted is not None:
                met &= wanted == len(one[mine])
                _say(f"{document.name}: {len(one[mine])} of {wanted} {name}")
    return met


def _print_rules(marked: list[Document], found: list[Json]) -> None:
    needed: dict[str, set[str]] = defaultdict(set)
    for document, one in zip(marked, found, strict=True):
        for rule in [rule for duty in one["duties"] for rule in duty["rules"]]:
            needed[rule].add(document.name)
        for dropped in one.get("not_duties", []):
            needed[f"drops: {dropped['why']}"].add(document.name)
    _say("Rules, and how many documents need each:")
    for rule, names in sorted(needed.items(), key=lambda item: (-len(item[1]), item[0])):
        why = f" ({REASONS.get(rule, 'no reason is given')})" if len(names) == 1 else ""
        _say(f"  {len(names):>3} {rule}{why}")


def _print_speed() -> bool:
    read(letter(1))  # what is done once
    seconds = {pages: _cpu(letter(pages)) for pages in (10, 20, 40)}
    for pages, cpu in seconds.items():
        _say(f"{pages} pages: {cpu:.3f} s CPU, {cpu / pages * 1000:.1f} ms a page")
    linear = seconds[40] < 1.5 * 4 * seconds[10]
    _say(f"ten pages in {seconds[10]:.3f} s (target {TEN_PAGES}); linear: {linear}")
    return seconds[10] < TEN_PAGES and linear


def _cpu(text: str) -> float:
    times = []
    for _round in range(3):
        start = time.process_time()
        read(text)
        times.append(time.process_time() - start)
    return min(times)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    sys.exit(main())
