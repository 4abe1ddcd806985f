"""The simulated instant on which all processes of a run agree. Real time needs none of this: every step is then void.

Each lane has a clock of its own, which its calls move. A lane without calls skips to the next one that falls due, but never
while another lane is at work: nobody's calls are overtaken. What it reached is published in the database, and everybody who
comes later, after a crash too, begins there.
"""

from dialer.clock import SimulatedClock
from dialer.operations.parts import Parts
from dialer.store import queue, simulated_time


def catch_up(parts: Parts) -> None:
    """Move this process's clock to what was published, and to the newest thing that was done in any case."""
    if not isinstance(parts.clock, SimulatedClock):
        return
    with parts.store.read() as tx:
        reached = [simulated_time.read(tx), simulated_time.newest_deed_at(tx)]
    for instant in reached:
        if instant is not None:
            parts.clock.move_to(instant)


def publish(parts: Parts) -> None:
    """Let everybody come to where this process is."""
    if isinstance(parts.clock, SimulatedClock):
        with parts.store.write() as tx:
            simulated_time.publish(tx, parts.clock.now())


def skip_ahead(parts: Parts) -> bool:
    """Move the common time to the next due call, unless somebody is still at work on one. False when there was nothing to gain.

    The database is only written when time moves.
    """
    clock = parts.clock
    assert isinstance(clock, SimulatedClock)
    before = clock.now()
    with parts.store.read() as tx:
        published = simulated_time.read(tx)
        next_at = None if queue.open_by_campaign(tx) else simulated_time.next_event_at(tx)
    target = max(instant for instant in (published, next_at, before) if instant)
    if published is None or target > published:
        with parts.store.write() as tx:
            simulated_time.publish(tx, target)
    clock.move_to(target)
    return target > before
