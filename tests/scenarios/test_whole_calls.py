"""Whole attempts: simulated phones, the stand-in model over a real socket, both cores, in simulated time.

The words travel in the audio only, so what our transcript holds must be what the phone says that it heard and said.
"""

from __future__ import annotations

import pytest

from dialer.call.events import Refused
from dialer.conversation.opening import letters
from dialer.model.attempt import Usage
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.transcript import Speaker
from dialer.session.clips import ClipShelf
from tests.scenarios.calls import Played, play
from tests.support.builders import OPENING, a_campaign, a_reminder

MESSAGE = {"action": "message_on_last_attempt", "message": "Hello {first_name}, please call {company}."}
TALKS = {
    "callback": (Outcome.CALLBACK, "end_call"),
    "stop": (Outcome.DO_NOT_CALL, "opt_out"),
    "wrong_person": (Outcome.WRONG_PERSON, "end_call"),
    "presses_9": (Outcome.DO_NOT_CALL, "opt_out"),
    "other_language": (Outcome.CANNOT_TELL, "end_call"),
}


def assert_both_ends_agree(played: Played) -> None:
    """Our transcript is what the phone heard, and what it said."""
    heard = [letters(words["text"]) for words in played.phone["heard"] if letters(words["text"])]
    ours = [letters(text) for text in played.lines(Speaker.AGENT)]
    assert len(heard) == len(ours)
    # What was cut is cut at a whole word: never more than the phone heard.
    assert all(theirs.startswith(mine) for theirs, mine in zip(heard, ours, strict=True))
    assert not any(words["is_damaged"] for words in played.phone["heard"])
    said = letters("".join(words["text"] for words in played.phone["said"]))
    assert letters("".join(played.lines(Speaker.CALLEE))) in said


@pytest.mark.parametrize("persona", TALKS)
def test_a_talk_with_a_person(persona: str) -> None:
    played = play(persona)
    outcome, reason = TALKS[persona]
    assert (played.result.disposition, played.result.outcome) == (Disposition.ANSWERED_HUMAN, outcome)
    assert (played.result.reason, played.result.answered_by) == (reason, AnsweredBy.HUMAN)
    assert OPENING.startswith(played.lines(Speaker.AGENT)[0])
    assert played.result.answer_to_audio_ms == 0
    assert played.result.usage.responses > 0
    assert played.journal.steps[:3] == ["permit", "placed", "answered"]
    assert ("opt_out" in played.journal.steps) == (outcome is Outcome.DO_NOT_CALL)
    assert_both_ends_agree(played)


@pytest.mark.parametrize(
    ("persona", "disposition"),
    [
        ("invalid_number", Disposition.INVALID_NUMBER),
        ("busy", Disposition.BUSY),
        ("rejected", Disposition.REJECTED),
        ("no_answer", Disposition.NO_ANSWER),
    ],
)
def test_nobody_takes_the_call(persona: str, disposition: Disposition) -> None:
    played = play(persona)
    assert (played.result.disposition, played.result.outcome) == (disposition, None)
    assert played.result.talk_s == 0
    assert played.journal.turns == {}


def test_the_opening_of_a_phone_that_nobody_answers_is_accounted() -> None:
    rung, answered = play("no_answer"), play("no_answer", a_campaign(voice={"prewarm": "answer"}))
    assert rung.result.usage.responses == 1
    assert rung.result.usage.audio_out > 20
    assert rung.result.usage.text_in > 0
    assert answered.result.usage == Usage(), "nothing is produced before the answer"


def test_a_clip_opens_a_call_whose_phones_that_nobody_answers_cost_nothing() -> None:
    campaign, clips = a_campaign(voice={"prewarm": "clip"}), ClipShelf()
    first = play("agrees", campaign, clips=clips)
    assert first.lines(Speaker.AGENT)[0] == OPENING
    assert (first.result.answer_to_audio_ms, first.result.outcome) == (0, told(first))
    assert_both_ends_agree(first)


def test_a_silent_line_is_asked_once_and_gets_no_decisive_outcome() -> None:
    played = play("silence")
    assert played.lines(Speaker.AGENT)[1:] == ["Are you still there?", "Thank you for your time. Goodbye."]
    assert (played.result.disposition, played.result.outcome) == (Disposition.NO_ANSWER, None)
    assert (played.result.answered_by, played.result.reason) == (AnsweredBy.UNKNOWN, "silence")


