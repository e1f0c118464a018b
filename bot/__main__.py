"""The command line: `phongbot …`, the same as `python -m bot …`.

Results go to standard output, everything else to standard error; the exit status is 0, or 1 when
something was refused, or 2 when a setting or the call itself is wrong, or 3 when a document
cannot be read. Imports stand inside the commands, as each needs few of them and all together take
seconds.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import Settings, WrongSetting, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from storage.units import Unit

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
units = typer.Typer(no_args_is_help=True, help="The list of offices and schools.")
plan = typer.Typer(no_args_is_help=True, help="Plans, with their duties and checklists.")
app.add_typer(units, name="units")
app.add_typer(plan, name="plan")
closed = typer.Typer(no_args_is_help=True, help="Days on which the office is closed.")
app.add_typer(closed, name="closed")


UNREADABLE = 3  # exit status of `read`


class Refused(Exception):
    """One sentence for the operator; the exit status is 1."""


@app.command()
def run() -> None:
    """Run the bot, until it is told to stop."""
    import asyncio
    import gc

    import uvloop

    # To look for garbage again and again while all is loaded takes a sixth of the start.
    gc.disable()

    # httpx does without its command line, which would bring rich and pygments: 7 MB.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

    from bot.app import NotReady, run_until_told_to_stop
    from bot.receiver import CannotPoll
    from storage.processes import AnotherProcess

    settings = _settings(needs_token=True)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run_until_told_to_stop(settings))
    except (NotReady, AnotherProcess, CannotPoll) as why:
        raise Refused(str(why)) from None


@app.command()
def migrate() -> None:
    """Bring the database to this program's version, and make the office if there is none."""
    from sqlmodel import Session

    from bot.app import connect_to
    from storage import schema
    from storage import units as all_units

    settings = _settings()
    engine = connect_to(settings)
    schema.migrate(engine)
    with Session(engine) as session:
        all_units.make_office(session, settings.office_name)
        session.commit()
    _say(f"The database is at version {schema.newest()}.")


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Of the page; 0 for any free one.")] = 8000,
    keep: Annotated[Path | None, typer.Option(help="Go on with the data in this folder.")] = None,
    ignore_token: Annotated[
        bool, typer.Option("--ignore-token", help="Start although a real bot's token is set.")
    ] = False,
) -> None:
    """Show the bot on a page of pretend phones; needs no token and no internet."""
    from bot.demo.show import main as show

    show(port, keep, ignore_token=ignore_token)


@app.command()
def invite(
    role: Annotated[str, typer.Option(help="reporter, head, officer, leader, admin or viewer")],
    unit: Annotated[str, typer.Option(help="The unit's code; the office if not given.")] = "",
) -> None:
    """Print an invitation code, and its link once the bot's name is known."""
    from core.roles import Role
    from storage import facts, invitations
    from storage import units as all_units

    if role not in list(Role):
        raise Refused(f"--role: {role} is not one of {', '.join(Role)}.")
    settings = _settings()
    with _database(settings) as session:
        at = all_units.with_code(session, unit or all_units.OFFICE_CODE)
        if at is None:
            raise Refused(f"--unit: there is no unit {unit or all_units.OFFICE_CODE}.")
        now = _now(settings)
        code = invitations.make(session, at.id, Role(role), None, now)
        name = facts.get(session, facts.BOT_NAME)
    _print(code)
    if name:
        _print(f"https://t.me/{name}?start={code}")


@app.command()
def understand(text: str) -> None:
    """Print as JSON what a typed sentence is taken to ask for."""
    import json

    from core.understanding import sentence
    from storage import phrasebooks

    settings = _settings()
    today = _now(settings).astimezone(settings.timezone).date()
    told = sentence.understand(text, today, phrasebooks.all_books())
    _print(json.dumps(sentence.for_others(told), ensure_ascii=False))


