"""Bring the tables to the version this program needs, and say whether they are there."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
TABLES = (
    "audit",
    "broadcasts",
    "calendar_links",
    "checklists",
    "closed_days",
    "conversations",
    "daily_lines",
    "deliveries",
    "despatches",
    "drafts",
    "easings",
    "events",
    "evidence",
    "extensions",
    "facts",
    "files",
    "inbox",
    "invitations",
    "locks",
    "nudges",
    "outbox",
    "pauses",
    "people",
    "proposals",
    "questions",
    "reports",
    "reviews",
    "submissions",
    "surveys",
    "units",
)


def load_tables() -> None:
    """Import every module that defines a table."""
    for name in TABLES:
        import_module(f"storage.{name}")


def migrate(engine: Engine, to: str = "head") -> None:
    """Up or down to a version. Two programs that start at once take turns."""
    from alembic import command

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(1885890420)"))
        config = _config()
        config.attributes["connection"] = connection
        if to == "base":
            command.downgrade(config, to)
        else:
            command.upgrade(config, to)


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this program. Cheap: it does not load Alembic."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version == newest()


def newest() -> str:
    """The version that no other version follows."""
    scripts = [path.stem.partition("_")[0] for path in MIGRATIONS.glob("versions/*.py")]
    return max(scripts, default="")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
