"""Table of tasks whose message must be checked again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table; it is nearly always empty."""
    op.create_table(
        "late_edits",
        sa.Column("task_id", sa.String(32), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_late_edits"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_late_edits_task_id_tasks"),
    )
