"""The command ``dialer``: all groups of commands joined, and the console entry."""

import sys

import typer

from dialer import __version__
from dialer.cli import (
    audit,
    campaign,
    demo,
    dnc,
    export,
    importing,
    lead,
    numbers,
    replay,
    reporting,
    running,
    scheduling,
    simulate,
    testcall,
    watching,
    webhook,
    why,
    workspace,
)

app = typer.Typer(
    name="dialer",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Runs outbound phone campaigns with an AI voice: a CSV goes in, calls, transcripts and a lead report come out.",
    epilog="Begin with:  dialer demo",
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"dialer {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version and end."),
) -> None:
    """Options that go before the command."""


_CALLS = (demo, workspace, campaign, importing, scheduling, testcall, running, watching, replay, reporting, export, lead)
_LAW = (why, dnc, audit)
for group in (*_CALLS, *_LAW, numbers, webhook, simulate):
    group.add_to(app)


def main() -> None:
    """The console entry."""
    app(prog_name="dialer")
