"""What happened, for people who run dialer: named events with fixed fields, as JSON lines on standard error.

=====================  ====================================================  ==========================================
event                  fields                                                when
=====================  ====================================================  ==========================================
lane.started           lane                                                  a worker child begins to take calls
lane.draining          lane, live                                            it takes no more calls
lane.stopped           lane, attempts, live                                  it is gone
lane.failed            lane, error                                           it broke; another one follows at the next tick
lane.waiting           lane, error                                           the database is away; calls go on, writes wait
attempt.started        attempt_id, campaign, phone                           a claimed call begins
attempt.ended          attempt_id, disposition, outcome, reason              its one disposition is committed
attempt.failed         attempt_id, error                                     our own code broke; the attempt waits for rescue
attempt.unlogged       attempt_id, error                                     its event log could not be stored; it is lost
attempt.settled        attempt_id, disposition, reason                       a lost attempt was settled with the carrier
task.waiting           task, error                                           the database is away; the next tick asks again
settling.slow          carrier                                               the carrier takes long to tell of lost attempts
carrier.failed         call_id, error                                        the carrier did not do what a call needed
carrier.turned_away    path, reason                                          a callback or a media socket was not let in
carrier.ambiguous      attempt_id, calls                                     several calls may be a lost one: a person must look
call.stranded          call_id                                               in progress without an attempt: a person must look
call.unjudged          call_id, error                                        its facts cannot be read: held, and not dialled
call.unprepared        call_id, error                                        it cannot be prepared: held, and not dialled
claims.rescued         count                                                 claims of dead workers went back to the queue
campaign.paused        campaign, reason                                      stopped by a person or a limit
voice.slowed           reason, until                                         a limit of the account: nobody starts before then
carrier.slowed         reason, until                                         the same of the carrier's account
campaign.done          campaign                                              every call is in its final bucket
analysis.ended         attempt_id, state, tries                              a model has read a talk, or would or could not
report.written         campaign, directory                                   files of a report were replaced
carrier.deaf           carrier, error                                        its events cannot be heard; it is tried again
carrier.heard_again    carrier                                               they can; calls are looked after
carrier.unrecorded     attempt_id, error                                     a recording that was asked for was not made
carrier.unpriced       carrier, error                                        it did not tell what calls cost; asked again later
hook.failed            message_id, target, tries, error                      a receiver did not take a message; it is tried again
hook.dead              message_id, target, tries, error                      given up: only a replay sends it again
=====================  ====================================================  ==========================================

Personal data never appears: a phone number is masked in whatever field it comes, and there is no field for names or words.
A handler that fails is isolated: telemetry never breaks a call.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

EVENTS: Mapping[str, frozenset[str]] = {
    "lane.started": frozenset({"lane"}),
    "lane.draining": frozenset({"lane", "live"}),
    "lane.stopped": frozenset({"lane", "attempts", "live"}),
    "lane.failed": frozenset({"lane", "error"}),
    "lane.waiting": frozenset({"lane", "error"}),
    "attempt.started": frozenset({"attempt_id", "campaign", "phone"}),
    "attempt.ended": frozenset({"attempt_id", "disposition", "outcome", "reason"}),
    "attempt.failed": frozenset({"attempt_id", "error"}),
    "attempt.unlogged": frozenset({"attempt_id", "error"}),
    "attempt.settled": frozenset({"attempt_id", "disposition", "reason"}),
    "task.waiting": frozenset({"task", "error"}),
    "settling.slow": frozenset({"carrier"}),
    "carrier.failed": frozenset({"call_id", "error"}),
    "carrier.turned_away": frozenset({"path", "reason"}),
    "carrier.ambiguous": frozenset({"attempt_id", "calls"}),
    "call.stranded": frozenset({"call_id"}),
    "call.unjudged": frozenset({"call_id", "error"}),
    "call.unprepared": frozenset({"call_id", "error"}),
    "claims.rescued": frozenset({"count"}),
    "campaign.paused": frozenset({"campaign", "reason"}),
    "voice.slowed": frozenset({"reason", "until"}),
    "carrier.slowed": frozenset({"reason", "until"}),
    "campaign.done": frozenset({"campaign"}),
    "analysis.ended": frozenset({"attempt_id", "state", "tries"}),
    "report.written": frozenset({"campaign", "directory"}),
    "carrier.deaf": frozenset({"carrier", "error"}),
    "carrier.heard_again": frozenset({"carrier"}),
    "carrier.unrecorded": frozenset({"attempt_id", "error"}),
    "carrier.unpriced": frozenset({"carrier", "error"}),
    "hook.failed": frozenset({"message_id", "target", "tries", "error"}),
    "hook.dead": frozenset({"message_id", "target", "tries", "error"}),
}
_WARNINGS = frozenset(
    {
        "lane.failed",
        "lane.waiting",
        "task.waiting",
        "attempt.failed",
        "attempt.unlogged",
        "carrier.failed",
        "carrier.turned_away",
        "carrier.ambiguous",
        "call.unjudged",
        "call.unprepared",
        "campaign.paused",
        "voice.slowed",
        "carrier.slowed",
        "carrier.deaf",
        "carrier.unrecorded",
        "hook.failed",
        "hook.dead",
    }
)
_NUMBER = re.compile(r"\+[0-9]{7,15}")
_logger = logging.getLogger("dialer")


def emit(event: str, **fields: Any) -> None:
    """Tell that ``event`` happened. An event or a field that is not in the table is our bug and raises ``KeyError``."""
    unknown = fields.keys() - EVENTS[event]
    if unknown:
        raise KeyError(f"{event} has no field {sorted(unknown)}")
    fields = {name: _NUMBER.sub(_masked, value) if isinstance(value, str) else value for name, value in fields.items()}
    level = logging.WARNING if event in _WARNINGS else logging.INFO
    _logger.log(level, event, extra={"fields": fields})


def _masked(number: re.Match[str]) -> str:
    return f"{number[0][:5]}•••{number[0][-2:]}"


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, event, then the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Foreign records (Celery, websockets) keep their text; tracebacks are reduced to the type of the error."""
        row: dict[str, Any] = {"at": self.formatTime(record), "level": record.levelname, "event": record.getMessage()}
        row.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            row["error"] = record.exc_info[0].__name__
        return json.dumps(row, ensure_ascii=False, default=str)


def log_to_stderr(level: str) -> None:
    """Send dialer's events from ``level`` on to standard error; standard output stays clean."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    _logger.handlers[:] = [handler]
    _logger.setLevel(level)
    _logger.propagate = False
