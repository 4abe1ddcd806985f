"""What is generated, and whether it is what was asked for."""

from dialer.conversation import events as e
from tests.conversation.rig import MS, Rig
from tests.support.builders import OPENING


def test_words_that_are_not_the_opening_do_not_sound_while_they_come() -> None:
    rig = Rig()
    rig.feed(e.CallAnswered())
    rig.begin("Buy something", 400)
    assert rig.of(e.Play) == []
    rig.feed(e.AgentTranscript("r1", "i1", "Buy something"))
    assert e.CancelResponse("r1") in rig.all
    assert len(rig.of(e.CreateResponse)) == 1, "the first must be over before the second try"
    rig.feed(e.ResponseDone("r1", "completed"))
    assert len(rig.of(e.CreateResponse)) == 2
    rig.heard(rig.respond(OPENING))
    assert rig.of(e.RecordTurn)[-1].turn.text == OPENING


def test_an_opening_that_goes_astray_is_stopped_where_it_does() -> None:
    rig = Rig()
    rig.feed(e.CallAnswered())
    response, item = rig.begin("Hello, this is", 400)
    rig.feed(e.AgentWords(response, item, " a prize"), e.AgentAudio(response, item, MS * 100))
    assert len(rig.of(e.Play)) == 1
    rig.feed(e.AgentTranscript(response, item, "Hello, this is a prize"))
    assert e.ClearPlayout() in rig.all


def test_late_pieces_of_an_item_that_is_known_are_played() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    response, item = rig.begin("Good.", 100)
    rig.feed(e.ResponseDone(response, "completed"), e.AgentAudio(response, item, MS * 50), e.AgentAudioDone(response, item))
    assert rig.of(e.Play)[-1].mulaw == MS * 50
    assert rig.all[-1] == e.Mark(item)
