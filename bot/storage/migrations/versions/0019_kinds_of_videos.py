"""Tasks, charges and learned durations have the length of the video, and whether it has sound."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Until now, there was one model, whose videos have five seconds and no sound."""
    for table in ("tasks", "charges"):
        op.add_column(table, _seconds(server_default="5"))
        op.add_column(table, _audio(server_default=sa.false()))
    op.add_column(
        "tasks",
        sa.Column("cost_is_listed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.drop_index("ix_charges_model_resolution_id", "charges")
    columns = ["model", "resolution", "seconds", "audio", "id"]
    op.create_index("ix_charges_kind", "charges", columns)
    _extend_key_of_durations()


def _extend_key_of_durations() -> None:
    """Make the table anew: SQLite cannot change a primary key."""
    old = sa.table("durations", *map(sa.column, ("model", "resolution", "learned")))
    rows = [{**row, "seconds": 5, "audio": False} for row in _read(old)]
    op.drop_table("durations")
    durations = op.create_table(
        "durations",
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("resolution", sa.String(16), nullable=False),
        _seconds(autoincrement=False),
        _audio(),
        sa.Column("learned", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("model", "resolution", "seconds", "audio", name="pk_durations"),
    )
    if rows:
        op.bulk_insert(durations, rows)


def _read(table: sa.TableClause) -> list[dict[str, object]]:
    return [dict(row._mapping) for row in op.get_bind().execute(sa.select(table))]


def _seconds(**more: Any) -> sa.Column[int]:
    return sa.Column("seconds", sa.Integer, nullable=False, **more)


def _audio(**more: Any) -> sa.Column[bool]:
    return sa.Column("audio", sa.Boolean, nullable=False, **more)
