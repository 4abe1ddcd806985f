"""The stand-in's defaults are those of the service as measured, and nobody is kept out."""

from __future__ import annotations

from dialer.simulation.model.options import ModelOptions


def test_the_defaults_let_everybody_in_and_send_faster_than_real_time() -> None:
    options = ModelOptions()
    assert options.api_key == ""
    assert options.burst_factor > 1


def test_the_longest_session_is_an_hour() -> None:
    assert ModelOptions().session_s == 3600


def test_the_account_is_of_the_smallest_tier() -> None:
    assert ModelOptions().tokens_per_minute == 40_000
