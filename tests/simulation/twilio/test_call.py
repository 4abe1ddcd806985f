"""One call of the loopback, where the server's tests do not look."""

from __future__ import annotations

from datetime import timedelta

from dialer.simulation.twilio.call import Facts
from tests.support.virtual_time import START


def test_a_length_is_whole_seconds_and_at_least_one_once_answered() -> None:
    facts = Facts("CA1", "+1", "+2", START)
    assert facts.talk_s() == 0
    facts.answered_at = START
    assert facts.talk_s() == 0
    facts.ended_at = START + timedelta(milliseconds=10)
    assert facts.talk_s() == 1
    facts.ended_at = START + timedelta(seconds=61.4)
    assert facts.talk_s() == 61
