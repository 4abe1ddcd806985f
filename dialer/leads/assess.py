"""What a finished attempt means: the outcome, the answers, and the lead if there is one.

Two stages, both in code. **A: was a human reached?** From the disposition, who answered, and whether the callee said
more than a greeting. A machine, a call screener or a near-silent call never gets a decisive outcome. **B: what did they
say?** In order of trust: a person's correction; an opt-out by any layer; the last tool call that our code confirmed; the
session's finding; a model's reading, where its quote stands in that turn of the callee; phrases of the callee. Where trust
is low (a phrase alone, a quote that nobody said) a person is asked to look.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dialer.leads.answers import confirmed, read_answers, text_of
from dialer.leads.corroboration import is_alone
from dialer.leads.evidence import callee_turns, find_evidence, quoted_in, words
from dialer.leads.masking import MASK, secrets_of, without_secrets
from dialer.leads.next_step import due_at, next_step
from dialer.leads.patterns import Finding, find_patterns
from dialer.leads.score import grade, score
from dialer.model.attempt import CUT_SHORT, AttemptResult, EndCause
from dialer.model.campaign import Campaign
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Analysis, Claim, Correction, Evidence, EvidencedAnswer, Grade, Lead, Source
from dialer.model.transcript import ToolCall, Transcript

_GREETING = re.compile(r"(?:hello|hi|hey|whoisthis|whosthis|speaking|喂|你好|您好|哪位|你是谁|请问)+")
_ACTIONS = {
    "request_callback": Outcome.CALLBACK,
    "confirm_appointment": Outcome.APPOINTMENT_CONFIRMED,
    "move_appointment": Outcome.APPOINTMENT_MOVED,
    "cancel_appointment": Outcome.APPOINTMENT_CANCELLED,
    "book_appointment": Outcome.APPOINTMENT_BOOKED,
    "transfer": Outcome.TRANSFERRED,
    "opt_out": Outcome.DO_NOT_CALL,
}
_MACHINES = frozenset({AnsweredBy.VOICEMAIL, AnsweredBy.SCREENING, AnsweredBy.IVR, AnsweredBy.FAX})
_NEVER_LEADS = frozenset({Outcome.DO_NOT_CALL, Outcome.WRONG_NUMBER, Outcome.WRONG_PERSON})
_BROKEN_OFF = frozenset({Disposition.VOICE_FAILED, Disposition.CARRIER_FAILED, Disposition.CANCELLED, Disposition.UNKNOWN})
_SHORT_TALK_S = 20.0


@dataclass(frozen=True, slots=True)
class Assessment:
    """What came of an attempt. ``reasons`` say in words where the outcome comes from and why a person should look."""

    outcome: Outcome
    answers: tuple[EvidencedAnswer, ...]
    lead: Lead | None
    needs_review: bool
    reasons: tuple[str, ...]
    is_human_reached: bool = False
    quote: Evidence | None = None
    callback_at: datetime | None = None
    source: Source | None = None
    """Where the outcome comes from; None when nothing decided it."""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Stage B: the outcome, the words for it, and the tool call that gave it."""

    outcome: Outcome
    reason: str
    quote: Evidence | None = None
    call: ToolCall | None = None
    needs_review: bool = False
    source: Source | None = None


