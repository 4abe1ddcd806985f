"""Handing a call over. Cold: the callee is connected at once, and rings a desk that may not answer.

Warm: the desk is rung first while the conversation goes on. Whoever answers hears a summary and presses a key to take the call
(an answering machine presses nothing); only then do both enter a conference, and our part is over. A desk that nobody takes
leaves the callee where he was.
"""

import asyncio
import re
from dataclasses import dataclass, field

from dialer.carriers.media_server import FORBIDDEN, MediaServer, OneTimeKeys, Reply
from dialer.carriers.twilio_api import TwilioApi
from dialer.carriers.twilio_call import TwilioCall
from dialer.errors import CarrierError
from dialer.model.attempt import EndCause, Ending
from dialer.wire import twilio_rest, twiml
from dialer.wire.twilio_rest import ENDED, Fields

ANSWER_PATH, STATUS_PATH = "/twilio/desk", "/twilio/desk-status"
DESK_RING_S = 18
"""Three rings: the callee waits meanwhile."""
DESK_S = 70.0
"""From ringing a desk to its taking the call; the summary is heard meanwhile."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_QUESTIONS = {"en-US": "Press 1 to take the call.", "cmn-CN": "接听请按 1。"}


@dataclass(slots=True)
class _Offer:
    """A desk that has been asked. ``taken``: its answer."""

    conference: str
    taken: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def decide(self, *, is_taken: bool) -> None:
        """The desk's answer; the first one counts."""
        if not self.taken.done():
            self.taken.set_result(is_taken)


def language_of(text: str) -> str:
    """The language in which a summary is read out."""
    return "cmn-CN" if _CHINESE.search(text) else "en-US"


class TwilioDesks:
    """``Desks`` on Twilio, and the callbacks of those who are rung."""

    def __init__(self, api: TwilioApi, server: MediaServer) -> None:
        self._api = api
        self._server = server
        self._offers: dict[str, _Offer] = {}
        self._keys: OneTimeKeys[None] = OneTimeKeys()

    async def hand_over(self, call: TwilioCall, to: str, announce: str, summary: str | None) -> None:
        """Connect the callee to ``to``. Raises ``CarrierError``: then he is still ours."""
        if summary is None:
            shown = call.order.from_number
            await self._redirect(call, twiml.dial(to, shown, announce=announce, language=language_of(announce)))
        else:
            await self._warm(call, to, summary)
        call.finish(Ending(EndCause.NEAR_HANG_UP, f"transferred to {to}"))

    def answered(self, key: str, fields: Fields) -> Reply:
        """The desk pressed a key, or none."""
        offer = self._offers.get(key)
        if offer is None or offer.taken.done():
            return FORBIDDEN
        is_taken = dict(fields).get("Digits") == twiml.ACCEPT_KEY
        offer.decide(is_taken=is_taken)
        said = twiml.conference(offer.conference, ends_with_me=True) if is_taken else twiml.hang_up()
        return Reply(200, said, "text/xml")

    def progressed(self, key: str, fields: Fields) -> Reply:
        """A status of the call to the desk."""
        offer = self._offers.get(key)
        if offer is None:
            return FORBIDDEN
        report = twilio_rest.status_report(fields)
        if report is not None and report.status in ENDED:
            offer.decide(is_taken=False)
        return Reply()

    async def _warm(self, call: TwilioCall, to: str, summary: str) -> None:
        key = self._keys.issue(None)
        offer = self._offers[key] = _Offer(f"desk-{key}")
        desk_sid = ""
        try:
            desk_sid = await self._ring(call, to, summary, key)
            is_taken = await self._taken(offer, call)
            if not is_taken:
                raise CarrierError("nobody at the desk took the call", code="desk_no_answer")
            await self._redirect(call, twiml.conference(offer.conference, ends_with_me=True))
            desk_sid = ""
        finally:
            self._offers.pop(key, None)
            self._keys.withdraw(key)
            if desk_sid:
                await self._let_go(desk_sid)

    async def _ring(self, call: TwilioCall, to: str, summary: str, key: str) -> str:
        """Ring the desk; Twilio's name of that call."""
        language = language_of(summary)
        said = twiml.offer(summary, _QUESTIONS[language], f"{self._server.url}{ANSWER_PATH}/{key}", language)
        status_url = f"{self._server.url}{STATUS_PATH}/{key}"
        ask = twilio_rest.ring_desk(self._api.account_sid, to, call.order.from_number, said, status_url, DESK_RING_S)
        answer = await self._api.ask(ask)
        record = twilio_rest.read_call(answer.body) if answer.is_fine else None
        if record is None:
            raise answer.refusal("to ring the desk")
        return record.sid

    async def _taken(self, offer: _Offer, call: TwilioCall) -> bool:
        """Whether the desk takes the call, while there is a callee."""
        gone = asyncio.ensure_future(call.over.wait())
        try:
            await asyncio.wait((offer.taken, gone), timeout=DESK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
        if call.over.is_set():
            raise CarrierError("the callee hung up meanwhile", code="no_call", retryable=False)
        return offer.taken.done() and offer.taken.result()

    async def _redirect(self, call: TwilioCall, said: str) -> None:
        call.story.stopped_by = Ending(EndCause.NEAR_HANG_UP, "transferred")
        answer = await self._api.ask(twilio_rest.redirect_call(self._api.account_sid, call.sid, said))
        if not answer.is_fine:
            call.story.stopped_by = None
            raise answer.refusal("the transfer")

    async def _let_go(self, desk_sid: str) -> None:
        """The desk is not needed: it must not go on ringing."""
        for status in ("canceled", "completed"):
            try:
                answer = await self._api.ask(twilio_rest.end_call(self._api.account_sid, desk_sid, status))
            except CarrierError:
                return
            if answer.is_fine:
                return
