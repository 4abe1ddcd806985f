"""What stands out in a talk, with its place."""

from dataclasses import replace

from dialer.leads.observe import observe
from dialer.model.lead import Analysis, Claim, Tag
from dialer.model.transcript import Transcript
from tests.support.results import a_transcript


def tags(transcript, analysis=None):
    return {item.tag: item for item in observe(transcript, analysis)}


def test_an_ordinary_talk_has_nothing():
    assert observe(a_transcript("> Do you own your home?", "Yes, I do", "> Good", "ok")) == ()
    assert observe(Transcript()) == ()


def test_dead_air_and_slow_replies_with_their_seconds():
    talk = a_transcript("> Hello there", "Hello?", "> Yes, hello")
    turns = (
        talk.turns[0],
        replace(talk.turns[1], start_ms=7_900, end_ms=8_000),
        replace(talk.turns[2], start_ms=10_500, latency_ms=2_500),
    )
    found = tags(Transcript(turns))
    assert (found[Tag.DEAD_AIR].turn_seq, found[Tag.DEAD_AIR].detail, found[Tag.DEAD_AIR].at_ms) == (1, "6.1 s", 1800)
    assert (found[Tag.SLOW_REPLY].turn_seq, found[Tag.SLOW_REPLY].detail) == (3, "2.5 s")
    quick = replace(talk.turns[0], latency_ms=300)
    assert observe(Transcript((quick,))) == ()


def test_interruptions_are_counted():
    talk = a_transcript("> So what I", "wait", "> But", "no")
    cut = Transcript(tuple(replace(turn, is_interrupted=turn.speaker == "agent") for turn in talk.turns))
    assert (tags(cut)[Tag.INTERRUPTED].detail, tags(cut)[Tag.INTERRUPTED].turn_seq) == ("2x", 1)


def test_a_loop_is_the_same_sentence_three_times():
    again = "> Could you say that again please?"
    assert tags(a_transcript(again, "what", again, "what", again))[Tag.LOOP].turn_seq == 5
    assert Tag.LOOP not in tags(a_transcript(again, "what", again))
    assert Tag.LOOP not in tags(a_transcript("> Yes?", "> Yes?", "> Yes?"))


def test_frustration_and_pleasure_only_in_words():
    assert tags(a_transcript("I already told you that"))[Tag.FRUSTRATED].quote == "I already told you that"
    assert tags(a_transcript("烦死了"))[Tag.FRUSTRATED].turn_seq == 1
    assert Tag.PLEASED in tags(a_transcript("That sounds great"))
    assert observe(a_transcript("That sounds great but no")) == ()
    assert observe(a_transcript("> That sounds great")) == ()


def test_a_models_reading_of_the_mood_needs_its_quote():
    talk = a_transcript("> Hello", "oh come on")
    assert tags(talk, Analysis(sentiment=Claim("negative", "come on", 2)))[Tag.FRUSTRATED].quote == "come on"
    assert observe(talk, Analysis(sentiment=Claim("negative", "come on", 1))) == ()
    assert observe(talk, Analysis(sentiment=Claim("neutral", "come on", 2))) == ()
