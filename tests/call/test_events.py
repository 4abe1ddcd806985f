"""Events and commands of an attempt are values."""

import dataclasses
from typing import get_args

import pytest

from dialer.call import events


@pytest.mark.parametrize("kind", [*get_args(events.CallEvent), *get_args(events.CallCommand)])
def test_each_is_a_frozen_value_with_a_meaning(kind: type) -> None:
    assert dataclasses.is_dataclass(kind)
    assert kind.__doc__
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError, AttributeError)):
        object.__new__(kind).anything = 1


def test_a_talk_had_audio_unless_said_otherwise() -> None:
    talk = events.TalkEnded(events.AnsweredBy.HUMAN, None, "end_call")
    assert (talk.had_first_audio, talk.is_message_left) == (True, False)
    assert events.Finish(events.Disposition.BUSY) == events.Finish(events.Disposition.BUSY, "", None)
