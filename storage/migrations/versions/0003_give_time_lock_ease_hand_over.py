"""give time, lock, ease and hand over."""

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
    op.create_table(
        "unlock_request",
        *_request("unlock_request"),
        sa.Column("unlocked", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_unlock_request_report_id", "unlock_request", ["report_id"])
    op.create_table(
        "easing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_easing_report_id_report"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_easing_by_id_person"),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name="fk_easing_upload_id_upload"),
        sa.PrimaryKeyConstraint("id", name="pk_easing"),
    )
    op.create_index("ix_easing_report_id", "easing", ["report_id"])
    with op.batch_alter_table("report") as batch_op:
        batch_op.add_column(sa.Column("locked_for", sa.Date(), nullable=True))
    with op.batch_alter_table("duty") as batch_op:
        batch_op.add_column(sa.Column("locks_after", sa.Integer(), nullable=True))
    with op.batch_alter_table("invitation") as batch_op:
        batch_op.add_column(sa.Column("hands_over", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            "fk_invitation_hands_over_post", "post", ["hands_over"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("invitation") as batch_op:
        batch_op.drop_constraint("fk_invitation_hands_over_post", type_="foreignkey")
        batch_op.drop_column("hands_over")
    with op.batch_alter_table("duty") as batch_op:
        batch_op.drop_column("locks_after")
    with op.batch_alter_table("report") as batch_op:
        batch_op.drop_column("locked_for")
    op.drop_table("easing")
    op.drop_table("unlock_request")
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
