"""Countries by code and by the names that exports use."""

import pytest

from dialer.intake.countries import country_named, zone_named


@pytest.mark.parametrize(
    ("text", "code"),
    [("us", "US"), ("USA", "US"), ("deu", "DE"), ("United Kingdom", "GB"), ("Deutschland", "DE"), ("Allemagne", "DE"),
     ("中国大陆", "CN"), ("中国", "CN"), ("U.S.", "US"), ("Atlantis", ""), ("XX", ""), ("", "")],
)  # fmt: skip
def test_a_country(text: str, code: str) -> None:
    assert country_named(text) == code


@pytest.mark.parametrize("text", ["", "EST", "US/Pacific", "+05:00", "America/Nowhere", "America", "../etc/passwd", "Mars/Base"])
def test_no_zone(text: str) -> None:
    assert zone_named(text) is None


def test_a_zone() -> None:
    zone = zone_named("America/New_York")
    assert zone is not None
    assert zone.key == "America/New_York"
