"""``dialer init | doctor | db upgrade``."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import loaded, require_database_file
from dialer.clock import SystemClock
from dialer.config import Loaded
from dialer.errors import BrokerError, DialerError, UserError

if TYPE_CHECKING:
    from dialer.operations.doctor import Check

db = typer.Typer(no_args_is_help=True, help="The database.")
JSON = typer.Option(False, "--json", help="Print one JSON document.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    command(app, "init", "dialer init my-calls")(init)
    command(app, "doctor", "dialer doctor")(doctor)
    app.add_typer(db, name="db")


def init(directory: Path = typer.Argument(Path("."), metavar="[DIR]", help="Where; default: here.")) -> None:
    """Lay out a workspace: every setting explained, .env.example, .gitignore, one example campaign. Overwrites nothing."""
    from dialer.operations import workspace

    laid = workspace.init(directory)
    screen.show(("file", ""), [(item.path, "was there, left as it is" if item.was_there else "new") for item in laid])
    there = "" if directory.resolve() == Path.cwd() else f"cd {shlex.quote(str(directory))}, then "
    screen.say(f"Next: {there}dialer db upgrade, then dialer doctor")


@command(db, "upgrade", "dialer db upgrade")
def upgrade() -> None:
    """Create the database's tables, or bring them to this version. Harmless when they are."""
    from dialer import wiring
    from dialer.config import mask_url
    from dialer.store import migrate

    settings = loaded().settings
    wiring.require_key(settings)
    migrate.upgrade(settings.database_url, **wiring.key_of(settings))
    screen.say(f"{mask_url(settings.database_url)} is at revision {migrate.head()}.")


def doctor(as_json: bool = JSON) -> None:
    """Look at every configured part, say what is wrong and how to mend it, and print the effective settings with their sources.

    Exit code 0 when all is well, 2 for a bad setting, 4 when a part does not answer.
    """
    from dialer.operations import doctor as looks

    found = loaded()
    checks = [*looks.check_machine(), looks.check_settings(found), *_check_parts(found)]
    code = looks.exit_code(checks)
    if as_json:
        settings = [{"name": it.variable, "value": it.value, "source": it.source} for it in found.effective()]
        screen.print_json({"exit_code": code, "checks": [check.as_json() for check in checks], "settings": settings})
    else:
        screen.show(("setting", "value", "source"), [(it.variable, it.value, it.source) for it in found.effective()])
        screen.say("")
        rows = [(check.part, check.health.value.replace("_", " "), check.seen, check.mend) for check in checks]
        screen.show(("part", "health", "seen", "how to mend it"), rows)
    if code:
        raise typer.Exit(code)


def _check_parts(found: Loaded) -> "list[Check]":
    from dialer import wiring
    from dialer.operations import doctor as looks

    checks = [_check_broker(found), *looks.check_models(found.settings, SystemClock().now().date())]
    try:
        require_database_file(found.settings)
    except DialerError as error:
        checks.append(looks.Check("database", looks.Health.BAD_SETTING, str(error), "dialer db upgrade"))
        return checks
    try:
        parts = wiring.build(found.settings, is_look=True)
    except UserError as error:
        return [*checks, looks.failed("settings", error)]
    try:
        stored = [looks.check_database(parts), *looks.check_files(parts), looks.check_ledger_key(parts), looks.check_lanes(parts)]
        return [*checks, *stored, *looks.check_lines(parts)]
    finally:
        parts.store.close()


def _check_broker(found: Loaded) -> "Check":
    from dialer.operations import doctor as looks
    from dialer.worker.ping import ping_broker

    try:
        return looks.Check("broker", looks.Health.OK, ping_broker(found.settings.broker_url))
    except BrokerError as error:
        return looks.failed("broker", error)
