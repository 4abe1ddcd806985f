"""The same app, tasks and beat inside one process: ``dialer run`` and the demo on ``memory://``.

The worker runs on Celery's thread pool and beat in a thread of its own (a forked beat would never reach an in-memory broker).
Celery's own global stop flag ends the worker; it is put back first, so that a process may run more than one worker in its life.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery.beat import EmbeddedService
from celery.signals import worker_ready
from celery.worker import state

from dialer.errors import BrokerError
from dialer.operations.parts import Parts
from dialer.worker import process
from dialer.worker.app import CONTROL, LANES, REPORTS, app

_NODE = "embedded@localhost"
_START_LIMIT_S = 30
_BEAT_LOOK_S = 1


@contextmanager
def embedded_worker(parts: Parts) -> Iterator[None]:
    """Run a worker and beat on threads of this process while the context lasts; on leaving, drain and join both.

    Raises ``BrokerError`` when the worker does not come up.
    """
    process.use(parts)
    process.DRAIN.clear()
    state.should_stop = None
    is_up = threading.Event()

    def came_up(**_: object) -> None:
        is_up.set()

    worker_ready.connect(came_up, weak=False)
    logging.getLogger("celery").setLevel(logging.ERROR)
    worker = app.Worker(
        hostname=_NODE,
        pool="threads",
        concurrency=parts.settings.lanes + 2,
        queues=[LANES, CONTROL, REPORTS],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        loglevel="ERROR",
    )
    thread = threading.Thread(target=worker.start, name="worker", daemon=True)
    beat = EmbeddedService(app, max_interval=_BEAT_LOOK_S, thread=True, scheduler_cls="celery.beat:Scheduler")
    thread.start()
    try:
        if not is_up.wait(_START_LIMIT_S):
            raise BrokerError("the embedded Celery worker did not start", retryable=False)
        beat.start()
        yield
    finally:
        worker_ready.disconnect(came_up)
        if not process.DRAIN.is_set():
            process.DRAIN.set()
        if is_up.is_set():
            beat.stop()
        state.should_stop = 0
        thread.join()
        process.forget()
