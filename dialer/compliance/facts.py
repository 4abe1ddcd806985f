"""What the gates are told about one call. They look nothing up themselves."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dialer.compliance.number import NumberFacts
from dialer.model.call import CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.contact import Consent
from dialer.model.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class NationalCopy:
    """Our copy of a country's do-not-call list: how old it is, and whether the number is on it."""

    region: str
    as_of: datetime
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Override:
    """A rule that a named person has widened until an instant. It never lifts what protects a callee's own wish."""

    id: int
    rule: str
    actor: str
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the gates judge. Times are aware UTC; money is in the campaign's currency."""

    campaign: Campaign
    phone: PhoneNumber
    is_suppressed: bool
    """On the global suppression list, or on that of the campaign, at this instant."""
    is_person_suppressed: bool = False
    """Another number of the same contact is on one of these lists: who asks not to be called means themselves."""
    status: CampaignStatus
    timezone: str = ""
    state: str = ""
    """The contact's own state (code or full name), where it is known: some rules hold in one state only."""
    postal_code: str = ""
    country: str = ""
    """The contact's own postal code and country (ISO 3166-1), where they are known."""
    consent: Consent | None = None
    consent_revoked_at: datetime | None = None
    """The last time that this number took its consent back."""
    consent_used_at: datetime | None = None
    """The last dial under the consent."""
    rnd_status: str = ""
    """What the Reassigned Numbers Database said: ``yes``, ``no``, ``no_data``; empty: nobody asked."""
    national: tuple[NationalCopy, ...] = ()
    """Our newest copies of national do-not-call lists."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """The campaign's own start and end."""
    not_before: datetime | None = None
    expires_at: datetime | None = None
    """The contact's own limits; ``not_before`` also carries the time of a redial or callback."""
    attempts_at: tuple[datetime, ...] = ()
    """When this number was dialled before, in all campaigns, every dial that may have rung; never the one that is now
    judged.
    """
    last_talk_at: datetime | None = None
    last_refusal_at: datetime | None = None
    """The last live conversation, and the last ``not_interested``, of this number in all campaigns."""
    last_abandoned_at: datetime | None = None
    """The last time that this number answered and heard nothing from us."""
    is_callback: bool = False
    """This dial is a callback that the contact asked for."""
    spent: Decimal = Decimal(0)
    """Spent by the campaign so far, the open reservations of other attempts included."""
    spent_today: Decimal = Decimal(0)
    """The part of ``spent`` that belongs to the current UTC day."""
    reserve: Decimal = Decimal(0)
    """The most that this dial may cost."""
    is_recorded: bool = False
    """The sound of the call would be kept."""
    is_recorded_unsaid: bool = False
    """The sound of the call would be kept, and the opening does not say so."""
    caller_id: str = ""
    """The number that will be shown; empty while it has not been chosen (import, plan)."""
    clock_skew_s: float = 0.0
    """This process's clock minus the database's, in seconds."""
    overrides: tuple[Override, ...] = ()
    """The overrides in force for this campaign, expired ones left out or not: the gates look at their end."""
    number: NumberFacts | None = None
    """What the number tells, where it is known without the number (a stored decision); looked up otherwise."""
