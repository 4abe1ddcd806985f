"""Events and commands of a talk are values."""

import dataclasses
from typing import get_args

import pytest

from dialer.conversation import events
from dialer.conversation.talk import _HANDLERS


@pytest.mark.parametrize("kind", [*get_args(events.ConversationEvent), *get_args(events.ConversationCommand)])
def test_each_is_a_frozen_value_with_a_meaning(kind: type) -> None:
    assert dataclasses.is_dataclass(kind)
    assert kind.__doc__


def test_the_talk_answers_for_every_event() -> None:
    assert set(_HANDLERS) == set(get_args(events.ConversationEvent))
