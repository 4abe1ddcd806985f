"""What we know of our own numbers, and how their calls went."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "caller_numbers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), server_default="1", nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rest_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_caller_numbers")),
    )
    op.create_index(op.f("ix_attempts_from_number_dialed_at"), "attempts", ["from_number", "dialed_at"])


def downgrade() -> None:
    """Drop both."""
    op.drop_index(op.f("ix_attempts_from_number_dialed_at"), "attempts")
    op.drop_table("caller_numbers")
