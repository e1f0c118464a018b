"""Events, answers to invitations, and who was there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    _event()
    _event_reply()
    _attendance()
    op.add_column("broadcast", sa.Column("event_id", sa.Integer(), nullable=True))
    op.add_column("broadcast", sa.Column("news", sa.String(), nullable=True))
    op.create_index(op.f("ix_broadcast_event_id"), "broadcast", ["event_id"])
    op.add_column("submission", sa.Column("recorded", JSON, nullable=True))


def downgrade() -> None:
    # Not in a batch, which would copy tables that others point at.
    op.drop_column("submission", "recorded")
    op.drop_index(op.f("ix_broadcast_event_id"), "broadcast")
    op.drop_column("broadcast", "news")
    op.drop_column("broadcast", "event_id")
    for table in ("attendance", "event_reply", "event"):
        op.drop_table(table)


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("at", sa.Time(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("attendance_code", sa.String(), nullable=True),
        sa.Column("sheet_for", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_event_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["source_document.id"],
            name=op.f("fk_event_document_id_source_document"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_event_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("attendance_code", name=op.f("uq_event_attendance_code")),
        sa.UniqueConstraint("code", name=op.f("uq_event_code")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_event_unit_id"), "event", ["unit_id"])


def _event_reply() -> None:
    op.create_table(
        "event_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("people", JSON, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_event_reply_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_reply_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_event_reply_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_reply")),
        sa.UniqueConstraint("event_id", "unit_id", name=op.f("uq_event_reply_event_id_unit_id")),
    )


def _attendance() -> None:
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_attendance_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["person.id"], name=op.f("fk_attendance_noted_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_attendance_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "event_id", "person_id", name=op.f("uq_attendance_event_id_person_id")
        ),
        sa.UniqueConstraint(
            "event_id", "unit_id", "name", name=op.f("uq_attendance_event_id_unit_id_name")
        ),
    )
    op.create_index(op.f("ix_attendance_unit_id"), "attendance", ["unit_id"])
