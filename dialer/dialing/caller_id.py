"""Which of our numbers is shown: one of the callee's own area code if there is one, else of his country, and always the same
one for the same callee.

A callee who sees one number twice can recognise and block it; the choice must therefore not depend on chance or on
the order of calls. The pool is spread by a hash of the number (rendezvous hashing: adding a caller ID moves only the
callees it wins), in proportion to the numbers' weights. A number that rests, has reached its daily cap or may not be shown is
passed over until it may be shown again; its callees then see it again.

A number rests when people stopped answering it: that is a sign of too many or unwanted calls, and the mending is to call less
and better. It is never a way around a label or a block: the others of the pool take no more calls than their own caps allow.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import phonenumbers

from dialer.model.campaign import Campaign
from dialer.model.ids import CampaignId
from dialer.model.phone import PhoneNumber

NO_WEIGHT = 0
TIRED_DIALS = 50
"""Fewer calls than that, in either span, prove nothing."""
TIRED_SHARE = 0.5
"""A number whose answer rate fell below this part of what it was is tired."""
SHORT_SHARE = 0.6
"""... or one of whose answered calls so many end at once."""
SHORT_ANSWERS = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one number at this moment."""

    weight: int = 1
    may_be_shown: bool = True
    left: int | None = None
    """So many dials more today, by its cap, those that are claimed and not made counted as made; None: no cap."""

    @property
    def is_usable(self) -> bool:
        """It may be shown once more."""
        return self.may_be_shown and self.weight > NO_WEIGHT and self.left != 0


@dataclass(frozen=True, slots=True)
class Tally:
    """How the calls of a number went in a span of time."""

    dials: int = 0
    answered: int = 0
    short: int = 0

    @property
    def answer_rate(self) -> float:
        """The share of dials that somebody or something took."""
        return self.answered / self.dials if self.dials else 0.0

    @property
    def short_share(self) -> float:
        """The share of answered calls that ended within seconds."""
        return self.short / self.answered if self.answered else 0.0


def choose(campaign: Campaign, phone: PhoneNumber) -> PhoneNumber:
    """Return the caller ID for this callee, out of the campaign's ``caller_ids``, whatever their standing."""
    return _best(_nearest(campaign.caller_ids, phone), phone, {})


def choose_among(campaign: Campaign, phone: PhoneNumber, standings: Mapping[str, Standing]) -> PhoneNumber | None:
    """The caller ID for this callee among those that may be shown now; None when none may. Unknown numbers may."""
    usual = Standing()
    pool = tuple(number for number in campaign.caller_ids if standings.get(number, usual).is_usable)
    return _best(_nearest(pool, phone), phone, standings) if pool else None


def once_more(standings: Mapping[str, Standing], number: str) -> Mapping[str, Standing]:
    """The standings once ``number`` has been given to one more call."""
    before = standings.get(number)
    if before is None or before.left is None:
        return standings
    return {**standings, number: replace(before, left=before.left - 1)}


def why_tired(recent: Tally, before: Tally) -> str:
    """Why a number should rest; empty when it need not. ``recent``: the last days; ``before``: the weeks before them."""
    if recent.answered >= SHORT_ANSWERS and recent.short_share >= SHORT_SHARE:
        return f"{recent.short_share:.0%} of its answered calls ended within seconds"
    is_known = min(recent.dials, before.dials) >= TIRED_DIALS
    if is_known and recent.answer_rate < TIRED_SHARE * before.answer_rate:
        return f"its answer rate fell from {before.answer_rate:.0%} to {recent.answer_rate:.0%}"
    return ""


def _nearest(pool: Sequence[str], phone: PhoneNumber) -> Sequence[str]:
    """Those of the callee's area code, else those of his country, else all."""
    area = [number for number in pool if phone.startswith("+1") and number[:5] == phone[:5]]
    country = [number for number in pool if _country(number) == _country(phone)]
    return area or country or pool


def _country(number: str) -> int:
    """The calling code; 0 for what is no number."""
    try:
        return phonenumbers.parse(number).country_code or 0
    except phonenumbers.NumberParseException:
        return 0


def _best(pool: Sequence[str], phone: PhoneNumber, standings: Mapping[str, Standing]) -> PhoneNumber:
    """Rendezvous hashing with weights: the highest of ``-weight / log(hash)`` wins."""

    def score(number: str) -> tuple[float, str]:
        weight = standings[number].weight if number in standings else 1
        return -weight / math.log(_share(number, phone)), number

    return PhoneNumber(max(pool, key=score))


def _share(number: str, phone: str) -> float:
    """A number between 0 and 1, both left out, that depends on the two alone."""
    drawn = int.from_bytes(hashlib.sha256(f"{number} {phone}".encode()).digest()[:6], "big")
    return (drawn + 1) / (2**48 + 2)


class Places:
    """How many more calls may show each caller ID at once: over all campaigns, and within one.

    A call whose caller ID has no place waits: it is not given another number, by which the callee would not know us.
    """

    def __init__(self, most: int | None, shown: Mapping[tuple[CampaignId, PhoneNumber], int]) -> None:
        """``most``: calls at once of one caller ID over all campaigns, None without limit; ``shown``: those that are now."""
        self._most = most
        self._own = Counter(shown)
        self._all: Counter[PhoneNumber] = Counter()
        for (_, number), count in shown.items():
            self._all[number] += count

    def left(self, campaign_id: CampaignId, campaign: Campaign) -> int | None:
        """How many more calls the campaign's caller IDs have places for, together; None: no limit."""
        rest = [self._rest(campaign_id, campaign, PhoneNumber(number)) for number in campaign.caller_ids]
        return None if None in rest else sum(places for places in rest if places is not None)

    def take(self, campaign_id: CampaignId, campaign: Campaign, number: PhoneNumber) -> bool:
        """One more call shows ``number``; False: there is no place, and nothing was taken."""
        if self._rest(campaign_id, campaign, number) == 0:
            return False
        self._own[campaign_id, number] += 1
        self._all[number] += 1
        return True

    def _rest(self, campaign_id: CampaignId, campaign: Campaign, number: PhoneNumber) -> int | None:
        own = campaign.pacing.caller_concurrency
        limits = ((self._most, self._all[number]), (own, self._own[campaign_id, number]))
        return min((max(0, most - shown) for most, shown in limits if most is not None), default=None)
