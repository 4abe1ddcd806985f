"""What goes wrong with what the stand-in tells; what it does is never wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Faults:
    """``lose_dial_answers``: the first so many dials are made, and their requests never answered. ``has_doubled_events``: each
    event comes twice. ``has_reordered_events``: two events that follow each other within 100 ms change places.
    ``drop_events_at``: the socket of events is closed when so many events have been sent, once; 0: never.
    """

    lose_dial_answers: int = 0
    has_doubled_events: bool = False
    has_reordered_events: bool = False
    drop_events_at: int = 0


NAMED = {
    "none": Faults(),
    "answers lost": Faults(lose_dial_answers=1),
    "events doubled": Faults(has_doubled_events=True),
    "events reordered": Faults(has_reordered_events=True),
    "events dropped": Faults(drop_events_at=4),
}
"""By name, for the command line and for tests."""
