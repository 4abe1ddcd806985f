"""A node has so many slots; who died leaves his at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dialer.model.call import CallState
from dialer.operations import slots
from dialer.operations.parts import Parts
from dialer.store import lanes, queue
from dialer.store.schema import calls
from tests.operations.stage import armed, claimed


def test_a_doubled_doorbell_finds_the_slot_taken(parts: Parts) -> None:
    first = slots.take(parts, "worker@here")
    assert first is not None
    assert first.name == "worker@here:0"
    assert slots.take(parts, "worker@here") is None
    assert slots.take(parts, "worker@there") is not None, "another node has its own"
    assert slots.living(parts) == 2


def test_a_node_of_two_lanes(parts: Parts) -> None:
    both = replace(parts, settings=parts.settings.model_copy(update={"lanes": 2}))
    taken = [slots.take(both, "worker@here") for _ in range(3)]
    assert [slot.name if slot else None for slot in taken] == ["worker@here:0", "worker@here:1", None]


def test_nobody_at_work_counts_as_one(parts: Parts) -> None:
    assert slots.living(parts) == 1


def test_who_leaves_gives_back_slot_and_calls(parts: Parts) -> None:
    armed(parts)
    slot = slots.take(parts, "worker@here")
    assert slot is not None
    assert len(claimed(parts, 2, owner=slot.owner)) == 2
    slots.vacate(parts, slot)
    assert slots.take(parts, "worker@here") is not None, "a lane that retires makes room while its calls end"
    slots.leave(parts, slot)
    with parts.store.write() as tx:
        assert queue.rescue_claims(tx, parts.clock.lease_now()) == 2
        assert not tx.execute(calls.select().where(calls.c.state == CallState.CLAIMED)).all()


def gone() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def lane_of(parts: Parts, slot: str, *, machine: str, pid: int, pid_started: str = "") -> None:
    """A lane that somebody is said to run."""
    now = parts.clock.lease_now()
    until = now + timedelta(hours=1)
    with parts.store.write() as tx:
        lanes.take(tx, slot, f"{slot}/1", now, until, socket.gethostname(), pid, machine=machine, pid_started=pid_started)


def left(parts: Parts) -> set[str]:
    """The lanes that are left after the dead were buried."""
    slots.bury_dead(parts, parts.clock.lease_now())
    with parts.store.read() as tx:
        return {row.slot for row in lanes.listed(tx)}


def test_a_dead_process_of_this_machine_is_buried_before_its_lease_ends(parts: Parts) -> None:
    slot = slots.take(parts, "worker@here")
    assert slot is not None
    with parts.store.write() as tx:
        tx.execute(lanes.lanes.update().values(pid=gone()))
    assert slots.take(parts, "worker@here") is not None
    assert left(parts) == {"worker@here:0"}, "who lives is left alone"


def test_of_other_spaces_of_process_ids_we_know_nothing(parts: Parts) -> None:
    """Containers with the host's network, cloned machines: the name is ours, the ids are not."""
    here, dead = slots.machine_id(), gone()
    host, boot, namespace = here.split()
    lane_of(parts, "container:0", machine=f"{host} {boot} pid:[1]", pid=dead)
    lane_of(parts, "clone:0", machine=f"{host} 00000000-0000-0000-0000-000000000000 {namespace}", pid=dead)
    lane_of(parts, "far:0", machine=f"other-{here}", pid=dead)
    lane_of(parts, "old:0", machine="", pid=dead)
    lane_of(parts, "here:0", machine=here, pid=dead)
    assert left(parts) == {"container:0", "clone:0", "far:0", "old:0"}


def test_an_id_that_was_given_again_is_another_process(parts: Parts) -> None:
    here, us = slots.machine_id(), os.getpid()
    lane_of(parts, "us:0", machine=here, pid=us, pid_started=slots.start_of(us))
    lane_of(parts, "before-us:0", machine=here, pid=us, pid_started="1")
    lane_of(parts, "unknown:0", machine=here, pid=us)
    assert left(parts) == {"us:0", "unknown:0"}


def test_where_the_system_tells_nothing_leases_are_waited_for(parts: Parts, tmp_path: Path) -> None:
    assert slots.machine_id(tmp_path) == ""
    lane_of(parts, "here:0", machine="", pid=gone())
    slots.bury_dead(parts, parts.clock.lease_now(), tmp_path)
    assert slots.living(parts) == 1
    with parts.store.read() as tx:
        assert len(lanes.listed(tx)) == 1


def test_the_files_of_another_namespace_are_not_believed(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to("1")
    assert slots.machine_id(tmp_path) == ""


def test_the_start_of_a_process(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text("7 (a ) name) S " + " ".join(str(number) for number in range(4, 30)))
    assert slots.start_of(7, tmp_path) == "22"
    (tmp_path / "7" / "stat").write_text("7 (cut) S 4")
    assert slots.start_of(7, tmp_path) == ""
    assert slots.start_of(8, tmp_path) == ""
    assert int(slots.start_of(os.getpid())) > 0


def test_who_is_alive(parts: Parts) -> None:
    lane_of(parts, "some:0", machine="", pid=1)
    with parts.store.read() as tx:
        (row,) = lanes.listed(tx)
    assert slots.is_alive(row), "that of somebody else, perhaps"
    assert slots.is_alive(replace(row, pid=os.getpid()))
    assert not slots.is_alive(replace(row, pid=gone()))
