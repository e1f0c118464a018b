"""Run the migrations; `storage.schema` hands over the connection, a developer's call none."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection
from sqlmodel import SQLModel

from storage import schema
from storage.database import Instant, Word, connect


def plain_type(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration stands alone, so our own types are written as what they are made of."""
    match kind, thing:
        case "type", Instant():
            return "sa.DateTime(timezone=True)"
        case "type", Word():
            return "sa.String()"
        case "type", JSON():
            return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,  # SQLite alters a table by copying it
        compare_type=True,
        render_item=plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


schema.load_tables()
given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with connect(context.config.get_main_option("sqlalchemy.url") or "").connect() as made:
        run(made)
        made.commit()
