"""Whether a provider's id is known already is found by index."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """From looking at every task."""
    op.create_index("ix_tasks_provider_id", "tasks", ["provider_id"])
