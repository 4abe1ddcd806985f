"""Nothing goes wrong unless it is asked for."""

from __future__ import annotations

from dataclasses import fields

from dialer.simulation.twilio.faults import TwilioFaults


def test_by_default_everything_is_fine() -> None:
    assert not any(getattr(TwilioFaults(), field.name) for field in fields(TwilioFaults))
