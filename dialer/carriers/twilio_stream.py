"""The door for Media Streams: who may send and hear a call's audio.

Three locks, because an open media socket is a tap on somebody's money and words. The upgrade must carry Twilio's signature of the
address, the address holds a key that was issued for one call and opens once, and the first message must bring that call's token
within seconds. The first two are answered with 403 before anything is opened; the third closes the socket (1008).
"""

import asyncio
import hmac
import secrets
from collections.abc import Sequence

from dialer.carriers.media_server import MediaSocket, OneTimeKeys, Request
from dialer.carriers.twilio_call import TwilioCall
from dialer.conversation.events import DigitPressed, LegAudio
from dialer.telemetry import emit
from dialer.wire.twilio_media import Connected, MarkReturned, Started, Stopped, StreamOrders, decode
from dialer.wire.twilio_signature import is_signed

PATH = "/twilio/media"
START_S = 5.0
TOKEN = "token"
"""The parameter of our TwiML that comes back with the stream."""
_POLICY = 1008


class StreamDoor:
    """A ``SocketHandler`` for the streams that we have asked for."""

    def __init__(self, account_sid: str, tokens: Sequence[str]) -> None:
        """``tokens``: the account's auth tokens; two while one is being replaced."""
        self._account_sid = account_sid
        self._tokens = tokens
        self._keys: OneTimeKeys[tuple[TwilioCall, str]] = OneTimeKeys()
        self._admitted: dict[str, tuple[TwilioCall, str]] = {}
        self._issued: dict[TwilioCall, str] = {}

    def expect(self, call: TwilioCall) -> tuple[str, str]:
        """A stream of this call may come: the path that it must use and the token that it must bring."""
        token = secrets.token_urlsafe(24)
        key = self._keys.issue((call, token))
        self._issued[call] = key
        return f"{PATH}/{key}", token

    def forget(self, call: TwilioCall) -> None:
        """No stream of this call may come any more."""
        self._keys.withdraw(self._issued.pop(call, ""))

    def admit(self, request: Request) -> bool:
        """Signed by Twilio, and with a key that has not been used."""
        given = request.headers.get("x-twilio-signature", "")
        if not is_signed(self._tokens, request.url, (), given, is_upgrade=True):
            return False
        key = request.path.rstrip("/").rpartition("/")[2]
        waiting = self._keys.take(key)
        if waiting is None or waiting[0].story.ending is not None:
            return False
        self._admitted[request.path] = waiting
        return True

    async def serve(self, request: Request, opened: MediaSocket) -> None:
        """The stream of one call, from its first message to its end."""
        call, token = self._admitted.pop(request.path)
        started = await _started(opened)
        if started is None or not self._is_of(started, call, token):
            emit("carrier.turned_away", path=PATH, reason="no token of this call in time")
            await opened.close(_POLICY, "not expected")
            return
        call.leg.open(StreamOrders(started.stream_sid), opened.send, opened.close)
        call.streaming()
        await _listen(call, opened)
        call.stream_ended("the stream ended")

    def _is_of(self, started: Started, call: TwilioCall, token: str) -> bool:
        """The right token for this call and account, and audio that we speak."""
        given = started.parameters.get(TOKEN, "")
        is_ours = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
        is_account = started.account_sid in ("", self._account_sid)
        return is_ours and is_account and started.is_mulaw and call.named(started.call_sid)


async def _started(opened: MediaSocket) -> Started | None:
    """The stream's first word, if it comes in time and before anything else."""
    try:
        async with asyncio.timeout(START_S):
            while (message := await opened.recv()) is not None:
                event = decode(message)
                if not isinstance(event, Connected):
                    return event if isinstance(event, Started) else None
    except TimeoutError:
        return None
    return None


async def _listen(call: TwilioCall, opened: MediaSocket) -> None:
    """Fifty messages a second: nothing more in it than must be."""
    report = call.leg.report
    while (message := await opened.recv()) is not None:
        event = decode(message)
        if isinstance(event, LegAudio | DigitPressed):
            report(event)
        elif isinstance(event, MarkReturned):
            call.leg.mark_returned(event.name)
        elif isinstance(event, Stopped):
            return
