"""What waits for somebody's message of a day besides deadlines, and urgent broadcasts."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WAITING = {
    "sqlite_where": sa.text("send_at IS NOT NULL"),
    "postgresql_where": sa.text("send_at IS NOT NULL"),
}


def upgrade() -> None:
    urgent = sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("broadcast", urgent)
    at = sa.DateTime(timezone=True)
    op.create_table(
        "daily_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("which", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("decided_at", at, nullable=False),
        sa.Column("send_at", at, nullable=True),
        sa.Column("message_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_daily_line_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_line")),
        sa.UniqueConstraint(
            "person_id",
            "kind",
            "about_id",
            "which",
            name=op.f("uq_daily_line_person_id_kind_about_id_which"),
        ),
    )
    op.create_index(op.f("ix_daily_line_about_id"), "daily_line", ["about_id"])
    op.create_index(op.f("ix_daily_line_message_key"), "daily_line", ["message_key"])
    op.create_index("ix_daily_line_waiting", "daily_line", ["send_at", "person_id"], **WAITING)


def downgrade() -> None:
    op.drop_table("daily_line")
    op.drop_column("broadcast", "urgent")
