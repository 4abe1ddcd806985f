"""Callbacks are signed, numbered and sent as the faults have it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from dialer.simulation.twilio.callbacks import Callbacks, Sender
from dialer.simulation.twilio.faults import TwilioFaults
from dialer.wire.twilio_signature import is_signed
from tests.support.virtual_time import START, run_virtual

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
URL = "http://127.0.0.1:9/told"


def sent(faults: TwilioFaults, events: frozenset[str] = EVENTS, url: str = URL) -> list[tuple[str, dict[str, str], int]]:
    """What is sent of one call, to somebody who is not there."""

    async def main() -> Any:
        async with httpx2.AsyncClient(trust_env=False) as client:
            sender = Sender("AC1", "secret", faults, client)
            callbacks = Callbacks(sender, "CA1", url, events)
            for event in ("initiated", "ringing", "answered", "completed"):
                callbacks.tell(event, {"CallStatus": event}, START)
            await asyncio.sleep(30)
            assert await callbacks.ask(URL, {}) == ""
            await callbacks.close()
            return sender.sent[:-1]

    found: list[tuple[str, dict[str, str], int]] = run_virtual(main())
    return found


@pytest.mark.parametrize(
    ("faults", "order"),
    [
        (TwilioFaults(), ["0", "1", "2", "3"]),
        (TwilioFaults(is_mute=True), []),
        (TwilioFaults(lose_callback_every=2), ["0", "2"]),
        (TwilioFaults(has_reordered=True), ["3", "2", "0", "1"]),
        (TwilioFaults(has_doubled=True), ["0", "1", "2", "3", "3", "1", "2", "0"]),
    ],
)
def test_each_fault_concerns_what_is_told(faults: TwilioFaults, order: list[str]) -> None:
    found = sent(faults)
    numbers = [fields["SequenceNumber"] for _, fields, _ in found]
    assert numbers[:4] == order[:4]
    assert sorted(numbers) == sorted(order)
    assert {status for _, _, status in found} <= {0}


def test_only_what_was_asked_for_is_told() -> None:
    assert [fields["CallStatus"] for _, fields, _ in sent(TwilioFaults(), frozenset({"completed"}))] == ["completed"]
    assert sent(TwilioFaults(), url="") == []


def test_a_signature_covers_all_fields() -> None:
    from dialer.wire.twilio_signature import signature

    url, fields, _ = sent(TwilioFaults())[0]
    pairs = tuple(fields.items())
    assert is_signed(("secret",), url, pairs, signature("secret", url, pairs))
