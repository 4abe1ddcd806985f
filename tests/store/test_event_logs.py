"""The event logs, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from dialer.model.ids import AttemptId
from dialer.store import event_logs
from dialer.store.engine import Store
from dialer.store.event_logs import EventLogRow
from dialer.store.schema import attempts
from tests.store.rows import NOW, begun, stocked

BODY = bytes(range(256))


def test_a_log_is_kept_byte_for_byte_and_a_later_one_takes_its_place(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        first = EventLogRow(new.attempt_id, 1, is_cut=True, body=BODY)
        assert event_logs.find(tx, new.attempt_id) is None
        assert event_logs.save(tx, first)
        assert event_logs.find(tx, new.attempt_id) == first
        assert event_logs.save(tx, replace(first, is_cut=False, body=b""))
        assert event_logs.find(tx, new.attempt_id) == EventLogRow(new.attempt_id, 1, is_cut=False, body=b"")


def test_what_never_became_an_attempt_has_no_log(store: Store) -> None:
    with store.write() as tx:
        stocked(tx, 1)
        assert not event_logs.save(tx, EventLogRow(AttemptId("0" * 32), 1, is_cut=False, body=BODY))


def test_logs_of_attempts_that_ended_long_ago_are_forgotten(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        event_logs.save(tx, EventLogRow(new.attempt_id, 1, is_cut=False, body=BODY))
        assert event_logs.forget(tx, NOW + timedelta(days=99)) == 0, "it has not ended"
        tx.execute(update(attempts).values(ended_at=NOW))
        assert event_logs.forget(tx, NOW) == 0
        assert event_logs.forget(tx, NOW + timedelta(seconds=1)) == 1
        assert event_logs.find(tx, new.attempt_id) is None
