"""Single calls outside the queue's own moves."""

from __future__ import annotations

import pytest

from dialer.errors import StoreError
from dialer.model.call import Bucket, CallState
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import CallId
from dialer.store import calls, queue
from dialer.store.engine import Store
from tests.store.rows import NOW, claim, minutes, stocked


def test_who_a_call_is_for(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        assert calls.contact_of(tx, claimed.call_id) == stock.contact_ids[0]
        with pytest.raises(StoreError, match="no call 77"):
            calls.contact_of(tx, CallId(77))


def test_only_what_waits_past_its_own_limit_expires(store: Store) -> None:
    limit = NOW + minutes(10)
    with store.write() as tx:
        stock = stocked(tx, 2, expires_at=limit)
        stocked(tx, 1, first=10, expires_at=limit, state=CallState.HELD, bucket=Bucket.HELD)
        stocked(tx, 1, first=20, expires_at=limit, state=CallState.HELD, bucket=Bucket.SUPPRESSED)
        stocked(tx, 1, first=30)
        claim(tx, stock)
        assert calls.expire(tx, stock.campaign_id, limit - minutes(1)) == []
        assert len(calls.expire(tx, stock.campaign_id, limit)) == 2
        expected = {Bucket.BLOCKED: 2, Bucket.SUPPRESSED: 1, Bucket.WAITING: 1, Bucket.LIVE: 1}
        assert queue.counts(tx, stock.campaign_id) == expected
        assert calls.expire(tx, stock.campaign_id, limit) == []


def test_whether_the_contact_asked_for_it(store: Store) -> None:
    with store.write() as tx:
        (claimed,) = claim(tx, stocked(tx, 1))
        assert not calls.is_callback(tx, claimed.call_id)
        queue.requeue(tx, claimed.call_id, claimed.fence, NOW, True, Disposition.ANSWERED_HUMAN, Outcome.CALLBACK)
        assert calls.is_callback(tx, claimed.call_id)
