"""``dialer demo``: the whole story on parts that need no key, no account and no server."""

import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer

from dialer.cli import importing, live, running, screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.config import Settings
from dialer.errors import UserError
from dialer.operations.parts import Parts
from dialer.operations.status import Standing
from dialer.telemetry import log_to_stderr

START = datetime(2026, 11, 23, 15, tzinfo=UTC)
"""A Monday, ten in the morning in New York: the demo never depends on the hour of the day."""
MARKER = ".dialer-demo"
_LINES_OF_TALK = 12


def add_to(app: typer.Typer) -> None:
    """Join this command to the command line."""
    command(app, "demo", "dialer demo --dir /tmp/dialer-demo")(demo)


def demo(
    directory: Path = typer.Option(Path("dialer-demo"), "--dir", help="Where; an earlier demo there is replaced."),
    is_kept: bool = typer.Option(False, "--keep", help="Keep an earlier demo and take the next free name."),
) -> None:
    """Run three example campaigns from the contact file to the lead report, with simulated phones and a simulated voice.

    The parts are the real ones: database, Celery, gates, WebSocket, audio both ways. Time is simulated: a Monday morning.
    """
    home = fresh_directory(directory, is_kept=is_kept)
    settings = lay_out(home)
    log_to_stderr(settings.log_level)
    tell(settings, home)


def tell(settings: Settings, home: Path) -> None:
    """The story, step by step, with whatever campaigns lie in ``home``."""
    from dialer import wiring
    from dialer.operations import status
    from dialer.store import migrate

    migrate.upgrade(settings.database_url, **wiring.key_of(settings))
    with opened(settings) as parts, live.Stopper("draining: once more to stop at once") as stop:
        names = _prepare(parts, sorted(path for path in settings.campaigns_dir.iterdir() if path.is_dir()))
        screen.say("", "4. Calls are made: Celery, the gates, simulated phones, a voice model over a WebSocket")
        running.make_calls(parts, stop)
        _show_result([status.standing(parts, name) for name in names])
        _show_talk(parts, names)
        _show_reports(parts, names, home)


def fresh_directory(directory: Path, *, is_kept: bool) -> Path:
    """An empty directory. Raises ``UserError`` when there is something in it that no demo has made."""
    if directory.exists() and is_kept:
        names = (directory.with_name(f"{directory.name}-{count}") for count in range(2, 10_000))
        directory = next(path for path in names if not path.exists())
    try:
        if (directory / MARKER).exists():
            shutil.rmtree(directory)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise UserError(f"{directory} is not empty and no earlier demo", code="not_empty", hint="dialer demo --dir NEW")
        (directory / MARKER).touch()
    except OSError as error:
        raise UserError(f"{error.filename or directory}: {error.strerror}", code="unwritable") from error
    return directory.resolve()


def lay_out(home: Path) -> Settings:
    """Copy the examples into ``home`` and write its dialer.toml, so that every command works there afterwards."""
    from dialer.operations import workspace

    shutil.copytree(workspace.examples(), home / "campaigns", ignore=shutil.ignore_patterns("rejects.csv"))
    settings = Settings(
        database_url=f"sqlite:///{home / 'dialer.db'}",
        broker_url="memory://",
        carrier="simulated",
        voice="simulated",
        campaigns_dir=home / "campaigns",
        reports_dir=home / "reports",
        simulation_journal=home / "simulated-phones.jsonl",
        clock_start=START,
    )
    (home / "dialer.toml").write_text(
        f"# The settings of this demo; every dialer command works in this directory.\nclock_start = {START:%Y-%m-%dT%H:%M:%SZ}\n",
        encoding="utf-8",
    )
    return settings


def _prepare(parts: Parts, folders: list[Path]) -> list[str]:
    from dialer.operations import checking, plan, scheduling
    from dialer.operations import folders as campaign_folders
    from dialer.operations import importing as intake

    names, planned = [], []
    screen.say("1. Contact files are imported: good rows become calls, bad rows go to rejects.csv")
    rows = []
    for path in folders:
        folder = campaign_folders.read_folder(path)
        checking.required_fit(folder.campaign)
        rejects = importing.rejects_path(folder.contacts_path)
        summary = intake.import_contacts(parts, folder.campaign, folder.contacts_path, intake.ImportOptions(), rejects)
        names.append(summary.campaign)
        counts = (summary.rows, summary.accepted, summary.duplicates, summary.rejected, summary.held, summary.suppressed)
        rows.append((summary.campaign, summary.encoding, *counts))
    screen.show(("campaign", "encoding", "#rows", "#accepted", "#duplicates", "#rejected", "#held", "#suppressed"), rows)
    screen.say("", "2. A dry run: who may be called when, and what it would cost")
    for name in names:
        found = plan.plan(parts, name)
        first = "" if found.first_at is None else f"{found.first_at:%a %H:%M} UTC"
        planned.append((name, len(found.calls), len(found.never), first, screen.money(found.cost)))
    screen.show(("campaign", "#to call", "#not as it stands", "first dial", "#expected cost"), planned)
    screen.say("", "3. The campaigns are scheduled")
    for name in names:
        armed = scheduling.schedule(parts, name, None, None)
        screen.say(f"   {name}: {armed.waiting} calls wait from {armed.starts_at:%Y-%m-%d %H:%M} UTC on")
    return names


def command_line(called_as: str = sys.argv[0], path: str | None = None) -> str:
    """How this very program is called from any directory: by its name, if the shell finds it by that (on ``PATH``)."""
    script = Path(called_as)
    found = shutil.which("dialer", path=path)
    if script.name != "dialer" or not script.is_file():
        return f"{shlex.quote(sys.executable)} -m dialer"
    return "dialer" if found and script.samefile(found) else shlex.quote(str(script.absolute()))


def _show_result(found: list[Standing]) -> None:
    rows = []
    for item in found:
        buckets = "  ".join(f"{bucket.value} {count}" for bucket, count in item.buckets.items())
        rows.append((item.name, item.status.value, item.rows, item.figures.dialed, item.figures.talks, buckets))
    screen.show(("campaign", "status", "#rows", "#dials", "#talks", "where every row of the file is"), rows)
    ends: dict[str, int] = {}
    for item in found:
        for disposition, count in item.dispositions.items():
            ends[disposition.value] = ends.get(disposition.value, 0) + count
    screen.say("", "   how the dials ended: " + ", ".join(f"{name} {count}" for name, count in sorted(ends.items())))


def _show_talk(parts: Parts, names: list[str]) -> None:
    from dialer.operations import lookup

    longest = lookup.longest_talk(parts, names[-1])
    if longest is None:
        return
    screen.say("", f"5. What was said, as it was heard ({names[-1]}, {command_line()} transcript {longest.attempt.id[:12]})")
    screen.say(*(f"   {line}" for line in longest.as_text().splitlines()[:_LINES_OF_TALK]), "   ...")


def _show_reports(parts: Parts, names: list[str], home: Path) -> None:
    from dialer.operations import report

    screen.say("", "6. The reports")
    for name in names:
        written = report.write_report(parts.store, name, parts.settings.reports_dir / name, parts.clock.now())
        screen.say(f"   {written.page}")
    dialer = command_line()
    look = (f"   cd {shlex.quote(str(home))}", f"   {dialer} status", f"   {dialer} plan {names[0]}")
    screen.say("", f"Everything lies in {home}. Look around:", *look)
