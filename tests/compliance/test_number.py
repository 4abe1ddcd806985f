"""What a number tells, and which numbers are never dialled."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dialer.compliance.number import NumberFacts, read_number, why_not_dialled
from dialer.compliance.rulebook import shipped_rulebook
from dialer.model.phone import PhoneNumber

RULE = shipped_rulebook().numbers


def why(phone: str) -> str:
    return why_not_dialled(read_number(PhoneNumber(phone)), RULE)


def test_a_number_of_two_zones_and_one_state() -> None:
    found = read_number(PhoneNumber("+18505550123"))
    assert found == NumberFacts("US", "FIXED_LINE_OR_MOBILE", 1, "555", ("America/Chicago", "America/New_York"), ("FL",))
    assert why("+18505550123") == ""


@pytest.mark.parametrize(
    ("phone", "part"),
    [
        ("+19005550123", "premium rate"),
        ("+18005550123", "toll free"),
        ("+15005550123", "personal number"),
        ("+12129761234", "pay-per-call number (976)"),
        ("+881612345678", "satellite"),
        ("+870773111632", "satellite"),
        ("+8834005550123", "satellite"),
        ("+979123456789", "satellite"),
        ("+448451234567", "premium rate"),
        ("+447012345678", "personal number"),
        ("+864001234567", "shared cost"),
        ("+1911", "not a valid number"),
        ("911", "not a valid number"),
        ("+447700900123", "not a valid number"),
    ],
)
def test_numbers_that_are_never_dialled(phone: str, part: str) -> None:
    assert part in why(phone)


def test_what_cannot_be_read_has_nothing() -> None:
    assert read_number(PhoneNumber("nonsense")) == NumberFacts("", "UNKNOWN", 0, "", (), ())
    assert read_number(PhoneNumber("+80812345678")).region == ""


def test_other_regions_of_country_code_1_are_not_the_us() -> None:
    assert [read_number(PhoneNumber(phone)).region for phone in ("+18765550123", "+12685550123")] == ["JM", "AG"]


def test_a_worker_never_loads_the_place_names() -> None:
    """The geocoder's tables cost 99 MiB in each worker child."""
    look = (
        "import dialer.worker.app, dialer.worker.tasks, dialer.operations.lane, sys;"
        "from dialer.compliance.number import read_number; read_number('+12125550123');"
        "print([name for name in sys.modules if 'geocoder' in name or 'geodata' in name])"
    )
    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=120)
    assert seen.stdout.strip() == "[]"
