"""Both cores together in a world of chance: whatever happens they end, once, and keep their promises.

``bench/sequences.py`` runs a hundred thousand of these; the profile ``thorough`` of hypothesis runs thousands here.
"""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dialer.call import events as call
from dialer.conversation import events as talk
from dialer.model.disposition import Disposition
from tests.support.two_cores import World


@given(st.randoms(use_true_random=False))
def test_any_world_ends_once_with_its_promises_kept(random: Random) -> None:
    world = World(random)
    world.run()
    kinds = [type(command) for command in world.commands]
    assert kinds.count(call.Finish) == 1
    assert kinds.count(talk.EndTalk) <= 1
    assert kinds.count(talk.RecordOptOut) <= 1


def test_worlds_meet_nearly_every_disposition() -> None:
    """A chance that never comes would prove nothing."""
    met = {World(Random(seed)).run().disposition for seed in range(400)}
    # What is left is never an end that the cores find themselves.
    never = {"blocked_consent", "blocked_hours", "blocked_caps", "blocked_budget", "expired"}
    rare = {"voicemail_left", "carrier_failed"}
    assert {disposition.value for disposition in Disposition} - {one.value for one in met} - rare == never
