"""compare numbers and change checklists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def json() -> sa.types.TypeEngine:
    return sa.JSON(none_as_null=True).with_variant(
        postgresql.JSONB(none_as_null=True), "postgresql"
    )


def upgrade() -> None:
    with op.batch_alter_table("checklist_revision") as batch_op:
        batch_op.add_column(sa.Column("checks", json(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("digest", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("checklist_revision") as batch_op:
        batch_op.alter_column("checks", server_default=None)
        batch_op.alter_column("digest", server_default=None)
    with op.batch_alter_table("submission") as batch_op:
        batch_op.add_column(sa.Column("last", json(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("kept_from_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            "fk_submission_kept_from_id_checklist_revision",
            "checklist_revision",
            ["kept_from_id"],
            ["id"],
        )
    with op.batch_alter_table("submission") as batch_op:
        batch_op.alter_column("last", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("submission") as batch_op:
        batch_op.drop_constraint(
            "fk_submission_kept_from_id_checklist_revision", type_="foreignkey"
        )
        batch_op.drop_column("kept_from_id")
        batch_op.drop_column("last")
    with op.batch_alter_table("checklist_revision") as batch_op:
        batch_op.drop_column("digest")
        batch_op.drop_column("checks")
