"""Test calls, which are no part of any campaign's counts, and the prices that a carrier tells after the call."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)
_AT = sa.DateTime(timezone=True)
_IS_DUE = sa.text("ask_at IS NOT NULL")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "test_calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("campaign_id", _ROW, nullable=False),
        sa.Column("script_version_id", _ROW, nullable=False),
        sa.Column("instructions_hash", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("carrier_call_id", sa.Text(), server_default="", nullable=False),
        sa.Column("dialed_at", _AT, nullable=False),
        sa.Column("answered_at", _AT, nullable=True),
        sa.Column("ended_at", _AT, nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("end_cause", sa.Text(), nullable=True),
        sa.Column("hangup_cause", sa.Text(), server_default="", nullable=False),
        sa.Column("sip_code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("talk_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("answer_to_audio_ms", sa.Integer(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("words", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_test_calls_campaign_id")),
        sa.ForeignKeyConstraint(["script_version_id"], ["script_versions.id"], name=op.f("fk_test_calls_script_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_calls")),
    )
    op.create_index(op.f("ix_test_calls_campaign_id"), "test_calls", ["campaign_id"])
    op.create_index(op.f("ix_test_calls_phone"), "test_calls", ["phone"])
    op.create_table(
        "carrier_prices",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("carrier_call_id", sa.Text(), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ask_at", _AT, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("told_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_carrier_prices_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_carrier_prices")),
    )
    op.create_index("ix_carrier_prices_due", "carrier_prices", ["ask_at"], sqlite_where=_IS_DUE, postgresql_where=_IS_DUE)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("carrier_prices")
    op.drop_table("test_calls")
