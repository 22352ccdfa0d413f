"""Table of learned durations of videos."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "durations",
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("resolution", sa.String(16), nullable=False),
        sa.Column("learned", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("model", "resolution", name="pk_durations"),
    )
