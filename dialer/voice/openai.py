"""OpenAI Realtime over a WebSocket, and Azure's GA surface of the same protocol.

Opening: connect, wait for ``session.created``, send one ``session.update``, wait for ``session.updated``, compare. A
service that refuses the update leaves the session open *with its defaults*: any error before ``session.updated`` is an
error here, never a call. Azure names a deployment where OpenAI names a model (for the transcription too), and wants the
key in ``api-key`` (as Bearer it would be redirected); its older surface (``api-version=``) speaks another protocol and is
refused. The header of the beta is never sent.

A session cannot be resumed: a lost one is lost, and a new socket is an empty conversation. Both ends of the keepalive are
ours: a ping each ``PING_S``, and a peer that does not answer within ``PONG_S`` is lost. The longest session is an hour, the
longest call half of one, so nothing here counts it; close code 1001 is an end like any other.

A redirect is refused: the key goes to the address that was configured and to no other. No text or representation made
here holds the key, an instruction or the address's query.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Literal, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from dialer.conversation.events import (
    AddTurn,
    CancelResponse,
    CreateResponse,
    ReturnToolOutput,
    SessionCreated,
    SessionUpdated,
    TruncateHeard,
    VoiceCommand,
    VoiceEvent,
    VoiceLost,
    VoiceRefused,
)
from dialer.errors import UserError, VoiceError
from dialer.model.voice_errors import WRONG_FOR_EVERY_CALL, Reaction, close_reaction, reaction, status_reaction
from dialer.voice.base import SessionSetup
from dialer.wire.openai_realtime import Ignored, Malformed, decode
from dialer.wire.openai_realtime_requests import encode, encode_append
from dialer.wire.openai_realtime_session import differences, encode_session, session_body

OPENAI_URL = "wss://api.openai.com/v1/realtime"
AZURE_PATH = "/openai/v1/realtime"
MAX_BYTES = 16 * 2**20
"""A message of the service may hold a whole burst of audio."""
PING_S, PONG_S = 20.0, 20.0

_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_UPDATE_ID = "session"
_SAYS = {
    401: "the key was refused; check the key and that it belongs to this service",
    403: "the key may not use this service or model",
    404: "no such address or model; check the URL and the model (Azure: the deployment's name)",
    400: "the service did not understand the address; check the URL and the model (Azure: the deployment's name)",
    429: "the account's rate limit is used up",
}
_MOVED = "it points to another address; configure that one"


Wanted = TypeVar("Wanted", SessionCreated, SessionUpdated)


class _connect_once(connect):  # noqa: N801  # a name in the manner of the class that it is
    """``connect`` that follows no redirect."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Every redirect is a refusal."""
        return exc


