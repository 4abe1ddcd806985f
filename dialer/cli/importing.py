"""``dialer import``."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.errors import UserError

if TYPE_CHECKING:
    from dialer.operations.importing import ImportSummary

REJECTS = "rejects.csv"


def add_to(app: typer.Typer) -> None:
    """Join this command to the command line."""
    command(app, "import", "dialer import clinic-reminder contacts.csv --map phone=Mobile")(import_)


def import_(
    campaign: str = typer.Argument(help="Folder of a campaign, its name under ./campaigns, or a stored campaign."),
    csv: Path = typer.Argument(metavar="CSV", help="The contact file: CSV of any kind, or an Excel workbook (.xlsx)."),
    region: str = typer.Option("", help="Country (US, CN, ...) that reads national numbers; default: the campaign's first."),
    encoding: str = typer.Option("", help="Encoding of the file; default: detected."),
    delimiter: str = typer.Option("", help="Delimiter of the file; default: detected."),
    mapping: list[str] = typer.Option([], "--map", metavar="NAME=COLUMN", help="Which column is what; may be repeated."),
    sheet: str = typer.Option("", help="Sheet of an Excel workbook; default: its first that is not hidden."),
    columns: str = typer.Option("", help="Names of the columns of a file that has no header: phone,first_name,city."),
    is_dry_run: bool = typer.Option(False, "--dry-run", help="Read and judge everything, store nothing."),
    is_same: bool = typer.Option(False, "--same-campaign", help="The folder is the stored campaign, though a copy of it is too."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON document."),
) -> None:
    """Take a contact file in: good rows become calls, bad rows go to rejects.csv with the reason and the fix.

    Importing again corrects contacts in place. A file that cannot be read as a whole is refused, and nothing is stored.
    """
    from dialer.operations import checking, folders, importing

    options = importing.ImportOptions(
        region=region.upper(),
        encoding=encoding,
        delimiter=delimiter,
        mapping=parse_mapping(mapping),
        sheet=sheet,
        columns=[name.strip() for name in columns.split(",")] if columns else (),
        is_dry_run=is_dry_run,
    )
    if csv.is_dir() or not csv.exists():
        what = "is a folder, not a contact file" if csv.is_dir() else "there is no such file"
        raise UserError(f"{csv}: {what}", code="missing_file")
    with opened() as parts:
        wanted, folder = folders.to_import(parts, campaign, is_same=is_same)
        checking.required_fit(wanted, parts.clock.lease_now().date(), is_recorded=parts.settings.is_recorded)
        with _progress(csv) as advance:
            summary = importing.import_contacts(parts, wanted, csv, options, rejects_path(csv), advance)
        if folder is not None and not is_dry_run:
            folders.remember(parts, wanted.name, folder)
    if as_json:
        screen.print_json(summary.as_json())
        return
    print_summary(summary)


def parse_mapping(pairs: list[str]) -> dict[str, str]:
    """``phone=Mobile`` as a pair. Raises ``UserError``."""
    mapped = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not (name and equals and column):
            raise UserError(f"--map {pair}: write NAME=COLUMN, for example phone=Mobile", code="bad_mapping")
        mapped[name.strip()] = column.strip()
    return mapped


def rejects_path(csv: Path) -> Path:
    """Where bad rows go: beside the file, or into the working directory when that is not writable. Never onto the file itself."""
    name = f"again-{REJECTS}" if csv.name == REJECTS else REJECTS
    folder = csv.parent if os.access(csv.parent, os.W_OK) else Path.cwd()
    return folder / name


def print_summary(summary: "ImportSummary") -> None:
    """The table for people."""
    for text in summary.notes:
        screen.note(text)
    kept = [("accepted", summary.accepted), ("updated", summary.updated), ("duplicates", summary.duplicates)]
    of_them = [("  of them held", summary.held), ("  of them suppressed", summary.suppressed)]
    codes = [(f"  {code}", count) for code, count in sorted(summary.by_code.items())]
    rows = [("rows", summary.rows), kept[0], *of_them, *kept[1:], ("rejected", summary.rejected)]
    reasons = [("by reason", ""), *codes] if codes else []
    screen.show(("", "#rows"), [*rows, *reasons], title=f"{summary.campaign}: {summary.file}")
    if summary.rejects_file:
        screen.say(f"Bad rows, each with the reason and what to do: {summary.rejects_file}")


@contextmanager
def _progress(csv: Path) -> Iterator[Callable[[int, int], None]]:
    rows, rate = TextColumn("{task.fields[rows]:,} rows"), TextColumn("{task.fields[rate]:,.0f} a second")
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), rows, rate, TimeRemainingColumn())
    with Progress(*columns, console=screen.err(), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("reading", total=csv.stat().st_size, rows=0, rate=0.0)

        def advance(bytes_read: int, rows_read: int) -> None:
            took_s = progress.tasks[0].elapsed or 0.0
            progress.update(task, completed=bytes_read, rows=rows_read, rate=rows_read / took_s if took_s else 0.0)

        yield advance
