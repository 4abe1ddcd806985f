"""What a command works with: the settings of the working directory and the parts made from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from dialer.cli.screen import note
from dialer.config import Loaded, Settings, load_settings
from dialer.errors import StoreError, UserError
from dialer.operations.parts import Parts
from dialer.telemetry import log_to_stderr

_SQLITE = "sqlite:///"


def loaded() -> Loaded:
    """Read the settings; telemetry goes to standard error from here on. A name of ours that means nothing is told."""
    found = load_settings()
    log_to_stderr(found.settings.log_level)
    for remark in found.remarks():
        note(f"warning: {remark}")
    return found


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Parts]:
    """The parts made from ``settings`` (default: those of the working directory), closed at the end."""
    from dialer import wiring

    settings = settings or loaded().settings
    require_database_file(settings)
    parts = wiring.build(settings)
    try:
        yield parts
    finally:
        parts.store.close()


def require_database_file(settings: Settings) -> None:
    """A command in the wrong directory must not leave an empty database behind. Raises ``StoreError``."""
    url = settings.database_url
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE).partition("?")[0]).exists():
        raise StoreError(
            f"{url}: there is no such file; go to the workspace's directory, or run `dialer db upgrade` to make it",
            code="no_database",
            retryable=False,
        )


def ask_before_ringing(settings: Settings, question: str, *, is_yes: bool, has_terminal: bool) -> None:
    """Whatever may ring a real phone needs a yes: typed, or given by ``--yes``. Raises ``UserError`` when nobody can be asked."""
    if settings.carrier == "simulated" or is_yes:
        return
    if not has_terminal:
        raise UserError(f"{question} Nobody is here to ask.", code="not_confirmed", hint="add --yes")
    typer.confirm(question, abort=True, err=True)
