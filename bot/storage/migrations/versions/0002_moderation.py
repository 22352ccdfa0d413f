"""Tables of moderators' rules, the audit log, budget warnings, and spending by calendar period."""

from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_OLD_WINDOW = "ix_allowance_holds_person_id_made_at_guild_id_state"
_WINDOW = ["person_id", "made_at", "guild_id", "state", "grant_id"]


def upgrade() -> None:
    """Create the tables, and let allowance holds come from a grant."""
    op.add_column("allowance_holds", sa.Column("grant_id", sa.Integer))
    op.drop_index(_OLD_WINDOW, table_name="allowance_holds")
    op.create_index("ix_allowance_holds_window", "allowance_holds", _WINDOW)
    op.create_index("ix_allowance_holds_grant_id_state", "allowance_holds", ["grant_id", "state"])
    _guilds()
    _people()
    _audit()
    _budget_warnings()
    _spent()


def _guilds() -> None:
    op.create_table(
        "guilds",
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("videos", sa.Integer),
        sa.Column("quota_window", sa.String(16)),
        sa.Column("budget_day", sa.BigInteger),
        sa.Column("budget_month", sa.BigInteger),
        sa.Column("budget_person_month", sa.BigInteger),
        sa.Column("channels", sa.Text),
        sa.Column("resolution", sa.String(16)),
        sa.Column("watermark", sa.Boolean),
        sa.Column("spoiler", sa.Boolean),
        sa.Column("moderator_role_id", sa.BigInteger),
        sa.Column("log_channel_id", sa.BigInteger),
        sa.Column("blocked_words", sa.Text),
        sa.Column("announce", sa.Boolean),
        sa.Column("language", sa.String(16)),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guilds"),
    )
    op.create_table(
        "role_limits",
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("role_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("videos", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "role_id", name="pk_role_limits"),
    )


def _people() -> None:
    op.create_table(
        "members",
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("person_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("videos", sa.Integer),
        sa.Column("reset_at", sa.BigInteger),
        sa.Column("blocked_at", sa.BigInteger),
        sa.Column("blocked_by_id", sa.BigInteger),
        sa.Column("blocked_reason", sa.Text),
        sa.PrimaryKeyConstraint("guild_id", "person_id", name="pk_members"),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("videos", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("by_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
    )
    op.create_index("ix_grants_guild_id_person_id", "grants", ["guild_id", "person_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by_id", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_guild_id_id", "audit", ["guild_id", "id"])
    op.create_index("ix_audit_guild_id_subject_id_id", "audit", ["guild_id", "subject_id", "id"])


def _budget_warnings() -> None:
    key = ["budget", "guild_id", "person_id", "period_start", "percent"]
    op.create_table(
        "budget_warnings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("budget", sa.String(16), nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("period_start", sa.BigInteger, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("limit", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_budget_warnings"),
        sa.UniqueConstraint(*key, name="uq_budget_warnings_once"),
    )
    op.create_index("ix_budget_warnings_told_at_id", "budget_warnings", ["told_at", "id"])


def _spent() -> None:
    """Create the table, and fill it with what has been settled so far."""
    op.create_table(
        "spent",
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("person_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("settled", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("period", "guild_id", "person_id", name="pk_spent"),
    )
    sums: Counter[tuple[str, int, int]] = Counter()
    settled = "SELECT made_at, guild_id, person_id, settled FROM money_holds WHERE state='settled'"
    for made_at, guild_id, person_id, amount in op.get_bind().execute(sa.text(settled)):
        for key in _keys(made_at, guild_id, person_id):
            sums[key] += amount
    names = ("period", "guild_id", "person_id", "settled")
    rows = [dict(zip(names, (*key, amount), strict=True)) for key, amount in sums.items()]
    op.bulk_insert(sa.table("spent", *(sa.column(name) for name in names)), rows)


def _keys(made_at: int, guild_id: int | None, person_id: int) -> list[tuple[str, int, int]]:
    """Same keys as bot.storage.quotas.spend_totals at this version: -1 is all, 0 no server."""
    day = datetime.fromtimestamp(made_at // 1_000_000, tz=UTC).strftime("%Y-%m-%d")
    month = day[:7]
    keys = [(month, -1, -1), (month, guild_id or 0, person_id)]
    return keys if guild_id is None else [*keys, (month, guild_id, -1), (day, guild_id, -1)]
