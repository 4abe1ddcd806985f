"""Scenes for the use cases: an example imported and armed, calls claimed, attempts begun, results."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from dialer.model.attempt import AttemptResult
from dialer.model.call import Bucket, CallState
from dialer.model.disposition import Disposition
from dialer.operations import dispatch, folders, importing, scheduling
from dialer.operations.dispatch import Pace, Work
from dialer.operations.importing import ImportOptions
from dialer.operations.parts import Parts
from dialer.store import attempts
from dialer.store.schema import calls

OWNER = "node:0/1.1"


def armed(parts: Parts, name: str = "solar-sales") -> None:
    """Import an example and schedule it at once."""
    folder = folders.required_folder(parts.settings, name)
    with tempfile.TemporaryDirectory() as scratch:
        rejects = Path(scratch) / "rejects.csv"
        importing.import_contacts(parts, folder.campaign, folder.contacts_path, ImportOptions(), rejects)
    scheduling.schedule(parts, name, None, None)


def claimed(parts: Parts, count: int = 1, owner: str = OWNER, pace: Pace | None = None) -> list[Work]:
    """Claim up to ``count`` calls as a lane does."""
    return dispatch.claim(parts, owner, count, pace or Pace(1))


async def steps(function: Any, *arguments: Any) -> Any:
    """A lane's database thread, without the thread."""
    return function(*arguments)


def a_result(disposition: Disposition, **changes: Any) -> AttemptResult:
    """A bare result."""
    return AttemptResult(disposition, **changes)


def a_dial(parts: Parts, work: Work, owner: str = OWNER) -> attempts.NewAttempt:
    """The attempt that follows a claim."""
    return attempts.NewAttempt(
        attempt_id=work.attempt_id,
        call_id=work.subject.call_id,
        fence=work.subject.fence,
        owner=owner,
        lease_until=parts.clock.lease_now() + timedelta(seconds=60),
        phone=work.phone,
        from_number=work.from_number,
        script_version_id=work.subject.campaign.version_id,
        carrier="simulated",
    )


def intended(parts: Parts) -> Work:
    """One claimed call whose intent to dial is committed."""
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    return work


def where(parts: Parts, work: Work) -> tuple[CallState, Bucket | None]:
    """Where the call of ``work`` stands."""
    with parts.store.read() as tx:
        row = tx.execute(select(calls).where(calls.c.id == work.subject.call_id)).one()
    return row.state, row.bucket
