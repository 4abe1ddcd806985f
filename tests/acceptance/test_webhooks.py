"""A whole run, with somebody who wants to be told: every result arrives, once, signed, and agrees with the books."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from dialer.model.outbox import DeliveryState
from dialer.store import outbox
from dialer.store.schema import attempts, calls
from dialer.wire.webhook import key_of, signature
from tests.acceptance.world import PATIENCE_S, world
from tests.hooks.receiver import SECRET, Receiver, receiver

pytestmark = pytest.mark.filterwarnings("default")


def told(target: Receiver, kind: str) -> list[dict[str, dict[str, object]]]:
    """The bodies of one kind."""
    return [body for request in target.requests if (body := json.loads(request.body))["kind"] == kind]


def test_every_result_of_a_run_arrives_once(tmp_path: Path, sqlite_url: str) -> None:
    with receiver() as target, world(tmp_path, sqlite_url) as scene:
        scene.arm("clinic-reminder", most=12)
        environment = {"DIALER_WEBHOOK_URL": target.url, "DIALER_WEBHOOK_SECRET": SECRET}
        scene.ends_well(scene.start("dialer", "run", **environment))
        with scene.parts.store.read() as tx:
            ended = {str(row) for row in tx.execute(select(attempts.c.id)).scalars()}
            finished = tx.execute(select(calls.c.bucket).where(calls.c.finished_at.is_not(None))).scalars()
            buckets = Counter(bucket.value for bucket in finished if bucket)
            assert set(outbox.counts(tx)) == {DeliveryState.DELIVERED}
        assert sorted(str(body["attempt"]["id"]) for body in told(target, "attempt.ended")) == sorted(ended)
        assert Counter(str(body["call"]["bucket"]) for body in told(target, "call.finished")) == buckets
        assert len(told(target, "campaign.done")) == 1
        assert len(set(target.ids)) == len(target.ids)
        key = key_of(SECRET)
        for request in target.requests:
            stamp = int(request.headers["webhook-timestamp"])
            assert request.headers["webhook-signature"] == signature(key, request.headers["webhook-id"], stamp, request.body)


@pytest.mark.timeout(PATIENCE_S)
def test_a_fleet_delivers_what_a_dead_worker_left_and_a_refusing_receiver_slows_no_call(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    with receiver() as target, world(tmp_path, postgres_url, redis_url) as scene:
        target.statuses = [500] * 10
        environment = {"DIALER_WEBHOOK_URL": target.url, "DIALER_WEBHOOK_SECRET": SECRET}
        scene.arm("clinic-reminder", most=12)
        first = scene.start("celery", "-A", "dialer.worker", "worker", "-n", "one@test", "-c", "2", **environment)
        scene.start("celery", "-A", "dialer.worker", "beat", **environment)
        scene.until(lambda: target.requests, "a first message")
        first.kill()
        scene.start("celery", "-A", "dialer.worker", "worker", "-n", "two@test", "-c", "2", **environment)
        scene.until(scene.is_done, "the end of the campaign")

        def is_all_delivered() -> bool:
            with scene.parts.store.read() as tx:
                return set(outbox.counts(tx)) == {DeliveryState.DELIVERED}

        scene.until(is_all_delivered, "the delivery of every message")
        scene.check_books()
        with scene.parts.store.read() as tx:
            ended = {str(row) for row in tx.execute(select(attempts.c.id)).scalars()}
        assert {str(body["attempt"]["id"]) for body in told(target, "attempt.ended")} == ended
