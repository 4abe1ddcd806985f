"""What happens by time alone."""

from dialer.conversation import events as e
from tests.conversation.rig import Rig
from tests.support.builders import a_campaign


def test_a_lost_mark_does_not_keep_the_line_for_ever() -> None:
    rig = Rig()
    rig.answer(2000)
    rig.wait(2.0 + 2.0 + 10.1)
    assert rig.said() == "Are you still there?"


def test_a_callee_who_speaks_is_asked_anew_later() -> None:
    rig = Rig(a_campaign(limits={"silence_s": 4}))
    rig.talking()
    rig.wait(4.1)
    rig.heard(rig.respond(rig.said()))
    rig.speech("h1", "Yes.")
    rig.heard(rig.respond("Good."))
    rig.wait(4.1)
    assert rig.said() == "Are you still there?"


def test_timers_are_harmless_before_they_are_due_and_after_the_end() -> None:
    rig = Rig()
    assert rig.talk.deadline() is None
    assert rig.talk.tick(5.0) == []
    rig.talking()
    assert rig.talk.tick(rig.now) == []
    rig.feed(e.LegClosed())
    rig.end()
    assert rig.talk.tick(1000.0) == []


def test_who_asked_us_to_wait_is_given_the_time() -> None:
    rig = Rig(a_campaign(limits={"silence_s": 4}))
    rig.talking()
    rig.speech("h1", "Hold on, let me get my calendar.")
    rig.heard(rig.respond("Of course."))
    rig.speech("h2", "")
    rig.heard(rig.respond("I am here."))
    asked = len(rig.of(e.CreateResponse))
    rig.wait(44.0)
    assert len(rig.of(e.CreateResponse)) == asked
    rig.wait(1.1)
    rig.heard(rig.respond(rig.said()))
    assert rig.of(e.CreateResponse)[-1].purpose == "still_there"
    rig.wait(4.1)
    assert rig.of(e.CreateResponse)[-1].purpose == "closing"


def test_words_after_the_wait_end_it() -> None:
    rig = Rig(a_campaign(limits={"silence_s": 4}))
    rig.talking()
    rig.speech("h1", "One moment.")
    rig.heard(rig.respond("Of course."))
    rig.wait(20.0)
    rig.speech("h2", "So, Tuesday is fine.")
    rig.heard(rig.respond("Good."))
    rig.wait(4.1)
    assert rig.of(e.CreateResponse)[-1].purpose == "still_there"
