"""read documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "read_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["source_document.id"],
            name=op.f("fk_read_document_document_id_source_document"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_read_document_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_read_document_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_read_document_upload_id_upload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_document")),
    )
    for column in ("stage", "upload_id"):
        op.create_index(op.f(f"ix_read_document_{column}"), "read_document", [column])
    op.create_table(
        "draft_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("read_document_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=True),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_draft_duty_duty_id_duty")),
        sa.ForeignKeyConstraint(
            ["read_document_id"],
            ["read_document.id"],
            name=op.f("fk_draft_duty_read_document_id_read_document"),
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["unit.id"], name=op.f("fk_draft_duty_receiver_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_duty")),
    )
    op.create_index(op.f("ix_draft_duty_read_document_id"), "draft_duty", ["read_document_id"])


def downgrade() -> None:
    op.drop_table("draft_duty")
    op.drop_table("read_document")
