"""What a number tells by itself: its country, kind, zones and the states of its area code.

Nothing here loads the library's place names (``phonenumbers.geocoder`` costs 99 MiB): zones come from the prefix table, states
from our own table of area codes.
"""

from dataclasses import dataclass
from functools import lru_cache

from dialer.compliance import places
from dialer.compliance.rulebook import NumbersRule
from dialer.compliance.zones import number_zones
from dialer.model.phone import PhoneNumber

_NO_COUNTRY = "001"
"""The region of codes that belong to no country (UN M.49: the world)."""


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What the gates need to know of a number without knowing the number: it is stored with each decision.

    ``kind`` is libphonenumber's word (``MOBILE``, ``PREMIUM_RATE``, ``UNKNOWN`` for a number that is not valid);
    ``pay_exchange``: the three digits after a +1 area code.
    """

    region: str
    kind: str
    country_code: int
    pay_exchange: str
    zones: tuple[str, ...]
    states: tuple[str, ...]


@lru_cache(maxsize=8192)
def read_number(phone: PhoneNumber) -> NumberFacts:
    """Look an E.164 number up; one that cannot be read has neither country nor kind."""
    from phonenumbers import NumberParseException, PhoneNumberType, number_type, parse, region_code_for_number

    states = tuple(state.code for state in places.states_of_number(phone))
    try:
        number = parse(phone, None)
    except NumberParseException:
        return NumberFacts("", "UNKNOWN", 0, "", (), ())
    region = region_code_for_number(number)
    return NumberFacts(
        region="" if region in (None, _NO_COUNTRY) else region,
        kind=PhoneNumberType.to_string(number_type(number)),
        country_code=number.country_code or 0,
        pay_exchange=phone[5:8] if phone.startswith("+1") and len(phone) == 12 else "",
        zones=number_zones(phone),
        states=states,
    )


def why_not_dialled(number: NumberFacts, rule: NumbersRule) -> str:
    """Why such a number is never dialled, in words; empty when it may be."""
    if number.country_code in rule.no_country:
        return "a satellite or international service number"
    if number.pay_exchange in rule.pay_exchanges:
        return f"a pay-per-call number ({number.pay_exchange})"
    if number.kind not in rule.types:
        return (
            "not a valid number" if number.kind == "UNKNOWN" else f"a number of the kind {number.kind.replace('_', ' ').lower()}"
        )
    return ""
