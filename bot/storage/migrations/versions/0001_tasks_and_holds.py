"""Tables of tasks, their two holds, living processes, and last prices."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables in an empty database."""
    _tasks()
    _allowance_holds()
    _money_holds()
    _small_tables()


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("frame_digest", sa.String(64), nullable=False),
        sa.Column("frame_mime", sa.String(32), nullable=False),
        sa.Column("frame_bytes", sa.BigInteger, nullable=False),
        sa.Column("frame_width", sa.Integer, nullable=False),
        sa.Column("frame_height", sa.Integer, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("negative_prompt", sa.Text),
        sa.Column("resolution", sa.String(16), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("prompt_extend", sa.Boolean, nullable=False),
        sa.Column("watermark", sa.Boolean, nullable=False),
        sa.Column("spoiler", sa.Boolean, nullable=False),
        sa.Column("mended", sa.Text, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("person_name", sa.Text, nullable=False),
        sa.Column("person_role_ids", sa.Text, nullable=False),
        sa.Column("person_locale", sa.String(16), nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("filesize_limit", sa.BigInteger, nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("parent_id", sa.String(32)),
        sa.Column("estimate", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger),
        sa.Column("provider_id", sa.Text),
        sa.Column("progress", sa.Float),
        sa.Column("video_url", sa.Text),
        sa.Column("cost", sa.BigInteger),
        sa.Column("discount", sa.String(40)),
        sa.Column("failure_kind", sa.String(16)),
        sa.Column("failure_code", sa.Text),
        sa.Column("failure_message", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("submitted_at", sa.BigInteger),
        sa.Column("rendered_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("delivery_rung", sa.Integer, nullable=False),
        sa.Column("delivery_attempts", sa.Integer, nullable=False),
        sa.Column("delivery_tried_at", sa.BigInteger),
        sa.Column("result_channel_id", sa.BigInteger),
        sa.Column("result_message_id", sa.BigInteger),
        sa.Column("late_told", sa.Boolean, nullable=False),
        sa.Column("announced", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    for columns in (
        ["state", "owner"],
        ["person_id", "state"],
        ["person_id", "created_at"],
        ["guild_id", "created_at"],
        ["created_at"],
        ["parent_id"],
        ["frame_digest", "created_at"],
    ):
        op.create_index(f"ix_tasks_{'_'.join(columns)}", "tasks", columns)


def _allowance_holds() -> None:
    op.create_table(
        "allowance_holds",
        sa.Column("task_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("task_id", name="pk_allowance_holds"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_allowance_holds_task_id_tasks"),
    )
    op.create_index(
        "ix_allowance_holds_person_id_made_at_guild_id_state",
        "allowance_holds",
        ["person_id", "made_at", "guild_id", "state"],
    )


def _money_holds() -> None:
    op.create_table(
        "money_holds",
        sa.Column("task_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("estimate", sa.BigInteger, nullable=False),
        sa.Column("settled", sa.BigInteger),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("task_id", name="pk_money_holds"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_money_holds_task_id_tasks"),
    )
    op.create_index(
        "ix_money_holds_sums",
        "money_holds",
        ["state", "made_at", "guild_id", "person_id", "settled", "estimate"],
    )


def _small_tables() -> None:
    op.create_table(
        "processes",
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_processes"),
    )
    op.create_table(
        "prices",
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("resolution", sa.String(16), nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("settled_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("model", "resolution", name="pk_prices"),
    )