def assess(
    campaign: Campaign,
    result: AttemptResult,
    transcript: Transcript,
    *,
    ended_at: datetime | None = None,
    zone: str = "",
    analysis: Analysis | None = None,
    corrections: Iterable[Correction] = (),
) -> Assessment:
    """Return what ``result`` and ``transcript`` mean for ``campaign``; what a model read and what a person says are optional.

    ``ended_at`` (aware UTC) is when the time begins in which a lead without a promised time is due. ``zone`` is the
    contact's IANA zone, in which a promised local time is read when the result does not carry it as an instant. What was
    said to be recognised is never quoted.
    """
    told = tuple(corrections)
    has_human = is_human_reached(result, transcript)
    secrets = secrets_of(campaign, transcript)
    transcript = without_secrets(campaign, transcript)
    verdict = _corrected(told, transcript) or _opt_out(result, transcript, analysis)
    if verdict is None and not has_human:
        return _nobody(result, transcript)
    verdict = verdict or _said(campaign, result, transcript, analysis)
    is_open = verdict.call is None and verdict.source is not Source.CORRECTED
    if result.reason == CUT_SHORT and is_open and verdict.outcome is not Outcome.DO_NOT_CALL:
        # What was done was told to the callee and stands; how the talk would have ended, nobody knows.
        verdict = _Verdict(Outcome.CANNOT_TELL, "the talk was cut short by us", verdict.quote, needs_review=True)
    answers = read_answers(campaign, transcript, analysis, told)
    callback_at = _callback_at(result, verdict, zone)
    doubts = [f"answer without proof: {answer.name}" for answer in answers if answer.needs_review]
    if verdict.outcome is Outcome.CALLBACK and callback_at is None:
        doubts.append("a callback without a time")
    if _is_judgement(campaign, verdict) and is_alone(transcript, verdict.quote, answers):
        doubts.append("one quote and nothing beside it: neither a yes to our words nor an answer to a question")
    needs_review = verdict.needs_review or bool(doubts)
    lead = _lead(campaign, verdict, answers, due=(callback_at, ended_at), needs_review=needs_review)
    return Assessment(
        outcome=verdict.outcome,
        answers=answers,
        lead=lead,
        needs_review=needs_review,
        reasons=(verdict.reason, *doubts),
        is_human_reached=has_human,
        quote=verdict.quote,
        callback_at=callback_at,
        source=verdict.source,
        summary=secrets.hidden(result.summary or (analysis.summary if analysis else "")),
    )


def is_human_reached(result: AttemptResult, transcript: Transcript) -> bool:
    """Stage A: a human took the call and said more than a greeting; true as well when the call broke off after that."""
    return _is_person(result) and not _is_near_silent(transcript)


def _is_person(result: AttemptResult) -> bool:
    """True when it was not a machine that took the call."""
    if result.disposition is Disposition.ANSWERED_HUMAN:
        return result.answered_by not in _MACHINES
    return result.disposition in _BROKEN_OFF and result.answered_by is AnsweredBy.HUMAN


def _is_near_silent(transcript: Transcript) -> bool:
    """True when the callee said nothing but greetings."""
    said = "".join(word.text for turn in callee_turns(transcript) for word in words(turn.text))
    return not said or _GREETING.fullmatch(said) is not None


def _nobody(result: AttemptResult, transcript: Transcript) -> Assessment:
    """The result of an attempt in which no human spoke with us."""
    is_person = _is_person(result)
    if is_person and _has_hung_up(result) and result.reason != CUT_SHORT:
        return Assessment(Outcome.HUNG_UP_EARLY, (), None, needs_review=False, reasons=("hung up with hardly a word",))
    reason = "hardly a word was said" if is_person else f"no human was reached: {result.disposition.value}"
    has_claim = bool(confirmed(transcript, "set_outcome", *_ACTIONS))
    reasons = (reason, "a result was reported in the call and is not believed") if has_claim else (reason,)
    return Assessment(Outcome.CANNOT_TELL, (), None, needs_review=has_claim and is_person, reasons=reasons)


def _is_judgement(campaign: Campaign, verdict: _Verdict) -> bool:
    """A good result that a model only judged, in the call or afterwards: nothing was done that the callee was told of."""
    rule = campaign.outcomes.get(verdict.outcome)
    is_judged = verdict.call is None and verdict.source in (Source.TOOL, Source.MODEL)
    return is_judged and rule is not None and rule.category == "positive"


def _corrected(corrections: Iterable[Correction], transcript: Transcript) -> _Verdict | None:
    """A person who has looked is believed, and asked nothing more."""
    word = next((item.value for item in corrections if item.field == "outcome"), "")
    if word not in set(Outcome):
        return None
    outcome = Outcome(word)
    call = next(
        (call for call in reversed(confirmed(transcript, "set_outcome", *_ACTIONS)) if _outcome_of(call) is outcome), None
    )
    quote = _quote(call, transcript) if call else None
    return _Verdict(outcome, "corrected by a person", quote, call, source=Source.CORRECTED)


