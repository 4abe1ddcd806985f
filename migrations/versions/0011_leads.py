"""Analysis and corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of findings, analyses and corrections."""
    op.create_table(
        "findings",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", _ROW, nullable=False),
        sa.Column("call_id", _ROW, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("session_outcome", sa.Text(), nullable=True),
        sa.Column("quote", _JSON, nullable=True),
        sa.Column("answers", _JSON, nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("updated_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_findings_attempt_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_findings_campaign_id")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_findings_call_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_findings")),
    )
    op.create_table(
        "analyses",
        sa.Column("id", _ROW, nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", _ROW, nullable=False),
        sa.Column("schema_hash", sa.Text(), nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", _AT, nullable=False),
        sa.Column("lease_until", _AT, nullable=True),
        sa.Column("document", _JSON, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("tier", sa.Text(), server_default="", nullable=False),
        sa.Column("input_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("output_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_analyses_attempt_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_analyses_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses")),
        sa.UniqueConstraint(
            "attempt_id",
            "schema_hash",
            "prompt_hash",
            "model",
            name=op.f("uq_analyses_attempt_id_schema_hash_prompt_hash_model"),
        ),
    )
    is_open = sa.text("state = 'waiting'")
    op.create_index("ix_analyses_due", "analyses", ["next_try_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "corrections",
        sa.Column("id", _ROW, nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", _ROW, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("was_source", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_corrections_attempt_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_corrections_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    for table, column in (
        ("findings", "campaign_id"),
        ("findings", "call_id"),
        ("analyses", "campaign_id"),
        ("corrections", "attempt_id"),
        ("corrections", "campaign_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Drop them."""
    for table in ("corrections", "analyses", "findings"):
        op.drop_table(table)
