"""Playing, marking, settling."""

from dialer.conversation.events import ClearPlayout, ConversationCommand, Mark, Play, RecordTurn, TruncateHeard
from dialer.conversation.playout import Playout, Spoken
from dialer.conversation.turns import TurnBook


def playout() -> tuple[Playout, list[ConversationCommand]]:
    out: list[ConversationCommand] = []
    it = Playout(out, TurnBook(out))
    it.answered_at = 100.0
    return it, out


def speak(it: Playout, item: str, ms: int, now: float) -> None:
    it.items[item] = Spoken("r1", "reply", "one two", ms * 8, [b"\xff" * 8 * ms], is_complete=True)
    assert it.waiting() == [item]
    assert it.is_busy(now)
    it.release(item, now)


def test_items_heard_to_their_end_are_not_truncated_by_a_clear() -> None:
    it, out = playout()
    speak(it, "a", 1000, 100.0)
    speak(it, "b", 1000, 100.0)
    assert [type(command) for command in out] == [Play, Mark, Play, Mark]
    it.drop()
    assert out[-1] == ClearPlayout()
    it.cleared(1500, 101.5)
    assert [command for command in out if isinstance(command, TruncateHeard)] == [TruncateHeard("b", 500)]
    texts = [command.turn.text for command in out if isinstance(command, RecordTurn)]
    assert texts == ["one two", "one"]
    assert it.played == set()
    it.drop()
    assert out.count(ClearPlayout()) == 1


def test_the_second_item_starts_when_the_first_is_over() -> None:
    it, out = playout()
    speak(it, "a", 1000, 100.0)
    speak(it, "b", 1000, 100.2)
    it.mark_played("a", 101.0)
    it.mark_played("b", 102.0)
    turns = [command.turn for command in out if isinstance(command, RecordTurn)]
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [(0, 1000), (1000, 2000)]
    assert it.played == {"reply"}


def test_a_leg_that_is_gone_settles_by_the_carrier_or_by_the_clock() -> None:
    for heard_ms, text in ((1000, "one two"), (None, "one")):
        it, out = playout()
        speak(it, "a", 1000, 100.0)
        it.leg_closed(100.5, heard_ms)
        assert [command.turn.text for command in out if isinstance(command, RecordTurn)] == [text]
        assert not it.is_busy(100.5)


def test_what_was_held_back_is_handed_over_in_one_piece() -> None:
    it, out = playout()
    it.items["a"] = Spoken("r1", "opening", "one two", 4800, [b"\x01" * 1600, b"\x02" * 1600, b"\x03" * 1600])
    it.release("a", 100.0)
    assert out == [Play("a", b"\x01" * 1600 + b"\x02" * 1600 + b"\x03" * 1600)]
    it.release("a", 100.1)
    assert len(out) == 1
