"""The states of calls and attempts, and the buckets of a report."""

from dialer.model.call import AttemptState, Bucket, CallState, CampaignStatus


def test_an_attempt_is_open_until_it_has_ended() -> None:
    assert {state for state in AttemptState if not state.is_open} == {AttemptState.ENDED}


def test_the_names_are_those_of_the_database() -> None:
    assert [state.value for state in CallState] == ["held", "queued", "claimed", "active", "done"]
    assert [status.value for status in CampaignStatus] == ["draft", "armed", "paused", "cancelled", "done"]
    assert len(Bucket) == 12
