"""Reports of videos, removals that they lead to, and blocks."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """There are none of them yet, and servers hide no video until they say so."""
    _reports()
    op.add_column("guilds", sa.Column("hide_reported", sa.Boolean))
    op.create_table(
        "removals",
        sa.Column("task_id", sa.String(32), nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("task_id", name="pk_removals"),
    )
    op.create_index("ix_removals_done_at", "removals", ["done_at"])
    op.create_table(
        "blocks",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "guild_id", name="pk_blocks"),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("task_id", sa.String(32), nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("author_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger),
        sa.Column("card_channel_id", sa.BigInteger),
        sa.Column("card_message_id", sa.BigInteger),
        sa.Column("verdict", sa.String(16)),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("hides", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("hidden_at", sa.BigInteger),
        sa.Column("shown_at", sa.BigInteger),
        sa.Column("read_at", sa.BigInteger),
        sa.Column("erased", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_task_id", "reports", ["task_id"])
    op.create_index("ix_reports_person_id_made_at", "reports", ["person_id", "made_at"])
    op.create_index("ix_reports_guild_id_verdict", "reports", ["guild_id", "verdict"])
    op.create_index("ix_reports_told_at", "reports", ["told_at"])
