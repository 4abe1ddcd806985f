"""What the model does."""

from dialer.conversation import events as e
from tests.conversation.rig import Rig


def test_an_end_that_is_coming_anyway_is_not_begun_again() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    response, item = rig.begin("Well", 300)
    rig.feed(e.ToolCalled(response, item, "c1", "end_call", "{}"), e.EndAsked("shutdown"))
    rig.feed(e.ResponseDone(response, "completed"))
    rig.wait(30.0)
    assert rig.end().reason == "shutdown"


def test_a_repeated_call_acts_once() -> None:
    rig = Rig()
    rig.talking()
    called = e.ToolCalled("r8", "t", "c1", "opt_out", '{"quote": "4111 1111 1111 1111"}')
    rig.feed(called, called)
    assert len(rig.of(e.RecordOptOut)) == 1
    assert [record.tool_call.arguments for record in rig.of(e.RecordToolCall)] == [{"quote": "[card ending 1111]"}]
    assert rig.of(e.EndLog) == [e.EndLog("t")]


def test_strange_arguments_are_recorded_as_they_are() -> None:
    rig = Rig()
    rig.talking()
    rig.feed(e.ToolCalled("r8", "t", "c1", "record_answer", '{"name": "need", "value": 5}'))
    assert rig.of(e.RecordToolCall)[0].tool_call.arguments == {"name": "need", "value": 5}