class OpenAIVoice:
    """A provider of Realtime sessions."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        style: Literal["openai", "azure"] = "openai",
        transcription_model: str = "gpt-transcribe",
        open_timeout_s: float = 10.0,
    ) -> None:
        """``url`` may be empty for OpenAI, may be the resource's bare address for Azure; ``http`` is read as ``ws``.

        ``open_timeout_s`` limits each step of opening. Raises ``UserError`` for an address that cannot be right.
        """
        self._url = _checked_url(url, style)
        self._headers = {"api-key": api_key} if style == "azure" else {"Authorization": f"Bearer {api_key}"}
        self._transcription_model = transcription_model
        self._open_timeout_s = open_timeout_s

    async def open(self, setup: SessionSetup) -> "OpenAISession":
        """A session whose settings in force equal ``setup``; ``VoiceError`` says why there is none."""
        connection = await self._connect(setup.model)
        is_ready = False
        try:
            async with asyncio.timeout(self._open_timeout_s):
                await self._agree(connection, setup)
            is_ready = True
        except TimeoutError as error:
            raise VoiceError("the voice model did not set the session up in time", code="timeout") from error
        except ConnectionClosed as error:
            raise _closed(error) from error
        finally:
            if not is_ready:
                await connection.close()
        return OpenAISession(connection)

    async def close(self) -> None:
        """Nothing is shared between sessions: nothing to release."""

    async def _connect(self, model: str) -> ClientConnection:
        parts = urlsplit(self._url)
        query = [pair for pair in parse_qsl(parts.query) if pair[0] != "model"]
        address = urlunsplit(parts._replace(query=urlencode([*query, ("model", model)])))
        try:
            # Audio does not compress. A peer on this machine is never behind a proxy.
            return await _connect_once(
                address,
                additional_headers=self._headers,
                compression=None,
                max_size=MAX_BYTES,
                open_timeout=self._open_timeout_s,
                close_timeout=2,
                ping_interval=PING_S,
                ping_timeout=PONG_S,
                proxy=None if parts.hostname in _LOCAL_HOSTS else True,
            )
        except InvalidStatus as error:
            raise _refused_upgrade(error.response.status_code) from error
        except InvalidHandshake as error:
            raise VoiceError("the voice model's address does not speak WebSocket", code="bad_handshake") from error
        except TimeoutError as error:
            raise VoiceError(f"the voice model at {parts.hostname} did not answer in time", code="timeout") from error
        except OSError as error:
            text = f"the voice model at {parts.hostname} cannot be reached: {error.strerror or type(error).__name__}"
            raise VoiceError(text, code="unreachable") from error

    async def _agree(self, connection: ClientConnection, setup: SessionSetup) -> None:
        await _wait_for(SessionCreated, connection)
        asked = session_body(setup, self._transcription_model)
        await connection.send(encode_session(asked, _UPDATE_ID))
        updated = await _wait_for(SessionUpdated, connection)
        unlike = differences(asked, updated.session)
        if unlike:
            raise VoiceError(
                "the voice model runs other settings than were asked for: " + "; ".join(unlike),
                code="session_differs",
                retryable=False,
                fatal_for_campaign=True,
            )


class OpenAISession:
    """One open session. Once the socket is gone ``append`` and ``send`` do nothing: ``VoiceLost`` says so, and last."""

    def __init__(self, connection: ClientConnection) -> None:
        """``connection`` is set up and verified."""
        self._connection = connection
        self._numbers = itertools.count(1)

    async def append(self, mulaw: bytes) -> None:
        """Let the model hear ``mulaw``."""
        try:
            await self._connection.send(encode_append(mulaw), text=True)
        except ConnectionClosed:
            return  # as in _send

    async def send(self, command: VoiceCommand) -> None:
        """Send ``command``; an error about it comes back as ``VoiceRefused`` whose ``event_id`` begins with its kind.

        ``create-<purpose>-N``, ``cancel-N``, ``truncate-N``, ``output-N``, ``turn-N``, ``note-N``.
        """
        await self._send(encode(command, f"{_kind(command)}-{next(self._numbers)}"))

    async def events(self) -> AsyncIterator[VoiceEvent]:
        """Yield what the service sends, ``VoiceLost`` last. A message that cannot be read is a ``VoiceRefused``."""
        while True:
            try:
                event = decode(await self._connection.recv(decode=False))
            except ConnectionClosed as error:
                yield VoiceLost(_reason(error))
                return
            if isinstance(event, Malformed):
                yield VoiceRefused("malformed_event", "malformed", event.reason)
            elif not isinstance(event, Ignored):
                yield event

    async def close(self) -> None:
        """Close the socket; harmless twice."""
        await self._connection.close()

    async def _send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed:
            # The reader of events() meets the same end and reports it; a second report would only race with it.
            return


async def _wait_for(wanted: type[Wanted], connection: ClientConnection) -> Wanted:
    """The next event of this type; an error of the service before it is ours."""
    while True:
        event = decode(await connection.recv(decode=False))
        if isinstance(event, wanted):
            return event
        if isinstance(event, VoiceRefused):
            raise _refused(event)
        if isinstance(event, Malformed):
            raise VoiceError("the voice model sent what is not its protocol", code="malformed_event", retryable=False)


def _kind(command: VoiceCommand) -> str:
    match command:
        case CreateResponse(purpose):
            return f"create-{purpose}"
        case CancelResponse():
            return "cancel"
        case TruncateHeard():
            return "truncate"
        case ReturnToolOutput():
            return "output"
        case AddTurn():
            return "turn"
    return "note"


def _checked_url(url: str, style: Literal["openai", "azure"]) -> str:
    """The WebSocket address to connect to, without the model."""
    parts = urlsplit(url or (OPENAI_URL if style == "openai" else ""))
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
    if scheme is None or not parts.hostname:
        hint = f"wss://RESOURCE.openai.azure.com{AZURE_PATH}" if style == "azure" else OPENAI_URL
        raise UserError(f"the voice model's address must be a URL such as {hint}", code="bad_setting")
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if "api-version" in names:
        raise UserError(
            "the voice model's address has api-version=, which names Azure's old preview protocol; "
            f"use https://RESOURCE.openai.azure.com{AZURE_PATH} without it",
            code="bad_setting",
        )
    if names & {"api-key", "api_key"} or parts.password:
        text = "the voice model's address must not hold a key; give the key as its own setting"
        raise UserError(text, code="bad_setting")
    path = parts.path.rstrip("/")
    if not path:
        path = AZURE_PATH if style == "azure" else urlsplit(OPENAI_URL).path
    return urlunsplit(parts._replace(scheme=scheme, path=path, fragment=""))


def _refused_upgrade(status: int) -> VoiceError:
    says = _SAYS.get(status, _MOVED if status < 400 else "try again later")
    text = f"the voice model refused the connection (HTTP {status}): {says}"
    return _error(text, f"http_{status}", status_reaction(status))


def _refused(event: VoiceRefused) -> VoiceError:
    """An error of the service while the session is set up. Its message may quote us, so only its codes are shown."""
    text = f"the voice model refused to set the session up: {event.kind or 'error'} {event.code}".rstrip()
    asked = reaction(event.code, event.kind, event.message)
    if not WRONG_FOR_EVERY_CALL.isdisjoint((event.code, event.kind)):
        asked = Reaction.STOP_CAMPAIGN
    return _error(text, event.code or event.kind, asked)


def _closed(error: ConnectionClosed) -> VoiceError:
    """The socket closed while the session was set up."""
    reason = _reason(error)
    asked = close_reaction(None if error.rcvd is None else error.rcvd.code)
    return _error(f"the voice model closed the connection: {reason}", reason, asked)


def _error(text: str, code: str, asked: Reaction) -> VoiceError:
    is_fatal = asked is Reaction.STOP_CAMPAIGN
    is_lasting = is_fatal or asked is Reaction.OUR_MISTAKE
    return VoiceError(text, code=code, retryable=not is_lasting, fatal_for_campaign=is_fatal)


def _reason(error: ConnectionClosed) -> str:
    """Close code and reason as the peer sent them; ``lost`` when it sent none."""
    if error.rcvd is None:
        return "lost"
    return f"{error.rcvd.code} {error.rcvd.reason}".rstrip()
