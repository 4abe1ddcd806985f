"""``dialer simulate asterisk``."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dialer.cli import context, screen
from dialer.cli.border import command
from dialer.errors import StoreError, UserError

if TYPE_CHECKING:
    from dialer.model.phone import PhoneNumber
    from dialer.simulation.asterisk.server import Options
    from dialer.simulation.asterisk.trunk import World
    from dialer.simulation.phones.personas import Person


def add_to(group: typer.Typer) -> None:
    """Join this command to ``dialer simulate``."""
    command(group, "asterisk", "dialer simulate asterisk --port 8088 --answer +12125550110=503")(asterisk)


def asterisk(
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on."),
    port: int = typer.Option(8088, "--port", min=0, max=65535, help="Port to listen on; 0: a free one."),
    user: str = typer.Option("dialer", "--user", help="ARI user."),
    password: str = typer.Option("secret", "--password", help="ARI password."),
    client: str = typer.Option(
        "", "--client", help="Address of a section [dialer] of websocket_client.conf: where media sockets are opened to."
    ),
    fault: str = typer.Option("none", "--fault", help="Tell this wrong: see --list-faults."),
    answer: list[str] = typer.Option([], "--answer", help="NUMBER=CODE: a SIP answer instead of a person; 0: none at all."),
    pace: float = typer.Option(1.0, "--pace", min=0.01, max=100, help="How long phones ring, compared with real ones."),
    descriptions: Path | None = typer.Option(
        None, "--descriptions", exists=True, file_okay=False, help="Folder of Asterisk's api-docs/*.json: check against them."
    ),
    list_faults: bool = typer.Option(False, "--list-faults", help="Say which faults there are, and end."),
) -> None:
    """Serve a stand-in for Asterisk with simulated phones behind its trunk (PJSIP/NUMBER@trunk), until Ctrl-C.

    In a workspace the contacts of its database pick up; elsewhere every number is somebody.
    """
    from dialer.simulation.asterisk.faults import NAMED

    if list_faults:
        for name in NAMED:
            screen.say(name)
        return
    if fault not in NAMED:
        raise UserError(f"there is no fault {fault!r}", code="bad_fault", hint="dialer simulate asterisk --list-faults")
    options = _options(user, password, client, fault, descriptions)
    with ExitStack() as stack:
        world = _world(stack, pace, _codes(answer))
        try:
            asyncio.run(serve(host, port, world, options))
        except OSError as error:
            raise UserError(f"cannot listen on {host}:{port}: {error.strerror or error}", code="cannot_listen") from error


def _options(user: str, password: str, client: str, fault: str, descriptions: Path | None) -> "Options":
    from dialer.simulation.asterisk.descriptions import Descriptions
    from dialer.simulation.asterisk.faults import NAMED
    from dialer.simulation.asterisk.rest import Setup
    from dialer.simulation.asterisk.server import Options

    setup = Setup(clients={"dialer": client} if client else {})
    try:
        described = Descriptions(descriptions) if descriptions else None
    except ValueError as error:
        raise UserError(f"{descriptions}: not the API descriptions of Asterisk", code="bad_descriptions") from error
    return Options(user, password, setup, NAMED[fault], described)


def _codes(answers: list[str]) -> dict[str, int]:
    """``+12125550110=503`` as a SIP answer by number. Raises ``UserError``."""
    from dialer.simulation.asterisk.trunk import ANSWERS, SILENT

    codes = {}
    for text in answers:
        number, _, code = text.partition("=")
        if not code.isdigit() or int(code) not in (SILENT, *ANSWERS):
            known = ", ".join(map(str, ANSWERS))
            raise UserError(f"--answer {text}: must be NUMBER=CODE with one of 0, {known}", code="bad_answer")
        codes[number] = int(code)
    return codes


def _world(stack: ExitStack, pace: float, codes: dict[str, int]) -> "World":
    """The people of the workspace's database; without one everybody is somebody."""
    from dialer import wiring
    from dialer.simulation.asterisk.trunk import World

    settings = context.loaded().settings
    try:
        directory = partial(wiring.person_of, stack.enter_context(context.opened(settings)).store)
    except StoreError:
        directory = _somebody  # type: ignore[assignment]  # both take a number
    return World(directory, settings.simulation_journal, settings.simulation_seed, pace, codes)


def _somebody(_: "PhoneNumber") -> "Person | None":
    from dialer.simulation.phones.personas import Person

    return Person("Somebody")


async def serve(host: str, port: int, world: "World", options: "Options", tell: Callable[[str], None] = screen.say) -> None:
    """Serve until SIGINT or SIGTERM; ``tell`` gets the address. What Asterisk would not take is said at the end."""
    from dialer.simulation.asterisk.server import serve_asterisk

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    server = await serve_asterisk(world, options, host=host, port=port)
    tell(server.url)
    screen.note("Use it with DIALER_CARRIER=asterisk and DIALER_ASTERISK_URL set to this address. Ctrl-C ends it.")
    await told.wait()
    await server.close()
    for what in server.violations:
        screen.note(f"not as Asterisk has it: {what}")
