"""The one place where settings become objects."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from dialer.carriers.asterisk import AsteriskCarrier
from dialer.carriers.asterisk_call import Plan as AsteriskPlan
from dialer.carriers.asterisk_call import Speak
from dialer.carriers.asterisk_check import Examiner
from dialer.carriers.asterisk_line import ClientDoor, Door, ServerDoor
from dialer.carriers.asterisk_rest import Ari, check_address, is_private
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.base import Carrier, Finding, Trace
from dialer.carriers.media_server import Listen, MediaServer
from dialer.carriers.public_url import check_public_url, is_local
from dialer.carriers.twilio import TwilioAccount, TwilioCarrier
from dialer.carriers.twilio_api import TwilioApi
from dialer.carriers.twilio_check import Lists, TwilioExaminer, showable
from dialer.clock import Clock, SimulatedClock, SystemClock
from dialer.config import Settings
from dialer.errors import StoreError, UserError
from dialer.hooks.base import Hook
from dialer.hooks.command import CommandHook
from dialer.model.ids import AttemptId
from dialer.model.outbox import Target
from dialer.model.phone import PhoneNumber
from dialer.operations.parts import Lines, Parts
from dialer.session.clips import ClipShelf, read_aloud
from dialer.simulation.model.server import serve_model
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from dialer.store import attempts, campaigns, contacts, migrate, testcalls
from dialer.store.engine import Store, open_store
from dialer.store.keys import ring_of
from dialer.voice.base import Analyst, VoiceModel
from dialer.voice.openai import OpenAIVoice
from dialer.wire import webhook

_STAND_IN_KEY = "stand-in"


def build(settings: Settings, *, is_look: bool = False) -> Parts:
    """Open the database and choose the clock; phones and voice are opened by each lane on its own loop.

    ``is_look``: nobody will be called with these lines; they may be opened beside a worker that is at work.
    """
    check(settings)
    store = open_store(settings.database_url, **key_of(settings))
    clock = clock_of(settings)
    return Parts(settings, clock, store, partial(open_lines, settings, store, clock, is_look=is_look))


def key_of(settings: Settings) -> dict[str, Any]:
    """Where the ledger key is, as ``open_store`` and ``migrate.upgrade`` take it."""
    return {"ledger_key": settings.ledger_key.get_secret_value(), "key_file": settings.key_file}


def require_key(settings: Settings) -> None:
    """Refuse a database that a fleet shares as long as nobody says where its key is. Raises ``UserError``.

    A key that one machine made for itself in some working directory would be lost with it, and no other worker had it.
    """
    if settings.database_url.startswith("sqlite") or settings.key_file or settings.ledger_key.get_secret_value():
        return
    hint = "DIALER_LEDGER_KEY=$(openssl rand -hex 32), or DIALER_KEY_FILE; keep a copy of it elsewhere"
    raise UserError(
        "a PostgreSQL database needs one ledger key for all its workers, and none is given", code="missing_key", hint=hint
    )


def check(settings: Settings) -> None:
    """Refuse combinations that could not work, or that would mix a simulated time with real people. Raises ``UserError``."""
    _check_carrier(settings)
    if settings.voice == "openai" and not settings.openai_api_key.get_secret_value():
        raise UserError("DIALER_VOICE = 'openai' needs OPENAI_API_KEY (or OPENAI_API_KEY_FILE)", code="missing_key")
    if settings.voice == "azure" and not (settings.azure_openai_api_key.get_secret_value() and settings.voice_url):
        raise UserError("DIALER_VOICE = 'azure' needs AZURE_OPENAI_API_KEY and DIALER_VOICE_URL", code="missing_key")
    if settings.webhook_url:
        _webhook_key(settings)
    if settings.clock_start and (settings.voice != "simulated" or settings.voice_url):
        raise UserError("DIALER_CLOCK_START works only with the built-in simulated voice", code="bad_setting")


def _check_carrier(settings: Settings) -> None:
    """A real carrier needs an account, an address at which it reaches us, and the time of the world."""
    if settings.carrier == "simulated":
        return
    if settings.clock_start:
        raise UserError("DIALER_CLOCK_START works only with the built-in simulated phones", code="bad_setting")
    if settings.carrier == "twilio":
        if not (settings.twilio_account_sid and settings.twilio_auth_token.get_secret_value()):
            raise UserError("DIALER_CARRIER = 'twilio' needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", code="missing_key")
        if urlsplit(settings.twilio_api_url).scheme != "https" and not is_local(settings.twilio_api_url):
            raise UserError("DIALER_TWILIO_API_URL must be https: the token goes there", code="bad_setting")
        check_public_url(settings.public_url, settings.lanes, may_be_local=is_local(settings.twilio_api_url))
        return
    _check_asterisk(settings)


def _check_asterisk(settings: Settings) -> None:
    """An address, a user with his password, a dial string with a place for the number."""
    if not (settings.asterisk_url and settings.asterisk_user and settings.asterisk_password.get_secret_value()):
        needed = "DIALER_ASTERISK_URL, DIALER_ASTERISK_USER and DIALER_ASTERISK_PASSWORD"
        raise UserError(f"DIALER_CARRIER = 'asterisk' needs {needed}", code="missing_key")
    check_address(settings.asterisk_url)
    if urlsplit(settings.asterisk_url).scheme != "https" and not is_private(settings.asterisk_url):
        raise UserError(
            "DIALER_ASTERISK_URL must be https outside of a private network: the password goes there", code="bad_setting"
        )
    text = settings.asterisk_endpoint
    if "/" not in text or ("{number}" not in text and "{digits}" not in text):
        example = "PJSIP/{number}@trunk"
        raise UserError(f"DIALER_ASTERISK_ENDPOINT = {text!r}: must be a dial string such as {example}", code="bad_setting")
    if settings.asterisk_media == "client" and settings.lanes > 1 and "{lane}" not in settings.asterisk_media_client:
        problem = "DIALER_ASTERISK_MEDIA_CLIENT needs {lane} with several lanes: each listens on a port of its own"
        raise UserError(problem, code="bad_setting")


def analyst_of(settings: Settings) -> Analyst | None:
    """The model that reads talks afterwards, if one is configured. Raises ``UserError`` when its key is missing."""
    if not settings.analysis_model:
        return None
    from dialer.voice.analyst import ResponsesAnalyst  # the HTTP client takes its time to load

    key = settings.openai_api_key.get_secret_value()
    if not key:
        raise UserError("DIALER_ANALYSIS_MODEL needs OPENAI_API_KEY (or OPENAI_API_KEY_FILE)", code="missing_key")
    return ResponsesAnalyst(settings.analysis_url, key)


def hooks_of(settings: Settings, clock: Clock) -> Mapping[Target, Hook]:
    """The receivers of results that are configured. Raises ``UserError`` for an address or a secret that will not do."""
    hooks: dict[Target, Hook] = {}
    if settings.webhook_url:
        from dialer.hooks.http import HttpHook  # the HTTP client takes its time to load

        hooks[Target.WEBHOOK] = HttpHook(settings.webhook_url, _webhook_key(settings), clock.lease_now)
    if settings.hook_command:
        hooks[Target.COMMAND] = CommandHook(settings.hook_command)
    return hooks


def _webhook_key(settings: Settings) -> bytes:
    """What requests are signed with, when the address will do."""
    webhook.require_url(settings.webhook_url)
    return webhook.key_of(settings.webhook_secret.get_secret_value())


def require_tables(store: Store) -> None:
    """Refuse to work on a database without this version's tables, or without its ledger key. Raises ``StoreError``."""
    if not migrate.is_current(store):
        message = f"{store.url}: the tables are missing or old; run `dialer db upgrade`"
        raise StoreError(message, code="old_tables", retryable=False)
    with store.read() as tx:
        ring_of(tx).key(tx)


