"""One message a day, with the rungs of each duty's own ladder."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
COLUMNS = (
    ("duty", "nudges"),
    ("nudge", "send_at"),
    ("person", "told_at"),
    ("post", "caught_up"),
    ("report", "look_on"),
    ("report", "told_on"),
)
# Everything that is owed by a day is looked at once; what was said before is not said again.
LOOK = """
    UPDATE report SET look_on = COALESCE(opens_on, '0001-01-01')
    WHERE due_on IS NOT NULL AND state IN ('open', 'draft', 'returned')
"""


def upgrade() -> None:
    op.add_column("duty", sa.Column("nudges", JSON, nullable=True))
    op.add_column("nudge", sa.Column("send_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("told_at", sa.Time(), nullable=True))
    caught_up = sa.Column("caught_up", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("post", caught_up)
    op.add_column("report", sa.Column("look_on", sa.Date(), nullable=True))
    op.add_column("report", sa.Column("told_on", sa.Date(), nullable=True))
    op.execute(LOOK)
    op.create_index(op.f("ix_report_look_on"), "report", ["look_on"])
    op.create_index(op.f("ix_post_caught_up"), "post", ["caught_up"])
    op.create_index(op.f("ix_nudge_person_id"), "nudge", ["person_id"])
    op.create_index(
        "ix_nudge_waiting",
        "nudge",
        ["send_at", "person_id"],
        sqlite_where=sa.text("send_at IS NOT NULL"),
        postgresql_where=sa.text("send_at IS NOT NULL"),
    )
    op.create_table(
        "nudge_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_nudge_pause_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_nudge_pause_report_id_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge_pause")),
    )
    op.create_index(op.f("ix_nudge_pause_report_id"), "nudge_pause", ["report_id"])


def downgrade() -> None:
    # Not in a batch, which would copy tables that others point at.
    op.drop_table("nudge_pause")
    op.drop_index("ix_nudge_waiting", "nudge")
    op.drop_index(op.f("ix_nudge_person_id"), "nudge")
    op.drop_index(op.f("ix_post_caught_up"), "post")
    op.drop_index(op.f("ix_report_look_on"), "report")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column)
