"""Watches and slowdowns on both databases."""

from __future__ import annotations

from datetime import timedelta

from dialer.dialing.breaker import Slowdown, Watch
from dialer.model.call import CampaignStatus
from dialer.store import brakes, campaigns, queue
from dialer.store.engine import Store
from tests.store.rows import NOW, minutes, stocked


def test_a_watch_begins_empty_is_kept_and_forgotten_when_begun_anew(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        assert brakes.watch(tx, stock.campaign_id) == Watch()
        brakes.keep_watch(tx, stock.campaign_id, Watch("x-", "--", 2, 1))
        brakes.slow(tx, brakes.of_campaign(stock.campaign_id), Slowdown(1, NOW + minutes(1), "budget"))
        brakes.slow(tx, brakes.VOICE, Slowdown(1, NOW + minutes(1), "voice: limit"))
    with store.write() as tx:
        assert brakes.watch(tx, stock.campaign_id) == Watch("x-", "--", 2, 1)
        brakes.begin_anew(tx, stock.campaign_id)
        assert brakes.watch(tx, stock.campaign_id) == Watch()
        assert brakes.slowdown(tx, brakes.of_campaign(stock.campaign_id)) is None
        assert brakes.slowdown(tx, brakes.VOICE) == Slowdown(1, NOW + minutes(1), "voice: limit")


def test_the_longer_slowdown_is_in_force_until_it_is_over(store: Store) -> None:
    own, account = Slowdown(1, NOW + minutes(5), "budget"), Slowdown(2, NOW + minutes(2), "voice: limit")
    with store.write() as tx:
        stock, other = stocked(tx, 1), stocked(tx, 1, "winter", first=9)
        assert brakes.in_force(tx, stock.campaign_id, NOW) is None
        brakes.slow(tx, brakes.of_campaign(stock.campaign_id), own)
        brakes.slow(tx, brakes.VOICE, Slowdown(1, NOW, "voice: limit"))
        brakes.slow(tx, brakes.VOICE, account)
        assert brakes.in_force(tx, stock.campaign_id, NOW) == own
        assert brakes.in_force(tx, other.campaign_id, NOW) == account
        assert brakes.in_force(tx, other.campaign_id, account.until) is None
        brakes.clear(tx, brakes.VOICE)
        assert brakes.in_force(tx, other.campaign_id, NOW) is None


def test_who_must_not_start_has_nothing_due(store: Store) -> None:
    with store.write() as tx:
        stock, other = stocked(tx, 1), stocked(tx, 1, "winter", first=9)
        brakes.slow(tx, brakes.of_campaign(stock.campaign_id), Slowdown(1, NOW + minutes(5), "budget"))
        assert queue.next_due_at(tx, NOW) == NOW
        campaigns.set_status(tx, other.campaign_id, CampaignStatus.PAUSED, "", NOW)
        assert queue.next_due_at(tx, NOW) == NOW + minutes(5)
        brakes.slow(tx, brakes.VOICE, Slowdown(1, NOW + timedelta(days=9), "voice: limit"))
        assert queue.next_due_at(tx, NOW) is None, "the campaign ends before"
