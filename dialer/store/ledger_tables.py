"""The tables of proof: consent, do-not-call, decisions, audited acts, the heads of their chains. Parts of ``schema``.

``number`` is everywhere the keyed hash of a phone number (``keys.number_of``): who has the table alone cannot tell the number.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from dialer.model.decision import Stage, Verdict
from dialer.store.columns import Instant, Json, RowNumber, Word, metadata

consents = Table(
    "consents",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("phone", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("given_at", Instant),
    Column("recorded_at", Instant, nullable=False),
    Column("text", Text, nullable=False, server_default=""),  # what the person agreed to, as it was shown
    Column("number_as_given", Text, nullable=False, server_default=""),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text, nullable=False, server_default=""),
    Column("revoked_reason", Text, nullable=False, server_default=""),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("number", Text, nullable=False),
    Column("campaign_id", ForeignKey("campaigns.id")),  # NULL: all campaigns
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("quote", Text, nullable=False, server_default=""),
    Column("attempt_id", Text, index=True),
    Column("added_by", Text, nullable=False, server_default=""),
    Column("added_at", Instant, nullable=False),
)
_IS_GLOBAL = text("campaign_id IS NULL")
_IS_LOCAL = text("campaign_id IS NOT NULL")
Index("uq_suppressions_number", suppressions.c.number, unique=True, sqlite_where=_IS_GLOBAL, postgresql_where=_IS_GLOBAL)
Index(
    "uq_suppressions_campaign_id_number",
    suppressions.c.campaign_id,
    suppressions.c.number,
    unique=True,
    sqlite_where=_IS_LOCAL,
    postgresql_where=_IS_LOCAL,
)

dnc_lists = Table(
    "dnc_lists",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("region", Text, nullable=False),  # whose national list it is, ISO 3166-1
    Column("as_of", Instant, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("file_hash", Text, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("imported_by", Text, nullable=False),
    Index("ix_dnc_lists_region_as_of", "region", "as_of"),
)

dnc_numbers = Table(
    "dnc_numbers",
    metadata,
    Column("list_id", ForeignKey("dnc_lists.id"), primary_key=True),
    Column("number", Text, primary_key=True),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("contact_id", ForeignKey("contacts.id")),
    Column("call_id", ForeignKey("calls.id"), index=True),
    Column("attempt_id", Text),
    Column("phone", Text, nullable=False),
    Column("stage", Word(Stage), nullable=False),
    Column("verdict", Word(Verdict), nullable=False),
    Column("code", Text, nullable=False),
    Column("rules", Json, nullable=False),  # [{rule, verdict, detail}]
    Column("zones", Json, nullable=False),
    Column("next_allowed_at", Instant),
    Column("decided_at", Instant, nullable=False),
    # Rows from before there were chains have none of these.
    Column("number", Text, nullable=False, server_default=""),
    Column("basis", Json),  # compliance.evidence: what the rules were told
    Column("chain", Text),
    Column("seq", BigInteger),  # without gaps in its chain, from 1
    Column("digest", Text),
    Column("mac", Text),
    Index("ix_decisions_phone_decided_at", "phone", "decided_at"),
    Index("uq_decisions_chain_seq", "chain", "seq", unique=True),
)

acts = Table(
    "acts",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("done_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),  # dnc.add, consent.revoke, override.add, ...
    Column("reason", Text, nullable=False),
    Column("number", Text, nullable=False, server_default="", index=True),
    Column("campaign", Text, nullable=False, server_default=""),
    Column("detail", Json, nullable=False),
    Column("chain", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("mac", Text, nullable=False),
    UniqueConstraint("chain", "seq"),
)

chains = Table(
    "chains",
    metadata,
    Column("name", Text, primary_key=True),  # acts, campaign:<id>, campaign:<id>:import
    Column("seq", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("mac", Text, nullable=False),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("campaign_id", ForeignKey("campaigns.id")),  # NULL: all campaigns
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", Text, nullable=False, server_default=""),
)

ledger_keys = Table(
    "ledger_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, nullable=False),  # which key the hashes were made with; tells nothing of the key
    CheckConstraint("id = 1", name="one_row"),
)