def test_a_callee_who_hangs_up_at_once_heard_only_the_beginning() -> None:
    played = play("hangs_up_early")
    assert played.result.reason == "callee_hung_up"
    (words,) = played.lines(Speaker.AGENT)
    assert OPENING.startswith(words)
    assert words != OPENING
    assert_both_ends_agree(played)


def test_a_voicemail_is_left_alone_until_the_last_attempt() -> None:
    campaign = a_campaign(voicemail=MESSAGE)
    first, last = play("voicemail", campaign), play("voicemail", campaign, is_last_attempt=True)
    assert (first.result.disposition, first.result.reason) == (Disposition.VOICEMAIL, "voicemail")
    assert last.result.disposition is Disposition.VOICEMAIL_LEFT
    assert last.result.outcome is None
    assert last.phone["heard"][-1]["text"] == "Hello Maria, please call Bright Dental."


def test_an_appointment_is_confirmed_only_after_the_identity_check() -> None:
    campaign = a_reminder()
    asked = {outcome: rule for outcome, rule in campaign.outcomes.items() if outcome is not Outcome.APPOINTMENT_BOOKED}
    played = play("agrees", campaign.model_copy(update={"outcomes": asked}))
    assert played.result.outcome is Outcome.APPOINTMENT_CONFIRMED
    assert played.tools().index("verify_identity") < played.tools().index("confirm_appointment")
    before = [turn.text for turn in played.journal.turns.values() if turn.seq <= played.journal.tool_calls[0].after_seq]
    assert not any("Dr. Lee" in text for text in before)


def test_an_opening_that_is_made_at_the_answer_costs_the_time_of_making_it() -> None:
    played = play("agrees", a_campaign(voice={"prewarm": "answer"}))
    assert played.lines(Speaker.AGENT)[0] == OPENING
    assert played.result.answer_to_audio_ms is not None
    assert 0 < played.result.answer_to_audio_ms < 2000


def told(played: Played) -> Outcome:
    """What the model's tools said of the outcome, the last word counting."""
    named = [call.arguments["outcome"] for call in played.journal.tool_calls if call.name == "set_outcome" and call.result["ok"]]
    return Outcome(named[-1]) if named else Outcome.CANNOT_TELL


@pytest.mark.parametrize("persona", ["agrees", "hesitates", "interrupts"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_talk_about_the_offer_ends_as_the_model_was_told(persona: str, seed: int) -> None:
    played = play(persona, seed=seed)
    assert (played.result.disposition, played.result.outcome) == (Disposition.ANSWERED_HUMAN, told(played))
    assert set(played.result.answers) == {"need", "budget"}
    assert all(call.result["ok"] for call in played.journal.tool_calls)
    assert_both_ends_agree(played)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_screener_is_told_who_calls_and_a_person_behind_it_hears_the_opening(seed: int) -> None:
    played = play("screener", seed=seed)
    ours = played.lines(Speaker.AGENT)
    assert any(line.startswith("This is Ava, an automated assistant of Bright Dental, calling Maria") for line in ours)
    if played.result.disposition is Disposition.SCREENED:
        assert played.result.outcome is None
    else:
        assert ours.count(OPENING) == 2
        assert (played.result.answered_by, played.result.outcome) == (AnsweredBy.HUMAN, told(played))
    assert_both_ends_agree(played)


def test_a_long_answer_of_ours_is_cut_where_he_interrupts() -> None:
    text = "Hello, this is {agent_name}, an automated assistant of {company}, with a rather long story about " * 4
    played = play("interrupts", a_campaign(opening={"text": text[:560]}))
    assert played.result.disposition is Disposition.ANSWERED_HUMAN
    assert_both_ends_agree(played)


def test_a_shutdown_says_goodbye_in_a_talk_and_hangs_up_while_ringing() -> None:
    talking, ringing = play("agrees", stop_after_s=13), play("agrees", stop_after_s=3)
    assert talking.lines(Speaker.AGENT)[-1] == "Thank you for your time. Goodbye."
    assert (talking.result.disposition, talking.result.reason) == (Disposition.ANSWERED_HUMAN, "shutdown")
    assert (ringing.result.disposition, ringing.result.reason) == (Disposition.CANCELLED, "shutdown")


def test_a_refused_attempt_never_reaches_the_carrier() -> None:
    played = play("agrees", answer=Refused(Disposition.BLOCKED_DNC, "DNC-1"))
    assert (played.result.disposition, played.result.reason) == (Disposition.BLOCKED_DNC, "DNC-1")
    assert played.phone == {}


def test_the_same_seed_gives_the_same_call() -> None:
    assert play("hesitates").journal.turns == play("hesitates").journal.turns
