"""``dialer report``."""

from pathlib import Path

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.errors import UserError


def add_to(app: typer.Typer) -> None:
    """Join this command to the command line."""
    command(app, "report", "dialer report clinic-reminder")(report)


def report(
    campaign: str = typer.Argument("", help="Name of a stored campaign, or its folder."),
    is_over_all: bool = typer.Option(False, "--all", help="One report over all campaigns and script versions: reports/all."),
    directory: Path | None = typer.Option(None, "--dir", help="Where to; default: reports/CAMPAIGN."),
    language: str = typer.Option(
        "", "--language", help="Language of the page of --all: en or zh; default: that of the campaigns."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the contents of report.json."),
) -> None:
    """Write the report: a page for people, tables and transcripts for programs. Writing it again replaces the files."""
    from dialer.operations import folders, overall, reporting
    from dialer.operations import report as reports

    if bool(campaign) == is_over_all:
        raise UserError("name one campaign, or --all", code="no_campaign", hint="dialer campaign list")
    if language and not is_over_all:
        raise UserError("--language is for --all: a campaign's report speaks its own language", code="bad_option")
    with opened() as parts:
        name = "all" if is_over_all else folders.stored(parts, campaign).name
        with parts.store.read() as tx:
            now = reporting.campaign_now(tx, parts)
        target = directory or parts.settings.reports_dir / name
        if is_over_all:
            written = overall.write_overall(parts.store, target, now, language)
        else:
            written = reports.write_report(parts.store, name, target, now)
    if as_json:
        screen.print_json(written.summary)
        return
    screen.say(*written.files)
