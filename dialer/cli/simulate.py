"""``dialer simulate``: the stand-ins as servers. The voice model is here, the others in files of their own."""

import asyncio
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from dialer.cli import screen, simulate_asterisk
from dialer.cli.border import command
from dialer.errors import UserError

if TYPE_CHECKING:
    from dialer.config import Settings
    from dialer.model.phone import PhoneNumber
    from dialer.simulation.model.options import ModelOptions
    from dialer.simulation.phones.personas import Person
    from dialer.simulation.twilio.faults import TwilioFaults

group = typer.Typer(no_args_is_help=True, help="The stand-ins as servers of their own, for other people's tests too.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    simulate_asterisk.add_to(group)
    app.add_typer(group, name="simulate")


@command(group, "model", "dialer simulate model --port 8765 --fault socket_drop_mid_audio@2")
def model(
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on."),
    port: int = typer.Option(8765, "--port", min=0, max=65535, help="Port to listen on; 0: a free one."),
    key: str = typer.Option("", "--key", help="Refuse every other key, as the real service does; default: any key will do."),
    fault: list[str] = typer.Option(
        [], "--fault", help="Do this wrong: NAME (each time), NAME@2 (the second in each session), NAME@3.2 (in the third)."
    ),
    list_faults: bool = typer.Option(False, "--list-faults", help="Say which faults there are, and end."),
) -> None:
    """Serve the simulated voice model over a WebSocket, as the real service does, until Ctrl-C."""
    if list_faults:
        for name, unit, text in faults():
            screen.say(f"{name:28} {unit:11} {text}")
        return
    options = _options(key, fault)
    try:
        asyncio.run(serve(host, port, options))
    except OSError as error:
        raise UserError(f"cannot listen on {host}:{port}: {error.strerror or error}", code="cannot_listen") from error


@command(group, "twilio", "dialer simulate twilio --port 8766 --persona agrees")
def twilio(
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on."),
    port: int = typer.Option(8766, "--port", min=0, max=65535, help="Port to listen on; 0: a free one."),
    persona: str = typer.Option("", "--persona", help="Who answers at every number; default: as the simulated phones do."),
    cps: float = typer.Option(0.0, "--cps", min=0, help="Call starts per second; what comes faster is queued. 0: no limit."),
    lose_answers: int = typer.Option(0, "--lose-answers", min=0, help="Lose the answer to each n-th dial, which rings."),
    doubled: bool = typer.Option(False, "--doubled", help="Send every callback twice."),
    reordered: bool = typer.Option(False, "--reordered", help="Send callbacks out of order."),
) -> None:
    """Serve a loopback Twilio: REST, signed callbacks, media streams, with simulated people on the phone, until Ctrl-C.

    The account is that of TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, where they are set. Contacts of the database know their
    names.
    """
    from dialer.simulation.twilio.faults import TwilioFaults

    faulty = TwilioFaults(lose_create_every=lose_answers, has_doubled=doubled, has_reordered=reordered)
    try:
        asyncio.run(serve_twilio(host, port, persona=persona, cps=cps, faults=faulty))
    except OSError as error:
        raise UserError(f"cannot listen on {host}:{port}: {error.strerror or error}", code="cannot_listen") from error


async def serve_twilio(
    host: str,
    port: int,
    *,
    persona: str = "",
    cps: float = 0.0,
    faults: "TwilioFaults | None" = None,
    tell: Callable[[str], None] = screen.say,
) -> None:
    """Serve until SIGINT or SIGTERM; ``tell`` gets the settings that make a dialer use it."""
    from dialer.cli.context import loaded
    from dialer.simulation.phones.personas import Person
    from dialer.simulation.twilio.server import ACCOUNT, TOKEN, Account, TwilioPeer

    settings = loaded().settings
    known = _directory(settings)

    def directory(number: "PhoneNumber") -> "Person | None":
        person = known(number) or Person("Alex Morgan")
        return Person(person.name, person.language, person.facts, persona) if persona else person

    account = Account(settings.twilio_account_sid or ACCOUNT, settings.twilio_auth_token.get_secret_value() or TOKEN, cps=cps)
    peer = TwilioPeer(settings.simulation_journal, directory, seed=settings.simulation_seed, account=account, faults=faults)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await peer.start(host, port)
    tell(peer.url)
    screen.note(
        f"Use it with DIALER_CARRIER=twilio, DIALER_TWILIO_API_URL set to this address, TWILIO_ACCOUNT_SID={account.sid} and "
        "DIALER_PUBLIC_URL=http://127.0.0.1:{port}; without a token of your own TWILIO_AUTH_TOKEN=loopback. Ctrl-C ends it."
    )
    await told.wait()
    await peer.close()


def _directory(settings: "Settings") -> "Callable[[PhoneNumber], Person | None]":
    """Who owns a number, by the contacts of the database where there is one."""
    from functools import partial

    from dialer import wiring
    from dialer.cli.context import require_database_file
    from dialer.errors import StoreError
    from dialer.store.engine import open_store

    try:
        require_database_file(settings)
        return partial(wiring.person_of, open_store(settings.database_url, **wiring.key_of(settings)))
    except StoreError:
        return lambda _: None


def faults() -> list[tuple[str, str, str]]:
    """The name of each fault, what its number counts, and what it does."""
    from dialer.simulation.model.faults import FAULTS

    return [(name, kind.unit.value, kind.text) for name, kind in FAULTS.items()]


def _options(key: str, fault: list[str]) -> "ModelOptions":
    from dialer.simulation.model.options import ModelOptions

    try:
        return ModelOptions(api_key=key, faults=tuple(fault))
    except ValueError as error:
        raise UserError(str(error), code="bad_fault", hint="dialer simulate model --list-faults") from error


async def serve(host: str, port: int, options: "ModelOptions | None" = None, tell: Callable[[str], None] = screen.say) -> None:
    """Serve until SIGINT or SIGTERM; ``tell`` gets the address."""
    from dialer.simulation.model.server import serve_model

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    server = await serve_model(host, port, options=options)
    tell(server.url)
    screen.note("Use it with DIALER_VOICE=simulated and DIALER_VOICE_URL set to this address. Ctrl-C ends it.")
    await told.wait()
    await server.close()
