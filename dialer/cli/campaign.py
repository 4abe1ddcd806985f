"""``dialer campaign new | check | preview | diff | schema | list | show``."""

from pathlib import Path

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import loaded, opened
from dialer.clock import SystemClock
from dialer.model.campaign import CampaignKind
from dialer.model.phone import mask

group = typer.Typer(no_args_is_help=True, help="Look at campaigns: their folders and what is stored of them.")
JSON = typer.Option(False, "--json", help="Print one JSON document.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    app.add_typer(group, name="campaign")


@command(group, "check", "dialer campaign check campaigns/clinic-reminder")
def check(
    campaign: str = typer.Argument(metavar="PATH", help="Folder with campaign.toml, script.md and contacts.csv, or its name."),
    as_json: bool = JSON,
) -> None:
    """Find everything that is wrong with a campaign before anything is stored. Exit code 2 when there are errors."""
    from dialer.operations import checking

    checked = checking.check(loaded().settings, campaign, SystemClock().now().date())
    if as_json:
        screen.print_json(checked.as_json())
    elif checked.findings:
        screen.show(("level", "where", "key", "what"), [(it.level, it.where, it.key, it.message) for it in checked.findings])
    if not checked.is_fit:
        raise typer.Exit(2)
    if not as_json:
        screen.say(f"{checked.campaign} is fit to call.")


@command(group, "new", "dialer campaign new spring-offer --kind promotion")
def new(
    name: str = typer.Argument(help="Name of the campaign and of its folder: small letters, digits, hyphens."),
    kind: CampaignKind = typer.Option(CampaignKind.REMINDER, help="What the calls are for; the legal gates depend on it."),
) -> None:
    """Write a folder to start from: every key explained, and fit to call as it stands."""
    from dialer.operations import authoring

    for path in authoring.new(loaded().settings.campaigns_dir, name, kind):
        screen.say(path)
    screen.note(f"Next: fill it in, then `dialer campaign check {name}` and `dialer campaign preview {name}`.")


@command(group, "preview", "dialer campaign preview clinic-reminder --contact 2")
def preview(
    campaign: str = typer.Argument(help="Folder of a campaign, or its name under ./campaigns."),
    contact: int = typer.Option(1, min=1, help="Which contact of the file; 1 is the first."),
    csv: Path | None = typer.Option(None, help="Another contact file than the folder's own."),
    as_json: bool = JSON,
) -> None:
    """Show what one contact would hear, and what the model would be told and given. Nothing is stored or dialled."""
    from dialer import wiring
    from dialer.operations import authoring

    settings = loaded().settings
    shown = authoring.preview(settings, campaign, contact, wiring.clock_of(settings).now(), csv)
    if as_json:
        screen.print_json(shown.as_json())
        return
    facts = [
        ("contact", f"row {shown.contact.row}: {shown.contact.display_name or 'no name'}, {mask(shown.contact.phone)}"),
        ("zone", shown.zone),
        ("model", shown.model),
        ("tokens", f"about {shown.tokens:,} of instructions and tools (an estimate)"),
        ("cost", f"about ${shown.expected_cost} for an attempt, at most ${shown.worst_cost}"),
        *(("note", text) for text in shown.contact.notes),
    ]
    screen.show(("", ""), facts, title=shown.campaign)
    parts = (("Opening", shown.opening), ("Voicemail", shown.voicemail_message), ("To a call screener", shown.screening_answer))
    for title, text in (*((title, text) for title, text in parts if text), ("Instructions", shown.instructions)):
        screen.say("", f"--- {title} ---", text)
    screen.say("", "--- Tools ---", *(f"{tool['name']}: {tool['description']}" for tool in shown.tools))


@command(group, "diff", "dialer campaign diff clinic-reminder")
def diff(
    campaign: str = typer.Argument(help="Name of a stored campaign, or its folder."),
    before: str = typer.Argument("", metavar="[A]", help="Beginning of a version's hash; default: the one in force."),
    after: str = typer.Argument("", metavar="[B]", help="Another version; default: the folder, else the newest one."),
    as_json: bool = JSON,
) -> None:
    """Show what differs between two versions of a campaign, or between the stored one and its folder."""
    from dialer.operations import authoring

    with opened() as parts:
        found = authoring.difference(parts, campaign, before, after)
    if as_json:
        screen.print_json(found.as_json())
        return
    screen.say(f"{found.campaign}: {found.before} -> {found.after}")
    if found.keys:
        rows = [(it.key, *("" if value is None else value for value in (it.before, it.after))) for it in found.keys]
        screen.show(("key", "before", "after"), rows)
    if found.lines:
        screen.say("script.md", *found.lines)
    if not (found.keys or found.lines):
        screen.say("No difference.")


@command(group, "schema", "dialer campaign schema > campaign.schema.json")
def schema() -> None:
    """Print the JSON schema of campaign.toml, for editors."""
    from dialer.intake import folder

    screen.print_json(folder.schema())


@command(group, "list", "dialer campaign list")
def list_(as_json: bool = JSON) -> None:
    """List the stored campaigns."""
    from dialer.operations import status

    with opened() as parts:
        found = status.standings(parts)
    if as_json:
        screen.print_json([item.as_json() for item in found])
        return
    rows = [(it.name, it.kind, it.status.value, it.rows, it.figures.dialed, screen.money(it.figures.spent)) for it in found]
    screen.show(("campaign", "kind", "status", "#rows", "#dials", "#spent"), rows)
    if not rows:
        screen.note("No campaign is stored yet: dialer import CAMPAIGN CSV")


@command(group, "show", "dialer campaign show clinic-reminder")
def show(campaign: str = typer.Argument(help="Name of a stored campaign, or its folder."), as_json: bool = JSON) -> None:
    """Show one stored campaign: script version, times, buckets, dispositions, money."""
    from dialer.operations import folders, status

    with opened() as parts:
        found = status.standing(parts, campaign)
        settings = folders.stored(parts, campaign).campaign
    if as_json:
        screen.print_json({**found.as_json(), "settings": settings.model_dump(mode="json", exclude={"script"})})
        return
    budget = "none" if settings.budget.total is None else screen.money(settings.budget.total)
    pace = f"{settings.pacing.concurrency} at once, {settings.pacing.cps:g} starts a second"
    facts = [
        ("kind", found.kind),
        ("status", f"{found.status.value} {found.reason}".strip()),
        ("company", f"{settings.company}, spoken for by {settings.agent_name}"),
        ("language", settings.language),
        ("caller IDs", ", ".join(settings.caller_ids)),
        ("pacing", pace),
        ("budget", budget),
        ("script version", found.version),
        ("starts", found.starts_at or "not scheduled"),
        ("ends", found.ends_at or "when it is done"),
        ("rows", found.rows),
        *((f"  {bucket.value}", count) for bucket, count in found.buckets.items()),
        ("dials", found.figures.dialed),
        *((f"  {disposition.value}", count) for disposition, count in found.dispositions.items()),
        ("spent", screen.money(found.figures.spent)),
    ]
    screen.show(("", ""), facts, title=found.name)
