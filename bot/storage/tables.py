"""The tables as they are now; the migrations lead here, and a test holds the two together."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from bot.domain.task import Door, FailureKind, State
from bot.storage.types import ExactDecimal, Ids, Moment, Money, Word, Words


class AllowanceState(StrEnum):
    """One video of somebody's allowance."""

    HELD = "held"
    USED = "used"
    RETURNED = "returned"


class MoneyState(StrEnum):
    """The money of one task."""

    HELD = "held"
    SETTLED = "settled"
    RELEASED = "released"


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", Word(State), nullable=False),
    # The fence: see bot.storage.changes.
    Column("owner", String(64)),
    Column("epoch", Integer, nullable=False),
    # What was asked.
    Column("model", String(64), nullable=False),
    Column("frame_digest", String(64), nullable=False),
    Column("frame_mime", String(32), nullable=False),
    Column("frame_bytes", BigInteger, nullable=False),
    Column("frame_width", Integer, nullable=False),
    Column("frame_height", Integer, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("negative_prompt", Text),
    Column("resolution", String(16), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("prompt_extend", Boolean, nullable=False),
    Column("watermark", Boolean, nullable=False),
    Column("spoiler", Boolean, nullable=False),
    Column("mended", Words, nullable=False),
    # By whom; the name is what the card says.
    Column("person_id", BigInteger, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("person_role_ids", Ids, nullable=False),
    Column("person_locale", String(16), nullable=False),
    # Where, and by which door.
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("filesize_limit", BigInteger, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("door", Word(Door), nullable=False),
    # No foreign key: somebody who deletes their data takes the parent with them.
    Column("parent_id", String(32)),
    Column("estimate", Money, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("not_before", Moment),
    # What the provider said.
    Column("provider_id", Text),
    Column("progress", Float),
    Column("video_url", Text),
    Column("cost", Money),
    Column("discount", ExactDecimal),
    Column("failure_kind", Word(FailureKind)),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("answer", Text),
    Column("submitted_at", Moment),
    Column("rendered_at", Moment),
    Column("ended_at", Moment),
    # How far the delivery is.
    Column("delivery_rung", Integer, nullable=False),
    Column("delivery_attempts", Integer, nullable=False),
    Column("delivery_tried_at", Moment),
    Column("result_channel_id", BigInteger),
    Column("result_message_id", BigInteger),
    Column("late_told", Boolean, nullable=False),
    Column("announced", Boolean, nullable=False),
    # Claims and counts; a person's tasks in flight; the lists; rerolls; what pictures are for.
    Index(None, "state", "owner"),
    Index(None, "person_id", "state"),
    Index(None, "person_id", "created_at"),
    Index(None, "guild_id", "created_at"),
    Index(None, "created_at"),
    Index(None, "parent_id"),
    Index(None, "frame_digest", "created_at"),
)

allowance_holds = Table(
    "allowance_holds",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("state", Word(AllowanceState), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    # A rolling window, here and over all places, is read from the index alone.
    Index(None, "person_id", "made_at", "guild_id", "state"),
)

money_holds = Table(
    "money_holds",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("state", Word(MoneyState), nullable=False),
    Column("estimate", Money, nullable=False),
    # What counts against the budgets from the settlement on: the cost, else the estimate.
    Column("settled", Money),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    # The sum of a month and what is held are read from the index alone.
    Index(
        "ix_money_holds_sums",
        "state",
        "made_at",
        "guild_id",
        "person_id",
        "settled",
        "estimate",
    ),
)

# One row for each living process: a heartbeat touches this row and not every task.
processes = Table(
    "processes",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("lease_until", Moment, nullable=False),
)

# What the provider charged last: the estimate for the next task of that kind.
prices = Table(
    "prices",
    metadata,
    Column("model", String(64), primary_key=True),
    Column("resolution", String(16), primary_key=True),
    Column("cost", Money, nullable=False),
    Column("settled_at", Moment, nullable=False),
)
