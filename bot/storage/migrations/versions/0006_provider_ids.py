"""Index of the provider's ids."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_tasks_provider_id", "tasks", ["provider_id"])
