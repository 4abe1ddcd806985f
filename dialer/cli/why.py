"""``dialer why`` and ``dialer consent show | add | revoke``."""

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.cli.dnc import BY, JSON, PHONE, REASON, REGION, actor, required_reason
from dialer.cli.scheduling import parse_instant

consent_group = typer.Typer(no_args_is_help=True, help="The ledger of consent.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    command(app, "why", "dialer why +12125550123")(why)
    app.add_typer(consent_group, name="consent")


def why(
    key: str = typer.Argument(metavar="PHONE|CALL", help="A number, the id of an attempt or its beginning, or a call (#12)."),
    region: str = REGION,
    as_json: bool = JSON,
) -> None:
    """Say why a number was called, and why not: each decision with its reasons, as an answer to a complaint."""
    from dialer.operations import why as answers

    with opened() as parts:
        found = answers.why(parts, key, region.upper())
    if as_json:
        screen.print_json(found.as_json())
        return
    screen.prose(*found.as_text())


@command(consent_group, "show", "dialer consent show +12125550123")
def show(phone: str = PHONE, region: str = REGION, as_json: bool = JSON) -> None:
    """Show what consent is on record for a number: class, source, words, when it was last used, whether it was taken back."""
    from dialer.operations import consent

    with opened() as parts:
        found = consent.show(parts, phone, region.upper())
    if as_json:
        screen.print_json(found.as_json())
        return
    columns = ("class", "given", "source", "number as given", "last used", "taken back", "why", "words")
    rows = [
        (
            it.kind,
            f"{it.given_at:%Y-%m-%d}" if it.given_at else "undated",
            it.source,
            it.number_as_given,
            f"{it.last_used_at:%Y-%m-%d %H:%M}" if it.last_used_at else "never",
            f"{it.revoked_at:%Y-%m-%d %H:%M} by {it.revoked_by}" if it.revoked_at else "",
            it.revoked_reason,
            it.text,
        )
        for it in found.rows
    ]
    screen.show(columns, rows, title=f"consent of {found.phone}")


@command(consent_group, "add", 'dialer consent add +12125550123 --class express --source "asked at the desk"')
def add(
    phone: str = PHONE,
    kind: str = typer.Option(..., "--class", help="express or written."),
    source: str = typer.Option(..., "--source", help="Where it was given."),
    text: str = typer.Option("", "--text", help="The words that the person agreed to."),
    at: str = typer.Option("", "--at", metavar="INSTANT", help="When it was given; default: now."),
    by: str = BY,
    region: str = REGION,
) -> None:
    """Record a consent; calls that were held for want of it go on."""
    from dialer.model.contact import Consent
    from dialer.operations import consent

    given_at = parse_instant("--at", at)
    with opened() as parts:
        given = Consent(kind, source, given_at or parts.clock.now())
        count = consent.add(parts, phone, given, text, actor(by), region.upper())
    screen.say(f"Recorded for {count} contact{'s' if count > 1 else ''}.")


@command(consent_group, "revoke", 'dialer consent revoke +12125550123 --reason "letter of 20 November"')
def revoke(phone: str = PHONE, reason: str = REASON, by: str = BY, region: str = REGION) -> None:
    """Take the consent of a number back, for all campaigns: calls that need it are held from the next look on."""
    from dialer.operations import consent

    with opened() as parts:
        count = consent.revoke(parts, phone, actor(by), required_reason(reason), region.upper())
    screen.say(f"{count} consent{'s were' if count > 1 else ' was'} taken back.")
