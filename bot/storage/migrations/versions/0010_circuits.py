"""Store more reasons why the circuit breaker is tripped, and unknown words for a status."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns; until now, only key and balance were known as reasons."""
    op.add_column("provider_standing", sa.Column("model", sa.String(64)))
    op.add_column("provider_standing", sa.Column("since", sa.BigInteger))
    op.add_column("provider_standing", sa.Column("suspect", sa.String(32)))
    unclear = sa.Column("unclear", sa.Integer, nullable=False, server_default="0")
    op.add_column("provider_standing", unclear)
    op.add_column("tasks", sa.Column("provider_word", sa.String(64)))
