"""Each test of the suite runs over every network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.carriers.asterisk import AsteriskBench, AsteriskClientBench
from tests.conformance.carriers.benches import BENCHES, Bench

ALL = {**BENCHES, "asterisk": AsteriskBench, "asterisk as client": AsteriskClientBench}


@pytest.fixture(params=ALL)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return ALL[request.param](tmp_path)
