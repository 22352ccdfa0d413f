"""Table of charges for estimates; count charged failures as videos."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Replace the last price of each kind by a table of charges."""
    op.create_table(
        "charges",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("resolution", sa.String(16), nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_charges"),
    )
    op.create_index("ix_charges_model_resolution_id", "charges", ["model", "resolution", "id"])
    op.execute(
        "INSERT INTO charges (model, resolution, cost, at) "
        "SELECT model, resolution, cost, settled_at FROM prices"
    )
    op.drop_table("prices")
    op.add_column("guilds", sa.Column("count_charged_failures", sa.Boolean))
    counted = sa.Column("counted", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("tasks", counted)
