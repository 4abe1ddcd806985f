"""The tables of limits: what was spent, what the breakers remember, who is slowed, who started last. Parts of ``schema``."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from dialer.store.columns import Instant, Money, metadata

spending = Table(
    "spending",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True, autoincrement=False),
    Column("day", Text, primary_key=True),  # of the dial, in UTC: 2026-11-23
    Column("spent", Money, nullable=False, server_default="0"),
)

watches = Table(
    "watches",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True, autoincrement=False),
    Column("carrier", Text, nullable=False, server_default=""),  # dialing.breaker.Watch
    Column("voice", Text, nullable=False, server_default=""),
    Column("live_answers", Integer, nullable=False, server_default="0"),
    Column("abandoned", Integer, nullable=False, server_default="0"),
)

slowdowns = Table(
    "slowdowns",
    metadata,
    Column("key", Text, primary_key=True),  # voice, or campaign:<id>
    Column("level", Integer, nullable=False),
    Column("until", Instant, nullable=False),  # an instant of the campaigns' time
    Column("reason", Text, nullable=False),
)

starts = Table(
    "starts",
    metadata,
    Column("key", Text, primary_key=True),  # campaign:<id>, carrier:<name>, caller:<number>, caller:<number>:campaign:<id>
    Column("last_at", Instant),
    Column("claim_at", Instant),  # no sooner is the next call claimed
)

caller_numbers = Table(
    "caller_numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("weight", Integer, nullable=False, server_default="1"),
    Column("daily_cap", Integer),  # dials in a day of UTC; NULL: no limit
    Column("rests_until", Instant),  # an instant of the campaigns' time
    Column("rest_reason", Text, nullable=False, server_default=""),
    Column("verified_at", Instant),  # the carrier said that the account may show it
)
