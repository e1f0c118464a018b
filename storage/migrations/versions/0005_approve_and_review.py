"""approve and review."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
STANDS = sa.text("undone_at IS NULL")


def upgrade() -> None:
    approval = sa.Column("approval", sa.String(), nullable=False, server_default="head")
    op.add_column("duty", approval)
    for column in _of_submission():
        op.add_column("submission", column)
    _make_review()


def _of_submission() -> list[sa.Column]:
    """Added and dropped in place, as SQLite cannot copy a table that others refer to.

    The defaults are for rows of before; every new row gives these itself.
    """
    return [
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times_presented", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("unapproved", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("remarks", JSON, nullable=False, server_default="{}"),
        sa.Column("remarked_by_id", sa.Integer(), nullable=True),
        sa.Column("again", JSON, nullable=False, server_default="[]"),
        sa.Column("sent_back", JSON, nullable=True),
    ]


def _make_review() -> None:
    at = sa.DateTime(timezone=True)
    people = ("begun_by_id", "decided_by_id")
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", at, nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", at, nullable=True),
        sa.Column("remarks", JSON, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("operator_before", sa.String(), nullable=True),
        sa.Column("told_at", at, nullable=True),
        sa.Column("undone_at", at, nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=f"fk_review_{name}_person")
            for name in people
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_review_report_id_report"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name="fk_review_submission_id_submission"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
    )
    op.create_index("ix_review_report_id", "review", ["report_id"])
    op.create_index(
        "uq_review_standing",
        "review",
        ["submission_id"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def downgrade() -> None:
    op.drop_table("review")
    for column in _of_submission():
        op.drop_column("submission", column.name)
    op.drop_column("duty", "approval")
