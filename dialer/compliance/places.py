"""Where may somebody be, by state, postal code and area code? Reads ``data/places.toml`` and the zone data's own table of
countries. Every answer is a set: none of these says where a person is now.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from dialer.model.phone import PhoneNumber

_RANGE = re.compile(r"(\d{3})-(\d{3})")


@dataclass(frozen=True, slots=True)
class State:
    """A state or province with the zones that people in it may live in. ``postal``: beginnings of its postal codes."""

    country: str
    code: str
    name: str
    zones: tuple[str, ...]
    postal: frozenset[str]
    areas: frozenset[str]


def state_of(country: str, text: str) -> State | None:
    """The state that a contact file calls ``text`` (its code or its full name, in any case); None for an unknown one."""
    wanted = " ".join(text.split()).casefold()
    return _by_name().get((country, wanted)) if wanted else None


def states_of_postal_code(country: str, postal_code: str) -> tuple[State, ...]:
    """The states that share the beginning of this postal code; none where the table does not know it."""
    code = postal_code.strip().upper()
    if not code:
        return ()
    if country == "US" and code.isdigit() and len(code) in (3, 4, 8):
        code = code.zfill(5 if len(code) < 8 else 9)  # a spreadsheet has eaten the zeros of 02134
    beginning = code[:3] if country == "US" else code[:1]
    return tuple(state for state in _states() if state.country == country and beginning in state.postal)


def states_of_number(phone: PhoneNumber) -> tuple[State, ...]:
    """The states that the area code of a +1 number was given to; none elsewhere, and none for 800 and the like."""
    return _by_area().get(phone[2:5], ()) if phone.startswith("+1") else ()


@cache
def country_zones(country: str) -> tuple[str, ...]:
    """Every zone of a country (ISO 3166-1), by the packaged zone data; none for an unknown one."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return tuple(sorted(row[2] for row in rows if row[0] == country))


@cache
def _states() -> tuple[State, ...]:
    text = (resources.files("dialer.compliance") / "data" / "places.toml").read_text(encoding="utf-8")
    book = tomllib.loads(text)
    return tuple(
        State(
            country,
            code,
            row["name"],
            tuple(row["zones"]),
            frozenset(_spread(row.get("postal", []))),
            frozenset(row.get("areas", [])),
        )
        for country, rows in book.items()
        if isinstance(rows, dict)
        for code, row in rows.items()
    )


def _spread(beginnings: list[str]) -> Iterator[str]:
    for beginning in beginnings:
        span = _RANGE.fullmatch(beginning)
        if span is None:
            yield beginning
        else:
            yield from (f"{number:03d}" for number in range(int(span[1]), int(span[2]) + 1))


@cache
def _by_name() -> dict[tuple[str, str], State]:
    return {(state.country, name.casefold()): state for state in _states() for name in (state.code, state.name)}


@cache
def _by_area() -> dict[str, tuple[State, ...]]:
    found: dict[str, tuple[State, ...]] = {}
    for state in _states():
        for area in state.areas:
            found[area] = (*found.get(area, ()), state)
    return found
