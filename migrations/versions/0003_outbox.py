"""The outbox: results that other systems are told, written in the transaction that made them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table and its indexes, one for each state."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_outbox_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    for name, column, state in (
        ("ix_outbox_due", "next_try_at", "pending"),
        ("ix_outbox_dead", "created_at", "dead"),
        ("ix_outbox_delivered", "delivered_at", "delivered"),
    ):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, "outbox", [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop it with all messages, delivered or not."""
    op.drop_table("outbox")
