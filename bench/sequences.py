"""Random event sequences over both cores: ``python bench/sequences.py [COUNT] [SEED]`` (100,000 by default).

Each sequence is one attempt in a world of chance (``tests/support/two_cores.py``): it must end, with one disposition, never two
openings, never more heard than sent, never a dial without a confirmed session. A broken one is named by its seed.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.two_cores import World


def main() -> int:
    """Run them and print what they came to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("count", nargs="?", type=int, default=100_000)
    options.add_argument("first", nargs="?", type=int, default=0)
    asked = options.parse_args()
    count, first = asked.count, asked.first
    ends: Counter[str] = Counter()
    commands = broken = 0
    began = time.perf_counter()
    for seed in range(first, first + count):
        world = World(Random(seed))
        try:
            ends[world.run().disposition.value] += 1
        except Exception as error:  # noqa: BLE001  # every broken sequence is told, and the next one runs
            broken += 1
            print(f"seed {seed}: {type(error).__name__}: {error}")
        commands += len(world.commands)
    seconds = time.perf_counter() - began
    print(f"{count} sequences, {commands} commands, {seconds:.1f} s; broken: {broken}")
    for disposition, times in ends.most_common():
        print(f"  {disposition:16} {times}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
