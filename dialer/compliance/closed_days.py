"""Public holidays as local dates, by the ``holidays`` library: days on which marketing calls are not made."""

from datetime import date
from functools import cache

from dialer.errors import UserError


@cache
def closed_days(region: str, state: str, year: int) -> frozenset[date]:
    """The public holidays of a country (ISO 3166-1) in ``year`` and the years beside it, and those of a state when one is
    given, observed days included.

    The years beside it belong to zones where it is not yet, or already, the new year. Raises ``UserError`` for a country or
    state whose holidays are not known: then nobody can say that today is none.
    """
    from holidays import country_holidays

    try:
        return frozenset(country_holidays(region, subdiv=state or None, years=(year - 1, year, year + 1)))
    except NotImplementedError as error:
        place = f"{region}-{state}" if state else region
        raise UserError(f"the public holidays of {place} are not known", code="no_holidays") from error
