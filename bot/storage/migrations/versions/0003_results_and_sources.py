"""Find results by their message; store the source of pictures, and age-restricted channels."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Existing tasks count as made by the command, in channels without age restriction."""
    op.add_column("tasks", sa.Column("source_channel_id", sa.BigInteger))
    op.add_column("tasks", sa.Column("source_message_id", sa.BigInteger))
    op.add_column("tasks", sa.Column("source_number", sa.Integer))
    restricted = sa.Column("age_restricted", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("tasks", restricted)
    op.create_index("ix_tasks_result_message_id", "tasks", ["result_message_id"])
