"""What stops or slows a campaign by itself: the watch of its breakers, slowdowns, and attempts that are not counted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables and the mark."""
    op.create_table(
        "watches",
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("voice", sa.Text(), server_default="", nullable=False),
        sa.Column("live_answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("abandoned", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_watches_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_watches")),
    )
    op.create_table(
        "slowdowns",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_slowdowns")),
    )
    op.add_column("attempts", sa.Column("is_excused", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("attempts", "is_excused")
    op.drop_table("slowdowns")
    op.drop_table("watches")
