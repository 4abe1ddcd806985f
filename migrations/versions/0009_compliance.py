"""Consent, suppression and decision records: what proves why a phone rang or did not.

The do-not-call list held plain numbers. They are replaced by their keyed hashes with the key that ``dialer db upgrade`` is given;
a database that has entries cannot be upgraded without one.
"""

import sqlalchemy as sa
from alembic import context, op

from dialer.store import keys

revision = "0009"
down_revision = "0008"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
GLOBAL, LOCAL = sa.text("campaign_id IS NULL"), sa.text("campaign_id IS NOT NULL")


def text_column(name: str) -> sa.Column[str]:
    """A text that was not known before."""
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """New tables and columns; the numbers of the do-not-call list become hashes."""
    op.create_table(
        "ledger_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_keys_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_keys")),
    )
    rename_suppressions()
    for column in (text_column("text"), text_column("number_as_given"), sa.Column("last_used_at", INSTANT)):
        op.add_column("consents", column)
    for column in (sa.Column("revoked_at", INSTANT), text_column("revoked_by"), text_column("revoked_reason")):
        op.add_column("consents", column)
    for column in (text_column("number"), sa.Column("basis", sa.JSON()), sa.Column("chain", sa.Text())):
        op.add_column("decisions", column)
    for column in (sa.Column("seq", sa.BigInteger()), sa.Column("digest", sa.Text()), sa.Column("mac", sa.Text())):
        op.add_column("decisions", column)
    op.create_index("uq_decisions_chain_seq", "decisions", ["chain", "seq"], unique=True)
    op.create_table(
        "dnc_lists",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dnc_lists")),
    )
    op.create_index("ix_dnc_lists_region_as_of", "dnc_lists", ["region", "as_of"])
    op.create_table(
        "dnc_numbers",
        sa.Column("list_id", ROW_NUMBER, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["dnc_lists.id"], name=op.f("fk_dnc_numbers_list_id")),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_dnc_numbers")),
    )
    op.create_table(
        "acts",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        text_column("number"),
        text_column("campaign"),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_acts_chain_seq")),
    )
    op.create_index(op.f("ix_acts_number"), "acts", ["number"])
    op.create_table(
        "chains",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chains")),
    )
    op.create_table(
        "overrides",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("campaign_id", ROW_NUMBER),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        text_column("revoked_by"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_overrides_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )


def rename_suppressions() -> None:
    """The list anew, with a hash in the place of each number."""
    names = ("phone", "reason", "source", "quote", "attempt_id", "added_at")
    columns = [sa.column(name, INSTANT) if name == "added_at" else sa.column(name) for name in names]
    old = op.get_bind().execute(sa.select(*columns).select_from(sa.table("suppressions"))).mappings().all()
    op.drop_table("suppressions")
    new = op.create_table(
        "suppressions",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("campaign_id", ROW_NUMBER),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        text_column("added_by"),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_suppressions_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
    )
    op.create_index(op.f("ix_suppressions_attempt_id"), "suppressions", ["attempt_id"])
    where = {"unique": True, "sqlite_where": GLOBAL, "postgresql_where": GLOBAL}
    op.create_index("uq_suppressions_number", "suppressions", ["number"], **where)
    where = {"unique": True, "sqlite_where": LOCAL, "postgresql_where": LOCAL}
    op.create_index("uq_suppressions_campaign_id_number", "suppressions", ["campaign_id", "number"], **where)
    if old:
        key = context.config.attributes["ring"].key(op.get_bind())
        rows = [{name: row[name] for name in names[1:]} | {"number": keys.hashed(key, row["phone"])} for row in old]
        op.get_bind().execute(sa.insert(new), rows)


def downgrade() -> None:
    """Take it all away; the hashes cannot become numbers again, so the do-not-call list is empty then."""
    for name in ("overrides", "chains", "acts", "dnc_numbers", "dnc_lists", "suppressions", "ledger_keys"):
        op.drop_table(name)
    op.drop_index("uq_decisions_chain_seq", "decisions")
    for name in ("mac", "digest", "seq", "chain", "basis", "number"):
        op.drop_column("decisions", name)
    for name in ("revoked_reason", "revoked_by", "revoked_at", "last_used_at", "number_as_given", "text"):
        op.drop_column("consents", name)
    op.create_table(
        "suppressions",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("phone", name=op.f("uq_suppressions_phone")),
    )
