"""The transcript while it is made."""

from dialer.conversation.events import ConversationCommand, RecordTurn
from dialer.conversation.turns import TurnBook
from dialer.model.transcript import Speaker


def test_late_words_keep_their_place_and_correct_it() -> None:
    out: list[ConversationCommand] = []
    book = TurnBook(out)
    book.began("h1", Speaker.CALLEE, 100)
    book.began("a1", Speaker.AGENT, 500, latency_ms=300)
    book.stopped("h1", 400)
    book.stopped("nobody", 1)
    book.began("h1", Speaker.CALLEE, 900)
    book.agent_settled("a1", text="Hi.", generated="Hi. You", end_ms=900, is_interrupted=True)
    book.callee_said("h1", "Hello?", 1000)
    book.callee_said("h1", "Hello?", 1000)
    book.callee_said("h1", "Hello there?", 1000)
    book.callee_said("h2", "Late.", 2000)
    turns = [command.turn for command in out if isinstance(command, RecordTurn)]
    assert [(turn.seq, turn.text, turn.start_ms, turn.end_ms) for turn in turns] == [
        (2, "Hi.", 500, 900),
        (1, "Hello?", 100, 400),
        (1, "Hello there?", 100, 400),
        (3, "Late.", 2000, 2000),
    ]
    assert (turns[0].latency_ms, turns[0].generated, turns[0].is_interrupted) == (300, "Hi. You", True)
    assert book.last_seq == 3


def test_speech_without_words_and_items_nobody_heard_are_no_turns() -> None:
    out: list[ConversationCommand] = []
    book = TurnBook(out)
    book.callee_said("h1", "", 0)
    book.began("a1", Speaker.AGENT, 0)
    book.agent_settled("a1", text="", generated="Hi", end_ms=0, is_interrupted=True)
    assert out == []


def test_a_turn_is_not_recorded_twice() -> None:
    out: list[ConversationCommand] = []
    book = TurnBook(out)
    book.began("a1", Speaker.AGENT, 0)
    for _ in range(2):
        book.agent_settled("a1", text="Hi", generated="Hi", end_ms=5, is_interrupted=False)
    assert len(out) == 1
