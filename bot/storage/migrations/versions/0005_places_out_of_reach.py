"""Store places where only a person installed the bot, and pending notices."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Existing tasks come from servers with the bot, and from direct messages with it."""
    reachable = sa.Column("reachable", sa.Boolean, nullable=False, server_default=sa.true())
    unsaid = sa.Column("unsaid", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("tasks", reachable)
    op.add_column("tasks", sa.Column("link_guild_id", sa.BigInteger))
    op.add_column("tasks", unsaid)
    only = sa.text("unsaid")
    op.create_index(
        "ix_tasks_unsaid", "tasks", ["person_id"], sqlite_where=only, postgresql_where=only
    )
