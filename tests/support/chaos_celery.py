"""The worker's own Celery app with checkpoints in its children: ``celery -A tests.support.chaos_celery worker``.

``CHAOS_JOB`` holds the job as JSON. Celery replaces a child that died, and the next one dies as well, ``most`` times in all.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from celery.signals import worker_process_init

from dialer import wiring
from dialer.config import load_settings
from dialer.worker import app, process
from tests.support.chaos import Reaper
from tests.support.chaos_worker import watched

__all__ = ["app"]


@worker_process_init.connect
def watch(**_: object) -> None:
    """Runs in each child before its first task."""
    job = json.loads(os.environ["CHAOS_JOB"])
    nth = random.Random(os.getpid()).randint(1, 3)
    reaper = Reaper(job["at"], nth, Path(job["log"]), most=job["most"])
    parts = wiring.build(load_settings().settings)
    reaper.begin(str(parts.settings.database_url))
    process.use(watched(parts, reaper, job["faults"]))
