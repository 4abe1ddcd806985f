"""Turns and tool calls stand in the order of the talk."""

from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn


def test_an_empty_transcript() -> None:
    assert Transcript() == Transcript((), (), ())


def test_a_turn_and_a_tool_call() -> None:
    turn = Turn(1, Speaker.AGENT, "Hello", 0, 900, generated="Hello there", is_interrupted=True)
    call = ToolCall("c1", "opt_out", {"quote": "stop"}, {"ok": True}, 1500, after_seq=1)
    transcript = Transcript((turn,), (call,))
    assert transcript.turns[0].generated.startswith(turn.text)
    assert transcript.tool_calls[0].after_seq == turn.seq
    assert turn.latency_ms is None
