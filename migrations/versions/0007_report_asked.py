"""Reports that are asked for until they are written, the folder of a campaign, and the process behind a lane."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; a campaign that is done already is not reported once more."""
    op.add_column("campaigns", sa.Column("folder", sa.Text(), server_default="", nullable=False))
    op.add_column("campaigns", sa.Column("report_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaigns", sa.Column("report_written_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE campaigns SET report_written_at = updated_at WHERE status = 'done'")
    op.add_column("lanes", sa.Column("machine", sa.Text(), server_default="", nullable=False))
    op.add_column("lanes", sa.Column("pid_started", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("lanes", "pid_started")
    op.drop_column("lanes", "machine")
    op.drop_column("campaigns", "report_written_at")
    op.drop_column("campaigns", "report_asked_at")
    op.drop_column("campaigns", "folder")
