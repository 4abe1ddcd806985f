"""The words that receivers and the database see."""

from __future__ import annotations

from dialer.model.outbox import DeliveryState, EventKind, Target


def test_the_words_stay_as_they_are() -> None:
    """Receivers branch on the kinds, and stored rows hold all three."""
    kinds = "attempt.ended result.changed call.finished campaign.done campaign.paused campaign.cancelled opt_out test"
    assert " ".join(EventKind) == kinds
    assert list(Target) == ["webhook", "command"]
    assert list(DeliveryState) == ["pending", "delivered", "dead"]
