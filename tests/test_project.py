"""The project agrees with itself: its settings, licences, languages, commands and promises."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from packaging.requirements import Requirement

from bot.settings import Settings, WrongSetting, read_settings

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LONGEST_SENTENCE = 200  # characters; it has to fit a line or two of a terminal


# Settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither this machine's environment nor a .env of whoever runs the tests."""
    for name in list(os.environ):
        if name.upper().startswith("PHONGBOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("named", "settings"),
    [
        ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": "not a token but a secret"}),
        ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": "123456789:a secret"}),
        ("TELEGRAM_API", {"TELEGRAM_API": "api.telegram.org"}),
        ("TELEGRAM_API", {"TELEGRAM_API": "https://"}),
        ("TELEGRAM_API", {"TELEGRAM_API": "https://api.telegram.org:99999"}),
        ("TELEGRAM_API", {"TELEGRAM_API": ""}),
        ("TELEGRAM_MODE", {"TELEGRAM_MODE": "pigeon"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "bot.example.vn"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "http://bot.example.vn"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "https://bot.example.vn/?key=a secret"}),
        ("PUBLIC_URL", {"TELEGRAM_MODE": "webhook", "WEBHOOK_SECRET": "a_secret"}),
        ("WEBHOOK_SECRET", {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "https://bot.example"}),
        ("WEBHOOK_SECRET", {"WEBHOOK_SECRET": "a secret"}),
        ("WEBHOOK_SECRET", {"WEBHOOK_SECRET": "x" * 257}),
        ("LISTEN", {"LISTEN": "8080"}),
        ("LISTEN", {"LISTEN": ":8080"}),
        ("LISTEN", {"LISTEN": "127.0.0.1"}),
        ("LISTEN", {"LISTEN": "127.0.0.1:http"}),
        ("LISTEN", {"LISTEN": "127.0.0.1:65536"}),
        ("LISTEN", {"LISTEN": "::1:8080"}),
        ("DATABASE_URL", {"DATABASE_URL": "var/phongbot.db"}),
        ("DATABASE_URL", {"DATABASE_URL": "postgresql://phongbot:a secret@localhost/phongbot"}),
        ("DATABASE_URL", {"DATABASE_URL": "mysql://phongbot:a secret@localhost/phongbot"}),
        ("OFFICE_NAME", {"OFFICE_NAME": ""}),
        ("LANGUAGE", {"LANGUAGE": "fr"}),
        ("TIMEZONE", {"TIMEZONE": "Mars/Base"}),
        ("TIMEZONE", {"TIMEZONE": ""}),
        ("SEND_RATE", {"SEND_RATE": "0"}),
        ("SEND_RATE", {"SEND_RATE": "nan"}),
        ("SEND_RATE", {"SEND_RATE": "1001"}),
        ("SEND_RATE", {"SEND_RATE": "many"}),
        ("CLOCK", {"CLOCK": "yesterday"}),
        ("CLOCK", {"CLOCK": "2018-06-01T08:00", "TELEGRAM_API": "http://127.0.0.1:9"}),
        ("CLOCK", {"CLOCK": "2018-06-01T08:00+07:00"}),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, named: str, settings: dict[str, str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"PHONGBOT_{name}", value)
    with pytest.raises(WrongSetting) as wrong:
        read_settings()
    sentence = str(wrong.value)
    assert f"PHONGBOT_{named}" in sentence
    assert "\n" not in sentence
    assert len(sentence) < LONGEST_SENTENCE
    assert "secret" not in sentence


def test_settings_as_they_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    meant = {
        "TELEGRAM_TOKEN": "123456789:AAHnobodys-token_nobodys-token_nobo",
        "TELEGRAM_API": "http://telegram-bot-api:8081/telegram",
        "TELEGRAM_MODE": "webhook",
        "PUBLIC_URL": "https://bot.example.vn:8443/phong",
        "WEBHOOK_SECRET": "letters-digits_and-2",
        "LISTEN": "[::1]:8080",
        "DATABASE_URL": "postgresql+psycopg://phongbot:p%40ss:w/ord?@localhost/phongbot",
        "TIMEZONE": "UTC",
    }
    for name, value in meant.items():
        monkeypatch.setenv(f"PHONGBOT_{name}", value)
    assert read_settings().public_url == meant["PUBLIC_URL"]


def test_the_example_names_every_setting_and_explains_it() -> None:
    blocks = (ROOT / ".env.example").read_text().strip().split("\n\n")[1:]
    names = [line.partition("=")[0].lstrip("#") for *_, line in map(str.splitlines, blocks)]
    assert names == [f"PHONGBOT_{name.upper()}" for name in Settings.model_fields]
    assert all(block.startswith("# ") and block.count("\n") == 1 for block in blocks)


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text()
    shown = re.findall(r"^#?(PHONGBOT_\w+=.+)$", example, re.MULTILINE)
    for text in (example, "\n".join(shown)):
        (tmp_path / ".env").write_text(text)
        assert read_settings() == Settings.model_construct()


# Packages


def test_no_package_that_runs_binds_users_of_the_project() -> None:
    stated = {name: licence(found) for name, found in installed(PROJECT["dependencies"])}
    assert "python-telegram-bot" in stated
    assert [name for name, words in stated.items() if not words] == []
    copyleft = re.compile(r"\bA?GPL|GNU (Affero )?General Public")
    assert {name: words for name, words in stated.items() if copyleft.search(words)} == {}


def installed(requirements: list[str]) -> Iterator[tuple[str, Distribution]]:
    """Those that are needed here, and what they need in turn."""
    seen, waiting = set[str](), [(Requirement(text), "") for text in requirements]
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.name in seen or (wanted.marker and not wanted.marker.evaluate({"extra": extra})):
            continue
        seen.add(wanted.name)
        found = distribution(wanted.name)
        yield wanted.name, found
        needs = [Requirement(text) for text in found.requires or []]
        waiting += [(need, extra) for need in needs for extra in ("", *wanted.extras)]


def licence(found: Distribution) -> str:
    said = found.metadata
    classifiers = [c for c in said.get_all("Classifier") or [] if c.startswith("License")]
    text = said["License"] or ""
    return " ".join([said["License-Expression"] or "", text[:100], *classifiers]).strip()


def test_the_lock_has_every_dependency_with_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9._-]+)==\S+.*\\\n    --hash=sha256:", lock, re.MULTILINE))
    wanted = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert wanted - pinned == set()
    assert len(pinned) == len(re.findall(r"^\w\S*==", lock, re.MULTILINE))


