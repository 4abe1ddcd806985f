"""The tasks: an id in, one use case called, nothing else. Every one may be lost, doubled or late without harm."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task
from celery.signals import worker_init, worker_ready, worker_shutting_down

from dialer.errors import DialerError, StoreError
from dialer.model.ids import CampaignId
from dialer.operations import analysis, delivery, reporting, upkeep
from dialer.operations import lane as lanes
from dialer.telemetry import emit
from dialer.worker import process
from dialer.worker.app import LANES, app

_MOST_HOPS = 8


@contextmanager
def _unless_away(task: str) -> Iterator[None]:
    """A database that is away ends a task that the beat asks for again: one line, and no error."""
    try:
        yield
    except StoreError as error:
        if not error.retryable:
            raise
        emit("task.waiting", task=task, error=str(error))


@contextmanager
def _told_of_failure() -> Iterator[None]:
    """Let an embedded run know by what its lane has ended."""
    try:
        yield
    except DialerError as error:
        process.failed(error)
        raise


@app.task(name="dialer.lane", bind=True, acks_late=False)
def lane(self: "Task[Any, Any]", hops: int = 0) -> None:
    """Run calls in this child until it is told to drain. A node that has all its lanes passes the doorbell on at once.

    The broker gives a message to whoever has waited longest, so a few ``hops`` find the node that has no lane yet.
    """
    with _unless_away("dialer.lane"), _told_of_failure():
        report = lanes.run_lane(process.parts(), str(self.request.hostname or "worker"), process.DRAIN)
        if report is None and hops < _MOST_HOPS and not process.is_given() and not process.DRAIN.is_set():
            lane.apply_async(kwargs={"hops": hops + 1}, expires=30, queue=LANES)


@app.task(name="dialer.upkeep", acks_late=True, reject_on_worker_lost=True)
def run_upkeep() -> None:
    """Give back the claims of dead workers, expire and finish what is due, ask for the reports of finished campaigns."""
    with _unless_away("dialer.upkeep"):
        for campaign_id in upkeep.tidy(process.parts()):
            write_report.delay(int(campaign_id))


@app.task(name="dialer.deliver", acks_late=True, reject_on_worker_lost=True)
def deliver() -> None:
    """Send the results that wait in the outbox to those who want to be told."""
    with _unless_away("dialer.deliver"):
        delivery.deliver(process.parts(), process.hooks())


@app.task(name="dialer.analyse", acks_late=True, reject_on_worker_lost=True)
def analyse() -> None:
    """Let a model read the talks that none has read yet, where one is configured."""
    analyst = process.analyst()
    if analyst is not None:
        with _unless_away("dialer.analyse"):
            analysis.analyse_unless_busy(process.parts(), analyst)


@app.task(name="dialer.write_reports", acks_late=True, reject_on_worker_lost=True)
def write_reports() -> None:
    """Write the reports of all campaigns that run, as the schedule asks."""
    with _unless_away("dialer.write_reports"):
        reporting.write_running(process.parts())


@app.task(name="dialer.write_report", acks_late=True, reject_on_worker_lost=True)
def write_report(campaign_id: int) -> None:
    """Write the report of one campaign; writing it twice leaves the same files. The upkeep asks again for one that is lost."""
    with _unless_away("dialer.write_report"):
        reporting.write_report_of(process.parts(), CampaignId(campaign_id))


@worker_init.connect
def refuse_what_cannot_work(**_: Any) -> None:
    """A worker with bad settings or an old database says so and does not start: exit code 2 or 4."""
    if process.is_given():
        return
    try:
        process.require_ready()
    except DialerError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(error.exit_code) from error


@worker_ready.connect
def ring_on_start(**_: Any) -> None:
    """A worker that has just come up does not wait for the next beat."""
    lane.apply_async(expires=30, queue=LANES)


@worker_shutting_down.connect
def drain_on_shutdown(how: str = "Warm", **_: Any) -> None:
    """Warm shutdown: let the lanes finish their calls and take no new ones. Asked again, or cold: hang up and go."""
    if how == "Warm":
        process.DRAIN.set()
    else:
        process.DRAIN.hurry()
