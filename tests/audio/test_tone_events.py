import dataclasses
from typing import get_args

import pytest

from dialer.audio import tone_events
from dialer.audio.network_tones import SitKind


def test_events_are_values() -> None:
    assert tone_events.BeepEnded(1000, 400) == tone_events.BeepEnded(1000, 400)
    assert len({tone_events.BusyHeard(True), tone_events.BusyHeard(False), tone_events.BusyHeard(True)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        tone_events.SitHeard(SitKind.VACANT).kind = SitKind.INTERCEPT  # type: ignore[misc]  # that is what is tested


def test_the_union_names_every_event() -> None:
    classes = {value for value in vars(tone_events).values() if dataclasses.is_dataclass(value)}
    assert set(get_args(tone_events.ToneEvent)) == classes
