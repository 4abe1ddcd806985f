"""The conversation's commands."""

from __future__ import annotations

import dataclasses
from typing import get_args

from dialer.conversation import commands, events


def test_commands_are_frozen_values_and_known_beside_the_events() -> None:
    kinds = get_args(commands.ConversationCommand)
    assert set(get_args(commands.VoiceCommand)) < set(kinds)
    for kind in kinds:
        assert dataclasses.fields(kind) is not None
        assert kind.__dataclass_params__.frozen
        assert getattr(events, kind.__name__) is kind
