"""``dialer webhook list | replay | test``."""

from typing import TYPE_CHECKING

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.errors import UserError

if TYPE_CHECKING:
    from dialer.store.outbox import MessageRow

webhook = typer.Typer(no_args_is_help=True, help="Results told to other systems, by webhook or command.")
JSON = typer.Option(False, "--json", help="Print one JSON document.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    app.add_typer(webhook, name="webhook")


@command(webhook, "list", "dialer webhook list --dead")
def list_messages(
    is_dead_only: bool = typer.Option(False, "--dead", help="Only those that were given up."),
    limit: int = typer.Option(50, "--limit", min=1, max=10_000, help="How many, the newest first."),
    as_json: bool = JSON,
) -> None:
    """Show the messages to other systems: which are delivered, which wait for another try, which were given up and why."""
    from dialer.operations import delivery

    with opened() as parts:
        found = delivery.listed(parts, is_dead_only=is_dead_only, limit=limit)
    counts = {state.value: count for state, count in found.counts.items()}
    if as_json:
        for_nobody = {target.value: count for target, count in found.for_nobody.items()}
        messages = [_as_json(row) for row in found.messages]
        screen.print_json({"counts": counts, "without_receiver": for_nobody, "messages": messages})
        return
    rows = [
        (row.id, row.kind.value, row.campaign, row.target.value, row.state.value, row.tries, row.last_error)
        for row in found.messages
    ]
    screen.show(("id", "kind", "campaign", "to", "state", "#tries", "last error"), rows)
    screen.say(", ".join(f"{count} {state}" for state, count in counts.items()) or "No messages.")
    for target, count in found.for_nobody.items():
        name = "DIALER_WEBHOOK_URL" if target.value == "webhook" else "DIALER_HOOK_COMMAND"
        screen.say(f"{count} wait for a {target.value}, and none is set ({name}): given up after {delivery.GIVEN_UP.days} days.")


def _as_json(row: "MessageRow") -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind.value,
        "campaign": row.campaign,
        "attempt_id": row.attempt_id,
        "target": row.target.value,
        "state": row.state.value,
        "tries": row.tries,
        "created_at": row.created_at.isoformat(),
        "next_try_at": row.next_try_at.isoformat() if row.state.value == "pending" else None,
        "delivered_at": row.delivered_at.isoformat() if row.delivered_at else None,
        "last_error": row.last_error,
    }


@command(webhook, "replay", "dialer webhook replay --dead --campaign solar-sales")
def replay(
    message_id: str = typer.Argument("", metavar="[ID]", help="One message, in whatever state."),
    is_dead: bool = typer.Option(False, "--dead", help="All that were given up."),
    campaign: str = typer.Option("", "--campaign", help="With --dead: only those of this campaign."),
    as_json: bool = JSON,
) -> None:
    """Send messages again, under the same id: workers do it within seconds, else the next dialer run."""
    from dialer.operations import delivery

    if bool(message_id) == is_dead or (campaign and not is_dead):
        raise UserError("give one ID, or --dead (which --campaign may narrow)", code="usage")
    with opened() as parts:
        if is_dead:
            count = delivery.replay_dead(parts, campaign or None)
        else:
            delivery.replay(parts, message_id)
            count = 1
    if as_json:
        screen.print_json({"replayed": count})
    else:
        screen.say(f"{count} to be sent again.")


@command(webhook, "test", "dialer webhook test")
def send_test(as_json: bool = JSON) -> None:
    """Send a signed test message now and say whether the receiver took it. Exit code 4 when it did not."""
    from dialer import wiring
    from dialer.operations import delivery

    with opened() as parts:
        sent = delivery.send_test(parts, wiring.hooks_of(parts.settings, parts.clock))
    if as_json:
        screen.print_json({"sent": [{"target": target.value, "id": message_id} for target, message_id in sent]})
        return
    for target, message_id in sent:
        screen.say(f"The {target.value} took the test message {message_id}.")
