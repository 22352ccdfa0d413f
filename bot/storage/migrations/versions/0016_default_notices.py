"""Notices about new defaults, for the servers that have a log channel at the upgrade."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Servers that come later know no other defaults, so they get no notice of this version."""
    op.create_table(
        "default_notices",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("told_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("guild_id", "version", name="pk_default_notices"),
    )
    op.create_index("ix_default_notices_told_at", "default_notices", ["told_at"])
    op.execute(
        "INSERT INTO default_notices (guild_id, version) "
        "SELECT guild_id, '0.1.0' FROM guilds WHERE log_channel_id IS NOT NULL"
    )
