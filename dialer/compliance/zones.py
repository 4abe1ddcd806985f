"""In which time zones may the callee be? A set, because a number says less than it seems to.

Sources, each giving a set of IANA names:

- **contact**: the zone that came with the contact. Only an ``Area/City`` name of the IANA list counts: ``EST`` and
  ``MST`` would load but know no daylight saving time, and no abbreviation is translated silently.
- **postal**, **state**: the zones of the contact's postal code and state; a state that a zone border runs through has both.
- **number**: for +1 the union over the *whole area code*, because the prefix table answers by exchange (one zone for
  a mobile of area code 850, which lies in two); elsewhere what the number library answers. ``Etc/Unknown`` is no
  zone, never UTC.
- **country**: the last resort, when nothing else tells a zone.
- **continental**: numbers are kept when people move. Where the rules say so, a number of the US that comes without zone,
  state and postal code must fit all zones of the mainland.

Marketing must fit the union of all sources. For a reminder a zone that the contact gave decides alone, else the union. A
contact zone that cannot be read gives no zone at all, so that the row is held rather than called at a guessed hour.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from dialer.compliance import places
from dialer.model.phone import PhoneNumber

UNKNOWN = "Etc/Unknown"
"""What the number library answers when it does not know (ICU)."""
OLDEST = "2026f"
"""Older zone data misjudges hours that are law today (Vancouver and Edmonton changed in 2026): nothing is dialled by it."""
CONTINENTAL = ("America/Chicago", "America/Denver", "America/Los_Angeles", "America/New_York", "America/Phoenix")
"""The zones of the 48 states of the mainland, one name for each clock (IANA tz database, ``northamerica``)."""


@dataclass(frozen=True, slots=True)
class ZoneSource:
    """One source (``contact``, ``number``, ...) and the zones that it gave; none when it could not tell."""

    source: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones that all have to allow, and where they come from. No names = no zone is known: hold."""

    names: tuple[str, ...]
    sources: tuple[ZoneSource, ...]
    problem: str = ""
    """Why there is no zone, in words; empty when there is one."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a contact file says about where somebody is, beside the zone. ``country``: ISO 3166-1, of the number when empty."""

    country: str = ""
    state: str = ""
    postal_code: str = ""


_NOWHERE = Whereabouts()


def candidate_zones(
    phone: PhoneNumber,
    timezone: str,
    *,
    is_marketing: bool,
    where: Whereabouts = _NOWHERE,
    is_continental: bool = False,
    number_names: tuple[str, ...] | None = None,
) -> Zones:
    """Return every zone in which this contact may be, by the rule for the kind. ``timezone`` may be empty.

    ``number_names``: the zones that the number allows, where they are known already. ``is_continental``: see above.
    """
    number = ZoneSource("number", number_zones(phone) if number_names is None else number_names)
    if timezone and not is_area_city(timezone):
        problem = "the contact's time zone is not an Area/City name of the IANA list"
        return Zones((), (ZoneSource("contact", ()), number), problem)
    contact = (ZoneSource("contact", (timezone,)),) if timezone else ()
    around = _around(where)
    sources = (*contact, *around, number)
    if contact and not is_marketing:
        return Zones((timezone,), sources)
    if is_continental and not contact and not around:
        sources = (*sources, ZoneSource("continental", CONTINENTAL))
    names = sorted({name for source in sources for name in source.names})
    if not names and where.country:
        country = ZoneSource("country", places.country_zones(where.country))
        names, sources = list(country.names), (*sources, country)
    return Zones(tuple(names), sources, "" if names else "the number tells no time zone and the contact has none")


def _around(where: Whereabouts) -> tuple[ZoneSource, ...]:
    """What state and postal code say, where they say something."""
    state = places.state_of(where.country, where.state)
    postal = places.states_of_postal_code(where.country, where.postal_code)
    by_postal = tuple(sorted({name for found in postal for name in found.zones}))
    by_state = state.zones if state else ()
    return tuple(ZoneSource(source, names) for source, names in (("postal", by_postal), ("state", by_state)) if names)


def is_area_city(name: str) -> bool:
    """Whether ``name`` is an ``Area/City`` name of the zone data (``Etc/...`` is no place)."""
    return "/" in name and not name.startswith("Etc/") and name in _known_zones()


def number_zones(phone: PhoneNumber) -> tuple[str, ...]:
    """Return the zones that the number allows, sorted; empty when it tells none."""
    if phone.startswith("+1"):
        return _area_code_zones().get(phone[2:5]) or _country_code_1()
    return _library_zones(phone)


@cache
def load_zone(name: str) -> ZoneInfo:
    """Return the zone's rules from the ``tzdata`` package; raise ``ValueError`` for a name that it does not have.

    Not ``ZoneInfo(name)``: that prefers the system's files (PEP 615), which may be a year behind, and in 2026 such a year
    moved Vancouver and Edmonton by an hour.
    """
    require_fresh(_packaged_version())
    if name not in _known_zones():
        raise ValueError("not a time zone of the IANA list")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def require_fresh(version: str) -> None:
    """Raise ``ValueError`` for an edition of the zone data (IANA: ``2026f``) that is older than the floor."""
    if version < OLDEST:
        raise ValueError(f"the zone data is of {version}, older than {OLDEST}: it gives wrong hours")


@cache
def _packaged_version() -> str:
    """The edition of the packaged data, from the first line of its own source: ``# version 2026f``."""
    with (resources.files("tzdata") / "zoneinfo" / "tzdata.zi").open(encoding="utf-8") as source:
        return source.readline().split()[-1]


@cache
def _known_zones() -> frozenset[str]:
    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="utf-8").split())


@cache
def _area_code_zones() -> dict[str, tuple[str, ...]]:
    """Area code -> union over all prefixes that begin with it. Built once (3,200 prefixes, 3 ms)."""
    from phonenumbers.tzdata import TIMEZONE_DATA

    union: dict[str, set[str]] = {}
    for prefix, names in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            union.setdefault(prefix[1:4], set()).update(names)
    return {area: tuple(sorted(names - {UNKNOWN})) for area, names in union.items()}


def _country_code_1() -> tuple[str, ...]:
    """Every zone of country code 1: what an area code without a place (800, 500, a new one) allows."""
    from phonenumbers.tzdata import TIMEZONE_DATA

    return tuple(sorted(TIMEZONE_DATA["1"]))


def _library_zones(phone: PhoneNumber) -> tuple[str, ...]:
    from phonenumbers import NumberParseException, parse
    from phonenumbers.timezone import time_zones_for_number

    try:
        number = parse(phone, None)
    except NumberParseException:
        return ()
    return tuple(sorted(set(time_zones_for_number(number)) - {UNKNOWN}))
