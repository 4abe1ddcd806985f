"""``dialer export``."""

from pathlib import Path

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.reports.crm import PLACEHOLDER, Crm


def add_to(app: typer.Typer) -> None:
    """Join this command to the command line."""
    command(app, "export", "dialer export solar-sales --crm hubspot --map 'Lead Status=grade'")(export)


def export(
    campaign: str = typer.Argument(help="Name of a stored campaign, or its folder."),
    crm: Crm = typer.Option(..., "--crm", help="Whose headers."),
    mapping: list[str] = typer.Option([], "--map", help="THEIRS=OURS: another header for a field, or a further column."),
    out: Path | None = typer.Option(None, "--out", help="File; default: reports/CAMPAIGN/CRM.csv."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON document."),
) -> None:
    """Write the leads as a file that a CRM's own import understands."""
    from dialer.operations import exporting

    with opened() as parts:
        done = exporting.export(parts, campaign, crm, mapping, out)
    if as_json:
        screen.print_json({"file": str(done.path), "leads": done.leads, "placeholders": done.placeholders})
        return
    screen.say(done.path)
    screen.note(f"{done.leads} leads")
    if done.placeholders:
        screen.note(f"{done.placeholders} required cells that the list has nothing for say {PLACEHOLDER}")
