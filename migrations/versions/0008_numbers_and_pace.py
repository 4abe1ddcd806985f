"""Several numbers per contact in their order, and the caller ID of each claim, by which calls at once are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create table and column."""
    op.create_table(
        "contact_numbers",
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_contact_numbers_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "position", name=op.f("pk_contact_numbers")),
        sa.UniqueConstraint("contact_id", "phone", name=op.f("uq_contact_numbers_contact_id_phone")),
    )
    op.create_index(op.f("ix_contact_numbers_phone"), "contact_numbers", ["phone"])
    op.add_column("calls", sa.Column("from_number", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop both: only the number that is dialled next stays."""
    op.drop_column("calls", "from_number")
    op.drop_table("contact_numbers")
