"""The states of campaigns, calls and attempts as they stand in the database, and the buckets that a report adds up."""

from enum import StrEnum


class CampaignStatus(StrEnum):
    """Whether a campaign's calls may be claimed. Only ``ARMED`` dials."""

    DRAFT = "draft"
    ARMED = "armed"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


class CallState(StrEnum):
    """Where the intent to reach a contact stands."""

    HELD = "held"
    """Accepted, but not to be dialled as it stands (no consent, no zone, suppressed)."""
    QUEUED = "queued"
    CLAIMED = "claimed"
    """A lane holds it under a lease and has not asked the carrier."""
    ACTIVE = "active"
    """Its attempt has an intent on record: from here only proof brings it back."""
    DONE = "done"


class AttemptState(StrEnum):
    """Where one dial stands."""

    DIALING = "dialing"
    """The intent is committed; the carrier may or may not have been asked."""
    PLACED = "placed"
    """The carrier has confirmed the dial."""
    LIVE = "live"
    """Answered."""
    UNKNOWN = "unknown"
    """The carrier's answer was lost: reconciled, never dialled again on a guess."""
    ENDED = "ended"

    @property
    def is_open(self) -> bool:
        """Not yet settled."""
        return self is not AttemptState.ENDED


class Bucket(StrEnum):
    """Where one row of the file is, in exactly one place; the buckets add up to the rows."""

    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    UPDATED = "updated"
    """A row that corrected an earlier one: the contact is counted at its first row."""
    HELD = "held"
    SUPPRESSED = "suppressed"
    WAITING = "waiting"
    LIVE = "live"
    REACHED = "reached"
    """A human was reached and the call is finished."""
    NOT_REACHED = "not_reached"
    """All attempts are used up without a human."""
    UNSETTLED = "unsettled"
    """An attempt whose fate the carrier cannot tell: listed for a person."""
    BLOCKED = "blocked"
    """A gate refused for good (expired, caps, budget)."""
    CANCELLED = "cancelled"
