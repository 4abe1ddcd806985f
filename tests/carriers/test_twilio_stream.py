"""Who may hear and speak on a call: Twilio, on a stream that we asked for, once. Everybody else gets a 403 or is shown out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dialer.call.events import Answered
from dialer.carriers.twilio_stream import START_S
from dialer.conversation.events import DigitPressed, LegAudio, MarkPlayed
from dialer.simulation.twilio import messages
from dialer.simulation.twilio.server import ACCOUNT, TOKEN
from dialer.wire.twilio_signature import signature
from tests.conformance.carriers.benches import NEVER, TALKS, TwilioBench, order
from tests.support.scripted_agent import Agent

FRAME = b"\x11" * 160


async def ringing(carrier: Any, bench: TwilioBench) -> tuple[Any, str, str]:
    """A call that rings, the address of its stream, and its token."""
    call = await carrier.place(order(NEVER, call_s=60, ring_s=60))
    path, token = carrier._door._issued[call], carrier._door._keys._holders[carrier._door._issued[call]][1]
    assert bench.server is not None
    return call, f"{bench.server.socket_url}/twilio/media/{path}", token


async def opened(url: str, signed: str | None = None) -> ClientConnection:
    """Upgrade as Twilio does, or as somebody else."""
    given = signature(TOKEN, url) if signed is None else signed
    return await connect(url, additional_headers={"X-Twilio-Signature": given} if given else {}, proxy=None, compression=None)


def a_stream(call: Any) -> messages.Stream:
    return messages.Stream("MZ" + "0" * 32, call.sid, ACCOUNT)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: (url, ""),
        lambda url: (url, "A" + signature(TOKEN, url)[1:]),
        lambda url: (url, signature("stolen", url)),
        lambda url: (url, signature(TOKEN, url + "x")),
        lambda url: (url[:-1] + ("a" if url[-1] != "a" else "b"), None),
        lambda url: (url.rpartition("/")[0], None),
        lambda url: (url + "/more", None),
    ],
    ids=["no signature", "flipped byte", "another token", "another address", "foreign key", "no key", "more path"],
)
def test_an_upgrade_that_is_not_expected_is_403_and_opens_nothing(
    tmp_path: Path, change: Callable[[str], tuple[str, str | None]]
) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        call, url, _ = await ringing(carrier, bench)
        changed, signed = change(url)
        with pytest.raises(InvalidStatus) as refused:
            await opened(changed, signed)
        assert refused.value.response.status_code == 403
        assert not call.story.is_answered, "no session hears of it"
        socket = await opened(url)  # the real one still may
        await socket.close()
        await call.hang_up()

    bench.run(main)


def test_a_key_opens_once_and_not_after_the_end(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        call, url, token = await ringing(carrier, bench)
        socket = await opened(url)
        await socket.send(a_stream(call).start({"token": token}))
        await asyncio.sleep(0.1)
        assert call.story.is_answered
        with pytest.raises(InvalidStatus) as replayed:
            await opened(url)
        assert replayed.value.response.status_code == 403
        other = await carrier.place(order(TALKS, "a2"))
        key = carrier._door._issued[other]
        await other.hang_up()
        assert [event async for event in other.events()]
        await asyncio.sleep(1)
        assert bench.server is not None
        with pytest.raises(InvalidStatus):
            await opened(f"{bench.server.socket_url}/twilio/media/{key}")
        await call.hang_up()

    bench.run(main)


def start_of(call: Any, token: str, **changes: Any) -> str:
    """The first message of a stream, changed."""
    message = json.loads(a_stream(call).start({"token": token}))
    message["start"] |= changes
    return json.dumps(message)


@pytest.mark.parametrize(
    "first",
    [
        lambda call, token: start_of(call, "x" + token[1:]),
        lambda call, token: start_of(call, token, customParameters={}),
        lambda call, token: start_of(call, token, callSid="CA" + "9" * 32),
        lambda call, token: start_of(call, token, accountSid="AC" + "9" * 32),
        lambda call, token: start_of(call, token, mediaFormat={"encoding": "audio/L16", "sampleRate": 16000}),
        lambda call, token: a_stream(call).media(FRAME),
        lambda call, token: "not a message",
        lambda call, token: b"\xff",
    ],
    ids=["foreign token", "no token", "foreign call", "foreign account", "another codec", "audio first", "noise", "bytes"],
)
def test_a_stream_that_does_not_bring_the_calls_token_first_is_shown_out(
    tmp_path: Path, first: Callable[[Any, str], str]
) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        call, url, token = await ringing(carrier, bench)
        socket = await opened(url)
        await socket.send(a_stream(call).connected())
        await socket.send(first(call, token))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert not call.story.is_answered
        assert not call.leg.is_open
        await call.hang_up()

    bench.run(main)


def test_a_stream_that_says_nothing_is_shown_out_within_seconds(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> float:
        call, url, _ = await ringing(carrier, bench)
        loop = asyncio.get_running_loop()
        began = loop.time()
        socket = await opened(url)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        silent_s = loop.time() - began
        await call.hang_up()
        return silent_s

    assert bench.run(main) == pytest.approx(START_S, abs=0.5)


def test_one_that_leaves_before_its_first_word_opens_nothing(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        call, url, _ = await ringing(carrier, bench)
        socket = await opened(url)
        await socket.close()
        await asyncio.sleep(1)
        assert not call.story.is_answered
        await call.hang_up()

    bench.run(main)


def test_the_right_stream_is_the_answer_and_carries_audio_keys_and_marks(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> list[Any]:
        call, url, token = await ringing(carrier, bench)
        socket = await opened(url)
        stream = a_stream(call)
        await socket.send(stream.connected())
        await socket.send(stream.start({"token": token}))
        events = call.events()
        while not isinstance(await anext(events), Answered):
            pass
        await call.leg.mark("m")
        mark = json.loads(await socket.recv())["mark"]["name"]
        for message in (stream.media(FRAME), stream.dtmf("5"), '{"event":"weather"}', stream.mark(mark), stream.stop()):
            await socket.send(message)
        found = [event async for event in call.leg.events()]
        await call.hang_up()
        return found

    *heard, _ = bench.run(main)
    assert heard == [LegAudio(FRAME), DigitPressed("5"), MarkPlayed("m")]


def test_the_loopback_closes_a_stream_that_sends_what_media_streams_does_not_know(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.leg._send('{"event":"dance","streamSid":"MZ1"}')
        await agent.end()

    bench.run(main)
    assert bench.peer is not None
    assert [code for _, code, _ in bench.peer.sender.notifications] == [31924]
