"""Tables of what was found out about talks: the finding of each attempt, analyses by a model, corrections by people."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from dialer.model.disposition import Outcome
from dialer.model.lead import AnalysisState, Source
from dialer.store.columns import Instant, Json, Money, RowNumber, Word, metadata

findings = Table(
    "findings",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("call_id", ForeignKey("calls.id"), nullable=False, index=True),
    Column("outcome", Word(Outcome), nullable=False),
    Column("source", Word(Source)),  # of the outcome; NULL: nothing decided it
    Column("session_outcome", Word(Outcome)),  # what the session itself had found: a later look begins with it again
    Column("quote", Json),  # evidence: {turn_seq, quote, at_ms} or NULL
    Column("answers", Json, nullable=False),  # [{name, value, source, evidence, needs_review}]
    Column("reasons", Json, nullable=False),
    Column("needs_review", Boolean, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

analyses = Table(
    "analyses",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("schema_hash", Text, nullable=False),
    Column("prompt_hash", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("state", Word(AnalysisState), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    # These two are instants of the world, like leases.
    Column("next_try_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("document", Json),  # the model's answer, as it came
    Column("reason", Text, nullable=False, server_default=""),  # of a refusal or failure
    Column("tier", Text, nullable=False, server_default=""),
    Column("input_tokens", Integer, nullable=False, server_default="0"),
    Column("output_tokens", Integer, nullable=False, server_default="0"),
    Column("cost", Money, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("attempt_id", "schema_hash", "prompt_hash", "model"),
)
_IS_OPEN = text("state = 'waiting'")
Index("ix_analyses_due", analyses.c.next_try_at, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)

corrections = Table(
    "corrections",
    metadata,
    Column("id", RowNumber, primary_key=True),  # the last one of a field stands
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False, index=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("field", Text, nullable=False),  # outcome, or the name of an answer
    Column("value", Text, nullable=False),
    Column("was", Text, nullable=False),  # what stood there before, "" for nothing
    Column("was_source", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
