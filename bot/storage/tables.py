"""The current tables. A test checks that the migrations lead to them."""

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
    UniqueConstraint,
    false,
    text,
    true,
)

from bot.domain.consent import OthersPictures, PictureChoice
from bot.domain.guilds.audit import Action
from bot.domain.quotas.budget import Budget
from bot.domain.quotas.limits import Window
from bot.domain.report import BlockKind, ReportReason, Verdict
from bot.domain.task import EntryPoint, FailureKind, State
from bot.errors import Closure
from bot.storage.engine.types import Details, ExactDecimal, Ids, Moment, Money, Word, Words


class AllowanceState(StrEnum):
    """State of one video of a person's allowance."""

    HELD = "held"
    USED = "used"
    DAY_ONLY = "day_only"
    """Counts for the person's day over all places, but in no window and no bonus."""
    RETURNED = "returned"


class MoneyState(StrEnum):
    """State of the money of one task."""

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

NOTICE_PENDING = text("unsaid")
OTHERS_PICTURE = text("picture_owner_id <> person_id")

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", Word(State), nullable=False),
    # The fence: see bot.storage.tasks.transitions.
    Column("owner", String(64)),
    Column("epoch", Integer, nullable=False),
    # What was asked for.
    Column("model", String(64), nullable=False),
    Column("frame_digest", String(64), nullable=False),
    Column("frame_mime", String(32), nullable=False),
    Column("frame_bytes", BigInteger, nullable=False),
    Column("frame_width", Integer, nullable=False),
    Column("frame_height", Integer, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("negative_prompt", Text),
    Column("resolution", String(16), nullable=False),
    # The defaults are for rows that are older than the columns: all models made 5 s, silent.
    Column("seconds", Integer, nullable=False, server_default=text("5")),
    Column("audio", Boolean, nullable=False, server_default=false()),
    Column("seed", BigInteger, nullable=False),
    Column("prompt_extend", Boolean, nullable=False),
    Column("watermark", Boolean, nullable=False),
    Column("spoiler", Boolean, nullable=False),
    Column("mended", Words, nullable=False),
    # Who asked; the name is shown on the card.
    Column("person_id", BigInteger, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("person_role_ids", Ids, nullable=False),
    Column("person_locale", String(16), nullable=False),
    # Where it was asked for, and by which entry point.
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("filesize_limit", BigInteger, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("door", Word(EntryPoint), nullable=False),
    # The Discord interaction, and which of its tasks this is. A reaction has no interaction id.
    Column("interaction_id", BigInteger),
    Column("interaction_number", Integer, nullable=False, server_default=text("0")),
    # Not a foreign key, because people who delete their data delete the parent, too.
    Column("parent_id", String(32)),
    # A picture in a message, which may exist longer than the first frame is kept.
    Column("source_channel_id", BigInteger),
    Column("source_message_id", BigInteger),
    Column("source_number", Integer),
    Column("source_url", Text),
    Column("source_name", Text),
    Column("source_bytes", BigInteger),
    # Whose picture it is: see bot.domain.consent.
    Column("picture_owner_id", BigInteger),
    Column("age_restricted", Boolean, nullable=False, server_default=false()),
    # False if only a person installed the bot there; the server's id is then for links.
    Column("reachable", Boolean, nullable=False, server_default=true()),
    Column("link_guild_id", BigInteger),
    Column("estimate", Money, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("not_before", Moment),
    # The provider's answers.
    Column("provider_id", Text),
    Column("progress", Float),
    # The provider's word for an unknown status.
    Column("provider_word", String(64)),
    Column("video_url", Text),
    Column("cost", Money),
    # Whether the cost is from the price list, since the provider names none.
    Column("cost_is_listed", Boolean, nullable=False, server_default=false()),
    Column("discount", ExactDecimal),
    # Whether a charged failure counts as used in the person's allowance.
    Column("counted", Boolean, nullable=False, server_default=false()),
    Column("failure_kind", Word(FailureKind)),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("answer", Text),
    Column("submitted_at", Moment),
    Column("rendered_at", Moment),
    Column("ended_at", Moment),
    # Progress of the delivery.
    Column("delivery_rung", Integer, nullable=False),
    Column("delivery_attempts", Integer, nullable=False),
    Column("delivery_tried_at", Moment),
    Column("result_channel_id", BigInteger),
    Column("result_message_id", BigInteger),
    Column("late_told", Boolean, nullable=False),
    Column("announced", Boolean, nullable=False),
    Column("unsaid", Boolean, nullable=False, server_default=false()),
    # For claims and counts, a person's tasks in flight, lists, rerolls, and uses of frames.
    Index(None, "state", "owner"),
    Index(None, "person_id", "state"),
    Index(None, "person_id", "created_at"),
    Index(None, "guild_id", "created_at"),
    Index(None, "created_at"),
    Index(None, "parent_id"),
    Index(None, "result_message_id"),
    # Finds an id that the provider gave out twice.
    Index(None, "provider_id"),
    Index(None, "frame_digest", "created_at"),
    # Looked for when the owner of a picture deletes their data; most pictures are people's own.
    Index(
        "ix_tasks_others_picture",
        "picture_owner_id",
        sqlite_where=OTHERS_PICTURE,
        postgresql_where=OTHERS_PICTURE,
    ),
    # Each interaction makes each of its tasks once, even if several processes receive it.
    Index("uq_tasks_interaction", "interaction_id", "interaction_number", unique=True),
    # Read at each command, and nearly always empty.
    Index(
        "ix_tasks_unsaid", "person_id", sqlite_where=NOTICE_PENDING, postgresql_where=NOTICE_PENDING
    ),
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
    # The grant, if it is a bonus video. It does not count in the window then.
    Column("grant_id", Integer),
    # A rolling window, here and over all places, is read from this index alone.
    Index("ix_allowance_holds_window", "person_id", "made_at", "guild_id", "state", "grant_id"),
    Index(None, "grant_id", "state"),
)

money_holds = Table(
    "money_holds",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("state", Word(MoneyState), nullable=False),
    Column("estimate", Money, nullable=False),
    # What counts for the budgets after settlement: the cost, or the estimate if it is unknown.
    Column("settled", Money),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    # Held money is read from this index alone.
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

# Settled money by calendar period, updated with each settlement. Budgets are read at each command,
# and a month can have a million videos. For the keys, see `bot.storage.quotas.spend_totals`.
spent = Table(
    "spent",
    metadata,
    Column("period", String(10), primary_key=True),
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("settled", Money, nullable=False),
)

# --- moderation -----------------------------------------------------------------------------

# A server's default limit, budgets and settings; NULL: not set.
guilds = Table(
    "guilds",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("videos", Integer),
    Column("quota_window", Word(Window)),
    Column("budget_day", Money),
    Column("budget_month", Money),
    Column("budget_person_month", Money),
    Column("count_charged_failures", Boolean),
    Column("channels", Ids),
    Column("resolution", String(16)),
    Column("models", Words),
    Column("model", String(64)),
    Column("highest_price", Money),
    Column("watermark", Boolean),
    Column("spoiler", Boolean),
    Column("moderator_role_id", BigInteger),
    Column("log_channel_id", BigInteger),
    Column("blocked_words", Words),
    Column("announce", Boolean),
    Column("hide_reported", Boolean),
    Column("language", String(16)),
    Column("others_pictures", Word(OthersPictures)),
)

# Data about one person in one server; it stays when they leave and come back.
members = Table(
    "members",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("videos", Integer),
    Column("reset_at", Moment),
    Column("blocked_at", Moment),
    Column("blocked_by_id", BigInteger),
    Column("blocked_reason", Text),
)

role_limits = Table(
    "role_limits",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role_id", BigInteger, primary_key=True, autoincrement=False),
    Column("videos", Integer, nullable=False),
)

# The models that a role may use in addition to those that everybody may use.
role_models = Table(
    "role_models",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role_id", BigInteger, primary_key=True, autoincrement=False),
    Column("models", Words, nullable=False),
)

# Bonus videos. The number left of a grant follows from its holds.
grants = Table(
    "grants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("videos", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("by_id", BigInteger, nullable=False),
    Index(None, "guild_id", "person_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by_id", BigInteger, nullable=False),
    Column("action", Word(Action), nullable=False),
    Column("subject_id", BigInteger),
    Column("before", Details, nullable=False),
    Column("after", Details, nullable=False),
    Index(None, "guild_id", "id"),
    Index(None, "guild_id", "subject_id", "id"),
)

# Budget levels that were reached, each once in its period; told_at: when somebody was told. Without
# a server or person the id is 0, because NULLs are distinct in a unique index.
budget_warnings = Table(
    "budget_warnings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("budget", Word(Budget), nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("period_start", Moment, nullable=False),
    Column("percent", Integer, nullable=False),
    Column("limit", Money, nullable=False),
    Column("counted", Money, nullable=False),
    Column("at", Moment, nullable=False),
    Column("told_at", Moment),
    UniqueConstraint(
        "budget", "guild_id", "person_id", "period_start", "percent", name="uq_budget_warnings_once"
    ),
    Index(None, "told_at", "id"),
)

# Reports of videos. `person_id` is the reporter, who is shown to nobody who decides; the rest is
# enough to remove the video, even if its person deletes their data meanwhile.
reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task_id", String(32), nullable=False),
    Column("guild_id", BigInteger),
    Column("author_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("digest", String(64), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("reason", Word(ReportReason), nullable=False),
    Column("words", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    # When moderators or the operator were told.
    Column("told_at", Moment),
    Column("card_channel_id", BigInteger),
    Column("card_message_id", BigInteger),
    Column("verdict", Word(Verdict)),
    Column("decided_at", Moment),
    # The video is hidden until the decision; hidden_at: when it was, NULL again when it is back.
    Column("hides", Boolean, nullable=False, server_default=false()),
    Column("hidden_at", Moment),
    # When the card showed the decision, and when the reporter read it.
    Column("shown_at", Moment),
    Column("read_at", Moment),
    # The reporter deleted their data; their id goes too, once the limit of a day is over.
    Column("erased", Boolean, nullable=False, server_default=false()),
    Index(None, "task_id"),
    Index(None, "person_id", "made_at"),
    Index(None, "guild_id", "verdict"),
    Index(None, "told_at"),
)

# Results that are to be removed; done_at: when message, frame and video were gone.
removals = Table(
    "removals",
    metadata,
    Column("task_id", String(32), primary_key=True),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("digest", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("done_at", Moment),
    Index(None, "done_at"),
)

# What is blocked; a guild_id of 0 is everywhere. person_id: the subject, if it is a person.
blocks = Table(
    "blocks",
    metadata,
    Column("kind", Word(BlockKind), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger),
    Column("reason", Text),
    Column("made_at", Moment, nullable=False),
)

# --- other ----------------------------------------------------------------------------------

# One row for each living process, so that a heartbeat need not update every task.
processes = Table(
    "processes",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("lease_until", Moment, nullable=False),
)

# One row for each process that is connected to Discord's gateway, see bot.storage.engine.gateways.
gateways = Table(
    "gateways",
    metadata,
    Column("owner", String(64), primary_key=True),
    # The shards of `flipbook run --shards`; NULL: all of them.
    Column("shard_ids", Ids),
    Column("shard_count", Integer),
    Column("lease_until", Moment, nullable=False),
)

# One row: when a copy of the bot on another database was last noticed.
second_copies = Table(
    "second_copies",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seen_at", Moment, nullable=False),
)

# The provider's recent charges by kind of video, a few of each; estimates are based on them.
charges = Table(
    "charges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", String(64), nullable=False),
    Column("resolution", String(16), nullable=False),
    Column("seconds", Integer, nullable=False, server_default=text("5")),
    Column("audio", Boolean, nullable=False, server_default=false()),
    Column("cost", Money, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_charges_kind", "model", "resolution", "seconds", "audio", "id"),
)

# Each provider's status, see bot.domain.provider.provider_status.
provider_standing = Table(
    "provider_standing",
    metadata,
    Column("provider", String(32), primary_key=True),
    Column("closure", Word(Closure)),
    Column("refused_models", Details, nullable=False, server_default=text("'{}'")),
    Column("since", Moment),
    Column("suspect", String(32)),
    Column("unclear", Integer, nullable=False, server_default=text("0")),
    Column("said", Word(Closure)),
    Column("accepted_at", Moment),
    Column("probe_at", Moment),
    Column("probe_after_seconds", Integer, nullable=False),
    Column("quiet_until", Moment),
)

# Notices about new defaults to the servers of an upgrade: see bot.domain.guilds.default_notice.
default_notices = Table(
    "default_notices",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", String(16), primary_key=True),
    Column("told_at", Moment),
    Index(None, "told_at"),
)

# The operator's pause: one row, see bot.domain.provider.spending_pause.
spending_pause = Table(
    "spending_pause",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("paused_at", Moment),
    Column("resumed_at", Moment),
)

# The form of a create call that was accepted first, see bot.providers.vtrix.request_forms.
request_forms = Table(
    "request_forms",
    metadata,
    Column("address", String(500), primary_key=True),
    Column("model", String(64), primary_key=True),
    Column("form", String(16), nullable=False),
)

# Pictures that Apps › Animate found in a message, kept while its form may be sent.
menu_forms = Table(
    "menu_forms",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("pictures", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Index(None, "person_id", "made_at"),
    Index(None, "made_at"),
)

# Who lets nobody use their pictures, in all servers; people without a row let everyone.
picture_choices = Table(
    "picture_choices",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("pictures", Word(PictureChoice), nullable=False),
)

# Questions to the owners of pictures, for as long as they count; see bot.domain.consent.
picture_questions = Table(
    "picture_questions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("picture", String(64), nullable=False),
    Column("request", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Index("uq_picture_questions_picture", "person_id", "picture", unique=True),
    Index(None, "made_at"),
)

# Learned durations of videos by kind, see bot.domain.provider.durations.
durations = Table(
    "durations",
    metadata,
    Column("model", String(64), primary_key=True),
    Column("resolution", String(16), primary_key=True),
    Column("seconds", Integer, primary_key=True, autoincrement=False),
    Column("audio", Boolean, primary_key=True),
    Column("learned", Text, nullable=False),
)

# Ended tasks whose message an edit may have reached late, see bot.storage.tasks.late_edits.
late_edits = Table(
    "late_edits",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
)
