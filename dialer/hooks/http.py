"""A receiver behind HTTP: one signed POST per try.

Redirects are not followed (personal data goes where the operator said and nowhere else), certificates are verified, the
environment's proxies and ``.netrc`` are not used, and nothing of the answer is read but its status: it is foreign text.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import httpx2

from dialer.hooks.base import LIMIT_S
from dialer.wire.webhook import Answer, Message, answer_of, headers


class HttpHook:
    """POSTs to ``url``, signed with ``key``; ``now`` gives the instant of the signature."""

    def __init__(self, url: str, key: bytes, now: Callable[[], datetime], limit_s: float = LIMIT_S) -> None:
        self._url = url
        self._key = key
        self._now = now
        self._limit_s = limit_s

    async def send(self, message: Message) -> Answer:
        """Try once, in at most ``limit_s`` seconds from the first look-up of the name to the status line."""
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._post(message)
        except TimeoutError:
            return Answer(f"no answer within {self._limit_s:g} s", is_reachable=False)
        except httpx2.ConnectError as error:
            return Answer(f"cannot connect: {_said(error)}", is_reachable=False)
        except httpx2.HTTPError as error:
            return Answer(_said(error), is_reachable=False)

    async def _post(self, message: Message) -> Answer:
        signed = headers(self._key, message, self._now())
        async with (
            httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=self._limit_s) as client,
            client.stream("POST", self._url, content=message.body, headers=signed) as response,
        ):
            return answer_of(response.status_code, response.reason_phrase, response.headers.get("retry-after", ""))


def _said(error: Exception) -> str:
    """What the library says, on one line; its name when it says nothing."""
    return str(error).partition("\n")[0] or type(error).__name__
