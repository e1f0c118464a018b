"""Who inspects, and what was found at a school."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.add_column("event", sa.Column("team", sa.String(), nullable=False, server_default=""))
    op.add_column("report", sa.Column("finding", JSON, nullable=True))


def downgrade() -> None:
    # Not in a batch, which would copy tables that others point at.
    op.drop_column("report", "finding")
    op.drop_column("event", "team")
