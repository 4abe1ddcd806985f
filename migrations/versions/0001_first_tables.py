"""The first tables: campaigns, contacts, the queue, attempts and what was said and done in them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# The two tables whose rows change state many times: cleaned after a fixed number of dead rows instead of a share of the
# table, and without pauses, so that the price of a claim stays the same while a long queue drains.
VACUUM = "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0"


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "campaigns",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("active_version_id", ROW_NUMBER, nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "lanes",
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live_calls", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_lanes")),
    )
    op.create_table(
        "simulated_time",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("now_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_simulated_time_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_time")),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("phone", name=op.f("uq_suppressions_phone")),
    )
    op.create_table(
        "imports",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("campaign_id", ROW_NUMBER, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("phone_column", sa.Text(), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Integer(), nullable=False),
        sa.Column("by_code", sa.JSON(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_imports_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_campaign_id"), "imports", ["campaign_id"])
    op.create_table(
        "script_versions",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("campaign_id", ROW_NUMBER, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_script_versions_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_versions")),
        sa.UniqueConstraint("campaign_id", "hash", name=op.f("uq_script_versions_campaign_id_hash")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("campaign_id", ROW_NUMBER, nullable=False),
        sa.Column("import_id", ROW_NUMBER, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_kind", sa.Text(), nullable=True),
        sa.Column("consent_source", sa.Text(), nullable=True),
        sa.Column("consent_given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_contacts_campaign_id")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_contacts_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("campaign_id", "phone", name=op.f("uq_contacts_campaign_id_phone")),
    )
    op.create_index(op.f("ix_contacts_import_id"), "contacts", ["import_id"])
    op.create_index(op.f("ix_contacts_phone"), "contacts", ["phone"])
    op.create_table(
        "import_problems",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("import_id", ROW_NUMBER, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_problems_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problems")),
    )
    op.create_index("ix_import_problems_import_id_row", "import_problems", ["import_id", "row"])
    op.create_table(
        "calls",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("campaign_id", ROW_NUMBER, nullable=False),
        sa.Column("contact_id", ROW_NUMBER, nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=True),
        sa.Column("hold_code", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts_made", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_callback", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'done' OR bucket IS NOT NULL", name=op.f("ck_calls_done_has_bucket")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_calls_campaign_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_calls_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_calls_contact_id")),
    )
    op.create_index("ix_calls_campaign_id_state", "calls", ["campaign_id", "state"])
    op.create_index(
        "ix_calls_claim",
        "calls",
        ["campaign_id", sa.literal_column("priority DESC"), "due_at", "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_calls_due",
        "calls",
        ["campaign_id", "due_at"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_calls_in_a_lane",
        "calls",
        ["phone", "campaign_id"],
        sqlite_where=sa.text("state IN ('claimed', 'active')"),
        postgresql_where=sa.text("state IN ('claimed', 'active')"),
    )
    op.create_index(
        "ix_calls_lease_until",
        "calls",
        ["lease_until"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_calls_owner",
        "calls",
        ["owner"],
        sqlite_where=sa.text("owner IS NOT NULL"),
        postgresql_where=sa.text("owner IS NOT NULL"),
    )
    op.create_index(op.f("ix_calls_phone"), "calls", ["phone"])
    op.create_table(
        "consents",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("contact_id", ROW_NUMBER, nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_consents_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_contact_id"), "consents", ["contact_id"])
    op.create_index(op.f("ix_consents_phone"), "consents", ["phone"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("call_id", ROW_NUMBER, nullable=False),
        sa.Column("campaign_id", ROW_NUMBER, nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("script_version_id", ROW_NUMBER, nullable=False),
        sa.Column("instructions_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("carrier_call_id", sa.Text(), server_default="", nullable=False),
        sa.Column("dialed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("end_cause", sa.Text(), nullable=True),
        sa.Column("hangup_cause", sa.Text(), server_default="", nullable=False),
        sa.Column("sip_code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("ring_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("talk_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("answer_to_audio_ms", sa.Integer(), nullable=True),
        sa.Column("usage", sa.JSON(), nullable=True),
        sa.Column("cost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("callback_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state <> 'ended' OR (disposition IS NOT NULL AND ended_at IS NOT NULL)",
            name=op.f("ck_attempts_ended_is_settled"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_attempts_call_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_attempts_campaign_id")),
        sa.ForeignKeyConstraint(["script_version_id"], ["script_versions.id"], name=op.f("fk_attempts_script_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_call_id"), "attempts", ["call_id"])
    op.create_index("ix_attempts_campaign_id_dialed_at", "attempts", ["campaign_id", "dialed_at"])
    op.create_index(
        "ix_attempts_lease_until",
        "attempts",
        ["lease_until"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_attempts_owner",
        "attempts",
        ["owner"],
        sqlite_where=sa.text("owner IS NOT NULL"),
        postgresql_where=sa.text("owner IS NOT NULL"),
    )
    op.create_index("ix_attempts_phone_dialed_at", "attempts", ["phone", "dialed_at"])
    op.create_index(
        "uq_attempts_open_call_id",
        "attempts",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index(
        "uq_attempts_open_phone",
        "attempts",
        ["phone"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("campaign_id", ROW_NUMBER, nullable=False),
        sa.Column("contact_id", ROW_NUMBER, nullable=True),
        sa.Column("call_id", ROW_NUMBER, nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("next_allowed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_decisions_call_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_decisions_campaign_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_decisions_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_call_id"), "decisions", ["call_id"])
    op.create_index(op.f("ix_decisions_campaign_id"), "decisions", ["campaign_id"])
    op.create_index("ix_decisions_phone_decided_at", "decisions", ["phone", "decided_at"])
    op.create_table(
        "leads",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("call_id", ROW_NUMBER, nullable=False),
        sa.Column("campaign_id", ROW_NUMBER, nullable=False),
        sa.Column("contact_id", ROW_NUMBER, nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("quote", sa.JSON(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_leads_attempt_id")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_leads_call_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_leads_campaign_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_leads_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sa.UniqueConstraint("call_id", name=op.f("uq_leads_call_id")),
    )
    op.create_index(op.f("ix_leads_campaign_id"), "leads", ["campaign_id"])
    op.create_table(
        "tool_calls",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("after_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_tool_calls_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_calls")),
        sa.UniqueConstraint("attempt_id", "call_id", name=op.f("uq_tool_calls_attempt_id_call_id")),
    )
    op.create_table(
        "turns",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("generated", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("is_interrupted", sa.Boolean(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_turns_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "seq", name=op.f("pk_turns")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE calls SET ({VACUUM})")
        op.execute(f"ALTER TABLE attempts SET ({VACUUM})")


def downgrade() -> None:
    """Drop all tables with everything in them."""
    op.drop_table("turns")
    op.drop_table("tool_calls")
    op.drop_table("leads")
    op.drop_table("decisions")
    op.drop_table("attempts")
    op.drop_table("consents")
    op.drop_table("calls")
    op.drop_table("import_problems")
    op.drop_table("contacts")
    op.drop_table("script_versions")
    op.drop_table("imports")
    op.drop_table("suppressions")
    op.drop_table("simulated_time")
    op.drop_table("lanes")
    op.drop_table("campaigns")
