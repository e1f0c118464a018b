"""undo together, and prove with several files."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

EASING = sa.table("easing", sa.column("id", sa.Integer), sa.column("upload_id", sa.Integer))
PROOF = sa.table(
    "proof",
    *(sa.column("id", sa.Integer), sa.column("easing_id", sa.Integer)),
    sa.column("upload_id", sa.Integer),
)


def upgrade() -> None:
    connection = op.get_bind()
    known = connection.execute(sa.select(EASING).where(EASING.c.upload_id.is_not(None))).all()
    with op.batch_alter_table("easing") as batch_op:  # while no other table points at it
        batch_op.drop_constraint(batch_op.f("fk_easing_upload_id_upload"), type_="foreignkey")
        batch_op.drop_column("upload_id")
    op.create_table(
        "proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("easing_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["easing_id"], ["easing.id"], name=op.f("fk_proof_easing_id_easing")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_proof_upload_id_upload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
        sa.UniqueConstraint("easing_id", "upload_id", name=op.f("uq_proof_easing_id_upload_id")),
    )
    op.create_index(op.f("ix_proof_upload_id"), "proof", ["upload_id"])
    for easing_id, upload_id in known:
        row = {"easing_id": easing_id, "upload_id": upload_id}
        connection.execute(sa.insert(PROOF).values(**row))
    op.add_column("review", sa.Column("together_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_review_together_id"), "review", ["together_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_review_together_id"), "review")
    op.drop_column("review", "together_id")
    connection = op.get_bind()
    first = sa.select(sa.func.min(PROOF.c.id)).group_by(PROOF.c.easing_id)
    known = connection.execute(sa.select(PROOF).where(PROOF.c.id.in_(first))).all()
    op.drop_table("proof")
    with op.batch_alter_table("easing") as batch_op:
        batch_op.add_column(sa.Column("upload_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_easing_upload_id_upload"), "upload", ["upload_id"], ["id"]
        )
    for _id, easing_id, upload_id in known:
        here = sa.update(EASING).where(EASING.c.id == easing_id)
        connection.execute(here.values(upload_id=upload_id))
