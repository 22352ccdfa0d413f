"""Servers and roles have rules about models, and servers a highest price of a video."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Nothing is set: every model that the operator offers may be used."""
    op.add_column("guilds", sa.Column("models", sa.Text))
    op.add_column("guilds", sa.Column("model", sa.String(64)))
    op.add_column("guilds", sa.Column("highest_price", sa.BigInteger))
    op.create_table(
        "role_models",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("role_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "role_id", name="pk_role_models"),
    )
