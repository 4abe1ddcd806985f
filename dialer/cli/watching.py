"""``dialer status | watch | transcript | contact show``."""

from collections.abc import Iterable, Sequence

import typer
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.cli.live import watch_view
from dialer.clock import wait_real
from dialer.compliance.reasons import reason_text
from dialer.errors import UserError
from dialer.model.call import Bucket
from dialer.operations.lookup import Known, KnownCall
from dialer.operations.parts import Parts
from dialer.operations.status import Standing
from dialer.reports.talks import Entry, clock

contact = typer.Typer(no_args_is_help=True, help="Everything about one person.")
JSON = typer.Option(False, "--json", help="Print one JSON document.")
REGION = typer.Option("US", "--region", help="Country that reads a number without +.")
_LOOK_S = 0.5


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    command(app, "status", "dialer status clinic-reminder")(status)
    command(app, "watch", "dialer watch")(watch)
    command(app, "transcript", "dialer transcript +12125550123")(transcript)
    command(contact, "show", "dialer contact show +12125550123")(contact_show)
    app.add_typer(contact, name="contact")


def status(campaign: str = typer.Argument("", help="One campaign; default: all."), as_json: bool = JSON) -> None:
    """Where every row of the file is; the counts add up to the file."""
    from dialer.operations import status as looks

    with opened() as parts:
        found = [looks.standing(parts, campaign)] if campaign else looks.standings(parts)
    if as_json:
        screen.print_json(found[0].as_json() if campaign else [item.as_json() for item in found])
        return
    buckets = [bucket for bucket in Bucket if any(bucket in item.buckets for item in found)]
    names = [f"#{bucket.value.replace('_', ' ')}" for bucket in buckets]
    header = ("campaign", "status", "#rows", *names, "#dials", "#spent", "next due")
    lines = [_status_line(item, buckets) for item in found]
    if screen.has_room(header, lines):
        screen.show(header, lines)
        return
    for line in lines:
        screen.prose(*_apart(header, line))


def _apart(header: Sequence[str], line: Sequence[object]) -> tuple[str, str]:
    """A line of the table as sentences, where the table is wider than the terminal; what is nothing is left out."""
    campaign, said, *figures = line
    told = [f"{name.removeprefix('#')} {figure}" for name, figure in zip(header[2:], figures, strict=True) if figure]
    return f"{campaign}: {said}", f"  {', '.join(told)}"


def _status_line(item: Standing, buckets: list[Bucket]) -> list[object]:
    said = f"{item.status.value}: {item.reason}" if item.reason else item.status.value
    due = "" if item.next_due_at is None else f"{item.next_due_at:%Y-%m-%d %H:%M} UTC"
    counts = [item.buckets.get(bucket, 0) for bucket in buckets]
    return [item.name, said, item.rows, *counts, item.figures.dialed, screen.money(item.figures.spent), due]


def watch(
    campaign: str = typer.Argument("", help="One campaign; default: all."),
    is_once: bool = typer.Option(False, "--once", help="Print one picture and end."),
) -> None:
    """Watch calls in progress: masked numbers, states, last words, rate, spend. Ends when all is done, or with Ctrl-C."""
    from dialer.operations import status as looks

    with opened() as parts:
        first = looks.snapshot(parts, campaign or None)
        console = screen.out()
        if is_once or not console.is_terminal:
            console.print(watch_view(first))
            return
        _follow(parts, campaign or None)


def _follow(parts: Parts, campaign: str | None) -> None:
    from dialer.operations import status as looks

    with Live(console=screen.out(), auto_refresh=False) as view:
        while True:
            snapshot = looks.snapshot(parts, campaign)
            view.update(watch_view(snapshot), refresh=True)
            if snapshot.is_done:
                return
            wait_real(_LOOK_S)