def _opt_out(result: AttemptResult, transcript: Transcript, analysis: Analysis | None) -> _Verdict | None:
    """An opt-out wins over everything, whoever noticed it; words alone are shown to a person as well."""
    if result.answered_by in _MACHINES:
        return None
    calls = confirmed(transcript, "opt_out")
    if calls:
        quote = _quote(calls[-1], transcript)
        return _Verdict(Outcome.DO_NOT_CALL, "opt-out confirmed in the call", quote, calls[-1], source=Source.TOOL)
    phrase = _phrase(transcript, Outcome.DO_NOT_CALL)
    if result.outcome is Outcome.DO_NOT_CALL:
        quote = phrase.evidence if phrase else None
        return _Verdict(Outcome.DO_NOT_CALL, "opt-out confirmed in the call", quote, source=Source.TOOL)
    if not result.disposition.is_answered:
        return None
    if phrase:
        reason = "the callee's words sound like an opt-out"
        return _Verdict(Outcome.DO_NOT_CALL, reason, phrase.evidence, needs_review=True, source=Source.RULE)
    quote = _claimed(transcript, analysis.opt_out if analysis else None)
    if quote is not None:
        reason = "a model read the callee's words as an opt-out"
        return _Verdict(Outcome.DO_NOT_CALL, reason, quote, needs_review=True, source=Source.MODEL)
    return None


def _claimed(transcript: Transcript, claim: Claim | None) -> Evidence | None:
    """The callee's words for what a model says; None when they are not in that turn."""
    return quoted_in(transcript, claim.quote, claim.turn_seq) if claim else None


def _modelled(campaign: Campaign, transcript: Transcript, analysis: Analysis | None) -> _Verdict | None:
    """An outcome of this campaign that a model read, when the callee's words for it are there."""
    claim = analysis.outcome if analysis else None
    quote = _claimed(transcript, claim)
    if claim is None or claim.value not in {outcome.value for outcome in campaign.outcomes}:
        return None
    if quote is None:
        reason = f"a model read {claim.value}, but the quote is not in that turn of the callee"
        return _Verdict(Outcome.CANNOT_TELL, reason, needs_review=True)
    return _Verdict(Outcome(claim.value), f"read by a model: {claim.value}", quote, source=Source.MODEL)


def _said(campaign: Campaign, result: AttemptResult, transcript: Transcript, analysis: Analysis | None) -> _Verdict:
    """Stage B without corrections and opt-outs."""
    calls = [call for call in confirmed(transcript, "set_outcome", *_ACTIONS) if _outcome_of(call) is not None]
    if calls:
        return _from_tools(campaign, calls, transcript)
    if result.outcome not in {None, Outcome.CANNOT_TELL}:
        outcome = result.outcome or Outcome.CANNOT_TELL
        return _proven(campaign, outcome, f"found in the call: {outcome.value}", None)
    modelled = _modelled(campaign, transcript, analysis)
    if modelled is not None and modelled.outcome is not Outcome.CANNOT_TELL:
        return modelled
    findings = find_patterns(callee_turns(transcript))
    if findings:
        first = findings[0]
        reason = f"the callee's words sound like {first.outcome.value}"
        return _Verdict(first.outcome, reason, first.evidence, needs_review=True, source=Source.RULE)
    if modelled is not None:
        return modelled
    if _has_hung_up(result) and result.talk_s < _SHORT_TALK_S:
        return _Verdict(Outcome.HUNG_UP_EARLY, "the callee hung up early")
    return _Verdict(Outcome.CANNOT_TELL, "the conversation gave no result", needs_review=True)


