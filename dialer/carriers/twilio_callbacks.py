"""Twilio's callbacks: verified before they are read, taken once, and of a call that we are expecting. Anything else is a 403."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from dialer.carriers import twilio_desk
from dialer.carriers.media_server import FORBIDDEN, Reply, Request
from dialer.carriers.twilio_call import TwilioCall
from dialer.carriers.twilio_desk import TwilioDesks
from dialer.conversation.events import MachineReported
from dialer.model.ids import AttemptId
from dialer.telemetry import emit
from dialer.wire import twilio_rest
from dialer.wire.twilio_signature import is_signed

PATH = "/twilio"
STATUS_PATH, MACHINE_PATH = "/twilio/status", "/twilio/machine"
_TAKEN = Reply()
_BAD = Reply(HTTPStatus.BAD_REQUEST)


class TwilioCallbacks:
    """A ``CallbackHandler``."""

    def __init__(
        self, account_sid: str, tokens: Sequence[str], calls: Mapping[AttemptId, TwilioCall], desks: TwilioDesks
    ) -> None:
        """``calls``: those that may be told of, by attempt; the carrier keeps them."""
        self._account_sid = account_sid
        self._tokens = tokens
        self._calls = calls
        self._desks = desks

    async def answer(self, request: Request) -> Reply:
        """One callback."""
        reply = self._judge(request)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            emit("carrier.turned_away", path=request.path.rpartition("/")[0], reason=str(int(reply.status)))
        return reply

    def _judge(self, request: Request) -> Reply:
        given = request.headers.get("x-twilio-signature", "")
        if not is_signed(self._tokens, request.url, request.fields, given):
            return FORBIDDEN
        if dict(request.fields).get("AccountSid", self._account_sid) != self._account_sid:
            return FORBIDDEN
        path, _, key = request.path.rpartition("/")
        match path:
            case twilio_desk.ANSWER_PATH:
                return self._desks.answered(key, request.fields)
            case twilio_desk.STATUS_PATH:
                return self._desks.progressed(key, request.fields)
        call = self._calls.get(AttemptId(key))
        if call is None:
            return FORBIDDEN
        return _status(call, request) if path == STATUS_PATH else _machine(call, request, path)


def _status(call: TwilioCall, request: Request) -> Reply:
    """How the call goes. A callback that came before changes nothing, whoever sends it again."""
    report = twilio_rest.status_report(request.fields)
    if report is None:
        return _BAD
    if (call.sid and call.sid != report.call_sid) or not call.story.is_new(report):
        return FORBIDDEN
    call.named(report.call_sid)
    call.told(report)
    return _TAKEN


def _machine(call: TwilioCall, request: Request, path: str) -> Reply:
    """Who answered, as far as Twilio can tell."""
    report = twilio_rest.machine_report(request.fields) if path == MACHINE_PATH else None
    if report is None:
        return _BAD
    if call.sid != report.call_sid or not call.story.is_first_finding():
        return FORBIDDEN
    if report.answered_by is not None:
        call.leg.report(MachineReported(report.answered_by, report.is_beep))
    return _TAKEN