def transcript(
    key: str = typer.Argument(metavar="ATTEMPT|PHONE", help="Id of an attempt or its beginning, or a number (its last talk)."),
    form: str = typer.Option("txt", "--format", help="txt, md, vtt or json."),
    region: str = REGION,
) -> None:
    """Print the words of one call as they were heard, with what the model asked our code to do."""
    from dialer.operations import lookup

    if form not in ("txt", "md", "vtt", "json"):
        raise UserError(f"--format {form}: txt, md, vtt or json", code="bad_format")
    with opened() as parts:
        words = lookup.words(parts, key, region.upper())
    if form == "json":
        screen.print_json(words.as_json())
        return
    if form in ("md", "vtt"):
        screen.say((words.as_markdown() if form == "md" else words.as_vtt()).rstrip("\n"))
        return
    row = words.attempt
    when = "" if row.dialed_at is None else f", {row.dialed_at:%Y-%m-%d %H:%M} UTC"
    ended = "in progress" if row.disposition is None else row.disposition.value
    outcome = "" if row.outcome is None else f", {row.outcome.value}"
    screen.note(f"{words.campaign}, {words.contact or row.phone}, attempt {row.number}{when}: {ended}{outcome} ({row.id})")
    if screen.out().is_terminal:
        screen.out().print(_talk(words.entries()))
    else:
        screen.say(words.as_text())


def _talk(lines: Iterable[Entry]) -> Table:
    """A talk for a terminal: the words of each speaker in a column, wrapped at its width."""
    styles = {"agent": "bold cyan", "callee": "bold green", "tool": "dim", "event": "dim italic"}
    made = Table.grid(padding=(0, 1))
    made.add_column(no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for it in lines:
        style = styles[it.who]
        words = Text(screen.safe(it.text), style="" if it.who in ("agent", "callee") else style)
        if it.note:
            words.append(f" ({screen.safe(it.note)})", style="dim")
        made.add_row(Text(clock(it.at_ms), style="dim"), Text(it.who, style=style), words)
    return made


def contact_show(
    phone: str = typer.Argument(help="The number."),
    region: str = REGION,
    as_json: bool = JSON,
) -> None:
    """Show everything about one number: campaigns, where the call stands, attempts, consent, do-not-call, decisions."""
    from dialer.operations import lookup

    with opened() as parts:
        found = lookup.known(parts, phone, region.upper())
    if as_json:
        screen.print_json(found.as_json())
        return
    _print_known(found)


def _print_known(found: Known) -> None:
    listed = found.suppressed
    screen.say(found.phone if listed is None else f"{found.phone}  ON THE DO-NOT-CALL LIST since {listed.added_at:%Y-%m-%d}")
    if listed is not None:
        screen.say(f'  reason: {listed.reason} ({listed.source})  "{listed.quote}"')
    for consent in found.consents:
        when = "" if consent.given_at is None else f" on {consent.given_at:%Y-%m-%d}"
        screen.say(f"consent: {consent.kind}{when}, {consent.source}")
    for known in found.calls:
        _print_call(known)
    rows = [
        (f"{it.decision.decided_at:%Y-%m-%d %H:%M}", it.decision.stage.value, it.decision.code, reason_text(it.decision))
        for it in found.decisions
    ]
    screen.show(("at (UTC)", "asked when", "code", "why"), rows, title="decisions")


def _print_call(known: KnownCall) -> None:
    held = "" if known.call is None or not known.call.hold_code else f" ({known.call.hold_code})"
    who = known.contact.display_name or "no name"
    screen.say("", f"{known.campaign}: {who}, row {known.contact.row}, {known.bucket.value}{held}")
    lines = [
        (
            it.number,
            "" if it.dialed_at is None else f"{it.dialed_at:%Y-%m-%d %H:%M}",
            it.state.value if it.disposition is None else it.disposition.value,
            "" if it.outcome is None else it.outcome.value,
            f"{it.talk_s:.0f}",
            screen.money(it.cost),
            it.id[:12],
        )
        for it in known.attempts
    ]
    if lines:
        screen.show(("#attempt", "dialled (UTC)", "disposition", "outcome", "#talk s", "#cost", "id"), lines)
