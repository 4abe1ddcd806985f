"""Every table, once, for SQLite and Postgres. ``migrations/`` builds the same; a test compares the two.

``calls`` is the queue and is kept narrow; what was said and done lies in other tables. Rules that must hold whatever a
process does are constraints: one call per contact, one open attempt per call and per number, a bucket for each finished
call. Predicates of the lease indexes have nothing in common with the statements that end an attempt or a call (by id
and fence): a planner that took such an index for them would wade through its dead entries.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from dialer.model.call import AttemptState, Bucket, CallState, CampaignStatus
from dialer.model.campaign import CampaignKind
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Grade
from dialer.model.outbox import DeliveryState, EventKind, Target
from dialer.model.transcript import Speaker
from dialer.store.carrier_tables import carrier_prices, test_calls
from dialer.store.columns import Instant, Json, Money, RowNumber, Word, metadata
from dialer.store.findings_schema import analyses, corrections, findings
from dialer.store.ledger_tables import (
    acts,
    chains,
    consents,
    decisions,
    dnc_lists,
    dnc_numbers,
    ledger_keys,
    overrides,
    suppressions,
)
from dialer.store.limits import caller_numbers, slowdowns, spending, starts, watches

__all__ = [
    "acts", "analyses", "attempts", "caller_numbers", "calls", "campaigns", "carrier_prices", "chains", "consents",
    "contact_numbers", "contacts", "corrections", "decisions", "dnc_lists", "dnc_numbers", "event_logs", "findings",
    "import_problems", "imports", "lanes", "leads", "ledger_keys", "metadata", "outbox", "overrides", "script_versions",
    "simulated_time", "slowdowns", "spending", "starts", "suppressions", "test_calls", "tool_calls", "turns", "watches",
]  # fmt: skip

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Word(CampaignKind), nullable=False),
    Column("status", Word(CampaignStatus), nullable=False),
    Column("status_reason", Text, nullable=False, server_default=""),
    # No foreign key: the two tables point at each other, and SQLite cannot add one afterwards.
    Column("active_version_id", RowNumber),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("folder", Text, nullable=False, server_default=""),  # where it was imported from, as an absolute path
    # A campaign that is done has its report written once; both are empty again when it is done another time.
    Column("report_asked_at", Instant),  # an instant of the world
    Column("report_written_at", Instant),
)

script_versions = Table(
    "script_versions",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("body", Text, nullable=False),  # Campaign.canonical_json()
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("campaign_id", "hash"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("file_name", Text, nullable=False),
    Column("file_hash", Text, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("delimiter", Text, nullable=False),
    Column("phone_column", Text, nullable=False),
    Column("header", Json, nullable=False),  # column names in order
    Column("rows", Integer, nullable=False),  # = accepted + updated + duplicates + rejected
    Column("accepted", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("duplicates", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("suppressed", Integer, nullable=False),
    Column("by_code", Json, nullable=False),  # {code: rows}
    Column("imported_at", Instant, nullable=False),
)

import_problems = Table(
    "import_problems",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("import_id", ForeignKey("imports.id"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("column", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("cells", Json, nullable=False),
    Index("ix_import_problems_import_id_row", "import_id", "row"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("import_id", ForeignKey("imports.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False, server_default="1"),  # 1 = as first imported; a re-import adds one
    Column("row", Integer, nullable=False),
    Column("phone", Text, nullable=False, index=True),
    Column("cells", Json, nullable=False),
    Column("variables", Json, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("state", Text, nullable=False),  # of the country, not of the row
    Column("postal_code", Text, nullable=False),
    Column("caller_id", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("not_before", Instant),
    Column("expires_at", Instant),
    Column("consent_kind", Text),  # the consent in force; all that were ever given are in ``consents``
    Column("consent_source", Text),
    Column("consent_given_at", Instant),
    Column("notes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("campaign_id", "phone"),
)

contact_numbers = Table(
    "contact_numbers",
    metadata,
    Column("contact_id", ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),  # 2 = tried after ``contacts.phone``
    Column("phone", Text, nullable=False, index=True),
    UniqueConstraint("contact_id", "phone"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, unique=True),
    Column("phone", Text, nullable=False, index=True),  # which of the contact's numbers is dialled next, or was last
    Column("from_number", Text),  # the caller ID of the present or last claim
    Column("state", Word(CallState), nullable=False),
    Column("bucket", Word(Bucket)),  # final when done; why, when held; otherwise NULL and told by the state
    Column("hold_code", Text, nullable=False, server_default=""),
    Column("due_at", Instant, nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("attempts_made", Integer, nullable=False, server_default="0"),
    Column("expires_at", Instant),
    Column("disposition", Word(Disposition)),  # of the last attempt
    Column("outcome", Word(Outcome)),
    Column("owner", Text),
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("is_callback", Boolean, nullable=False, server_default=false()),
    Column("finished_at", Instant),
    CheckConstraint("state <> 'done' OR bucket IS NOT NULL", name="done_has_bucket"),
    Index("ix_calls_campaign_id_state", "campaign_id", "state"),
)
_IS_QUEUED = text("state = 'queued'")
Index(
    "ix_calls_claim",
    calls.c.campaign_id,
    calls.c.priority.desc(),
    calls.c.due_at,
    calls.c.id,
    sqlite_where=_IS_QUEUED,
    postgresql_where=_IS_QUEUED,
)
Index("ix_calls_due", calls.c.campaign_id, calls.c.due_at, sqlite_where=_IS_QUEUED, postgresql_where=_IS_QUEUED)
_IS_IN_A_LANE = text("state IN ('claimed', 'active')")
Index(
    "ix_calls_in_a_lane",
    calls.c.phone,
    calls.c.campaign_id,
    sqlite_where=_IS_IN_A_LANE,
    postgresql_where=_IS_IN_A_LANE,
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call_id", ForeignKey("calls.id"), nullable=False, index=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("phone", Text, nullable=False),
    Column("from_number", Text, nullable=False),
    Column("number", Integer, nullable=False),  # 1 = the call's first dial; a refused one has what it would have had
    Column("state", Word(AttemptState), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("owner", Text),
    Column("lease_until", Instant),
    Column("script_version_id", ForeignKey("script_versions.id"), nullable=False),
    Column("instructions_hash", Text, nullable=False, server_default=""),
    Column("carrier", Text, nullable=False),
    Column("carrier_call_id", Text, nullable=False, server_default=""),
    Column("dialed_at", Instant),  # NULL when a gate refused: the carrier was never asked
    Column("placed_at", Instant),
    Column("answered_at", Instant),
    Column("ended_at", Instant),
    Column("disposition", Word(Disposition)),
    Column("outcome", Word(Outcome)),
    Column("answered_by", Word(AnsweredBy)),
    Column("end_cause", Text),
    Column("hangup_cause", Text, nullable=False, server_default=""),
    Column("sip_code", Integer),
    Column("reason", Text, nullable=False, server_default=""),
    Column("ring_s", Float, nullable=False, server_default="0"),
    Column("talk_s", Float, nullable=False, server_default="0"),
    Column("answer_to_audio_ms", Integer),
    Column("usage", Json),  # the fields of model.attempt.Usage
    Column("cost", Money, nullable=False, server_default="0"),
    Column("reserved", Money, nullable=False, server_default="0"),  # the most that it may cost; counts while it is open
    Column("callback_at", Instant),
    Column("summary", Text, nullable=False, server_default=""),
    # The voice account failed and not this call: the attempt is not counted.
    Column("is_excused", Boolean, nullable=False, server_default=false()),
    CheckConstraint("state <> 'ended' OR (disposition IS NOT NULL AND ended_at IS NOT NULL)", name="ended_is_settled"),
    Index("ix_attempts_phone_dialed_at", "phone", "dialed_at"),
    Index("ix_attempts_campaign_id_dialed_at", "campaign_id", "dialed_at"),
    Index("ix_attempts_from_number_dialed_at", "from_number", "dialed_at"),
)
_IS_OPEN = text("state <> 'ended'")
Index("uq_attempts_open_call_id", attempts.c.call_id, unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
Index("uq_attempts_open_phone", attempts.c.phone, unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
_HAS_OWNER = text("owner IS NOT NULL")
_HAS_LEASE = text("lease_until IS NOT NULL")
for _table in (calls, attempts):
    Index(f"ix_{_table.name}_owner", _table.c.owner, sqlite_where=_HAS_OWNER, postgresql_where=_HAS_OWNER)
    Index(f"ix_{_table.name}_lease_until", _table.c.lease_until, sqlite_where=_HAS_LEASE, postgresql_where=_HAS_LEASE)

turns = Table(
    "turns",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("speaker", Word(Speaker), nullable=False),
    Column("text", Text, nullable=False),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("generated", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("is_interrupted", Boolean, nullable=False),
    Column("latency_ms", Integer),
)

tool_calls = Table(
    "tool_calls",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False),
    Column("call_id", Text, nullable=False),  # the model's name for this tool call, not a row of ``calls``
    Column("name", Text, nullable=False),
    Column("arguments", Json, nullable=False),
    Column("result", Json, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("after_seq", Integer, nullable=False),
    UniqueConstraint("attempt_id", "call_id"),
)

event_logs = Table(
    "event_logs",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("version", Integer, nullable=False),  # of the form of ``body``
    Column("is_cut", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

leads = Table(
    "leads",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("call_id", ForeignKey("calls.id"), nullable=False, unique=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False),
    Column("outcome", Word(Outcome), nullable=False),
    Column("score", Integer, nullable=False),
    Column("grade", Word(Grade), nullable=False),
    Column("reasons", Json, nullable=False),  # [{points, reason}]
    Column("answers", Json, nullable=False),  # [{name, value, source, evidence, needs_review}]
    Column("quote", Json),  # evidence: {turn_seq, quote, at_ms} or NULL
    Column("next_step", Text, nullable=False),
    Column("due_at", Instant),
    Column("needs_review", Boolean, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

lanes = Table(
    "lanes",
    metadata,
    Column("slot", Text, primary_key=True),  # node and index: worker@host:0
    Column("owner", Text, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("live_calls", Integer, nullable=False, server_default="0"),
    # Which machine and process namespace ``pid`` belongs to, and when it was started; empty where that cannot be told.
    Column("machine", Text, nullable=False, server_default=""),
    Column("pid_started", Text, nullable=False, server_default=""),
)

simulated_time = Table(
    "simulated_time",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("now_at", Instant, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),  # the ``webhook-id``
    Column("kind", Word(EventKind), nullable=False),
    Column("target", Word(Target), nullable=False),
    Column("campaign_id", ForeignKey("campaigns.id")),
    Column("attempt_id", Text),
    Column("body", Json, nullable=False),
    # These are instants of the world: the receiver does not live in a simulated time.
    Column("created_at", Instant, nullable=False),
    Column("state", Word(DeliveryState), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_try_at", Instant, nullable=False),
    Column("lease_until", Instant),  # a try is under way
    Column("last_error", Text, nullable=False, server_default=""),
    Column("delivered_at", Instant),
)
_IS_PENDING = text("state = 'pending'")
_IS_DEAD = text("state = 'dead'")
_IS_DELIVERED = text("state = 'delivered'")
Index("ix_outbox_due", outbox.c.next_try_at, sqlite_where=_IS_PENDING, postgresql_where=_IS_PENDING)
Index("ix_outbox_dead", outbox.c.created_at, sqlite_where=_IS_DEAD, postgresql_where=_IS_DEAD)
Index("ix_outbox_delivered", outbox.c.delivered_at, sqlite_where=_IS_DELIVERED, postgresql_where=_IS_DELIVERED)
