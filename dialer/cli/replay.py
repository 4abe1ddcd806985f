"""``dialer replay``."""

from pathlib import Path

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.operations.replay import Replayed


def add_to(app: typer.Typer) -> None:
    """Join this command to the command line."""
    command(app, "replay", "dialer replay 3f9a2c")(replay)


def replay(
    key: str = typer.Argument(metavar="ATTEMPT", help="Id of an attempt, or its beginning."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON document."),
    scenario: Path | None = typer.Option(None, "--save-scenario", metavar="FILE", help="Write the log as a test's data, too."),
) -> None:
    """Feed an attempt's event log to the decisions of this version again. Exit 1 and the first difference when they differ."""
    from dialer.operations import replay as replays

    with opened() as parts:
        log = replays.kept(parts, key)
    if scenario is not None:
        replays.save_scenario(log, scenario)
        screen.note(f"{scenario}: holds the words and details of the person called; replace them before you share it")
    done = replays.replay_kept(log)
    if as_json:
        screen.print_json({"attempt_id": log.attempt_id, **done.as_json()})
    else:
        _print(done, log.attempt_id)
    if not done.is_equal:
        raise typer.Exit(1)


def _print(done: Replayed, attempt_id: str) -> None:
    cut = "; the log is cut: its end is missing" if done.is_cut else ""
    found = done.difference
    if found is None:
        screen.say(f"{attempt_id}: equal, {done.events} events over {done.duration_s:.3f} s, {done.commands} commands{cut}")
    else:
        screen.say(
            f"{attempt_id}: differs at event {found.index} ({found.event}, {found.at_s:.3f} s){cut}",
            f"  expected  {found.expected}",
            f"  got       {found.got}",
        )
    if not done.is_same_campaign:
        screen.note("the campaign reads otherwise in this version than when the call was made")
