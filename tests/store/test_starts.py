"""The last start of each key, on both databases, and who waits for whom."""

from __future__ import annotations

import threading

from dialer.store import starts
from dialer.store.engine import Store
from tests.store.rows import NOW, minutes, stocked


def test_a_start_is_remembered_by_key(store: Store) -> None:
    with store.write() as tx:
        campaign_id = stocked(tx, 1).campaign_id
        own = starts.of_campaign(campaign_id)
        assert starts.last(tx, [own]) == {}
        assert starts.claim_at(tx, campaign_id) is None
        assert starts.locked(tx, {own, "carrier:phones"}) == {own: None, "carrier:phones": None}
        starts.take(tx, {own, "carrier:phones"}, NOW, {own: NOW + minutes(1)})
    with store.read() as tx:
        assert starts.last(tx, [own, "carrier:phones", "caller:+12125550100"]) == {own: NOW, "carrier:phones": NOW}
        assert starts.claim_at(tx, campaign_id) == NOW + minutes(1)


def test_whoever_comes_second_sees_the_start_of_the_first(store: Store) -> None:
    """Eight at once, with keys in different orders: each takes the next minute, none is lost, none waits for ever."""
    keys = ["campaign:1", "carrier:phones", "caller:+12125550100"]

    def take(number: int) -> None:
        order = keys if number % 2 else keys[::-1]
        with store.write() as tx:
            last = starts.locked(tx, order)["campaign:1"]
            starts.take(tx, order, NOW if last is None else last + minutes(1), {})

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert set(starts.last(tx, keys).values()) == {NOW + minutes(7)}
