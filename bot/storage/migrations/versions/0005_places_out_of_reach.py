"""Places where only a person installed the bot, and endings that could be said nowhere."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """What is there came from servers that the bot is in, and from direct messages with it."""
    reachable = sa.Column("reachable", sa.Boolean, nullable=False, server_default=sa.true())
    unsaid = sa.Column("unsaid", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("tasks", reachable)
    op.add_column("tasks", sa.Column("link_guild_id", sa.BigInteger))
    op.add_column("tasks", unsaid)
    only = sa.text("unsaid")
    op.create_index(
        "ix_tasks_unsaid", "tasks", ["person_id"], sqlite_where=only, postgresql_where=only
    )
