"""Where somebody may be: a set, and never a guess."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from phonenumbers.geodata import GEOCODE_DATA

from dialer.compliance import places
from dialer.compliance.zones import is_area_city, load_zone
from dialer.model.phone import PhoneNumber


@pytest.mark.parametrize("text", ["RI", "ri", " Rhode  Island ", "rhode island"])
def test_a_state_by_its_code_or_name(text: str) -> None:
    state = places.state_of("US", text)
    assert state is not None
    assert (state.code, state.zones) == ("RI", ("America/New_York",))


def test_an_unknown_state_is_none() -> None:
    assert places.state_of("US", "") is places.state_of("US", "Bavaria") is places.state_of("DE", "RI") is None
    assert places.state_of("AU", "WA") != places.state_of("US", "WA")


@pytest.mark.parametrize(
    ("country", "postal_code", "codes"),
    [
        ("US", "02134", ["MA"]),
        ("US", "2134", ["MA"]),
        ("US", "021341234", ["MA"]),
        ("US", "21341234", ["MA"]),
        ("US", "05501", ["MA", "VT"]),
        ("US", "02134-1234", ["MA"]),
        ("US", "96913", []),
        ("US", "", []),
        ("CA", "k1a 0b1", ["ON"]),
        ("CA", "X0A 0H0", ["NT", "NU"]),
        ("DE", "10115", []),
    ],
)
def test_postal_codes(country: str, postal_code: str, codes: list[str]) -> None:
    assert [state.code for state in places.states_of_postal_code(country, postal_code)] == codes


@pytest.mark.parametrize(
    ("phone", "codes"),
    [("+12125550123", ["NY"]), ("+18675550123", ["YT", "NT", "NU"]), ("+19025550123", ["NS", "PE"]), ("+18005550123", [])],
)
def test_area_codes(phone: str, codes: list[str]) -> None:
    assert [state.code for state in places.states_of_number(PhoneNumber(phone))] == codes
    assert places.states_of_number(PhoneNumber("+442079460958")) == ()


def test_the_area_codes_agree_with_the_librarys_names() -> None:
    """The library's names mix "Texas" and "New York, NY"; where one names a state it must be among ours."""
    by_name = {state.name: state.code for state in places._states() if state.country in ("US", "CA")}
    disagreeing = []
    for prefix, names in GEOCODE_DATA.items():
        if prefix.startswith("1") and len(prefix) == 4 and names.get("en") in by_name:
            ours = {state.code for state in places.states_of_number(PhoneNumber(f"+{prefix}5550123"))}
            if by_name[names["en"]] not in ours:
                disagreeing.append((prefix, names["en"], ours))
    assert disagreeing == []


def test_every_zone_of_the_table_is_a_place_of_the_zone_data() -> None:
    for state in places._states():
        assert state.zones
        for name in state.zones:
            assert is_area_city(name)
            assert isinstance(load_zone(name), ZoneInfo)


def test_countries() -> None:
    assert places.country_zones("DE") == ("Europe/Berlin", "Europe/Busingen")
    assert places.country_zones("") == places.country_zones("XX") == ()
