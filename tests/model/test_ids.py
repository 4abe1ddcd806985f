"""Ids are plain values with a type each."""

from dialer.model.ids import AttemptId, CallId, CampaignId, ContactId, ImportId, ScriptVersionId


def test_ids_cost_nothing_at_run_time() -> None:
    assert [kind(7) for kind in (CampaignId, ScriptVersionId, ImportId, ContactId, CallId)] == [7] * 5
    assert AttemptId("0" * 32) == "0" * 32
