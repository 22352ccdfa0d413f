"""Whose picture a video was made from, and who lets nobody use theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_OTHERS = sa.text("picture_owner_id <> person_id")


def upgrade() -> None:
    """Of tasks from before, nobody knows whose picture it is."""
    op.add_column("tasks", sa.Column("picture_owner_id", sa.BigInteger))
    op.create_index(
        "ix_tasks_others_picture",
        "tasks",
        ["picture_owner_id"],
        sqlite_where=_OTHERS,
        postgresql_where=_OTHERS,
    )
    op.create_table(
        "picture_choices",
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("pictures", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_picture_choices"),
    )
