"""give more time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "extension",
        *_request("extension"),
        sa.Column("asked_until", sa.Date(), nullable=False),
        sa.Column("granted_until", sa.Date(), nullable=True),
        sa.Column("due_before", sa.Date(), nullable=False),
        sa.Column("operator_before", sa.String(), nullable=False),
    )
    op.create_index("ix_extension_report_id", "extension", ["report_id"])


def downgrade() -> None:
    op.drop_table("extension")


def _request(table: str) -> list[sa.Column[object] | sa.Constraint]:
    """What every request to the office has."""
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=f"fk_{table}_report_id_report"),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=f"fk_{table}_asked_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=f"fk_{table}_decided_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]
