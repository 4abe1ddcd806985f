"""The last call start of each campaign, carrier account and caller ID, by which all workers keep the pace."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "starts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_starts")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("starts")