def clock_of(settings: Settings) -> Clock:
    """Real time, or the simulated time that was asked for."""
    if settings.clock_start is None:
        return SystemClock()
    return SimulatedClock(settings.clock_start, settings.clock_speed or float("inf"))


async def open_lines(settings: Settings, store: Store, clock: Clock, *, is_look: bool = False) -> Lines:
    """Open the phone network and the voice model on the running loop."""
    voice, close_voice = await _open_voice(settings)
    try:
        speak = partial(read_aloud, voice, settings.voice_model)
        opened = await open_carrier(settings, store, clock, speak, listen_of(settings, is_look=is_look))
    except UserError:
        await close_voice()
        raise

    async def close() -> None:
        await opened.close()
        await voice.close()
        await close_voice()

    return Lines(opened.carrier, voice, close, ClipShelf(settings.clips_dir), opened.examine)


@dataclass(frozen=True, slots=True)
class OpenCarrier:
    """A phone network on the running loop, how to close it with what it listens on, and how to look at it."""

    carrier: Carrier
    close: Callable[[], Awaitable[None]]
    examine: Callable[[], Awaitable[list[Finding]]] | None = None


async def open_carrier(settings: Settings, store: Store, clock: Clock, speak: Speak, listen: Listen) -> OpenCarrier:
    """Open the phone network on the running loop. ``speak``: a text as sound; ``listen``: where it may reach us."""
    if settings.carrier == "simulated":
        directory = partial(person_of, store)
        simulated = SimulatedCarrier(settings.simulation_seed, settings.simulation_journal, directory, clock=clock)
        return OpenCarrier(simulated, simulated.close)
    if settings.carrier == "asterisk":
        return await _open_asterisk(settings, clock, speak, listen)
    server = MediaServer(listen)
    await server.start()
    account = twilio_account(settings)
    carrier = TwilioCarrier(account, server, partial(trace_of, store), clock)
    lists = Lists(partial(shown_numbers, store), partial(called_regions, store))

    async def close() -> None:
        await carrier.close()
        await server.close()

    return OpenCarrier(carrier, close, TwilioExaminer(carrier.api, server, clock, lists, account.tokens[0]).examine)


