"""Money: what each open attempt may still cost, and what each campaign has spent, by the day of the dial."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create column and table, and add up what was spent so far."""
    op.add_column("attempts", sa.Column("reserved", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "spending",
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("spent", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_spending_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "day", name=op.f("pk_spending")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    day = "substr(dialed_at, 1, 10)" if is_sqlite else "to_char(dialed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    op.execute(
        "INSERT INTO spending (campaign_id, day, spent) "
        f"SELECT campaign_id, {day}, sum(cost) FROM attempts "
        f"WHERE cost <> 0 AND dialed_at IS NOT NULL GROUP BY campaign_id, {day}"
    )


def downgrade() -> None:
    """Drop both; the costs stay with the attempts."""
    op.drop_table("spending")
    op.drop_column("attempts", "reserved")
