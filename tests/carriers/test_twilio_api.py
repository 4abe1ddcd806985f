"""The client: which failures rang nobody for sure, and which may have."""

from __future__ import annotations

import asyncio

import pytest

from dialer.carriers.twilio_api import Answer, TwilioApi, voice_url
from dialer.errors import CarrierError, PlaceLost
from dialer.wire.twilio_rest import get_balance
from tests.support.virtual_time import run_virtual

ASK = get_balance("AC1")


async def served(reply: bytes | None) -> tuple[str, asyncio.Server]:
    """A server that answers everything with these bytes, or never."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        if reply is None:
            await asyncio.sleep(60)
        else:
            writer.write(reply)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", server


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "503"),
        (b"", "no_answer"),
        (b"garbage\r\n\r\n", "no_answer"),
        (None, "no_answer"),
    ],
)
def test_an_answer_that_is_missing_or_ambiguous_is_lost(reply: bytes | None, code: str) -> None:
    async def main() -> PlaceLost:
        url, server = await served(reply)
        api = TwilioApi(url, "AC1", "secret")
        with pytest.raises(PlaceLost) as lost:
            await api.ask(ASK)
        await api.close()
        server.close()
        return lost.value

    lost = run_virtual(main())
    assert lost.code == code
    assert "secret" not in str(lost)


def test_a_refusal_is_an_answer() -> None:
    async def main() -> Answer:
        body = b'{"code": 20003, "message": "Authenticate"}'
        url, server = await served(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        api = TwilioApi(url, "AC1", "secret")
        answer = await api.ask(ASK)
        await api.close()
        server.close()
        return answer

    answer = run_virtual(main())
    assert not answer.is_fine
    assert answer.error == (20003, "Authenticate")
    refused = answer.refusal("the dial")
    assert isinstance(refused, CarrierError)
    assert (refused.code, refused.retryable) == ("20003", False)
    assert str(refused) == "Twilio refused the dial: HTTP 401, error 20003"


def test_a_limit_may_be_asked_again_later() -> None:
    assert Answer(429, b"").refusal("it").retryable
    assert Answer(429, b"").refusal("it").code == "429"
    assert Answer(204, b"").is_fine


@pytest.mark.parametrize(
    ("api", "voice"),
    [
        ("https://api.twilio.com", "https://voice.twilio.com"),
        ("https://api.dublin.ie1.twilio.com/", "https://voice.dublin.ie1.twilio.com"),
        ("https://api.example.com", "https://api.example.com"),
        ("http://127.0.0.1:8766", "http://127.0.0.1:8766"),
    ],
)
def test_the_voice_api_is_beside_twilios_own_and_at_the_same_address_elsewhere(api: str, voice: str) -> None:
    assert voice_url(api) == voice
