"""Results found by their message; where pictures came from; what must not leave a channel."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """What is there came from the command itself, and from channels of which nothing is known."""
    op.add_column("tasks", sa.Column("source_channel_id", sa.BigInteger))
    op.add_column("tasks", sa.Column("source_message_id", sa.BigInteger))
    op.add_column("tasks", sa.Column("source_number", sa.Integer))
    restricted = sa.Column("age_restricted", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("tasks", restricted)
    op.create_index("ix_tasks_result_message_id", "tasks", ["result_message_id"])
