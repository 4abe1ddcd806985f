"""Twilio's REST API over HTTPS: one client per process, and the one place where its failures become ours.

A request that surely never left is a ``CarrierError``; one whose answer is missing or ambiguous (broken off, out of time, a
server fault) is a ``PlaceLost``: what it asked for may have happened. Nothing is asked twice by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import httpx2

from dialer.errors import CarrierError, PlaceLost
from dialer.wire import twilio_rest
from dialer.wire.twilio_rest import RestRequest, read_error

ANSWER_S = 5.0
"""Longest wait for an answer; half of what a dial may take altogether."""
_CONNECTIONS = 100
_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_VOICE_API = "/v1/"
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol, httpx2.ProxyError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it says."""

    status: int
    body: bytes
    at: datetime | None = None
    """Twilio's own time, aware UTC, where it was told."""

    @property
    def is_fine(self) -> bool:
        """The request was carried out."""
        return 200 <= self.status < 300

    @property
    def error(self) -> tuple[int, str]:
        """Twilio's code and message of a refusal."""
        return read_error(self.body)

    def refusal(self, what: str) -> CarrierError:
        """This answer as an error; the message may quote our request, so only the code is shown."""
        code, _ = self.error
        text = f"Twilio refused {what}: HTTP {self.status}" + (f", error {code}" if code else "")
        return CarrierError(text, code=str(code or self.status), retryable=self.status == 429 or self.status >= 500)


class TwilioApi:
    """The client."""

    def __init__(self, url: str, account_sid: str, auth_token: str) -> None:
        """``url``: the address of the API without a path; of another provider that speaks the same, or of a stand-in."""
        self.account_sid = account_sid
        self._voice_url = voice_url(url)
        self._client = httpx2.AsyncClient(
            base_url=url.rstrip("/"),
            auth=(account_sid, auth_token),
            timeout=httpx2.Timeout(ANSWER_S),
            limits=httpx2.Limits(max_connections=_CONNECTIONS),
            follow_redirects=False,
            trust_env=urlsplit(url).hostname not in _LOCAL_HOSTS,
        )

    async def ask(self, request: RestRequest) -> Answer:
        """Send it. Raises ``PlaceLost`` or ``CarrierError``; a refusal is an answer."""
        where = f"{self._voice_url}{request.path}" if request.path.startswith(_VOICE_API) else request.path
        fields: list[tuple[str, str | int | float | bool | None]] = list(request.fields)
        try:
            if request.method == "GET":
                answer = await self._client.get(where, params=fields or None)
            else:
                body = str(httpx2.QueryParams(fields))
                form = {"content-type": "application/x-www-form-urlencoded"}
                answer = await self._client.post(where, content=body, headers=form)
        except _NEVER_SENT as error:
            raise CarrierError(f"Twilio cannot be reached: {type(error).__name__}", code="unreachable") from error
        except httpx2.HTTPError as error:
            raise PlaceLost(f"Twilio did not answer: {type(error).__name__}", code="no_answer") from error
        if answer.status_code >= 500:
            raise PlaceLost(f"Twilio failed: HTTP {answer.status_code}", code=str(answer.status_code))
        return Answer(answer.status_code, answer.content, twilio_rest.instant(answer.headers.get("date")))

    async def close(self) -> None:
        """Release the connections."""
        await self._client.aclose()


def voice_url(url: str) -> str:
    """Where the Voice API of the same account is: at Twilio (any of its regions) beside the ordinary one, elsewhere at the same
    address.
    """
    parts = urlsplit(url.rstrip("/"))
    host = parts.hostname or ""
    if host.startswith("api.") and host.endswith(".twilio.com"):
        return parts._replace(netloc=parts.netloc.replace("api.", "voice.", 1)).geturl()
    return parts.geturl()
