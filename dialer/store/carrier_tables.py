"""Tables beside the queue: test calls, and the prices that a carrier tells after the call. Parts of ``schema``.

A test call has a table of its own, and no row in ``calls`` or ``attempts``: whatever counts, caps, sums or reports those can
never count it.
"""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, Text, text

from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.store.columns import Instant, Json, Money, Word, metadata

test_calls = Table(
    "test_calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("script_version_id", ForeignKey("script_versions.id"), nullable=False),
    Column("instructions_hash", Text, nullable=False),
    Column("row", Integer, nullable=False),  # of the contact file: whose words were said
    Column("phone", Text, nullable=False, index=True),
    Column("from_number", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("carrier_call_id", Text, nullable=False, server_default=""),
    Column("dialed_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("ended_at", Instant),  # NULL: in progress, or its process died
    Column("disposition", Word(Disposition)),
    Column("outcome", Word(Outcome)),
    Column("answered_by", Word(AnsweredBy)),
    Column("end_cause", Text),
    Column("hangup_cause", Text, nullable=False, server_default=""),
    Column("sip_code", Integer),
    Column("reason", Text, nullable=False, server_default=""),
    Column("talk_s", Float, nullable=False, server_default="0"),
    Column("answer_to_audio_ms", Integer),
    Column("cost", Money, nullable=False),  # the most that it may cost, until it has ended
    Column("words", Json, nullable=False),  # {turns, tool_calls}
)

carrier_prices = Table(
    "carrier_prices",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("carrier_call_id", Text, nullable=False),
    Column("estimated", Money, nullable=False),  # what the attempt's cost holds for the carrier until it is told
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("ask_at", Instant),  # when to ask next; NULL: told, or given up
    Column("amount", Money),
    Column("currency", Text, nullable=False, server_default=""),
    Column("told_at", Instant),
)
_IS_DUE = text("ask_at IS NOT NULL")
Index("ix_carrier_prices_due", carrier_prices.c.ask_at, sqlite_where=_IS_DUE, postgresql_where=_IS_DUE)
