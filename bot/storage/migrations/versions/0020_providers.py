"""Each provider has a status of its own, with the models that its key may not use."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the table anew: SQLite cannot change a primary key.

    What is known is the first provider's. That its key may not use a model is found out again.
    """
    names = (
        "closure since suspect unclear said accepted_at probe_at probe_after_seconds quiet_until"
    )
    old = sa.table("provider_standing", *map(sa.column, names.split()))
    rows = [dict(row._mapping) for row in op.get_bind().execute(sa.select(old))]
    op.drop_table("provider_standing")
    table = op.create_table(
        "provider_standing",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("closure", sa.String(16)),
        sa.Column("refused_models", sa.Text, nullable=False, server_default="{}"),
        sa.Column("since", sa.BigInteger),
        sa.Column("suspect", sa.String(32)),
        sa.Column("unclear", sa.Integer, nullable=False, server_default="0"),
        sa.Column("said", sa.String(16)),
        sa.Column("accepted_at", sa.BigInteger),
        sa.Column("probe_at", sa.BigInteger),
        sa.Column("probe_after_seconds", sa.Integer, nullable=False),
        sa.Column("quiet_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("provider", name="pk_provider_standing"),
    )
    if rows:
        op.bulk_insert(table, [{**_without_model(row), "provider": "vtrix"} for row in rows])


def _without_model(row: dict[str, object]) -> dict[str, object]:
    is_about_model = row["closure"] == "model_refused"
    return {**row, "closure": None, "said": None} if is_about_model else row
