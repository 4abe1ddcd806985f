"""The event log of each attempt, from which its decisions can be replayed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "event_logs",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_event_logs_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_event_logs")),
    )


def downgrade() -> None:
    """Drop it with all logs."""
    op.drop_table("event_logs")
