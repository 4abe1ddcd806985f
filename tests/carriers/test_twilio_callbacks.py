"""Who may tell us of a call: only Twilio, only of a call that we expect, and each thing once. Anything else changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dialer.call.events import Ringing
from dialer.carriers.twilio_story import Story
from dialer.conversation.events import MachineReported
from dialer.model.disposition import AnsweredBy
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.twilio.server import ACCOUNT, TOKEN
from dialer.wire.twilio_signature import signature
from tests.conformance.carriers.benches import NEVER, TALKS, VOICEMAIL, TwilioBench, order
from tests.support.scripted_agent import Agent

A1 = AttemptId("a1")
Fields = dict[str, str]


def attack(tmp_path: Path, strike: Callable[[str, Fields, str], tuple[str, Fields, str]], **how: Any) -> tuple[int, bool]:
    """Send a good callback of a ringing call, as ``strike`` has changed it: the status, and whether anything changed here.

    ``strike`` gets the address, the fields and the signature.
    """
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> tuple[int, bool]:
        call = await carrier.place(order(NEVER))
        await asyncio.sleep(1)
        assert bench.server is not None
        url = f"{bench.server.url}/twilio/status/a1"
        fields = {"CallSid": call.sid, "AccountSid": ACCOUNT, "CallStatus": "busy", "SequenceNumber": "77"}
        url, fields, signed = strike(url, fields, signature(TOKEN, url, tuple(fields.items())))
        before = _state(call.story)
        async with httpx2.AsyncClient(trust_env=False) as client:
            headers = {"X-Twilio-Signature": signed} if signed else {}
            answer = await client.post(url, data=fields, headers=headers, **how)
        is_changed = _state(call.story) != before
        await call.hang_up()
        return answer.status_code, is_changed

    result: tuple[int, bool] = bench.run(main)
    return result


def _state(story: Story) -> tuple[Any, ...]:
    return (story.status, story.is_answered, story.ending, len(story._seen))


def resigned(url: str, fields: Fields) -> tuple[str, Fields, str]:
    """The same, signed again after the change: only Twilio could."""
    return url, fields, signature(TOKEN, url, tuple(fields.items()))


def test_a_good_callback_is_taken(tmp_path: Path) -> None:
    assert attack(tmp_path, lambda url, fields, signed: (url, fields, signed)) == (204, True)


@pytest.mark.parametrize(
    "strike",
    [
        lambda url, fields, _: (url, fields, ""),
        lambda url, fields, signed: (url, fields, ("B" if signed[0] != "B" else "C") + signed[1:]),
        lambda url, fields, signed: (url, {**fields, "CallStatus": "busz"}, signed),
        lambda url, fields, signed: (url, {**fields, "Extra": ""}, signed),
        lambda url, fields, signed: (f"{url}?a=1", fields, signed),
        lambda url, fields, _: (url, fields, signature("stolen", url, tuple(fields.items()))),
        lambda url, fields, _: (url, fields, signature(TOKEN, url.replace("http:", "https:"), tuple(fields.items()))),
        lambda url, fields, _: resigned(url, {**fields, "AccountSid": "AC" + "9" * 32}),
        lambda url, fields, _: resigned(url, {**fields, "CallSid": "CA" + "9" * 32}),
        lambda url, fields, _: resigned(url.replace("/a1", "/nobody"), fields),
        lambda url, fields, _: resigned(url.replace("status", "desk"), fields),
        lambda url, fields, _: resigned(url.replace("status", "desk-status"), fields),
    ],
    ids=[
        "no signature", "flipped byte of the signature", "flipped byte of a field", "blank field", "another address",
        "another token", "another scheme", "foreign account", "foreign call", "unknown attempt", "no desk", "no desk's status",
    ],
)  # fmt: skip
def test_anything_else_is_403_and_changes_nothing(
    tmp_path: Path, strike: Callable[[str, Fields, str], tuple[str, Fields, str]]
) -> None:
    assert attack(tmp_path, strike) == (403, False)


@pytest.mark.parametrize("path", ["status", "machine"])
def test_a_signed_callback_that_says_nothing_is_a_bad_request(tmp_path: Path, path: str) -> None:
    def strike(url: str, fields: Fields, _: str) -> tuple[str, Fields, str]:
        return resigned(url.replace("status", path), {"AccountSid": ACCOUNT, "CallSid": fields["CallSid"]})

    assert attack(tmp_path, strike) == (400, False)


def test_an_unknown_path_of_a_known_call_is_a_bad_request(tmp_path: Path) -> None:
    assert attack(tmp_path, lambda url, fields, _: resigned(url.replace("status", "elsewhere"), fields)) == (400, False)


def test_a_replay_is_403_and_changes_nothing(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> list[int]:
        call = await carrier.place(order(NEVER))
        await asyncio.sleep(1)
        assert bench.peer is not None
        url, fields, status = next(sent for sent in bench.peer.sender.sent if sent[1]["CallStatus"] == "ringing")
        assert status == 204
        before = _state(call.story)
        headers = {"X-Twilio-Signature": signature(TOKEN, url, tuple(fields.items()))}
        async with httpx2.AsyncClient(trust_env=False) as client:
            answers = [(await client.post(url, data=fields, headers=headers)).status_code for _ in range(3)]
        assert _state(call.story) == before
        await call.hang_up()
        events = [event async for event in call.events()]
        assert events.count(Ringing()) == 1
        return answers

    assert bench.run(main) == [403, 403, 403]


def test_what_twilio_heard_of_a_machine_reaches_the_conversation_once(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> tuple[list[int], list[Any]]:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        assert bench.server is not None
        url = f"{bench.server.url}/twilio/machine/a1"
        sid = agent.call.carrier_call_id
        statuses = []
        async with httpx2.AsyncClient(trust_env=False) as client:
            for given_sid, word in (("CA" + "9" * 32, "human"), (sid, "machine_end_beep"), (sid, "human")):
                fields = {"CallSid": given_sid, "AccountSid": ACCOUNT, "AnsweredBy": word}
                headers = {"X-Twilio-Signature": signature(TOKEN, url, tuple(fields.items()))}
                statuses.append((await client.post(url, data=fields, headers=headers)).status_code)
        await agent.call.hang_up()
        await agent.end()
        return statuses, list(agent.other)

    statuses, other = bench.run(main)
    assert statuses == [403, 204, 403]
    assert other == [MachineReported(AnsweredBy.VOICEMAIL, is_beep=True)]


@pytest.mark.parametrize(
    ("machines", "number", "found"),
    [
        ("answer", TALKS, MachineReported(AnsweredBy.HUMAN, is_beep=False)),
        ("answer", VOICEMAIL, MachineReported(AnsweredBy.VOICEMAIL, is_beep=False)),
        ("beep", VOICEMAIL, MachineReported(AnsweredBy.VOICEMAIL, is_beep=True)),
    ],
)
@pytest.mark.parametrize("fault", ["", "reports doubled"])
def test_twilios_detection_of_machines_is_asked_for_and_heard_while_the_call_goes_on(
    tmp_path: Path, machines: Any, number: PhoneNumber, found: MachineReported, fault: str
) -> None:
    bench = TwilioBench(tmp_path)
    bench.machines = machines

    async def main(carrier: Any) -> list[Any]:
        agent = await Agent.dial(carrier, order(number))
        await asyncio.sleep(20)
        await agent.call.hang_up()
        await agent.end()
        return list(agent.other)

    assert bench.run(main, fault).count(found) == 1
    assert bench.peer is not None
    posted = [status for url, _, status in bench.peer.sender.sent if "/twilio/machine/" in url]
    assert posted == ([204, 403] if fault else [204])
