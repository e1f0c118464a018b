"""The program as a child of the demo: what reaches it of the settings here, and how it fails."""

import asyncio
from pathlib import Path

import pytest

from bot.demo.program import Failed, Program
from bot.demo.stage import BEGINNING

SETTINGS = {"TELEGRAM_API": "http://127.0.0.1:9", "OFFICE_NAME": "Phòng thử"}
LIMIT = 60.0  # seconds


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Beside settings of somebody's own, in the environment and in a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHONGBOT_DATABASE_URL", "postgresql://127.0.0.1:9/real")
    (tmp_path / ".env").write_text("PHONGBOT_TIMEZONE=nowhere\n")
    folder = tmp_path / "data"
    folder.mkdir()
    return Program(folder, {**SETTINGS, "DATA_DIR": str(folder)})


def test_the_settings_around_it_do_not_reach_it(program: Program, tmp_path: Path) -> None:
    asyncio.run(program.ask(BEGINNING, "migrate"))
    assert (tmp_path / "data" / "phongbot.db").exists()


def test_a_command_that_fails_says_why(program: Program) -> None:
    with pytest.raises(Failed, match=r"invite --role nobody: --role: nobody is not one of"):
        asyncio.run(program.ask(BEGINNING, "invite", "--role", "nobody"))


def test_a_program_that_ends_by_itself_is_in_trouble(program: Program) -> None:
    async def run_to_its_end() -> None:
        await program.start(BEGINNING)
        assert program.trouble == ""
        async with asyncio.timeout(LIMIT):
            while program.running:
                await asyncio.sleep(0)

    asyncio.run(run_to_its_end())
    assert "PHONGBOT_TELEGRAM_TOKEN" in program.trouble


def test_a_program_that_is_stopped_is_not_in_trouble(program: Program) -> None:
    async def start_and_stop() -> None:
        await program.start(BEGINNING)
        await program.stop(pull=True)

    asyncio.run(start_and_stop())
    assert not program.running
    assert program.trouble == ""