# Languages

SPOKEN = [
    entry[2]
    for package in ("core", "storage", "handlers", "bot")
    for entry in extract_from_dir(ROOT / package, keywords={"_": None, "ngettext": (1, 2)})
]


@pytest.mark.parametrize("language", ["vi"])
def test_a_catalog_says_everything_and_nothing_old(language: str) -> None:
    with (ROOT / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        entries = {entry.id: entry for entry in read_po(file, locale=language) if entry.id}
    assert [said for said in SPOKEN if said not in entries or not is_whole(entries[said])] == []
    assert set(entries) - set(SPOKEN) == set()
    assert [entry.id for entry in entries.values() if entry.fuzzy] == []


def is_whole(entry: Entry) -> bool:
    """Whether each form of the translation fills in exactly the values of the sentence."""
    ids = [entry.id] if isinstance(entry.id, str) else entry.id
    strings = [entry.string] if isinstance(entry.string, str) else entry.string or [""]
    return all(strings) and all(values(string) == values(ids[-1]) for string in strings)


def values(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name}


# Promises


def test_every_make_command_of_the_readme_is_there() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    promised = set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", readme(), re.MULTILINE))
    names = {name for pair in promised for name in pair if name}
    assert {"demo", "test"} <= names <= set(targets)


def test_every_file_and_folder_of_the_readme_is_there() -> None:
    linked = re.findall(r"\]\((?!https?:|#)([^)]+)\)", readme())
    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_the_newest_version_is_in_the_changelog() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1:2] in ([], [PROJECT["version"]])


@pytest.mark.parametrize(
    "target", ["demo", "test", "check", "bench", "soak", "lock", "catalogs", "language", "clean"]
)
def test_a_make_target_names_only_programs_that_are_there(target: str) -> None:
    done = subprocess.run(  # noqa: S603
        ["make", "-n", target],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    programs = set(re.findall(r"\.venv/bin/\S+", done.stdout)) - {".venv/bin/uv"}
    assert [name for name in programs if not (ROOT / name).exists()] == []


def test_shell_scripts_can_be_read() -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)  # noqa: S603, S607
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def readme() -> str:
    return (ROOT / "README.md").read_text()


# The tests themselves

SKIPPED = """
import pytest

@pytest.mark.{marker}
def test_something():
    pytest.skip("not on this machine")
"""


@pytest.mark.parametrize(
    ("marker", "ci", "passes"),
    [
        ("postgres", "true", False),
        ("browser", "true", False),
        ("other", "true", True),
        ("postgres", "", True),
    ],
)
def test_what_must_run_may_not_be_skipped_in_ci(
    tmp_path: Path, marker: str, ci: str, passes: bool
) -> None:
    (tmp_path / "test_it.py").write_text(SKIPPED.format(marker=marker))
    assert run_pytest(tmp_path, ci) is passes


def test_a_file_that_skips_itself_fails_in_ci(tmp_path: Path) -> None:
    text = "import pytest\npytest.importorskip('no_such_package')"
    (tmp_path / "test_it.py").write_text(text)
    assert not run_pytest(tmp_path, "true")


def run_pytest(folder: Path, ci: str) -> bool:
    plugins = ["-p", "tests.plugin_no_skips", "-p", "no:cacheprovider"]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "-q", *plugins, "--rootdir", str(folder), str(folder)],
        cwd=folder,
        env={"CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        check=False,
    )
    return done.returncode in (0, 5)
