"""From the answer to our first audio, with 50 calls in one process, prewarmed while they ring.

The phones and the service are in a process of their own (``bridge/peers.py``); a phone's clock starts when it is picked up,
before it connects its media stream, and stops at the first audio that arrives. The opening has been spoken and compared by then:
what is measured is the connection, the hand-over of the buffered opening, and how long it waits for the other calls.

Two loads. Steady: calls come and go for a minute, so that 50 are live, and each is answered amid the talk; the limit is on
the 95th percentile of these. The worst moment: 50 phones that are picked up within the same millisecond, which is a queue of 50
connections that are being opened.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys

from bridge.programs import Load, run_sessions
from hot_path import FarEnds, run, share

LIMIT_MS = 50.0
TALK_S = 10.0
RING_S = 4.0
"""The model has spoken the opening ten times as fast as it is heard."""


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls", nargs="?", type=int, default=50, help="calls that are live (50)")
    options.add_argument("seconds", nargs="?", type=int, default=60, help="of the steady load (60)")
    given = options.parse_args()
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    far = FarEnds()
    count = round(given.calls * given.seconds / TALK_S)
    steady = Load(count, TALK_S, far.model_port, far.desk_port, float(given.seconds), RING_S)
    outcome, figures, _ = run(far, run_sessions, steady)
    found = figures["first_audio_ms"]
    at_once = Load(given.calls, TALK_S, far.model_port, far.desk_port, 0.0, RING_S)
    _, figures, _ = run(far, run_sessions, at_once)
    far.close()
    print(f"{'answer to first audio, ms':<40}{'calls':>8}{'p50':>8}{'p95':>8}{'longest':>9}")
    loads = (
        (f"{given.calls} live, each answered amid the talk", found),
        ("all in the same millisecond", figures["first_audio_ms"]),
    )
    for name, heard in loads:
        print(f"{name:<40}{len(heard):>8}{share(heard, 0.5):>8.1f}{share(heard, 0.95):>8.1f}{max(heard):>9.1f}")
    ours, p95 = share(outcome.answer_to_audio_ms, 0.95), share(found, 0.95)
    print(f"by our own account, from the answer's event to the order to play: p95 {ours} ms")
    is_whole = len(found) == count
    print(f"p95 {p95:.1f} ms (limit {LIMIT_MS:.0f}){'' if is_whole else '; some phones heard nothing'}")
    return 0 if is_whole and p95 <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