def _from_tools(campaign: Campaign, calls: list[ToolCall], transcript: Transcript) -> _Verdict:
    """The outcome of the last confirmed call, proven by any call that says the same.

    An action (an appointment, a callback) was told to the callee and stands; a mere judgement needs the callee's words.
    """
    outcome = _outcome_of(calls[-1]) or Outcome.CANNOT_TELL
    same = [call for call in reversed(calls) if _outcome_of(call) is outcome]
    quote = next((found for call in same if (found := _quote(call, transcript))), None)
    action = next((call for call in same if call.name in _ACTIONS), None)
    if action is None:
        return _proven(campaign, outcome, f"reported in the call: {outcome.value}", quote)
    if quote is None and outcome is Outcome.TRANSFERRED:
        # Handing over needs no quote; what the callee said last before it is what led to it.
        quote = _last_words(transcript, action.after_seq)
    is_open = quote is None and outcome is not Outcome.TRANSFERRED
    reason = f"done in the call: {action.name}" + (", the quote is not in the transcript" if is_open else "")
    return _Verdict(outcome, reason, quote, action, needs_review=is_open, source=Source.TOOL)


def _proven(campaign: Campaign, outcome: Outcome, reason: str, quote: Evidence | None) -> _Verdict:
    """A judgement: a positive one without the callee's words becomes ``cannot_tell``, which asks for a person."""
    rule = campaign.outcomes.get(outcome)
    if rule is not None and rule.category == "positive" and quote is None:
        reason = f"{reason}, but nothing that the callee said shows it"
        return _Verdict(Outcome.CANNOT_TELL, reason, needs_review=True)
    is_open = outcome is Outcome.CANNOT_TELL
    return _Verdict(outcome, reason, quote, needs_review=is_open, source=None if is_open else Source.TOOL)


def _outcome_of(call: ToolCall) -> Outcome | None:
    """What a confirmed tool call says; None when ``set_outcome`` carries an unknown word."""
    if call.name in _ACTIONS:
        return _ACTIONS[call.name]
    word = text_of(call.arguments, "outcome")
    return Outcome(word) if word in set(Outcome) else None


def _quote(call: ToolCall, transcript: Transcript) -> Evidence | None:
    words_given = text_of(call.arguments, "quote")
    # What is left of masked words ("Um, it is") proves nothing.
    return None if MASK in words_given else find_evidence(transcript, words_given, call.after_seq)


def _last_words(transcript: Transcript, after_seq: int) -> Evidence | None:
    said = [turn for turn in callee_turns(transcript) if turn.seq <= after_seq and turn.text.strip()]
    return Evidence(said[-1].seq, said[-1].text.strip(), said[-1].start_ms) if said else None


def _phrase(transcript: Transcript, outcome: Outcome) -> Finding | None:
    return next((item for item in find_patterns(callee_turns(transcript)) if item.outcome is outcome), None)


def _has_hung_up(result: AttemptResult) -> bool:
    return result.ending is not None and result.ending.cause is EndCause.FAR_HANG_UP


def _callback_at(result: AttemptResult, verdict: _Verdict, zone: str) -> datetime | None:
    """The promised instant, if a callback is what came of the call."""
    if verdict.outcome is not Outcome.CALLBACK:
        return None
    if result.callback_at is not None or verdict.call is None or not zone:
        return result.callback_at
    try:
        local = datetime.fromisoformat(text_of(verdict.call.arguments, "when"))
    except ValueError:
        return None
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _lead(
    campaign: Campaign,
    verdict: _Verdict,
    answers: tuple[EvidencedAnswer, ...],
    *,
    due: tuple[datetime | None, datetime | None],
    needs_review: bool,
) -> Lead | None:
    """The lead, when the outcome's rule makes one or the score is at least warm; never of somebody who said no."""
    if verdict.outcome in _NEVER_LEADS:
        return None
    rule = campaign.outcomes.get(verdict.outcome)
    if rule is not None and rule.category == "negative":
        return None
    points, reasons = score(campaign.lead, verdict.outcome, answers)
    level = grade(campaign.lead, points)
    if level is Grade.COLD and not (rule is not None and rule.lead):
        return None
    slot = text_of(verdict.call.arguments, "slot") if verdict.call else ""
    quote = verdict.quote or next((answer.evidence for answer in answers if answer.evidence), None)
    return Lead(
        outcome=verdict.outcome,
        score=points,
        grade=level,
        reasons=reasons,
        answers=answers,
        quote=quote,
        next_step=next_step(campaign.language, verdict.outcome, level, slot),
        due_at=due_at(level, *due),
        needs_review=needs_review,
    )
