"""The model that reads talks afterwards, behind HTTP: one request, one answer, no decision.

Redirects are not followed, certificates are verified, the environment's proxies and ``.netrc`` are not used. The flex lane may
think for many minutes (developers.openai.com/api/docs/guides/flex-processing), so the time limit is long.
"""

import httpx2

from dialer.wire.openai_responses import PATH, Answer, Request, Unavailable, decode, encode

DEFAULT_URL = "https://api.openai.com/v1"
LIMIT_S = 900.0
"""Longest time that one reading may take."""
_CONNECT_S = 15.0
_MOST_BYTES = 4_000_000


class ResponsesAnalyst:
    """OpenAI's Responses API, or a service that speaks it, at ``url`` (with its version: ``https://api.openai.com/v1``)."""

    def __init__(self, url: str, key: str, limit_s: float = LIMIT_S) -> None:
        self._url = (url or DEFAULT_URL).rstrip("/") + PATH
        self._key = key
        self._limits = httpx2.Timeout(limit_s, connect=min(limit_s, _CONNECT_S))

    def read(self, request: Request) -> Answer:
        """Ask once."""
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        try:
            with (
                httpx2.Client(follow_redirects=False, trust_env=False, timeout=self._limits) as client,
                client.stream("POST", self._url, content=encode(request), headers=headers) as response,
            ):
                body = b""
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        return Unavailable("the answer is too long")
                return decode(response.status_code, body, response.headers.get("retry-after", ""))
        except httpx2.TimeoutException:
            return Unavailable(f"no answer from {self._url} within the time limit")
        except httpx2.HTTPError as error:
            return Unavailable(str(error).partition("\n")[0] or type(error).__name__)
