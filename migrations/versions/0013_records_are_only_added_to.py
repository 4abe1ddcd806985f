"""Records are only added to: the database itself refuses to change or delete a decision or an act.

The chains tell afterwards that a record was changed; a statement that would do it by mistake, or through a hole in a program,
fails at once. One column may be emptied, the plain number of a decision, which is no part of the record: a person can be erased.
Who owns the database can take the triggers away, and the chains tell. A later migration that rebuilds one of these tables on
SQLite has to make its triggers anew.
"""

from alembic import op

revision = "0013"
down_revision = "0012"

WHY = "records are only added to"
DECISION = (
    *("id", "campaign_id", "contact_id", "call_id", "attempt_id", "stage", "verdict", "code", "rules", "zones", "number"),
    *("next_allowed_at", "decided_at", "basis", "chain", "seq", "digest", "mac"),
)
TRIGGERS = (
    ("decisions_stay", "decisions", f"UPDATE OF {', '.join(DECISION)}", ""),
    ("decisions_keep_their_number", "decisions", "UPDATE OF phone", "WHEN (NEW.phone <> '')"),
    ("decisions_are_kept", "decisions", "DELETE", ""),
    ("acts_stay", "acts", "UPDATE", ""),
    ("acts_are_kept", "acts", "DELETE", ""),
)


def upgrade() -> None:
    """Make the triggers."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        body = f"BEGIN RAISE EXCEPTION '{WHY}'; END"
        op.execute(f"CREATE FUNCTION dialer_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    does = "EXECUTE FUNCTION dialer_refuse_change()" if is_postgres else f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
    for name, table, event, when in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} {does}")


def downgrade() -> None:
    """Take the triggers away."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for name, table, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if is_postgres else ""))
    if is_postgres:
        op.execute("DROP FUNCTION dialer_refuse_change()")
