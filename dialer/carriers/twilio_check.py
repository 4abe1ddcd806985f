"""What ``doctor`` looks at on Twilio: account, numbers, countries, the way from the world to this process, the clock.

The way is tried with a riddle that only who has the account's token can answer: so a running worker that has the port answers for
us, and nobody else does.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import httpx2

from dialer.carriers.base import Finding
from dialer.carriers.media_server import FORBIDDEN, MediaServer, Reply, Request
from dialer.carriers.twilio_api import TwilioApi
from dialer.clock import Clock
from dialer.errors import CarrierError
from dialer.wire import twilio_rest

MOST_SKEW = timedelta(seconds=5)
"""Reconciliation goes by the time of both sides."""
_HELLO = "/twilio/hello"
_PAGES = 20
_RIDDLE = "riddle"
_MOST_RIDDLE = 64
_REACH_S = 10.0


@dataclass(frozen=True, slots=True)
class Lists:
    """What the stored campaigns need: the caller IDs that they show, the countries (ISO 3166-1) that they call."""

    shown: Callable[[], Iterable[str]]
    regions: Callable[[], Iterable[str]]


class TwilioExaminer:
    """Looks, and changes nothing. Nobody is rung."""

    def __init__(self, api: TwilioApi, server: MediaServer, clock: Clock, lists: Lists, token: str) -> None:
        """``token``: the account's."""
        self._api = api
        self._server = server
        self._clock = clock
        self._lists = lists
        self._token = token
        self._word = secrets.token_urlsafe(16)
        server.mount_callback(_HELLO, self)

    async def answer(self, request: Request) -> Reply:
        """The answer to a riddle, and our own word."""
        riddle = dict(request.fields).get(_RIDDLE, "")
        return Reply(200, f"{_answer(self._token, riddle)} {self._word}") if 0 < len(riddle) <= _MOST_RIDDLE else FORBIDDEN

    async def examine(self) -> list[Finding]:
        """All of it. What cannot be asked because the account is refused is left out."""
        account = await self._account()
        found = [*account, await self._reach()]
        return found if account[0].mend else [*found, await self._numbers(), *await self._countries()]

    async def _account(self) -> list[Finding]:
        part = "carrier (twilio)"
        try:
            answer = await self._api.ask(twilio_rest.get_balance(self._api.account_sid))
        except CarrierError as error:
            return [Finding(part, str(error), "is DIALER_TWILIO_API_URL right, and does the network let it through?")]
        if not answer.is_fine:
            seen = f"HTTP {answer.status}, error {answer.error[0]}"
            return [Finding(part, seen, "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", is_ours=True)]
        balance = twilio_rest.read_balance(answer.body)
        found = [Finding(part, f"account {self._api.account_sid[:6]}..., balance {balance or 'not told'}")]
        if answer.at is not None:
            skew = abs(answer.at - self._clock.now())
            mend = "" if skew <= MOST_SKEW else "set this machine's clock (NTP): lost calls are found by their time"
            found.append(Finding("clock", f"{skew.total_seconds():.0f} s from Twilio's", mend, is_ours=True))
        return found

    async def _numbers(self) -> Finding:
        """Every caller ID of a campaign must be a number that the account owns or has verified."""
        part = "caller IDs"
        try:
            may_show = await showable(self._api)
        except CarrierError as error:
            return Finding(part, str(error), "this token may not list numbers, or Twilio does not answer")
        foreign = sorted(set(self._lists.shown()) - may_show)
        seen = f"{len(may_show)} owned or verified"
        mend = f"buy or verify {', '.join(foreign)}, or take them out of the campaign" if foreign else ""
        return Finding(part, seen, mend, is_ours=True)

    async def _countries(self) -> list[Finding]:
        """Every country that a campaign calls must be allowed to the account. A provider that does not tell is left alone."""
        part, regions = "countries", sorted(set(self._lists.regions()))
        closed, untold = [], []
        for region in regions:
            try:
                answer = await self._api.ask(twilio_rest.get_country(region))
            except CarrierError as error:
                return [Finding(part, str(error), "Twilio's Voice API does not answer")]
            may_call = twilio_rest.read_country(answer.body) if answer.is_fine else None
            closed += [region] if may_call is False else []
            untold += [f"{region} (HTTP {answer.status})"] if may_call is None else []
        told = [f"{len(regions) - len(closed) - len(untold)} of {len(regions)} may be called"]
        told += [f"not told: {', '.join(untold)}"] if untold else []
        mend = f"allow {', '.join(closed)}: Twilio's console, Voice, Settings, Geo permissions" if closed else ""
        return [Finding(part, "; ".join(told), mend, is_ours=True)] if regions else []

    async def _reach(self) -> Finding:
        """Ask by the public address whether it leads here, or to a worker of ours that has the port."""
        part, url, riddle = "public address", f"{self._server.url}{_HELLO}", secrets.token_urlsafe(16)
        mend = "DIALER_PUBLIC_URL must lead to DIALER_LISTEN_PORT of this machine"
        try:
            async with httpx2.AsyncClient(timeout=_REACH_S, follow_redirects=False) as client:
                answer = await client.get(url, params={_RIDDLE: riddle})
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return Finding(part, f"{self._server.url}: {type(error).__name__}", mend)
        proof, _, word = answer.text.partition(" ")
        if not hmac.compare_digest(proof.encode(), _answer(self._token, riddle).encode()):
            return Finding(part, f"{self._server.url}: HTTP {answer.status_code}, from somebody else", mend)
        if word == self._word:
            return Finding(part, f"{self._server.url} leads here")
        if self._server.is_guest:
            return Finding(part, f"{self._server.url} leads to the worker that is at work")
        return Finding(part, f"{self._server.url} leads to another dialer of this account", mend)


def _answer(token: str, riddle: str) -> str:
    return hmac.new(token.encode(), f"dialer doctor {riddle}".encode(), "sha256").hexdigest()


async def showable(api: TwilioApi) -> set[str]:
    """The numbers that the account owns or has verified. Raises ``CarrierError``."""
    found: set[str] = set()
    for first in (twilio_rest.list_numbers(api.account_sid), twilio_rest.list_verified(api.account_sid)):
        request = first
        for _ in range(_PAGES):
            answer = await api.ask(request)
            page = twilio_rest.read_numbers(answer.body) if answer.is_fine else None
            if page is None:
                raise answer.refusal("to list numbers")
            found.update(page[0])
            request = twilio_rest.next_page(page[1])
            if not request.path:
                break
    return found
