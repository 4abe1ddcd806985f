"""The slots of a node: how many lanes it may run, who runs them, and what becomes of the calls of one that died.

A process id says nothing by itself: two containers, or two machines of one name, have the same ids for other processes, and an
id is given again. So a lane is kept with the space in which its id was given (host name, boot of the kernel, namespace of
process ids) and with the start of its process. Only who lives in the same space can tell that it is gone; whoever else waits
for the lease to run out, and so does everybody where the system has no ``/proc`` (proc_pid_stat(5), pid_namespaces(7)).
"""

import os
import socket
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dialer.operations.parts import Parts
from dialer.store import lanes, leases
from dialer.store.lanes import LaneRow

PROC = Path("/proc")
_START_FIELD = 22 - 3
"""``starttime`` is field 22 of ``/proc/PID/stat``; field 3 is the first one behind the name."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one lane: its name, and who holds it. Every lane is an owner of its own, so that none passes for a dead one."""

    name: str
    owner: str


def take(parts: Parts, node: str) -> Slot | None:
    """Become the runner of a free slot of this node; None when it has all its lanes."""
    now = parts.clock.lease_now()
    until = now + timedelta(seconds=parts.settings.lease_s)
    bury_dead(parts, now)
    host, pid, machine = socket.gethostname(), os.getpid(), machine_id()
    started = start_of(pid) if machine else ""
    for index in range(parts.settings.lanes):
        name = f"{node}:{index}"
        owner = f"{name}/{pid}.{threading.get_ident()}.{uuid.uuid4().hex[:8]}"
        with parts.store.write() as tx:
            if lanes.take(tx, name, owner, now, until, host, pid, machine=machine, pid_started=started):
                return Slot(name, owner)
    return None


def bury_dead(parts: Parts, now: datetime, proc: Path = PROC) -> None:
    """What a process of this machine held that is gone need not wait for its lease to run out."""
    here = machine_id(proc)
    with parts.store.read() as tx:
        dead = [row.owner for row in lanes.listed(tx) if here and row.machine == here and not is_alive(row, proc)]
    for owner in dead:
        with parts.store.write() as tx:
            leases.bury(tx, owner, now)


def machine_id(proc: Path = PROC) -> str:
    """The space in which our process ids are unique; empty where it cannot be told."""
    try:
        if os.readlink(proc / "self") != str(os.getpid()):
            return ""  # the files of another namespace: ids mean other processes there
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {os.readlink(proc / 'self/ns/pid')}"
    except OSError:
        return ""


def start_of(pid: int, proc: Path = PROC) -> str:
    """When the process was started, in ticks since the boot; empty when it is gone or hidden from us."""
    try:
        stat = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return fields[_START_FIELD] if len(fields) > _START_FIELD else ""


def is_alive(row: LaneRow, proc: Path = PROC) -> bool:
    """Whether the process behind a lane of this machine runs; one that is hidden from us does."""
    try:
        os.kill(row.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process
    started = start_of(row.pid, proc)
    return not started or not row.pid_started or started == row.pid_started


def vacate(parts: Parts, slot: Slot) -> None:
    """Let another lane have the slot while this one finishes its calls."""
    with parts.store.write() as tx:
        lanes.free(tx, slot.name, slot.owner)


def leave(parts: Parts, slot: Slot) -> None:
    """Give up the slot and whatever call is still held: nobody here works on it any more."""
    with parts.store.write() as tx:
        leases.bury(tx, slot.owner, parts.clock.lease_now())


def living(parts: Parts) -> int:
    """How many lanes run now, on all machines; never less than one."""
    now = parts.clock.lease_now()
    with parts.store.read() as tx:
        return max(1, sum(row.lease_until >= now for row in lanes.listed(tx)))
