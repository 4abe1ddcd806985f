"""Results on their way to other systems: what is told, where to, and how far it got."""

from enum import StrEnum


class EventKind(StrEnum):
    """What a message tells. Receivers see these words."""

    ATTEMPT_ENDED = "attempt.ended"
    """One dial has its disposition; a dial that a gate refused at the last instant too."""
    RESULT_CHANGED = "result.changed"
    """A person corrected a talk, or a model read it: its outcome, its answers or whether a person has to look are others now."""
    CALL_FINISHED = "call.finished"
    """A contact of a campaign is in its final bucket: nothing more will be dialled for it."""
    CAMPAIGN_DONE = "campaign.done"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_CANCELLED = "campaign.cancelled"
    OPT_OUT = "opt_out"
    """A callee asked not to be called again."""
    TEST = "test"
    """Sent on request only, to see whether the receiver answers; never stored."""


class Target(StrEnum):
    """Where a message goes. With both configured each gets its own row and its own retries."""

    WEBHOOK = "webhook"
    COMMAND = "command"


class DeliveryState(StrEnum):
    """How far a message got."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up: only ``dialer webhook replay`` sends it again."""
