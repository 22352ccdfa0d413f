"""The operator's pause."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """One row, which is missing until the first pause."""
    op.create_table(
        "spending_pause",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("paused_at", sa.BigInteger),
        sa.Column("resumed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_spending_pause"),
    )
