"""Table of the request forms that the provider accepts, by address and model."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table; it starts empty, so that the first accepted task decides."""
    op.create_table(
        "request_forms",
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("form", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("address", "model", name="pk_request_forms"),
    )