@app.command()
def preview(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2018-06-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    plan: Annotated[Path | None, typer.Option(help="As if this plan were published now.")] = None,
) -> None:
    """Print as lines of JSON which reminders these days would send, and to whom."""
    import json

    from bot.app import connect_to
    from bot.inbound import Desk
    from bot.preview import of, upcoming, with_plan
    from storage import plans, schema
    from storage.plan_items import BadPlan

    settings = _settings()
    days = _day(first), _day(last)
    engine = connect_to(settings)
    if not schema.is_current(engine):
        raise Refused("The database is behind this program: run `phongbot migrate` first.")
    desk, now = Desk(settings.timezone, settings.language), _now(settings)
    try:
        meant = with_plan(engine, plans.read_plan(plan), now) if plan else nullcontext(of(engine))
        with meant as sessions:
            for reminder in upcoming(sessions, desk, *days, now):
                _print(json.dumps(asdict(reminder), ensure_ascii=False))
    except (BadPlan, OSError) as bad:
        raise Refused(str(bad)) from None


@app.command()
def sample(folder: Path) -> None:
    """Write the bundled sample to a folder: units.xlsx and plan.toml."""
    import shutil

    from bot.sheets import write_units
    from storage import samples

    folder.mkdir(parents=True, exist_ok=True)
    write_units(folder / "units.xlsx", samples.units())
    shutil.copyfile(samples.PLAN, folder / "plan.toml")
    _say(f"Written: {folder / 'units.xlsx'}, {folder / 'plan.toml'}")


@units.command("import")
def import_units(file: Path) -> None:
    """Take in a sheet of units: either every row, or none and each wrong row is named."""
    from bot.i18n import say
    from bot.sheets import BadSheet, read_sheet_now
    from storage import excusing, plans
    from storage import units as all_units

    settings = _settings()
    try:
        rows = read_sheet_now(file)
    except BadSheet as bad:
        raise Refused(say(bad.message, settings.language)) from None
    with _database(settings) as session:
        imported = all_units.import_units(session, rows, None, _now(settings))
        for fault in imported.faults:
            _say(say(fault, settings.language))
        if imported.faults:
            raise Refused(f"Nothing was taken in: {len(imported.faults)} faults.")
        made = plans.open_all_reports(session)
        excusing.follow_units(session, _now(settings))
    _say(f"Added {imported.added}, changed {len(imported.changed)}; {made} reports opened.")


@units.command("days")
def days_of_unit(
    code: str,
    first: Annotated[str, typer.Option("--from", help="Its first day; always if left out.")] = "",
    last: Annotated[str, typer.Option("--to", help="Its last day; for ever if left out.")] = "",
) -> None:
    """Say from when and until when a school exists: it owes only what is due meanwhile."""
    from storage import units as all_units

    settings = _settings()
    days = _day(first) if first else None, _day(last) if last else None
    if days[0] and days[1] and days[1] < days[0]:
        raise Refused(f"A school cannot end on {last} and begin on {first}.")
    with _database(settings) as session:
        all_units.set_days(session, _unit(session, code), *days, _now(settings))
        _follow_units(session, _now(settings))


