"""``dialer numbers``: our own numbers, how they fare, and what holds for them."""

import asyncio
from datetime import timedelta

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.errors import UserError
from dialer.model.phone import PhoneNumber

group = typer.Typer(no_args_is_help=True, help="Our own numbers: weights, caps, rest, how their calls went.")
NUMBER = typer.Argument(help="One of our numbers, in E.164: +12125550199.")
_DIGITS = range(8, 17)


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    app.add_typer(group, name="numbers")


@command(group, "list", "dialer numbers list --json")
def list_(as_json: bool = typer.Option(False, "--json", help="Print one JSON document.")) -> None:
    """Every number that campaigns show or that is known: answer rate and short calls, today, lately and before."""
    from dialer.operations import numbers

    with opened() as parts:
        found, now = numbers.fares(parts), parts.clock.now()
    if as_json:
        screen.print_json(
            [
                {
                    "number": fare.row.number,
                    "weight": fare.row.weight,
                    "daily_cap": fare.row.daily_cap,
                    "rests_until": fare.row.rests_until.isoformat() if fare.row.rests_until else None,
                    "rest_reason": fare.row.rest_reason,
                    "is_verified": fare.row.verified_at is not None,
                    "dials_today": fare.today.dials,
                    "dials": fare.recent.dials,
                    "answer_rate": round(fare.recent.answer_rate, 4),
                    "short_share": round(fare.recent.short_share, 4),
                    "answer_rate_before": round(fare.before.answer_rate, 4),
                }
                for fare in found
            ]
        )
        return
    lines = []
    for fare in found:
        row = fare.row
        rests = row.rests_until is not None and row.rests_until > now
        cap = "" if row.daily_cap is None else f" of {row.daily_cap}"
        lines.append(
            (
                row.number,
                str(row.weight),
                f"{fare.today.dials}{cap}",
                str(fare.recent.dials),
                f"{fare.recent.answer_rate:.0%}",
                f"{fare.before.answer_rate:.0%}",
                f"{fare.recent.short_share:.0%}",
                "yes" if row.verified_at else "",
                f"until {row.rests_until:%Y-%m-%d %H:%M} UTC: {row.rest_reason}" if rests and row.rests_until else "",
            )
        )
    heads = ("number", "weight", "today", "7 days", "answered", "before", "short", "verified", "rests")
    screen.show(heads, lines)


@command(group, "set", "dialer numbers set +12125550199 --weight 2 --daily-cap 150")
def set_(
    number: str = NUMBER,
    weight: int | None = typer.Option(None, "--weight", min=0, max=100, help="Its share of the callees; 0: none."),
    daily_cap: int | None = typer.Option(None, "--daily-cap", min=0, help="Most dials in a day (UTC); 0: no limit."),
) -> None:
    """Set how much a number is shown."""
    from dialer.operations import numbers

    changes: dict[str, object] = {} if weight is None else {"weight": weight}
    if daily_cap is not None:
        changes["daily_cap"] = daily_cap or None
    with opened() as parts:
        numbers.change(parts, checked(number), **changes)
    screen.say(f"{number} is set")


@command(group, "rest", 'dialer numbers rest +12125550199 --days 3 --reason "too many short calls"')
def rest(
    number: str = NUMBER,
    days: float = typer.Option(3.0, "--days", min=0.01, max=365, help="For how long."),
    reason: str = typer.Option("", "--reason", help="Why."),
) -> None:
    """Show a number to nobody for a while."""
    from dialer.operations import numbers

    with opened() as parts:
        until = parts.clock.now() + timedelta(days=days)
        numbers.change(parts, checked(number), rests_until=until, rest_reason=reason or "put to rest by a person")
    screen.say(f"{number} rests until {until:%Y-%m-%d %H:%M} UTC")


@command(group, "wake", "dialer numbers wake +12125550199")
def wake(number: str = NUMBER) -> None:
    """Show it again."""
    from dialer.operations import numbers

    with opened() as parts:
        numbers.change(parts, checked(number), rests_until=None, rest_reason="")
    screen.say(f"{number} is shown again")


@command(group, "sync", "dialer numbers sync")
def sync() -> None:
    """Take over from the carrier which numbers the account may show; from then on no other one is shown."""
    from dialer import wiring
    from dialer.operations import numbers

    with opened() as parts:
        found = asyncio.run(wiring.showable_numbers(parts.settings))
        numbers.verified(parts, found)
    screen.say(f"{len(found)} numbers may be shown")


def checked(number: str) -> PhoneNumber:
    """The number, if it looks like one. Raises ``UserError``."""
    if not (number.startswith("+") and number[1:].isascii() and number[1:].isdecimal() and len(number) in _DIGITS):
        raise UserError(f"{number!r} is no number in E.164", code="bad_number", hint="for example +12125550199")
    return PhoneNumber(number)
