"""The tasks call one use case each, and the signals do what their names say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from dialer import wiring
from dialer.errors import StoreError
from dialer.model.call import Bucket, CallState
from dialer.operations import folders, scheduling, slots, upkeep
from dialer.operations.parts import Parts
from dialer.simulation.responses import KEY, serve_responses
from dialer.store.schema import calls, campaigns
from dialer.worker import app, process, tasks
from dialer.worker.app import LANES, REPORTS
from tests.hooks.receiver import receiver
from tests.operations.stage import armed
from tests.operations.talked import talked
from tests.operations.told import telling


@pytest.fixture(autouse=True)
def given(parts: Parts) -> Iterator[None]:
    """The tasks work on the test's database."""
    process.use(parts)
    yield
    process.forget()
    process.DRAIN.clear()


def test_a_lane_that_is_not_wanted_returns_at_once() -> None:
    process.DRAIN.set()
    assert tasks.lane() is None


def test_the_report_of_a_finished_campaign_is_written(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).values(state=CallState.DONE, bucket=Bucket.CANCELLED))
    tasks.write_report(int(folders.stored(parts, "solar-sales").id))
    assert (parts.settings.reports_dir / "solar-sales" / "report.html").exists()


def test_a_report_that_was_asked_for_and_not_written_is_asked_for_again(parts: Parts) -> None:
    armed(parts)
    campaign_id = int(folders.stored(parts, "solar-sales").id)
    with parts.store.write() as tx:
        tx.execute(update(calls).values(state=CallState.DONE, bucket=Bucket.CANCELLED))
    tasks.run_upkeep()
    assert rung(REPORTS) == [{"args": [campaign_id]}]
    tasks.run_upkeep()
    assert rung(REPORTS) == [], "it takes its time"
    with parts.store.write() as tx:
        tx.execute(update(campaigns).values(report_asked_at=parts.clock.lease_now() - upkeep.ASK_AGAIN - timedelta(seconds=1)))
    tasks.run_upkeep()
    assert rung(REPORTS) == [{"args": [campaign_id]}], "the message was lost"
    tasks.write_report(campaign_id)
    with parts.store.write() as tx:
        tx.execute(update(campaigns).values(report_asked_at=None))
    tasks.run_upkeep()
    assert rung(REPORTS) == []


def test_upkeep_with_nothing_to_do() -> None:
    tasks.run_upkeep()


def test_signals_ask_to_drain_and_then_to_hurry() -> None:
    tasks.drain_on_shutdown(how="Warm")
    assert (process.DRAIN.is_set(), process.DRAIN.is_urgent()) == (True, False)
    tasks.drain_on_shutdown(how="Warm")
    assert process.DRAIN.is_urgent()
    process.DRAIN.clear()
    tasks.drain_on_shutdown(how="Cold")
    assert process.DRAIN.is_urgent()


def test_a_worker_with_an_old_database_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks.refuse_what_cannot_work()  # given parts are trusted
    process.forget()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIALER_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(SystemExit) as left:
        tasks.refuse_what_cannot_work()
    assert left.value.code == 4
    assert "run `dialer db upgrade`" in capsys.readouterr().err


def test_a_database_that_is_away_is_asked_again_at_the_next_tick(parts: Parts) -> None:
    wanted = {"database_url": "postgresql://dialer@127.0.0.1:1/dialer", "hook_command": ("true",)}
    away = wiring.build(parts.settings.model_copy(update=wanted))
    process.use(away)
    tasks.lane()
    tasks.run_upkeep()
    tasks.deliver()
    tasks.write_report(1)


def test_an_old_database_is_an_error_of_the_task(parts: Parts, tmp_path: Path) -> None:
    old = wiring.build(parts.settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'empty.db'}"}))
    process.use(old)
    with pytest.raises(StoreError, match="dialer db upgrade"):
        tasks.run_upkeep()
    old.store.close()


def test_what_waits_in_the_outbox_is_delivered(parts: Parts) -> None:
    with receiver() as target:
        told = telling(parts, target.url)
        process.use(told)
        armed(told)
        scheduling.pause(told, "solar-sales")
        tasks.deliver()
        tasks.deliver()
        assert [json.loads(request.body)["kind"] for request in target.requests] == ["campaign.paused"]


def test_a_full_node_passes_the_doorbell_on_a_few_times(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert slots.take(parts, "worker") is not None
    tasks.lane()
    assert rung() == [], "an embedded worker is the only node"
    process.forget()
    monkeypatch.setenv("DIALER_DATABASE_URL", parts.settings.database_url)
    tasks.lane()
    tasks.lane(hops=7)
    tasks.lane(hops=8)
    assert rung() == [{"hops": 1}, {"hops": 8}]


def rung(queue: str = LANES) -> list[dict[str, object]]:
    """The arguments of the messages that lie in the in-memory broker, taken out."""
    with app.connection_for_read() as connection:
        channel = connection.channel()
        app.amqp.queues[queue].bind(channel).declare()
        messages = iter(lambda: channel.basic_get(queue, no_ack=True), None)
        found = [message.payload for message in messages]
        return [{**kwargs, **({"args": list(args)} if args else {})} for args, kwargs, _ in found]


def test_the_reports_of_running_campaigns_are_written(parts: Parts) -> None:
    armed(parts)
    tasks.write_reports()
    assert (parts.settings.reports_dir / "solar-sales" / "report.html").exists()


def test_talks_are_read_where_a_model_is_set(parts: Parts) -> None:
    tasks.analyse()
    armed(parts)
    talked(parts)
    with serve_responses() as peer:
        update = {"analysis_model": "m", "analysis_url": peer.url, "openai_api_key": SecretStr(KEY)}
        process.use(replace(parts, settings=parts.settings.model_copy(update=update)))
        tasks.analyse()
        assert len(peer.requests) == 1
