"""``dialer run | worker | beat``."""

import warnings

import typer

from dialer.cli import live, screen
from dialer.cli.border import command
from dialer.cli.context import loaded, opened, require_database_file
from dialer.clock import wait_real
from dialer.config import Settings
from dialer.errors import UserError
from dialer.operations.parts import Parts

LOOK_S = 0.2
_DRAINING = "draining: calls in progress are finished, no new ones begin; once more to stop at once"


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    command(app, "run", "dialer run")(run)
    command(app, "worker", "dialer worker --concurrency 5")(worker)
    command(app, "beat", "dialer beat")(beat)


def run(
    is_forever: bool = typer.Option(False, "--forever/--until-done", help="Wait for more to do, or end when everything is done."),
) -> None:
    """Make the calls of all scheduled campaigns in this one process (Celery worker and beat embedded), until done or Ctrl-C.

    The first Ctrl-C lets calls in progress finish, a second one ends at once. A campaign that stops by itself ends the run with
    the reason: exit code 4 for a fault of the carrier or the voice model, 3 for a limit that was reached.
    """
    from dialer.operations import dispatch, stops

    with opened() as parts, live.Stopper(_DRAINING) as stop:
        require_current(parts)
        armed = armed_names(parts)
        if not is_forever and dispatch.is_all_done(parts):
            # A run that was killed between its last call and its end leaves campaigns to be closed.
            names = finish(parts, armed)
            screen.note("Nothing is scheduled that is left to do: dialer schedule CAMPAIGN")
        else:
            names = make_calls(parts, stop, is_forever=is_forever)
        directory, error = parts.settings.reports_dir, stops.error_of(stops.stopped(parts, armed))
    for name in names:
        screen.say(f"{name} is done: {directory / name / 'report.html'}")
    screen.note("Reports at any time: dialer report CAMPAIGN")
    if error is not None:
        raise error


def make_calls(parts: Parts, stop: live.Stopper, *, is_forever: bool = False) -> list[str]:
    """Run the embedded worker until everything is done or ``stop`` is asked for; the campaigns that came to their end.

    Raises the ``DialerError`` by which a lane ended that would end the next one as well.
    """
    from dialer.operations import dispatch, status
    from dialer.worker import process
    from dialer.worker.embedded import embedded_worker

    # Celery warns root; here it only starts threads of this process, and the process runs no foreign code.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    armed = armed_names(parts)
    with live.count_line() as line, embedded_worker(parts):
        while not stop.is_asked:
            line.update(status.snapshot(parts))
            process.raise_failure()
            if not is_forever and dispatch.is_all_done(parts):
                break
            wait_real(LOOK_S)
    return finish(parts, armed)


def armed_names(parts: Parts) -> set[str]:
    """The campaigns that may be dialled."""
    from dialer.operations import status

    return {item.name for item in status.standings(parts) if item.status.value == "armed"}


def finish(parts: Parts, armed: set[str]) -> list[str]:
    """Close the campaigns that have come to their end, tell who wants to know, and write their reports."""
    from dialer.operations import folders, reporting, status, upkeep

    upkeep.tidy(parts)
    read_talks(parts)
    tell_receivers(parts)
    done = [item.name for item in status.standings(parts) if item.name in armed and item.status.value == "done"]
    # An earlier run may have left some unreported.
    for campaign_id in {*upkeep.unreported(parts), *(folders.stored(parts, name).id for name in done)}:
        reporting.write_report_of(parts, campaign_id)
    return done


def read_talks(parts: Parts) -> None:
    """Let the configured model read what it has not read yet, so that the reports have it."""
    from dialer import wiring
    from dialer.operations import analysis

    analyst = wiring.analyst_of(parts.settings)
    if analyst is not None:
        left = analysis.analyse_all(parts, analyst).put_off
        if left:
            screen.note(f"{left} talks wait for the model that reads them: dialer lead analyse, or the next run")


def tell_receivers(parts: Parts) -> None:
    """Send the results that are due, and say how many wait for a receiver that did not take them."""
    from dialer import wiring
    from dialer.operations import delivery

    hooks = wiring.hooks_of(parts.settings, parts.clock)
    if not hooks:
        return
    delivery.deliver(parts, hooks)
    counts = {state.value: count for state, count in delivery.listed(parts, is_dead_only=False, limit=1).counts.items()}
    if counts.get("pending"):
        screen.note(f"{counts['pending']} results wait for another try; the next run or a worker sends them: dialer webhook list")
    if counts.get("dead"):
        screen.note(f"{counts['dead']} results were given up: dialer webhook list --dead")


def worker(
    concurrency: int = typer.Option(0, "--concurrency", "-c", min=0, help="Children; default: DIALER_LANES + 1."),
    name: str = typer.Option("", "--name", help="Node name; needed for a second worker on one machine. Default: celery@HOST."),
    queues: str = typer.Option("lanes,control,reports", "--queues", "-Q", help="Queues to take from."),
) -> None:
    """Start a Celery worker of a fleet; it drains on SIGTERM. The same as: celery -A dialer.worker worker."""
    from dialer.worker import app

    settings = fleet_settings("worker")
    arguments = ["worker", f"--loglevel={settings.log_level}", "--pool=prefork", f"--queues={queues}"]
    arguments += [f"--concurrency={concurrency or settings.lanes + 1}"]
    if name:
        arguments += [f"--hostname={name if '@' in name else f'{name}@%h'}"]
    app.worker_main(arguments)


def beat() -> None:
    """Start the Celery beat of a fleet: exactly one. It keeps nothing on disk. The same as: celery -A dialer.worker beat."""
    from dialer.worker import app

    settings = fleet_settings("beat")
    app.start(["beat", f"--loglevel={settings.log_level}", "--scheduler=celery.beat:Scheduler"])


def fleet_settings(what: str) -> Settings:
    """Settings that a process of a fleet can work with. Raises ``UserError`` and ``StoreError``."""
    from dialer import wiring

    settings = loaded().settings
    if settings.broker_url.startswith("memory"):
        message = f"dialer {what} needs a broker that other processes reach; DIALER_BROKER_URL is {settings.broker_url}"
        raise UserError(message, code="memory_broker", hint="set DIALER_BROKER_URL=redis://HOST:6379/0, or use `dialer run`")
    wiring.check(settings)
    if what == "worker":
        with opened(settings) as parts:
            require_current(parts)
    return settings


def require_current(parts: Parts) -> None:
    """Raise ``StoreError`` when the database lacks this version's tables or its ledger key: before a lane meets it."""
    from dialer import wiring

    require_database_file(parts.settings)
    wiring.require_tables(parts.store)
