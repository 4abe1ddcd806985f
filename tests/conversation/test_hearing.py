"""The callee's side: yielding, replying, and what a menu's words may mean."""

from dialer.conversation import events as e
from tests.conversation.rig import Rig
from tests.support.builders import OPENING


def test_a_pause_within_a_turn_is_answered_when_he_has_finished() -> None:
    rig = Rig()
    rig.talking()
    rig.feed(e.SpeechStarted("h1", 2000), e.SpeechStopped("h1", 2400), e.SpeechStarted("h2", 2500))
    assert rig.feed(e.SpeechCommitted("h1", None)) == []
    rig.feed(e.SpeechStopped("h2", 2900))
    assert rig.feed(e.SpeechCommitted("h2", "h1")) == [e.CreateResponse("reply")]


def test_a_menus_words_from_a_person_are_left_to_the_model() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Should I press one for that?")
    rig.wait(1.0)
    assert not rig.talk.done
    assert rig.of(e.CreateResponse)[-1].purpose == "reply"


def test_speech_at_the_open_line_before_our_opening_does_not_lose_it() -> None:
    rig = Rig()
    rig.feed(e.CallAnswered())
    rig.speech("h1", "Hello?")
    assert [asked.purpose for asked in rig.of(e.CreateResponse)] == ["opening"]
    rig.respond(OPENING)
    assert rig.of(e.Play)


def test_the_latency_of_a_reply_counts_from_the_end_of_his_speech() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.wait(0.7)
    rig.heard(rig.respond("Good."))
    assert rig.of(e.RecordTurn)[-1].turn.latency_ms == 700


def test_card_numbers_are_masked_in_the_transcript() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "My card is 4111 1111 1111 1111")
    assert rig.of(e.RecordTurn)[-1].turn.text == "My card is [card ending 1111]"
    assert rig.of(e.EndLog) == [e.EndLog("h1")]


def test_a_card_number_in_several_turns_is_masked_in_each_of_them() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "It is 4111 1111.")
    assert rig.of(e.RecordTurn)[-1].turn.text == "It is 4111 1111."
    rig.heard(rig.respond("Go on."))
    rig.speech("h2", "1111 1111, that is all")
    turns = {turn.turn.item_id: turn.turn for turn in rig.of(e.RecordTurn)}
    assert (turns["h1"].text, turns["h1"].generated) == ("It is [card digits].",) * 2
    assert turns["h2"].text == "[card ending 1111], that is all"
    assert [call.tool_call.name for call in rig.of(e.RecordToolCall)] == ["guard_card"]
    assert rig.of(e.EndLog) == [e.EndLog("h1")]
