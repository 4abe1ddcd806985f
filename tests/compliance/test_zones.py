from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance.zones import (
    OLDEST,
    _packaged_version,
    candidate_zones,
    is_area_city,
    load_zone,
    number_zones,
    require_fresh,
)
from dialer.model.phone import PhoneNumber


def zones(phone: str, timezone: str = "", *, is_marketing: bool = True) -> tuple[str, ...]:
    return candidate_zones(PhoneNumber(phone), timezone, is_marketing=is_marketing).names


@pytest.mark.parametrize("phone", ["+18504441234", "+18506561234", "+18505550123"])
def test_an_area_code_in_two_zones_gives_both_whatever_the_exchange(phone: str) -> None:
    assert zones(phone) == ("America/Chicago", "America/New_York")


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+12125550123", ("America/New_York",)),
        ("+12085550123", ("America/Boise", "America/Denver", "America/Los_Angeles")),
        ("+442079460958", ("Europe/London",)),
        ("+8613800138000", ("Asia/Shanghai",)),
        ("+61891234567", ("Australia/Adelaide", "Australia/Perth")),
    ],
)
def test_numbers(phone: str, expected: tuple[str, ...]) -> None:
    assert zones(phone) == expected


def test_four_zones_of_area_code_907() -> None:
    assert len(zones("+19072221234")) == 4


def test_an_area_code_without_a_place_gives_all_of_country_code_1() -> None:
    assert len(zones("+18005550123")) == 42
    assert {"Pacific/Guam", "America/St_Johns"} <= set(zones("+18005550123"))


@pytest.mark.parametrize("phone", ["+881612345678", "+870773123456", "12", "+999123456789", "no number"])
def test_a_number_without_a_place_gives_no_zone(phone: str) -> None:
    found = candidate_zones(PhoneNumber(phone), "", is_marketing=False)
    assert (found.names, number_zones(PhoneNumber(phone))) == ((), ())
    assert "no" in found.problem or "none" in found.problem


def test_marketing_must_fit_the_union_of_all_sources() -> None:
    found = candidate_zones(PhoneNumber("+12125550123"), "America/Los_Angeles", is_marketing=True)
    assert found.names == ("America/Los_Angeles", "America/New_York")
    assert [(item.source, item.names) for item in found.sources] == [
        ("contact", ("America/Los_Angeles",)),
        ("number", ("America/New_York",)),
    ]
    assert found.problem == ""


def test_for_a_reminder_the_contacts_own_zone_decides_alone() -> None:
    assert zones("+12125550123", "America/Los_Angeles", is_marketing=False) == ("America/Los_Angeles",)
    assert zones("+12125550123", is_marketing=False) == ("America/New_York",)


def test_a_zone_of_the_contact_is_enough_when_the_number_tells_none() -> None:
    assert zones("+881612345678", "Europe/Paris") == ("Europe/Paris",)


@pytest.mark.parametrize(
    "name", ["EST", "MST", "PST", "UTC", "Etc/UTC", "Etc/Unknown", "America", "America/Nowhere", "../../etc/passwd", "/", " "]
)
@pytest.mark.parametrize("is_marketing", [True, False])
def test_a_zone_that_cannot_be_read_gives_no_zone_at_all(name: str, is_marketing: bool) -> None:
    found = candidate_zones(PhoneNumber("+12125550123"), name, is_marketing=is_marketing)
    assert found.names == ()
    assert "IANA" in found.problem
    assert not is_area_city(name)


@given(st.integers(200, 999), st.integers(0, 9_999_999))
@settings(max_examples=80)
def test_every_number_of_an_area_code_has_the_same_zones_and_all_load(area: int, rest: int) -> None:
    found = number_zones(PhoneNumber(f"+1{area}{rest:07d}"))
    assert found == number_zones(PhoneNumber(f"+1{area}5550123"))
    assert found
    assert [load_zone(name).key for name in found] == list(found)


def test_zone_rules_come_from_the_package_even_when_the_system_has_others(tmp_path: Path) -> None:
    (tmp_path / "America").mkdir()
    wrong = (resources.files("tzdata") / "zoneinfo" / "Asia" / "Tokyo").read_bytes()
    (tmp_path / "America" / "Vancouver").write_bytes(wrong)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        load_zone.cache_clear()
        zone = load_zone("America/Vancouver")
    finally:
        zoneinfo.reset_tzpath(before)
    # Since 2026 Vancouver keeps UTC-7 in winter too.
    assert datetime(2026, 11, 20, 12, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=-7)


@pytest.mark.parametrize("name", ["America/Nowhere", "../../etc/passwd", "", "America"])
def test_no_file_is_opened_for_a_name_that_is_not_listed(name: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        load_zone(name)


def test_zone_data_below_the_floor_is_refused() -> None:
    for old in ("2025b", "2025z", "2026e"):
        with pytest.raises(ValueError, match="older than 2026f"):
            require_fresh(old)
    for fresh in (OLDEST, "2026g", "2027a"):
        require_fresh(fresh)
    assert _packaged_version() >= OLDEST
