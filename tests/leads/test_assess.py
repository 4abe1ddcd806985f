"""Stage A: was a human reached? Stage B: what did they say?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.assess import assess, is_human_reached
from dialer.model.attempt import CUT_SHORT
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Analysis, Claim, Correction, Grade, Source
from tests.support.results import FAR_HANG_UP, a_campaign, a_result, a_tool_call, a_transcript

CAMPAIGN = a_campaign()
ENDED_AT = datetime(2026, 11, 23, 15, tzinfo=UTC)


def judge(*lines, calls=(), campaign=CAMPAIGN, zone="", **changes):
    result = a_result(**changes)
    return assess(campaign, result, a_transcript(*lines, calls=tuple(calls)), ended_at=ENDED_AT, zone=zone)


def test_an_interested_callee_becomes_a_hot_lead_with_words_and_a_time():
    found = judge(
        "> What do you need?",
        "A new roof, yes, send me an offer. 6000 is fine.",
        calls=[
            a_tool_call("record_answer", 2, name="budget", value="6000", quote="6000 is fine"),
            a_tool_call("set_outcome", 2, outcome="interested", reason="wants it", quote="send me an offer"),
        ],
    )
    assert found.outcome is Outcome.INTERESTED
    assert found.is_human_reached
    assert not found.needs_review
    assert found.quote.quote == "send me an offer"
    assert found.lead.score == 80
    assert found.lead.grade is Grade.HOT
    assert found.lead.due_at == ENDED_AT + timedelta(hours=1)
    assert sum(reason.points for reason in found.lead.reasons) == 80


def test_who_said_no_is_no_lead_whatever_the_answers_are_worth():
    body = CAMPAIGN.model_dump()
    body["outcomes"]["not_interested"] = {"when": "they say no", "category": "negative", "lead": True}
    found = judge(
        "> What may it cost?",
        "6000 is fine, but no, thank you.",
        calls=[
            a_tool_call("record_answer", 2, name="budget", value="6000", quote="6000 is fine"),
            a_tool_call("set_outcome", 2, outcome="not_interested", reason="declined", quote="no, thank you"),
        ],
        campaign=type(CAMPAIGN).model_validate(body),
    )
    assert found.outcome is Outcome.NOT_INTERESTED
    assert found.lead is None


@pytest.mark.parametrize(
    ("disposition", "answered_by"),
    [
        (Disposition.VOICEMAIL, AnsweredBy.VOICEMAIL),
        (Disposition.SCREENED, AnsweredBy.SCREENING),
        (Disposition.ANSWERED_HUMAN, AnsweredBy.IVR),
        (Disposition.NO_ANSWER, AnsweredBy.UNKNOWN),
        (Disposition.VOICE_FAILED, AnsweredBy.UNKNOWN),
    ],
)
def test_machines_and_unanswered_calls_never_decide(disposition, answered_by):
    call = a_tool_call("set_outcome", outcome="interested", quote="I want it")
    found = judge("I want it", calls=[call], disposition=disposition, answered_by=answered_by)
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.lead is None
    assert not found.is_human_reached
    assert "not believed" in found.reasons[1]


@pytest.mark.parametrize("words", ["", "Hello?", "Hello... hello, who is this?", "喂，你好"])
def test_a_near_silent_call_never_decides(words):
    found = judge(words, calls=[a_tool_call("set_outcome", outcome="interested", quote=words)])
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.needs_review
    assert judge(words).needs_review is False
    assert judge(words, ending=FAR_HANG_UP).outcome is Outcome.HUNG_UP_EARLY


@pytest.mark.parametrize(
    ("words", "calls", "outcome"),
    [
        ("Yes, I am interested.", [], Outcome.CANNOT_TELL),
        ("Send me an offer.", [a_tool_call("set_outcome", 1, outcome="interested", quote="an offer")], Outcome.CANNOT_TELL),
        ("Call me tomorrow.", [a_tool_call("request_callback", 1, when="2026-11-24T10:00", quote="tomorrow")], Outcome.CALLBACK),
        ("Take me off your list.", [], Outcome.DO_NOT_CALL),
    ],
)
def test_of_a_talk_that_we_cut_short_stands_what_was_done_in_it(words, calls, outcome):
    found = judge(words, calls=calls, reason=CUT_SHORT, zone="America/New_York")
    assert found.outcome is outcome
    assert found.needs_review or outcome is Outcome.CALLBACK
    if outcome is Outcome.CALLBACK:
        assert found.callback_at == datetime(2026, 11, 24, 15, tzinfo=UTC)


def test_who_hung_up_on_a_line_that_we_had_left_did_not_hang_up_early():
    assert judge("Hello?", reason=CUT_SHORT, ending=FAR_HANG_UP).outcome is Outcome.CANNOT_TELL


@pytest.mark.parametrize("words", ["Yes.", "好"])
def test_one_word_is_an_answer(words):
    assert is_human_reached(a_result(), a_transcript("> Can you come?", words))


def test_what_was_agreed_before_the_line_broke_counts():
    call = a_tool_call("book_appointment", slot="2026-12-03T14:30", quote="Thursday is good")
    found = judge("Thursday is good", calls=[call], disposition=Disposition.VOICE_FAILED, answered_by=AnsweredBy.HUMAN)
    assert found.outcome is Outcome.APPOINTMENT_BOOKED
    assert "(2026-12-03 14:30)" in found.lead.next_step


def test_an_opt_out_by_tool_wins_over_everything():
    calls = [a_tool_call("opt_out", quote="stop it"), a_tool_call("set_outcome", outcome="interested", quote="stop it")]
    found = judge("ok stop it", calls=calls)
    assert found.outcome is Outcome.DO_NOT_CALL
    assert found.lead is None
    assert not found.needs_review
    assert found.quote.quote == "stop it"


def test_an_opt_out_by_key_needs_no_words_and_one_by_words_is_shown_to_a_person():
    by_key = judge("", outcome=Outcome.DO_NOT_CALL)
    assert (by_key.outcome, by_key.needs_review, by_key.quote) == (Outcome.DO_NOT_CALL, False, None)
    by_phrase = judge("please stop calling", outcome=Outcome.DO_NOT_CALL)
    assert (by_phrase.needs_review, by_phrase.quote.quote) == (False, "stop calling")
    only_words = judge("please stop calling", calls=[a_tool_call("set_outcome", outcome="interested", quote="please")])
    assert (only_words.outcome, only_words.needs_review) == (Outcome.DO_NOT_CALL, True)


def test_a_machine_cannot_opt_out():
    found = judge("do not call this number", disposition=Disposition.VOICEMAIL, answered_by=AnsweredBy.VOICEMAIL)
    assert found.outcome is Outcome.CANNOT_TELL


def test_the_last_confirmed_tool_result_wins():
    found = judge(
        "yes I want it, well no thanks, not for me",
        calls=[
            a_tool_call("set_outcome", outcome="interested", quote="I want it"),
            a_tool_call("set_outcome", outcome="not_interested", quote="no thanks"),
            a_tool_call("set_outcome", outcome="interested", quote="I want it", ok=False),
            a_tool_call("set_outcome", outcome="delighted", quote="I want it"),
        ],
    )
    assert found.outcome is Outcome.NOT_INTERESTED
    assert found.lead is None


def test_a_positive_judgement_without_words_is_not_believed():
    found = judge("hm, what is it", calls=[a_tool_call("set_outcome", outcome="interested", quote="I love it")])
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.needs_review
    other = judge("hm, what is it", calls=[a_tool_call("set_outcome", outcome="gatekeeper", quote="")])
    assert (other.outcome, other.needs_review) == (Outcome.GATEKEEPER, False)


def test_a_judgement_is_proven_by_an_earlier_action_that_says_the_same():
    calls = [
        a_tool_call("book_appointment", slot="2026-12-03T14:30", quote="Thursday works"),
        a_tool_call("set_outcome", outcome="appointment_booked", quote="said yes to it"),
    ]
    found = judge("Thursday works", calls=calls)
    assert (found.outcome, found.needs_review) == (Outcome.APPOINTMENT_BOOKED, False)
    assert found.quote.quote == "Thursday works"


def test_an_action_stands_but_its_missing_quote_is_shown():
    found = judge("mhm sure", calls=[a_tool_call("book_appointment", slot="2026-12-03T14:30", quote="let us do Thursday")])
    assert (found.outcome, found.needs_review) == (Outcome.APPOINTMENT_BOOKED, True)
    moved_on = judge("mhm sure", calls=[a_tool_call("transfer", desk="sales", reason="asked")])
    assert (moved_on.outcome, moved_on.needs_review) == (Outcome.TRANSFERRED, False)


def test_a_callback_is_due_when_it_was_promised():
    at = datetime(2026, 11, 24, 15, tzinfo=UTC)
    call = a_tool_call("request_callback", when="2026-11-24T10:00", quote="tomorrow at ten")
    assert judge("tomorrow at ten", calls=[call], callback_at=at).lead.due_at == at
    assert judge("tomorrow at ten", calls=[call], zone="America/New_York").lead.due_at == at
    unclear = judge("tomorrow at ten", calls=[call])
    assert unclear.needs_review
    assert "a callback without a time" in unclear.reasons
    absolute = a_tool_call("request_callback", when="2026-11-24T15:00+00:00", quote="tomorrow at ten")
    assert judge("tomorrow at ten", calls=[absolute], zone="America/New_York").lead.due_at == at
    broken = a_tool_call("request_callback", when="some day", quote="tomorrow at ten")
    assert judge("tomorrow at ten", calls=[broken], zone="America/New_York").needs_review


def test_without_tools_the_session_then_phrases_then_the_hang_up_decide():
    assert judge("let me think about it", outcome=Outcome.NOT_INTERESTED).outcome is Outcome.NOT_INTERESTED
    by_phrase = judge("you have the wrong number")
    assert (by_phrase.outcome, by_phrase.needs_review, by_phrase.lead) == (Outcome.WRONG_NUMBER, True, None)
    assert judge("what is it", ending=FAR_HANG_UP, talk_s=5.0).outcome is Outcome.HUNG_UP_EARLY
    long = judge("what is it", ending=FAR_HANG_UP, talk_s=90.0)
    assert (long.outcome, long.needs_review) == (Outcome.CANNOT_TELL, True)
    assert judge("what is it", outcome=Outcome.CANNOT_TELL).needs_review


def test_an_unproven_answer_makes_the_whole_result_one_for_review():
    found = judge(
        "I want it",
        calls=[
            a_tool_call("record_answer", name="budget", value="9000", quote="nine thousand"),
            a_tool_call("set_outcome", outcome="interested", quote="I want it"),
        ],
    )
    assert found.needs_review
    assert found.lead.needs_review
    assert found.lead.score == 50
    assert "answer without proof: budget" in found.reasons


def test_a_good_score_makes_a_lead_without_a_rule_and_borrows_a_quote_from_an_answer():
    campaign = a_campaign(outcomes={"gatekeeper": {"when": "somebody else"}})
    calls = [
        a_tool_call("record_answer", name="need", value="roof", quote="a roof"),
        a_tool_call("record_answer", name="budget", value="5000", quote="5000"),
        a_tool_call("set_outcome", outcome="gatekeeper", quote=""),
    ]
    found = judge("he wants a roof for 5000", calls=calls, campaign=campaign)
    assert found.lead.grade is Grade.WARM
    assert found.lead.quote.quote == "a roof"


@given(
    st.sampled_from(Disposition),
    st.sampled_from(AnsweredBy),
    st.lists(st.sampled_from(["yes", "hello", "stop calling", "I want it", "", "call me back"]), max_size=4),
    st.lists(st.sampled_from(["interested", "callback", "do_not_call", "x"]), max_size=3),
)
def test_there_is_always_one_outcome_and_leads_only_come_from_humans(disposition, answered_by, lines, outcomes):
    calls = tuple(a_tool_call("set_outcome", index, outcome=word, quote="I want it") for index, word in enumerate(outcomes))
    result = a_result(disposition, answered_by=answered_by)
    found = assess(CAMPAIGN, result, a_transcript(*lines, calls=calls))
    assert found.reasons
    if found.lead is not None:
        assert found.is_human_reached
        assert found.outcome is found.lead.outcome
        assert found.outcome is not Outcome.DO_NOT_CALL


def read(**claims):
    return Analysis(**{name: Claim(*claim) for name, claim in claims.items()})


def again(*lines, analysis=None, corrections=(), calls=(), **changes):
    talk = a_transcript(*lines, calls=tuple(calls))
    return assess(CAMPAIGN, a_result(**changes), talk, ended_at=ENDED_AT, analysis=analysis, corrections=corrections)


def test_a_model_decides_only_what_nobody_did_and_only_with_the_callees_words():
    said = ("> Hello", "sounds like something for us")
    found = again(*said, analysis=read(outcome=("interested", "something for us", 2)))
    assert (found.outcome, found.source, found.needs_review, found.quote.turn_seq) == (Outcome.INTERESTED, Source.MODEL, True, 2)
    assert found.reasons[-1].startswith("one quote and nothing beside it")
    said = ("> Shall we send an offer?", "Yes, sounds like something for us")
    assert not again(*said, analysis=read(outcome=("interested", "something for us", 2))).needs_review
    for claim in (("interested", "I want it", 2), ("interested", "Hello", 1)):
        invented = again(*said, analysis=read(outcome=claim))
        assert (invented.outcome, invented.source, invented.needs_review) == (Outcome.CANNOT_TELL, None, True)
        assert "quote is not in that turn" in invented.reasons[0]
    assert again(*said, analysis=read(outcome=("sale", "something for us", 2))).outcome is Outcome.CANNOT_TELL
    tool = a_tool_call("set_outcome", outcome="not_interested", quote="something for us")
    assert again(*said, calls=[tool], analysis=read(outcome=("interested", "something for us", 2))).source is Source.TOOL


def test_words_that_call_back_stand_when_the_models_quote_does_not():
    found = again("> Hello", "call me back later", analysis=read(outcome=("interested", "nobody said", 2)))
    assert (found.outcome, found.source) == (Outcome.CALLBACK, Source.RULE)


@pytest.mark.parametrize("disposition", [Disposition.VOICEMAIL, Disposition.SCREENED, Disposition.IVR, Disposition.NO_ANSWER])
def test_a_model_cannot_make_a_person_of_a_machine(disposition):
    analysis = read(outcome=("interested", "leave a message after the tone", 1), opt_out=("true", "leave a message", 1))
    answered_by = AnsweredBy.VOICEMAIL if disposition is not Disposition.NO_ANSWER else AnsweredBy.UNKNOWN
    found = again("leave a message after the tone", analysis=analysis, disposition=disposition, answered_by=answered_by)
    assert (found.outcome, found.lead, found.is_human_reached) == (Outcome.CANNOT_TELL, None, False)


def test_an_opt_out_that_only_a_model_understood_is_one_and_is_shown():
    found = again("> Hello", "let this have been the last time", analysis=read(opt_out=("true", "the last time", 2)))
    assert (found.outcome, found.source, found.needs_review) == (Outcome.DO_NOT_CALL, Source.MODEL, True)
    invented = again("> Hello", "fine", analysis=read(opt_out=("true", "never call", 2)))
    assert invented.outcome is not Outcome.DO_NOT_CALL


def test_a_person_who_looked_is_believed_and_asked_nothing_more():
    call = a_tool_call("set_outcome", 2, outcome="interested", quote="of course")
    found = again("> Hello", "yeah, of course, very funny", corrections=[Correction("outcome", "not_interested")], calls=[call])
    assert (found.outcome, found.source, found.lead, found.needs_review) == (
        Outcome.NOT_INTERESTED,
        Source.CORRECTED,
        None,
        False,
    )
    kept = again("> Hello", "of course", corrections=[Correction("outcome", "interested")], calls=[call])
    assert (kept.quote.quote, kept.source) == ("of course", Source.CORRECTED)
    assert again("> Hello", "of course", corrections=[Correction("budget", "1")]).source is None


def test_the_models_summary_fills_an_empty_one_only():
    assert again("> Hello", "fine", analysis=Analysis(summary="They said fine.")).summary == "They said fine."
    assert again("> Hello", "fine", analysis=Analysis(summary="x"), summary="Ours.").summary == "Ours."


def test_a_hand_over_stands_on_what_the_callee_said_last():
    talk = ("> Do you own it?", "Yes.", "> More?", "Can I talk to a person?", "> One moment.", "Thanks.")
    found = judge(*talk, calls=[a_tool_call("transfer", 4, desk="advisor")])
    assert (found.outcome, found.quote.quote, found.needs_review) == (Outcome.TRANSFERRED, "Can I talk to a person?", False)
    early = judge("> Hi.", "> Hello?", "Put me through, please.", calls=[a_tool_call("transfer", 2, desk="advisor")])
    assert (early.outcome, early.quote) == (Outcome.TRANSFERRED, None)
