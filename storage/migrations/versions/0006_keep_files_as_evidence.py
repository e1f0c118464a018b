"""keep files as evidence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ANSWER = sa.table(
    "answer",
    *(sa.column("id", sa.Integer), sa.column("submission_id", sa.Integer)),
    *(sa.column("key", sa.String), sa.column("value", JSON)),
)
EVIDENCE = sa.table(
    "evidence",
    *(sa.column("submission_id", sa.Integer), sa.column("key", sa.String)),
    *(sa.column("upload_id", sa.Integer), sa.column("position", sa.Integer)),
    sa.column("state", sa.String),
)
UPLOAD = sa.table("upload", sa.column("id", sa.Integer), sa.column("name", sa.String))


def upgrade() -> None:
    with op.batch_alter_table("upload") as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("caption", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("refusal", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_upload_stored_file_id"), ["stored_file_id"])
    with op.batch_alter_table("upload") as batch_op:
        batch_op.alter_column("number", server_default=None)
        batch_op.alter_column("caption", server_default=None)
    make_evidence()
    make_making()
    move_answers()


def make_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_evidence_submission_id_submission"),
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_evidence_upload_id_upload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint(
            "submission_id",
            "key",
            "upload_id",
            name=op.f("uq_evidence_submission_id_key_upload_id"),
        ),
    )
    op.create_index(op.f("ix_evidence_upload_id"), "evidence", ["upload_id"])


def make_making() -> None:
    op.create_table(
        "making",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("progress", sa.String(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_making_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_making_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_making_upload_id_upload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_making")),
        sa.UniqueConstraint(
            "submission_id", "key", "product", name=op.f("uq_making_submission_id_key_product")
        ),
    )
    op.create_index(op.f("ix_making_progress"), "making", ["progress"])


def move_answers() -> None:
    """Which files an answer has was in the answer itself."""
    connection = op.get_bind()
    for answer in connection.execute(sa.select(ANSWER)).all():
        if not is_files(answer.value):
            continue
        about = {"submission_id": answer.submission_id, "key": answer.key, "state": "kept"}
        for position, file in enumerate(answer.value):
            row = {**about, "upload_id": file["upload"], "position": position}
            connection.execute(sa.insert(EVIDENCE).values(**row))
        connection.execute(sa.update(ANSWER).where(ANSWER.c.id == answer.id).values(value=[]))


def is_files(value: object) -> bool:
    return bool(value) and isinstance(value, list) and isinstance(value[0], dict)


def downgrade() -> None:
    move_answers_back()
    op.drop_table("making")
    op.drop_table("evidence")
    with op.batch_alter_table("upload") as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_stored_file_id"))
        batch_op.drop_column("refusal")
        batch_op.drop_column("caption")
        batch_op.drop_column("number")


def move_answers_back() -> None:
    connection = op.get_bind()
    kept = (
        sa.select(EVIDENCE, UPLOAD.c.name)
        .join(UPLOAD, UPLOAD.c.id == EVIDENCE.c.upload_id)
        .where(EVIDENCE.c.state == "kept")
        .order_by(EVIDENCE.c.position)
    )
    answers: dict[tuple[int, str], list[dict[str, object]]] = {}
    for row in connection.execute(kept).all():
        files = answers.setdefault((row.submission_id, row.key), [])
        files.append({"upload": row.upload_id, "name": row.name})
    for (submission_id, key), files in answers.items():
        here = (ANSWER.c.submission_id == submission_id) & (ANSWER.c.key == key)
        connection.execute(sa.update(ANSWER).where(here).values(value=files))
