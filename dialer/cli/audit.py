"""``dialer audit verify | heads | export`` and ``dialer rules show | override | overrides | revoke``."""

from datetime import timedelta
from pathlib import Path

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.cli.dnc import BY, JSON, REASON, actor, required_reason
from dialer.cli.scheduling import parse_instant
from dialer.errors import PolicyRefusal, UserError

group = typer.Typer(no_args_is_help=True, help="Are the records whole?")
rules_group = typer.Typer(no_args_is_help=True, help="The rules in force, and who has widened one.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    app.add_typer(group, name="audit")
    app.add_typer(rules_group, name="rules")


@command(group, "verify", "dialer audit verify --heads heads.json")
def verify(
    heads: Path | None = typer.Option(
        None, "--heads", metavar="FILE", help="Heads that were kept elsewhere: dialer audit heads, or a report.json."
    ),
    as_json: bool = JSON,
) -> None:
    """Find records that were edited, deleted, moved or cut off; make every decision again from its record. 3: not whole."""
    from dialer.operations import audit

    anchors = audit.read_anchors(heads) if heads else {}
    with opened() as parts:
        found = audit.verify(parts, anchors)
    if as_json:
        screen.print_json(found.as_json())
    else:
        for report in found.chains:
            screen.say(
                f"{'ok   ' if not report.flaws else 'WRONG'}  {report.name}: {report.records} records, head {report.digest}"
            )
            screen.say(*(f"       {flaw}" for flaw in report.flaws))
        screen.say(*(f"WRONG  {flaw}" for flaw in found.flaws))
        again = ", ".join(f"{count} {verdict}" for verdict, count in found.again.items() if count)
        screen.say(f"Decisions made again from their records: {again or 'none'}.")
        if found.unlinked:
            screen.say(f"{found.unlinked} decisions are from before there were chains.")
    if not found.is_whole:
        raise PolicyRefusal("the records are not whole")


@command(group, "heads", "dialer audit heads > heads.json")
def heads() -> None:
    """Print the heads of all chains as JSON. Kept elsewhere, they prove later that nothing was cut off or rolled back."""
    from dialer.operations import audit

    with opened() as parts:
        screen.print_json([head.as_json() for head in audit.heads(parts)])


@command(group, "export", "dialer audit export solar-sales --dir evidence")
def export(
    campaign: str = typer.Argument(help="Name of a stored campaign, or its folder."),
    directory: Path = typer.Option(Path("evidence"), "--dir", help="Where to; it must not be there yet."),
) -> None:
    """Write the evidence of a campaign: a folder that anybody can check with `python3 verify.py`, without us."""
    from dialer.operations import audit

    with opened() as parts:
        written = audit.export(parts, campaign, directory)
    screen.say(f"{written}: check it with  python3 {written / 'verify.py'}")


@command(rules_group, "show", "dialer rules show")
def show(as_json: bool = JSON) -> None:
    """Show every rule with its source, the day on which that was last checked, and how sure it is."""
    from dialer.operations import rules

    with opened() as parts:
        rows = rules.shown(parts.clock.now())
    if as_json:
        screen.print_json([row.as_json() for row in rows])
        return
    lines = [
        (it.id, " ".join(it.kinds), it.what, it.source, it.checked_on + (" OLD" if it.is_old else ""), it.confidence)
        for it in rows
    ]
    screen.show(("rule", "kinds", "what", "source", "checked", "confidence"), lines)


@command(
    rules_group, "override", "dialer rules override FREQ-1 --campaign solar-sales --days 7 --by 'A. Person' --reason '...' --yes"
)
def override(
    rule: str = typer.Argument(help="Id of the rule (dialer rules show)."),
    campaign: str = typer.Option("", "--campaign", help="For this campaign alone; default: for all."),
    until: str = typer.Option("", "--until", metavar="INSTANT", help="When it ends, within 90 days."),
    days: int = typer.Option(0, "--days", min=0, help="The same, as days from now."),
    by: str = typer.Option(..., "--by", help="The person who answers for it."),
    reason: str = REASON,
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask again."),
) -> None:
    """Widen a rule for a time. It is kept on record, and named in every decision that rests on it."""
    from dialer.operations import rules

    why = required_reason(reason)
    if not yes:
        typer.confirm(f"{rule} protects callees and you. Widen it?", abort=True, err=True)
    with opened() as parts:
        ends = parse_instant("--until", until) or (parts.clock.now() + timedelta(days=days) if days else None)
        if ends is None:
            raise UserError("say when it ends: --until or --days", code="bad_instant")
        made = rules.override(parts, rule, campaign, by, why, ends)
    screen.say(f"Override {made.id}: {rule} is widened until {made.expires_at:%Y-%m-%d %H:%M} UTC.")


@command(rules_group, "overrides", "dialer rules overrides")
def overrides(as_json: bool = JSON) -> None:
    """Show who has widened which rule, for whom, until when and why."""
    from dialer.operations import rules

    with opened() as parts:
        found = rules.listed(parts)
    if as_json:
        body = [
            {
                "id": row.override.id,
                "rule": row.override.rule,
                "campaign": name,
                "by": row.override.actor,
                "reason": row.override.reason,
                "until": row.override.expires_at.isoformat(),
                "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
            }
            for row, name in found
        ]
        screen.print_json(body)
        return
    rows = [
        (
            row.override.id,
            row.override.rule,
            name or "all",
            row.override.actor,
            row.override.reason,
            f"{row.override.expires_at:%Y-%m-%d %H:%M}",
            f"revoked by {row.revoked_by}" if row.revoked_at else "",
        )
        for row, name in found
    ]
    screen.show(("#id", "rule", "campaign", "by", "why", "until (UTC)", ""), rows)


@command(rules_group, "revoke", "dialer rules revoke 1 --reason 'no longer needed'")
def revoke(override_id: int = typer.Argument(metavar="ID", help="The override."), reason: str = REASON, by: str = BY) -> None:
    """End an override now."""
    from dialer.operations import rules

    with opened() as parts:
        row = rules.revoke(parts, override_id, actor(by), required_reason(reason))
    screen.say(f"Override {override_id} of {row.override.rule} has ended.")
