"""The small form of the budget benchmark: worker processes share a budget, stop at it, and go on when given more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(600)


def test_several_workers_never_spend_more_than_the_budget_and_go_on_when_given_more(postgres_url: str) -> None:
    command = [sys.executable, "bench/budget.py", "--calls", "120", "--workers", "2", "--database", postgres_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *lines, last = done.stdout.splitlines()
    assert json.loads(last)["is_exceeded"] is False
    found = [re.match(r"budget (\S+): spent (\S+) in (\d+) dials; settled and reserved at most (\S+),", line) for line in lines]
    first, second = (match.groups() for match in found if match is not None)
    for budget, spent, _, most in (first, second):
        assert Decimal(0) < Decimal(spent) <= Decimal(most) <= Decimal(budget)
    assert int(second[2]) > int(first[2]), "more money, more calls"
    assert sum("the campaign is paused (budget" in line for line in lines) == 2, done.stdout
