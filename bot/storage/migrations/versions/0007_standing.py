"""Table of the provider's status, shared by all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table; until now, each process knew only its own status."""
    op.create_table(
        "provider_standing",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("closure", sa.String(16)),
        sa.Column("said", sa.String(16)),
        sa.Column("accepted_at", sa.BigInteger),
        sa.Column("probe_at", sa.BigInteger),
        sa.Column("probe_after_seconds", sa.Integer, nullable=False),
        sa.Column("quiet_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_provider_standing"),
    )
