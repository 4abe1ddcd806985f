"""The seam: the simulated network is a carrier like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.carriers.base import Capabilities, Carrier, DialRefused, Ending, Retry
from dialer.model.attempt import EndCause
from dialer.simulation.phones.network import SimulatedCarrier


def test_the_simulated_network_is_a_carrier(tmp_path: Path) -> None:
    carrier: Carrier = SimulatedCarrier(1, tmp_path / "phones.jsonl", lambda _: None)
    assert isinstance(carrier.capabilities, Capabilities)
    assert carrier.capabilities.finds_by == "our_id"


@pytest.mark.parametrize(
    ("ending", "is_retryable"),
    [
        (Ending(EndCause.INVALID_NUMBER, "21211"), False),
        (Ending(EndCause.CONFIGURATION, "21210"), False),
        (Ending(EndCause.CARRIER_FAULT, "20429"), True),
        (Ending(EndCause.BUSY, "34002"), True),
        (Ending(EndCause.INVALID_NUMBER, "13224", ruled=Retry.LATER), True),
    ],
)
def test_a_refusal_carries_its_ending(ending: Ending, is_retryable: bool) -> None:
    refused = DialRefused("no", ending, code="21211")
    assert refused.ending == ending
    assert refused.retryable is is_retryable
