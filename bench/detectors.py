"""What listening for tones costs, how soon it tells, and how often it is wrong.

First table: microseconds of CPU for each frame of 20 ms, for silence, for a quiet noisy line, for speech and for a held tone;
the baseline is the beep detector by itself. Second: the delay of each signal, from its beginning (from its end for beeps), over
30 clean and noisy lines. Third: false alarms over minutes of speech. Run: ``python bench/detectors.py [minutes]``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dialer.audio import modem, tones
from dialer.audio import network_tones as network
from dialer.audio.framing import FRAME_BYTES, SILENCE, silence
from dialer.audio.network_tones import SitKind
from dialer.audio.tone_watch import ToneWatch
from tests.audio.voices import on_a_noisy_line, speech

Feed = Callable[[bytes], object]
LISTENERS: dict[str, Callable[[], Feed]] = {
    "BeepDetector": lambda: tones.BeepDetector().feed,
    "DigitDetector": lambda: tones.DigitDetector().feed,
    "ToneWatch": lambda: ToneWatch().feed,
}
AUDIO = {
    "silence": SILENCE * 3000,
    "line noise, -55 dBm0": on_a_noisy_line(SILENCE * 3000, -55.0),
    "speech": speech(1, 60.0),
    "modem speech": modem.encode("Every word of this is a sound. " * 96),
    "a tone of 1000 Hz": network.tone((1000.0,), 60_000),
}
SIGNALS = {
    "beep 1000 Hz, 400 ms (from its end)": (network.tone((1000.0,), 400), 400),
    "beep 440 Hz, 400 ms (from its end)": (network.tone((440.0,), 400), 400),
    "key": (network.tone((697.0, 1209.0), 100), 0),
    "SIT, vacant": (network.sit(SitKind.VACANT), 0),
    "fax answers (CED)": (network.fax_answer(), 0),
    "busy 480 + 620 Hz": (network.busy(), 0),
    "busy 425 Hz": (network.busy(hz=(425.0,)), 0),
    "reorder 480 + 620 Hz": (network.reorder(), 0),
    "ringback 440 + 480 Hz, 2 s": (network.ringback(), 0),
    "ringback 425 Hz, 1 s": (network.ringback(5000, (425.0,), (1000, 4000)), 0),
}


def frame_us(start: Callable[[], Feed], audio: bytes) -> float:
    """Microseconds of CPU for one frame: the best of five."""
    pieces = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
    costs = []
    for _ in range(5):
        feed = start()
        began = time.process_time()
        for piece in pieces:
            feed(piece)
        costs.append(time.process_time() - began)
    return min(costs) / len(pieces) * 1e6


def delays_ms(signal: bytes, from_ms: int) -> list[float]:
    """When the first event came, for 30 lines with noise 15-40 dB below the tone."""
    found = []
    for line in range(30):
        before = 1600 + line * 37 % FRAME_BYTES
        audio = on_a_noisy_line(b"\xff" * before + signal + silence(1500), -13.0 - (15, 25, 40)[line % 3], line)
        watch = ToneWatch()
        for at in range(0, len(audio), FRAME_BYTES):
            if watch.feed(audio[at : at + FRAME_BYTES]):
                found.append((at + FRAME_BYTES - before) / 8 - from_ms)
                break
    return found


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("minutes", nargs="?", type=int, default=10)
    minutes = options.parse_args().minutes
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    print(f"{'CPU, us per frame of 20 ms':<40}" + "".join(f"{name:>15}" for name in LISTENERS))
    for what, audio in AUDIO.items():
        print(f"{what:<40}" + "".join(f"{frame_us(start, audio):>15.1f}" for start in LISTENERS.values()))
    print(f"{'delay, ms':<40}{'found':>15}{'median':>15}{'longest':>15}")
    for what, (signal, from_ms) in SIGNALS.items():
        found = delays_ms(signal, from_ms)
        print(f"{what:<40}{len(found):>12}/30{statistics.median(found):>15.0f}{max(found):>15.0f}")
    alarms = sum(len(ToneWatch().feed(speech(seed, 60.0, (-30.0, -18.0, -6.0)[seed % 3]))) for seed in range(minutes))
    print(f"{f'false alarms in {minutes} minutes of speech':<40}{alarms:>15}")


if __name__ == "__main__":
    main()
