"""The voicemail rule, per attempt."""

import pytest

from tests.support.builders import a_campaign, an_attempt


@pytest.mark.parametrize(
    ("action", "is_last", "may"),
    [
        ("hang_up", True, False),
        ("leave_message", False, True),
        ("message_on_last_attempt", False, False),
        ("message_on_last_attempt", True, True),
    ],
)
def test_when_a_message_may_be_left(action: str, is_last: bool, may: bool) -> None:
    campaign = a_campaign(voicemail={"action": action, "message": "Hi."})
    assert an_attempt(campaign, is_last_attempt=is_last).may_leave_message is may
