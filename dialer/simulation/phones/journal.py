"""The network's own memory: one line of JSON for each ring, answer and end, so that it survives whatever dies.

A ring is written before the phone rings. Several processes may share one file: each record is one write behind a lock, and a
process reads what the others wrote before it decides. A line that was torn by a crash is skipped.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dialer.model.attempt import DialOrder, EndCause, Ending
from dialer.model.ids import AttemptId


@dataclass(slots=True)
class Record:
    """What is known of one attempt. ``limit_s``: the longest that the network lets it live. ``nth``: of this number, from 1."""

    attempt_id: AttemptId
    number: str
    rang_at: datetime
    limit_s: float
    nth: int
    was_answered: bool = False
    ending: Ending | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def talk_s(self) -> float | None:
        """From the answer to the end; None while either has not come, or when the end is not on record."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.answered_at).total_seconds()


class Journal:
    """The file, and what has been read of it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._read_to = 0
        self._records: dict[AttemptId, Record] = {}
        self._rings: Counter[str] = Counter()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def ring(self, order: DialOrder, at: datetime) -> Record | None:
        """Write that this attempt rings; None when it has rung before: then it must not ring again."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._read()
            if order.attempt_id in self._records:
                return None
            self._write(
                {
                    "kind": "ring",
                    "attempt_id": order.attempt_id,
                    "number": order.to,
                    "from": order.from_number,
                    "limit_s": order.ring_s + order.call_s,
                    "at": at.isoformat(),
                }
            )
            self._read()
            return self._records[order.attempt_id]
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def answer(self, attempt_id: AttemptId, persona: str, at: datetime) -> None:
        """Write that somebody or something took the call."""
        self._append({"kind": "answer", "attempt_id": attempt_id, "persona": persona, "at": at.isoformat()})

    def end(self, attempt_id: AttemptId, ending: Ending, at: datetime, facts: Mapping[str, Any]) -> None:
        """Write how an attempt ended, with what was said and heard. Only the first end counts."""
        cause = {"cause": ending.cause.value, "hangup_cause": ending.hangup_cause, "sip_code": ending.sip_code}
        self._append({"kind": "end", "attempt_id": attempt_id, **cause, **facts, "at": at.isoformat()})

    def look_up(self, attempt_id: AttemptId) -> Record | None:
        """What is known of an attempt, from whichever process."""
        self._read()
        return self._records.get(attempt_id)

    def _append(self, line: Mapping[str, Any]) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._write(line)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _write(self, line: Mapping[str, Any]) -> None:
        """One write of one line; a line that was torn by a crash is ended first."""
        size = os.fstat(self._file).st_size
        is_torn = size > 0 and os.pread(self._file, 1, size - 1) != b"\n"
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        os.write(self._file, (b"\n" if is_torn else b"") + text.encode() + b"\n")

    def _read(self) -> None:
        """Take in the whole lines that were added since the last time."""
        added = os.pread(self._file, os.fstat(self._file).st_size - self._read_to, self._read_to)
        whole = added[: added.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for line in whole.splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue  # torn by a crash: the ring that it announced did not happen, an end is settled by the limit

    def _take(self, line: Mapping[str, Any]) -> None:
        """Remember one line."""
        attempt_id = AttemptId(line["attempt_id"])
        if line["kind"] == "ring":
            number = line["number"]
            at = datetime.fromisoformat(line["at"])
            record = Record(attempt_id, number, at, float(line["limit_s"]), self._rings[number] + 1)
            self._rings[number] += 1
            self._records.setdefault(attempt_id, record)
            return
        record = self._records[attempt_id]
        if line["kind"] == "answer":
            record.was_answered, record.answered_at = True, datetime.fromisoformat(line["at"])
        elif record.ending is None:
            record.ended_at = datetime.fromisoformat(line["at"])
            record.ending = Ending(EndCause(line["cause"]), line["hangup_cause"], line["sip_code"])
