"""``dialer plan | schedule | pause | resume | cancel``."""

import sys
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import ask_before_ringing, opened
from dialer.errors import UserError

if TYPE_CHECKING:
    from dialer.operations.plan import Plan

CAMPAIGN = typer.Argument(help="Name of a stored campaign, or its folder.")
JSON = typer.Option(False, "--json", help="Print one JSON document.")
YES = typer.Option(False, "--yes", "-y", help="Do not ask before real phones may ring.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    command(app, "plan", "dialer plan clinic-reminder")(plan)
    command(app, "schedule", "dialer schedule clinic-reminder --start 2026-11-23T09:00-05:00")(schedule)
    command(app, "pause", 'dialer pause clinic-reminder --reason "the offer changed"')(pause)
    command(app, "resume", "dialer resume clinic-reminder")(resume)
    command(app, "cancel", "dialer cancel clinic-reminder --now")(cancel)


def plan(
    campaign: str = CAMPAIGN,
    limit: int = typer.Option(20, "--limit", min=0, help="Lines to print of each list; 0: all."),
    as_json: bool = JSON,
) -> None:
    """Dry run: who would be called, when (the contact's local time), from which number, for how much; who never, and why."""
    from dialer.operations import plan as planning

    with opened() as parts:
        found = planning.plan(parts, campaign)
    if as_json:
        screen.print_json(found.as_json())
        return
    shown = found.calls[: limit or None]
    lines = [
        (
            it.row,
            it.name,
            it.number,
            planning.local(it.earliest_at, it.zone),
            planning.local(it.starts_at, it.zone) if it.starts_at else "no opening found",
            it.zone,
            f"{it.starts_at:%m-%d %H:%M}" if it.starts_at else "",
            it.from_number,
            screen.money(it.cost),
        )
        for it in shown
    ]
    columns = ("#row", "name", "number", "allowed from", "its turn", "zone", "UTC", "from", "#cost")
    screen.show(columns, lines, title=f"{found.campaign}: to be called")
    _more(len(found.calls), len(shown))
    if found.never:
        never = found.never[: limit or None]
        refused = [(it.row, it.name, it.number, it.code, it.reason) for it in never]
        screen.show(("#row", "name", "number", "code", "why"), refused, title="not as it stands")
        _more(len(found.never), len(never))
    _print_totals(found)


def _more(total: int, shown: int) -> None:
    if total > shown:
        screen.say(f"... and {total - shown} more (--limit 0 shows all)")


def _print_totals(found: "Plan") -> None:
    screen.show(("day", "#calls"), [(day.isoformat(), count) for day, count in found.by_day], title="first attempts by local day")
    until = "" if found.finish_at is None else f", the last one ends about {found.finish_at:%Y-%m-%d %H:%M} UTC"
    screen.prose(
        f"{len(found.calls)} to be called{until}; {len(found.never)} not as it stands; {found.done} done or live.",
        *_with_redials(found),
        f"Expected cost {screen.money(found.cost)}, at the very most {screen.money(found.worst_cost)} (first attempts only).",
    )


def _with_redials(found: "Plan") -> list[str]:
    if found.latest_finish_at is None or found.most_dials == len(found.calls):
        return []
    last = f"{found.latest_finish_at:%Y-%m-%d %H:%M} UTC"
    return [f"If nobody ever answers it comes to {found.most_dials} dials, the last one about {last}."]


def schedule(
    campaign: str = CAMPAIGN,
    start: str = typer.Option("", "--start", metavar="INSTANT", help="Not before, ISO 8601 with offset; default: at once."),
    end: str = typer.Option("", "--end", metavar="INSTANT", help="Not after, ISO 8601 with offset; default: until it is done."),
    concurrency: int | None = typer.Option(None, "--concurrency", help="Calls at once; default: as the campaign says."),
    cps: float | None = typer.Option(None, "--cps", help="Call starts per second; default: as the campaign says."),
    caller_concurrency: int | None = typer.Option(None, "--caller-concurrency", help="Calls at once of each caller ID."),
    caller_cps: float | None = typer.Option(None, "--caller-cps", help="Call starts per second of each caller ID."),
    budget: float | None = typer.Option(None, "--budget", help="The campaign stops at so much; default: as the campaign says."),
    yes: bool = YES,
    as_json: bool = JSON,
) -> None:
    """Arm a campaign: from now on whoever runs (dialer run, dialer worker) dials its due calls."""
    from dialer.operations import scheduling

    starts_at, ends_at = parse_instant("--start", start), parse_instant("--end", end)
    with opened() as parts:
        question = f"{campaign}: real phones will ring. Go on?"
        ask_before_ringing(parts.settings, question, is_yes=yes, has_terminal=sys.stdin.isatty())
        money = None if budget is None else Decimal(str(budget))
        limits = scheduling.NewLimits(concurrency, cps, money, caller_concurrency, caller_cps)
        armed = scheduling.schedule(parts, campaign, starts_at, ends_at, limits)
    ends = None if armed.ends_at is None else armed.ends_at.isoformat()
    if as_json:
        body = {"campaign": armed.campaign, "starts_at": armed.starts_at.isoformat(), "ends_at": ends}
        screen.print_json({**body, "waiting": armed.waiting, "held": armed.held})
        return
    until = f" until {armed.ends_at.isoformat(timespec='seconds')}" if armed.ends_at else ""
    since = armed.starts_at.isoformat(timespec="seconds")
    screen.say(f"{armed.campaign} is armed from {since}{until}: {armed.waiting} to call, {armed.held} held.")
    screen.note("It is dialled by: dialer run (one process), or dialer worker and dialer beat (a fleet)")


def parse_instant(option: str, text: str) -> datetime | None:
    """An instant as it is typed; None for nothing. Raises ``UserError``."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"{option} {text}: not an instant", code="bad_instant", hint="2026-11-23T09:00-05:00") from error
    if instant.tzinfo is None:
        raise UserError(f"{option} {text}: say in which zone", code="bad_instant", hint=f"{text}-05:00 or {text}Z")
    return instant


def pause(
    campaign: str = CAMPAIGN,
    reason: str = typer.Option("asked for", "--reason", help="Kept with the campaign."),
    as_json: bool = JSON,
) -> None:
    """Stop dialling; calls in progress finish. Bites at the next dial."""
    from dialer.operations import scheduling

    with opened() as parts:
        row = scheduling.pause(parts, campaign, reason)
    _tell(row.name, row.status.value, as_json, reason=row.status_reason)


def resume(campaign: str = CAMPAIGN, yes: bool = YES, as_json: bool = JSON) -> None:
    """Go on after a pause."""
    from dialer.operations import scheduling

    with opened() as parts:
        question = f"{campaign}: real phones will ring again. Go on?"
        ask_before_ringing(parts.settings, question, is_yes=yes, has_terminal=sys.stdin.isatty())
        row = scheduling.resume(parts, campaign)
    _tell(row.name, row.status.value, as_json)


def cancel(
    campaign: str = CAMPAIGN,
    is_now: bool = typer.Option(False, "--now", help="Ask calls in progress to say goodbye at once."),
    as_json: bool = JSON,
) -> None:
    """End a campaign for good: nothing of it is dialled any more."""
    from dialer.operations import folders, scheduling

    with opened() as parts:
        name = folders.stored(parts, campaign).name
        ended = scheduling.cancel(parts, campaign, is_now=is_now)
    _tell(name, "cancelled", as_json, cancelled_calls=ended)


def _tell(name: str, status: str, as_json: bool, **more: object) -> None:
    if as_json:
        screen.print_json({"campaign": name, "status": status, **more})
        return
    said = "".join(f", {key.replace('_', ' ')}: {value}" for key, value in more.items())
    screen.say(f"{name} is {status}{said}.")
