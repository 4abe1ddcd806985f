"""``dialer dnc add | remove | import | export | check``."""

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.cli.scheduling import parse_instant
from dialer.errors import UserError

group = typer.Typer(no_args_is_help=True, help="The do-not-call list: of all campaigns, or of one.")
PHONE = typer.Argument(help="The number.")
CAMPAIGN = typer.Option("", "--campaign", help="The list of this campaign alone; default: of all campaigns.")
BY = typer.Option("", "--by", help="Who does it; default: the user of this machine. Kept on record.")
REASON = typer.Option("", "--reason", help="Why. Kept on record.")
REGION = typer.Option("US", "--region", help="Country that reads a number without +.")
JSON = typer.Option(False, "--json", help="Print one JSON document.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    app.add_typer(group, name="dnc")


def actor(by: str) -> str:
    """Who acts: the name given, else the user of this machine."""
    return by.strip() or getpass.getuser()


def required_reason(reason: str) -> str:
    """Raise ``UserError`` without a reason: the record would not say why."""
    if not reason.strip():
        raise UserError("say why: the reason is kept on record", code="no_reason", hint='--reason "asked by letter"')
    return reason.strip()


@command(group, "add", 'dialer dnc add +12125550123 --reason "asked by letter"')
def add(
    phone: str = PHONE, campaign: str = CAMPAIGN, reason: str = REASON, by: str = BY, region: str = REGION, as_json: bool = JSON
) -> None:
    """Never call a number again; its waiting calls are cancelled at once."""
    from dialer.operations import dnc

    with opened() as parts:
        scope = dnc.scope_of(parts, campaign)
        done = dnc.add(parts, phone, scope, actor(by), required_reason(reason), region.upper())
    if as_json:
        screen.print_json(done.as_json())
        return
    state = "is on the list now" if done.added else "was on the list already"
    screen.say(f"The number {state} ({scope.words}); {done.cancelled} waiting calls were cancelled.")


@command(group, "remove", 'dialer dnc remove +12125550123 --reason "asked us to call again, by letter" --yes')
def remove(
    phone: str = PHONE,
    campaign: str = CAMPAIGN,
    reason: str = REASON,
    by: str = BY,
    region: str = REGION,
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask again."),
) -> None:
    """Take a number off the list: somebody who asked not to be called may be called again. Asks, and is kept on record."""
    from dialer.operations import dnc

    why = required_reason(reason)
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("This lets a number be called that asked not to be. Nobody is here to ask.", hint="add --yes")
        typer.confirm("This lets a number be called that asked not to be. Go on?", abort=True, err=True)
    with opened() as parts:
        scope = dnc.scope_of(parts, campaign)
        restored = dnc.remove(parts, phone, scope, actor(by), why, region.upper())
    if restored is None:
        raise UserError(f"the number is not on the list of {scope.words}", code="not_listed")
    screen.say(
        f"The number is off the list of {scope.words}. {restored} calls that were cancelled before their first dial wait again."
    )


@command(group, "import", "dialer dnc import unsubscribed.csv --reason 'mail of 20 November'")
def import_(
    path: Path = typer.Argument(metavar="FILE", help="One number a line, or a CSV with a column of numbers (or of our hashes)."),
    campaign: str = CAMPAIGN,
    national: str = typer.Option("", "--national", metavar="COUNTRY", help="The file is that country's own list (US, GB, ...)."),
    as_of: str = typer.Option("", "--as-of", metavar="INSTANT", help="With --national: the day that the copy is of."),
    reason: str = REASON,
    by: str = BY,
    region: str = REGION,
    as_json: bool = JSON,
) -> None:
    """Put the numbers of a file on the list, or take in a copy of a national list."""
    from dialer.operations import dnc

    with opened() as parts:
        if national:
            moment = _day(as_of)
            done = dnc.import_national(parts, path, national.upper(), moment, actor(by), reason or "a new copy")
        else:
            scope = dnc.scope_of(parts, campaign)
            done = dnc.import_list(parts, path, scope, actor(by), required_reason(reason), region.upper())
    if as_json:
        screen.print_json(done.as_json())
        return
    screen.say(
        f"{done.added} numbers are new on the list, {done.known} were on it, {done.cancelled} waiting calls were cancelled."
    )
    if done.unreadable:
        lines = ", ".join(map(str, done.lines))
        screen.note(f"{done.unreadable} lines are no numbers and were left out (lines {lines}).")


def _day(text: str) -> datetime:
    if not text:
        raise UserError("--national needs --as-of: the day that the copy is of", code="bad_instant")
    if len(text) == len("2026-11-20"):
        text = f"{text}T00:00+00:00"
    instant = parse_instant("--as-of", text)
    assert instant is not None
    return instant.astimezone(UTC)


@command(group, "export", "dialer dnc export suppressed.csv")
def export(
    path: Path = typer.Argument(Path("-"), metavar="[FILE]", help="Where to; default: standard output."), by: str = BY
) -> None:
    """Write the list as CSV: keyed hashes, scopes, reasons. It reveals no number, and imports where the key is the same."""
    from dialer.operations import dnc

    with opened() as parts:
        if str(path) == "-":
            dnc.export(parts, sys.stdout, actor(by))
            return
        try:
            with path.open("x", encoding="utf-8", newline="") as out:
                count = dnc.export(parts, out, actor(by))
        except OSError as error:
            raise UserError(f"{path}: {error.strerror}", code="unwritable") from error
    screen.say(f"{path}: {count} entries.")


@command(group, "check", "dialer dnc check +12125550123")
def check(phone: str = PHONE, region: str = REGION, as_json: bool = JSON) -> None:
    """Say whether a number is on our list or on a national one, since when and why."""
    from dialer.operations import dnc

    with opened() as parts:
        found = dnc.check(parts, phone, region.upper())
    if as_json:
        screen.print_json(found.as_json())
        return
    screen.say(f"{found.phone} is {'' if found.is_listed else 'not '}on a list that binds all campaigns.")
    for entry, scope in found.entries:
        quote = f' "{entry.quote}"' if entry.quote else ""
        screen.say(f"  {scope}, since {entry.added_at:%Y-%m-%d %H:%M} UTC: {entry.reason} ({entry.source}){quote}")
    for country, as_of, is_on in found.national:
        screen.say(f"  list of {country} of {as_of:%Y-%m-%d}: {'on it' if is_on else 'not on it'}")
    for act in found.acts:
        screen.say(f"  {act.done_at:%Y-%m-%d %H:%M} UTC {act.act} by {act.actor}: {act.reason}")
