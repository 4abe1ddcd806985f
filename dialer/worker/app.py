"""The Celery application and its configuration, read from our settings when Celery first asks for it."""

from datetime import timedelta
from typing import Any, ClassVar

from celery import Celery

from dialer.config import load_settings

LANES = "lanes"
CONTROL = "control"
REPORTS = "reports"


class WorkerConfig:
    """Celery's settings as attributes, computed at first use: importing this module reads no environment.

    Facts behind the choices (Celery 5.7): early acknowledgement and ``expires`` for lanes, because a lane message is only a
    wake-up; late acknowledgement for the idempotent control tasks; no ETA anywhere; results stay in our own tables.
    """

    task_serializer = "json"
    result_serializer = "json"
    accept_content = ("json",)
    task_ignore_result = True
    task_track_started = True
    task_send_sent_event = True
    worker_send_task_events = True
    task_default_queue = CONTROL
    task_queues: ClassVar = {name: {"exchange": name, "binding_key": name} for name in (LANES, CONTROL, REPORTS)}
    """A worker that names no queues serves all three."""
    task_create_missing_queues = False
    worker_prefetch_multiplier = 1
    worker_redirect_stdouts = False
    worker_hijack_root_logger = False
    worker_proc_alive_timeout = 30.0
    """A busy machine may take long to start a child: the default of 4 s would kill it."""
    broker_connection_retry_on_startup = True
    broker_connection_max_retries = None
    """A broker that is away is waited for: the calls do not need it."""
    beat_scheduler = "celery.beat:Scheduler"
    """Nothing to remember: doorbells, and no file in the working directory."""
    timezone = "UTC"
    enable_utc = True
    task_routes: ClassVar = {
        "dialer.lane": {"queue": LANES},
        "dialer.upkeep": {"queue": CONTROL},
        "dialer.deliver": {"queue": CONTROL},
        "dialer.write_report": {"queue": REPORTS},
        "dialer.write_reports": {"queue": REPORTS},
        "dialer.analyse": {"queue": CONTROL},
    }

    @property
    def broker_url(self) -> str:
        """From ``DIALER_BROKER_URL``."""
        return load_settings().settings.broker_url

    @property
    def worker_concurrency(self) -> int:
        """A child for each lane, one for the other tasks, and one that may wait for a model to read talks.

        ``--concurrency`` says otherwise.
        """
        settings = load_settings().settings
        return settings.lanes + 1 + bool(settings.analysis_model)

    @property
    def worker_disable_prefetch(self) -> bool:
        """Take a message only when a child is free; Redis only."""
        return self.broker_url.startswith("redis")

    @property
    def broker_transport_options(self) -> dict[str, Any]:
        """Virtual transports poll once a second unless told otherwise; a Redis socket must notice a dead peer."""
        if self.broker_url.startswith("memory"):
            return {"polling_interval": 0.02}
        if self.broker_url.startswith("redis"):
            return {"socket_timeout": 30, "socket_connect_timeout": 5, "socket_keepalive": True, "health_check_interval": 30}
        return {}

    @property
    def beat_schedule(self) -> dict[str, dict[str, Any]]:
        """The doorbells. All expire, so that a worker that was away is not greeted by a heap of them."""
        settings = load_settings().settings
        doorbells: dict[str, dict[str, Any]] = {
            "ring-lanes": {"task": "dialer.lane", "schedule": timedelta(seconds=5), "options": {"expires": 30, "queue": LANES}},
            "upkeep": {"task": "dialer.upkeep", "schedule": timedelta(seconds=10), "options": {"expires": 30, "queue": CONTROL}},
            "deliver": {"task": "dialer.deliver", "schedule": timedelta(seconds=5), "options": {"expires": 5, "queue": CONTROL}},
        }
        if settings.analysis_model:
            every = timedelta(seconds=15)
            doorbells["analyse"] = {"task": "dialer.analyse", "schedule": every, "options": {"expires": 15, "queue": CONTROL}}
        if settings.report_every_h:
            every = timedelta(hours=settings.report_every_h)
            options = {"expires": 30, "queue": REPORTS}
            doorbells["reports"] = {"task": "dialer.write_reports", "schedule": every, "options": options}
        return doorbells


app = Celery("dialer", set_as_current=False, include=["dialer.worker.tasks"])
app.config_from_object(WorkerConfig())