async def _open_asterisk(settings: Settings, clock: Clock, speak: Speak, listen: Listen) -> OpenCarrier:
    """Asterisk; our media server only where Asterisk is its client."""
    server: MediaServer | None = None
    door: Door = ServerDoor()
    if settings.asterisk_media == "client":
        server = MediaServer(listen)
        await server.start()
        door = ClientDoor(server, settings.asterisk_media_client.replace("{lane}", str(server.lane)))
    # A name of its own for each lane: a second listener under one name would silence the first.
    switch = Switch(asterisk_api(settings), f"{settings.asterisk_app}-{secrets.token_hex(4)}")
    plan = AsteriskPlan(settings.asterisk_endpoint, door, speak, settings.asterisk_record)
    carrier = AsteriskCarrier(switch, plan, clock)

    async def close() -> None:
        await carrier.close()
        if server is not None:
            await server.close()

    return OpenCarrier(carrier, close, Examiner(switch, plan, clock).examine)


def asterisk_api(settings: Settings) -> Ari:
    """Asterisk's REST interface."""
    password = settings.asterisk_password.get_secret_value()
    return Ari(settings.asterisk_url, settings.asterisk_user, password, media_url=settings.asterisk_media_url)


def listen_of(settings: Settings, *, is_look: bool = False) -> Listen:
    """Where this process listens for its carrier, and the address that the carrier is told."""
    address = settings.public_url or Listen().public_url
    return Listen(settings.listen_host, settings.listen_port, settings.lanes, address, is_look)


def twilio_account(settings: Settings) -> TwilioAccount:
    """The account at Twilio."""
    tokens = (settings.twilio_auth_token.get_secret_value(), settings.twilio_old_auth_token.get_secret_value())
    return TwilioAccount(
        settings.twilio_account_sid,
        tuple(token for token in tokens if token),
        settings.twilio_api_url,
        settings.twilio_machines,
        settings.twilio_record,
    )


async def showable_numbers(settings: Settings) -> set[str]:
    """The numbers that the carrier account may show. Raises ``UserError`` for a carrier that does not tell, ``CarrierError``."""
    if settings.carrier != "twilio":
        raise UserError(f"DIALER_CARRIER = {settings.carrier!r} does not tell which numbers are ours", code="no_numbers")
    account = twilio_account(settings)
    api = TwilioApi(account.api_url, account.sid, account.tokens[0])
    try:
        return await showable(api)
    finally:
        await api.close()


def shown_numbers(store: Store) -> set[str]:
    """The caller IDs of all stored campaigns."""
    with store.read() as tx:
        return {number for row in campaigns.listed(tx) for number in row.campaign.caller_ids}


def called_regions(store: Store) -> set[str]:
    """The countries that stored campaigns call."""
    with store.read() as tx:
        return {region for row in campaigns.listed(tx) for region in row.campaign.regions}


def trace_of(store: Store, attempt_id: AttemptId) -> Trace | None:
    """What our books say of a dial: for carriers that take no id of ours."""
    with store.read() as tx:
        row = attempts.known(tx, attempt_id) or testcalls.known(tx, attempt_id)
    if row is None or row.dialed_at is None:
        return None
    return Trace(row.id, row.phone, row.from_number, row.dialed_at, row.carrier_call_id)


async def _nothing() -> None:
    """Nothing of ours to close."""


async def _open_voice(settings: Settings) -> tuple[VoiceModel, Callable[[], Awaitable[None]]]:
    transcription = settings.transcription_model
    if settings.voice == "azure":
        key = settings.azure_openai_api_key.get_secret_value()
        return OpenAIVoice(settings.voice_url, key, style="azure", transcription_model=transcription), _nothing
    if settings.voice == "openai":
        key = settings.openai_api_key.get_secret_value()
        return OpenAIVoice(settings.voice_url, key, transcription_model=transcription), _nothing
    if settings.voice_url:
        return OpenAIVoice(settings.voice_url, _STAND_IN_KEY, transcription_model=transcription), _nothing
    server = await serve_model()
    return OpenAIVoice(server.url, _STAND_IN_KEY, transcription_model=transcription), server.close


def person_of(store: Store, phone: PhoneNumber) -> Person | None:
    """Who picks up a simulated phone: the contact of that number, who knows his own name and the facts of his row. A phone that a
    test call goes to is answered by the contact whose words it is called with.
    """
    with store.read() as tx:
        test = testcalls.open_to(tx, phone)
        row = None if test is None else contacts.of_row(tx, test.campaign_id, test.row)
        row = row or next(iter(contacts.by_phone(tx, phone)), None)
        if row is None:
            return None
        language = row.contact.language or campaigns.get(tx, row.campaign_id).campaign.language
    facts = {key: str(value) for key, value in row.contact.variables.items()}
    return Person(row.contact.display_name, language, facts)