@units.command("flags")
def flags_of_unit(code: str, flags: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Say what is special about a school, such as `boarding`; nothing more is, than what is named.

    Duties whose audience names a flag ask the schools that have it.
    """
    from storage import units as all_units

    settings = _settings()
    with _database(settings) as session:
        all_units.set_flags(session, _unit(session, code), flags or (), _now(settings))
        _follow_units(session, _now(settings))


def _unit(session: "Session", code: str) -> "Unit":
    from storage import units as all_units

    unit = all_units.with_code(session, code)
    if unit is None:
        raise Refused(f"There is no unit {code}.")
    return unit


def _follow_units(session: "Session", now: datetime) -> None:
    """Open and excuse reports as units are now."""
    from storage import excusing, plans

    made, excused = plans.open_all_reports(session), excusing.follow_units(session, now)
    _say(f"Noted; {made} reports opened, {excused} excused.")


@units.command("template")
def template_of_units(file: Path) -> None:
    """Write the empty sheet of units."""
    from bot.sheets import template

    file.write_bytes(template())


@plan.command()
def publish(
    file: Path,
    accept: Annotated[
        bool, typer.Option("--accept", help="Do not ask the office where it replaces a plan.")
    ] = False,
) -> None:
    """Publish a plan: its document, clauses, checklists and duties, and the reports due.

    What it changes of duties that are asked already is printed. One that replaces an older
    document changes nothing until the office accepts it.
    """
    from bot import publishing
    from bot.clock import machine_now
    from bot.i18n import say
    from bot.inbound import Desk, Times
    from storage import plans
    from storage.plan_items import BadPlan

    settings = _settings()
    desk = Desk(settings.timezone, settings.language)
    times = Times(_now(settings), machine_now())
    try:
        with _database(settings) as session:
            wanted = plans.read_plan(file)
            for line in publishing.changes(session, wanted):
                _print(say(line, settings.language))
            done = publishing.publish(session, desk, wanted, times, accepted=accept)
    except (BadPlan, OSError) as bad:
        raise Refused(str(bad)) from None
    _say(done)


@app.command()
def read(file: Path) -> None:
    """Print what an official document asks for, as JSON; exit status 3 if it cannot be read."""
    import json

    from bot.i18n import say
    from bot.texts import BadText, read_text_now
    from core.calendar import is_working
    from core.reading.gate import Unreadable
    from core.reading.reading import read as read_document
    from core.reading.shape import shape, unreadable

    settings = _settings()
    today = _now(settings).astimezone(settings.timezone).date()
    try:
        found = shape(read_document(read_text_now(file), today, is_working))
    except (BadText, Unreadable) as bad:
        why = say(bad.message, settings.language)
        _print(json.dumps(unreadable(why), ensure_ascii=False, indent=1))
        _say(why)
        raise typer.Exit(UNREADABLE) from None
    _print(json.dumps(found, ensure_ascii=False, indent=1))


@closed.command("add")
def close(
    day: str, why: Annotated[str, typer.Option(help="For those who read the list.")] = ""
) -> None:
    """Note a day on which the office is closed, so that nobody aims at it."""
    from storage import closed_days

    settings = _settings()
    with _database(settings) as session:
        new = closed_days.close(session, _day(day), why, None, _now(settings))
    _say("Noted." if new else "That was noted already.")


@closed.command("remove")
def open_again(day: str) -> None:
    """The office works on that day after all."""
    from storage import closed_days

    settings = _settings()
    with _database(settings) as session:
        if not closed_days.open_again(session, _day(day), None, _now(settings)):
            raise Refused(f"{day} is not in the list.")
    _say("Taken out of the list.")


@closed.command("list")
def list_closed() -> None:
    """Print the days on which the office is closed, besides weekends and public holidays."""
    from storage import closed_days

    with _database(_settings()) as session:
        for closed_day in closed_days.all_days(session):
            _print(f"{closed_day.day} {closed_day.why}".strip())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text} is not a day, such as 2018-06-08.") from None


@app.command("demo-data", hidden=True)
def demo_data(
    invite: Annotated[list[str], typer.Option(help="UNIT:ROLE, several times.")] = [],  # noqa: B006
) -> None:
    """Load the sample, with the January plans of most schools handed in, and print invitations."""
    from core.roles import Role
    from storage.samples import past

    settings = _settings()
    if settings.clock is None:
        raise Refused("PHONGBOT_CLOCK is not set, so this is no demo.")
    with _database(settings) as session:
        past.load(session, settings.clock)
        for unit, _colon, role in (asked.partition(":") for asked in invite):
            _print(past.invite(session, unit, Role(role), settings.clock))


def main() -> None:
    """Run the command; one sentence and an exit status for whatever is refused."""
    try:
        app()
    except WrongSetting as wrong:
        _say(str(wrong))
        sys.exit(2)
    except Refused as refused:
        _say(str(refused))
        sys.exit(1)


def _settings(*, needs_token: bool = False) -> Settings:
    from bot import logs

    settings = read_settings()
    token = settings.telegram_token.get_secret_value()
    if needs_token and not token:
        raise WrongSetting("PHONGBOT_TELEGRAM_TOKEN: is needed; @BotFather gives one")
    logs.set_up([token, settings.webhook_secret.get_secret_value()])
    return settings


def _now(settings: Settings) -> datetime:
    from bot.clock import Clock

    return Clock(settings.timezone, settings.clock).now()


@contextmanager
def _database(settings: Settings) -> "Iterator[Session]":
    """One transaction on a database whose tables are this program's."""
    from sqlmodel import Session

    from bot.app import connect_to
    from storage import schema

    engine: Engine = connect_to(settings)
    if not schema.is_current(engine):
        raise Refused("The database is behind this program: run `phongbot migrate` first.")
    with Session(engine) as session:
        yield session
        session.commit()


def _print(result: str) -> None:
    typer.echo(result)


def _say(words: str) -> None:
    typer.echo(words, err=True)


if __name__ == "__main__":
    main()
