"""Celery's configuration, and that importing it reads nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dialer.worker import app
from dialer.worker.app import CONTROL, LANES, REPORTS, WorkerConfig


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkerConfig:
    """A configuration as a process in an empty directory computes it."""
    monkeypatch.chdir(tmp_path)
    for name in ("DIALER_BROKER_URL", "DIALER_LANES"):
        monkeypatch.delenv(name, raising=False)
    return WorkerConfig()


def test_in_memory(config: WorkerConfig) -> None:
    assert config.broker_url == "memory://"
    assert config.broker_transport_options == {"polling_interval": 0.02}
    assert not config.worker_disable_prefetch
    assert config.worker_concurrency == 2


def test_on_redis(config: WorkerConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALER_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("DIALER_LANES", "3")
    assert config.worker_disable_prefetch
    assert config.broker_transport_options["socket_keepalive"] is True
    assert config.worker_concurrency == 4


def test_on_another_broker(config: WorkerConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALER_BROKER_URL", "amqp://127.0.0.1:1//")
    assert config.broker_transport_options == {}


def test_a_worker_serves_all_queues_and_every_doorbell_expires(config: WorkerConfig) -> None:
    assert set(config.task_queues) == {LANES, CONTROL, REPORTS}
    assert all(entry["options"]["expires"] <= 30 for entry in config.beat_schedule.values())
    assert {entry["options"]["queue"] for entry in config.beat_schedule.values()} <= set(config.task_queues)
    assert {route["queue"] for route in config.task_routes.values()} <= set(config.task_queues)


def test_every_task_is_routed() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith("dialer.")}
    assert ours == set(WorkerConfig.task_routes)


def test_doorbells_and_children_follow_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALER_ANALYSIS_MODEL", "gpt-read")
    monkeypatch.setenv("DIALER_REPORT_EVERY_H", "6")
    config = WorkerConfig()
    assert config.beat_schedule["reports"]["schedule"] == timedelta(hours=6)
    assert config.beat_schedule["analyse"]["task"] == "dialer.analyse"
    assert config.worker_concurrency == 3
