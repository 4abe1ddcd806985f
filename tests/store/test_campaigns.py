"""Campaigns by name, versions by hash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dialer.errors import StoreError
from dialer.model.call import CampaignStatus
from dialer.model.ids import CampaignId, ScriptVersionId
from dialer.store import campaigns
from dialer.store.engine import Store
from dialer.store.schema import script_versions
from tests.store.rows import NOW, a_campaign, minutes


def test_a_campaign_comes_back_as_its_author_wrote_it(store: Store) -> None:
    with store.write() as tx:
        saved = campaigns.save_version(tx, a_campaign(), NOW)
    with store.read() as tx:
        found = campaigns.find(tx, "autumn")
        assert found == saved == campaigns.get(tx, saved.id)
        assert campaigns.version(tx, saved.version_id) == a_campaign()
    assert saved.campaign == a_campaign()
    assert list(saved.campaign.answers) == ["need", "budget"]
    assert saved.version_hash == a_campaign().version_hash()
    assert (saved.status, saved.status_reason) == (CampaignStatus.DRAFT, "")
    assert (saved.starts_at, saved.ends_at, saved.created_at) == (None, None, NOW)


def test_only_a_new_text_is_a_new_version(store: Store) -> None:
    later = NOW + minutes(5)
    with store.write() as tx:
        first = campaigns.save_version(tx, a_campaign(), NOW)
        same = campaigns.save_version(tx, a_campaign(), later)
        changed = campaigns.save_version(tx, a_campaign(script="Ask what it may cost."), later)
        back = campaigns.save_version(tx, a_campaign(), later)
        versions = tx.execute(select(func.count()).select_from(script_versions)).scalar_one()
    assert same.version_id == first.version_id == back.version_id != changed.version_id
    assert {first.id, same.id, changed.id, back.id} == {first.id}
    assert versions == 2
    assert (same.created_at, same.updated_at) == (NOW, later)


def test_an_old_version_stays_what_it_was(store: Store) -> None:
    with store.write() as tx:
        first = campaigns.save_version(tx, a_campaign(), NOW)
        campaigns.save_version(tx, a_campaign(script="Ask what it may cost."), NOW)
        assert campaigns.version(tx, first.version_id).script == "Ask what they need."


def test_two_campaigns_may_have_the_same_text_but_for_the_name(store: Store) -> None:
    with store.write() as tx:
        campaigns.save_version(tx, a_campaign("winter"), NOW)
        campaigns.save_version(tx, a_campaign("autumn"), NOW)
        assert [row.name for row in campaigns.listed(tx)] == ["autumn", "winter"]


def test_arming_sets_the_times_and_a_new_version_keeps_them(store: Store) -> None:
    ends_at = NOW + timedelta(days=2)
    with store.write() as tx:
        row = campaigns.save_version(tx, a_campaign(), NOW)
        campaigns.set_status(tx, row.id, CampaignStatus.PAUSED, "bad line", NOW)
        assert campaigns.get(tx, row.id).status_reason == "bad line"
        campaigns.arm(tx, row.id, NOW, ends_at, NOW)
        armed = campaigns.save_version(tx, a_campaign(script="New."), NOW)
    assert (armed.status, armed.status_reason) == (CampaignStatus.ARMED, "")
    assert (armed.starts_at, armed.ends_at) == (NOW, ends_at)


def test_what_is_not_there_is_said(store: Store) -> None:
    nobody = CampaignId(77)
    with store.write() as tx:
        assert campaigns.find(tx, "spring") is None
        assert campaigns.listed(tx) == []
        with pytest.raises(StoreError, match="no campaign 77"):
            campaigns.get(tx, nobody)
        with pytest.raises(StoreError, match="no campaign 77"):
            campaigns.set_status(tx, nobody, CampaignStatus.PAUSED, "", NOW)
        with pytest.raises(StoreError, match="no campaign 77"):
            campaigns.arm(tx, nobody, None, None, NOW)
        with pytest.raises(StoreError, match="no script version 77") as caught:
            campaigns.version(tx, ScriptVersionId(77))
    assert caught.value.code == "not_found"


def test_a_report_is_wanted_until_it_is_there_and_again_when_the_campaign_is_done_again(store: Store) -> None:
    with store.write() as tx:
        campaign_id = campaigns.save_version(tx, a_campaign(), NOW).id
        campaigns.set_status(tx, campaign_id, CampaignStatus.ARMED, "", NOW)
        assert campaigns.unreported(tx, NOW) == []
        assert not campaigns.report_written(tx, campaign_id, NOW, NOW), "it has not come to its end"
        campaigns.set_status(tx, campaign_id, CampaignStatus.DONE, "", NOW)
        assert campaigns.unreported(tx, NOW) == [campaign_id]
        campaigns.report_asked(tx, [campaign_id], NOW)
        assert campaigns.unreported(tx, NOW) == []
        assert campaigns.unreported(tx, NOW + minutes(1)) == [campaign_id]
        assert not campaigns.report_written(tx, campaign_id, NOW - minutes(1), NOW), "of what it was before"
        assert campaigns.report_written(tx, campaign_id, NOW, NOW)
        assert campaigns.unreported(tx, NOW + minutes(1)) == []
        campaigns.set_status(tx, campaign_id, CampaignStatus.DRAFT, "", NOW)
        campaigns.set_status(tx, campaign_id, CampaignStatus.DONE, "", NOW + minutes(2))
        assert campaigns.unreported(tx, NOW) == [campaign_id]
