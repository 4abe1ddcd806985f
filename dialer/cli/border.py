"""Where every command ends: errors become one clear message on standard error and the right exit code.

====  ===============================================================================
code  meaning
====  ===============================================================================
0     done
1     our own failure
2     usage or bad input
3     refused by policy
4     something outside (database, broker, carrier, model) did not answer
130   interrupted
====  ===============================================================================
"""

import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import typer
from rich.text import Text

from dialer.cli.screen import err, safe
from dialer.config import load_settings
from dialer.errors import DialerError, OutsideError, UserError

INTERRUPTED = 130
P = ParamSpec("P")
R = TypeVar("R")


def command(app: typer.Typer, name: str, example: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a command of ``app``, behind the border, with an example below its help."""

    def register(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def bordered(*args: P.args, **kwargs: P.kwargs) -> R:
            with border():
                return function(*args, **kwargs)

        app.command(name, epilog=f"Example:  {example}")(bordered)
        return function

    return register


@contextmanager
def border() -> Iterator[None]:
    """Turn whatever leaves the block into a message and an exit code."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except DialerError as error:
        tell(error)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        _print("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # the outermost border: nobody further out could tell a person what happened
        _print(f"a fault of dialer: {type(error).__name__}: {error}", _debug_hint())
        raise typer.Exit(1) from None


def tell(error: DialerError) -> None:
    """Print what went wrong and, where it is known, how to mend it."""
    hint = error.hint if isinstance(error, UserError) else ""
    if isinstance(error, OutsideError) and error.retryable:
        hint = hint or "this may pass: try again in a moment"
    if error.exit_code == 1:
        hint = _debug_hint()
    _print(str(error), hint)


def _print(message: str, hint: str = "") -> None:
    console = err()
    console.print(Text.assemble(("error: ", "bold red"), safe(message)), soft_wrap=True)
    if hint:
        console.print(Text.assemble(("hint: ", "bold"), safe(hint)), soft_wrap=True)
    if _is_debugging() and sys.exc_info()[0] is not None:
        console.print(Text(safe(traceback.format_exc())), soft_wrap=True)


def _debug_hint() -> str:
    return "" if _is_debugging() else "DIALER_LOG_LEVEL=DEBUG shows where"


def _is_debugging() -> bool:
    try:
        return load_settings().settings.log_level == "DEBUG"
    except DialerError:
        return False
