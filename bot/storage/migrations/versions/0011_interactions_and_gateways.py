"""Make each interaction's tasks unique; tables of gateway leases and of second copies."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Existing tasks have no interaction."""
    op.add_column("tasks", sa.Column("interaction_id", sa.BigInteger))
    number = sa.Column(
        "interaction_number", sa.Integer, nullable=False, server_default=sa.text("0")
    )
    op.add_column("tasks", number)
    columns = ["interaction_id", "interaction_number"]
    op.create_index("uq_tasks_interaction", "tasks", columns, unique=True)
    op.create_table(
        "gateways",
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("shard_ids", sa.Text),
        sa.Column("shard_count", sa.Integer),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_gateways"),
    )
    op.create_table(
        "second_copies",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_second_copies"),
    )
