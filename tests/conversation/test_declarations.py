"""Each campaign declares what it needs."""

from dialer.conversation.declarations import declarations
from tests.support.builders import a_campaign, a_reminder

ALWAYS = ["set_outcome", "opt_out", "report_answer_type", "send_digits", "end_call"]


def names(campaign: object, **options: bool) -> list[str]:
    return [tool["name"] for tool in declarations(campaign, **options)]  # type: ignore[arg-type]  # a campaign


def test_a_sales_campaign() -> None:
    assert names(a_campaign()) == ["record_answer", "request_callback", "transfer", *ALWAYS]
    assert "transfer" not in names(a_campaign(), can_transfer=False)
    plain = a_campaign(answers={}, transfer={}, outcomes={"interested": {"when": "x"}})
    assert names(plain) == ALWAYS


def test_a_reminder() -> None:
    tools = ["verify_identity", "confirm_appointment", "move_appointment", "cancel_appointment", "book_appointment"]
    assert names(a_reminder(transfer={})) == [*tools, *ALWAYS]


def test_moving_needs_slots() -> None:
    campaign = a_campaign(outcomes={"appointment_moved": {"when": "x"}, "appointment_confirmed": {"when": "y"}}, transfer={})
    assert names(campaign) == ["record_answer", "confirm_appointment", *ALWAYS]


def test_each_is_a_closed_schema() -> None:
    for tool in declarations(a_reminder()):
        assert tool["type"] == "function"
        assert tool["parameters"]["additionalProperties"] is False
        assert set(tool["parameters"]["required"]) == set(tool["parameters"]["properties"])
