"""The gates' answer about each contact of a file. Contacts about whom the gates are told the same share one answer.

A long list has few different cases: the gates never see a number, only what it tells by itself (``NumberFacts``), and within
one exchange of the +1 area all numbers tell the same. Everything else that they are told is part of the comparison. The
exchange itself counts only where it is one that costs extra; the record of a decision says it all the same, so only
answers that allow, which nobody keeps, are shared between exchanges.
"""

from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from dialer.compliance.number import NumberFacts, read_number
from dialer.compliance.permit import Facts, permit
from dialer.compliance.rulebook import shipped_rulebook
from dialer.model.decision import Decision, Stage
from dialer.model.phone import PhoneNumber

_others = attrgetter(*(field.name for field in fields(Facts) if field.name not in ("campaign", "phone", "number")))
_MOST = 10_000
"""Different cases and exchanges that are remembered: memory does not grow with the file."""


class ImportGates:
    """Asks the gates at one instant about one campaign's contacts."""

    def __init__(self, now: datetime, *, most: int = _MOST) -> None:
        self._now = now
        self._most = most
        self._paid = frozenset(shipped_rulebook().numbers.pay_exchanges)
        self._answers: dict[tuple[Any, ...], Decision] = {}
        self._exchanges: dict[str, NumberFacts] = {}

    @property
    def remembered(self) -> int:
        """How many cases and exchanges are remembered."""
        return len(self._answers) + len(self._exchanges)

    def decide(self, facts: Facts) -> Decision:
        """What ``permit`` says of ``facts``, which are all of the same campaign."""
        number = self._number(facts.phone)
        exchange = number.pay_exchange if number.pay_exchange in self._paid else ""
        told = (number.region, number.kind, number.country_code, number.zones, number.states, exchange, *_others(facts))
        answer = self._answers.get(told)
        if answer is None:
            answer = permit(replace(facts, number=number), self._now, Stage.IMPORT)
            if answer.is_allowed:
                if len(self._answers) >= self._most:
                    self._answers.clear()
                self._answers[told] = answer
        return answer

    def _number(self, phone: PhoneNumber) -> NumberFacts:
        # +1, three digits of the area, three of the exchange: numbering and zones are told apart by no further digit.
        if len(phone) != 12 or not phone.startswith("+1"):
            return read_number(phone)
        exchange = phone[:8]
        if exchange not in self._exchanges:
            if len(self._exchanges) >= self._most:
                self._exchanges.clear()
            self._exchanges[exchange] = read_number(phone)
        return self._exchanges[exchange]
