"""What servers allow with others' pictures, and the questions to their owners."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """No server has chosen anything yet, and nobody was asked."""
    op.add_column("guilds", sa.Column("others_pictures", sa.String(16)))
    op.create_table(
        "picture_questions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("picture", sa.String(64), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_picture_questions"),
    )
    columns = ["person_id", "picture"]
    op.create_index("uq_picture_questions_picture", "picture_questions", columns, unique=True)
    op.create_index("ix_picture_questions_made_at", "picture_questions", ["made_at"])
