"""Store the pictures found in messages, with their task or for an open form."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Existing tasks have no URL of the picture, only the message."""
    op.add_column("tasks", sa.Column("source_url", sa.Text))
    op.add_column("tasks", sa.Column("source_name", sa.Text))
    op.add_column("tasks", sa.Column("source_bytes", sa.BigInteger))
    op.create_table(
        "menu_forms",
        sa.Column("message_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("pictures", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "person_id", name="pk_menu_forms"),
    )
    columns = ["person_id", "made_at"]
    op.create_index("ix_menu_forms_person_id_made_at", "menu_forms", columns)
    op.create_index("ix_menu_forms_made_at", "menu_forms", ["made_at"])
