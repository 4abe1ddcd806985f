"""What the loopback Twilio does wrong on purpose: in what it tells, never in what it does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TwilioFaults:
    """``every=n``: with each n-th one; 0: never.

    ``lose_create_every``: the call is made and rings, and the answer never comes. ``is_mute``: no callbacks at all.
    ``has_doubled``: every callback comes twice. ``has_reordered``: callbacks come in another order: the answer's before the
    ringing's, and that of the end with the others still on their way. ``queue_s``: a call waits for so long in Twilio's own
    queue.
    """

    lose_create_every: int = 0
    lose_callback_every: int = 0
    is_mute: bool = False
    has_doubled: bool = False
    has_reordered: bool = False
    queue_s: float = 0.0
