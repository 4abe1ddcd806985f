"""The answers of one talk, each from the most trusted source that has it, with the callee's own words.

In order: a person's correction; a tool call that our code confirmed, with the callee's words; a value that was read back
and affirmed; a model's reading whose quote stands in that turn; a plain answer right after the question as it is written
in the campaign (a rule, shown to a person); else empty. A value without proof, or whose words say something else, is None
and needs review.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from dialer.leads.contradiction import contradicts
from dialer.leads.evidence import find_evidence, quoted_in, words
from dialer.leads.read_back import affirmed
from dialer.leads.values import normalise
from dialer.model.campaign import Answer, Campaign
from dialer.model.lead import Analysis, Claim, Correction, Evidence, EvidencedAnswer, Source
from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn

_NO_RULE = frozenset({"text", "date"})
"""Types that only somebody who understands can read: anything at all would be a text."""


def read_answers(
    campaign: Campaign, transcript: Transcript, analysis: Analysis | None = None, corrections: Iterable[Correction] = ()
) -> tuple[EvidencedAnswer, ...]:
    """Return the answers in the campaign's order; of tool calls for the same question the last confirmed one counts.

    Questions that no source knows anything of are left out.
    """
    last: dict[str, ToolCall] = {}
    for call in confirmed(transcript, "record_answer"):
        last[text_of(call.arguments, "name")] = call
    said = {item.field: item for item in corrections}
    found = (_answer(name, rule, transcript, last.get(name), analysis, said.get(name)) for name, rule in campaign.answers.items())
    return tuple(answer for answer in found if answer is not None)


def confirmed(transcript: Transcript, *names: str) -> list[ToolCall]:
    """The tool calls with one of these names that our code answered with ``"ok": true``, in order."""
    return [call for call in transcript.tool_calls if call.name in names and call.result.get("ok") is True]


def text_of(arguments: Mapping[str, Any], name: str) -> str:
    """An argument as text; "" when it is absent or null."""
    value = arguments.get(name)
    return "" if value is None else str(value).strip()


def _answer(
    name: str,
    rule: Answer,
    transcript: Transcript,
    call: ToolCall | None,
    analysis: Analysis | None,
    correction: Correction | None,
) -> EvidencedAnswer | None:
    if correction is not None:
        value = normalise(rule, correction.value)
        evidence = find_evidence(transcript, correction.value) if value else None
        return EvidencedAnswer(name, value, Source.CORRECTED, evidence)
    claim = analysis.answers.get(name) if analysis else None
    tries = (
        (Source.TOOL, *_told(rule, transcript, call)),
        (Source.CONFIRMED, *_read_back(rule, transcript, call, claim.value if claim else "")),
        (Source.MODEL, *_modelled(rule, transcript, claim)),
        (Source.RULE, *_plain(rule, transcript)),
    )
    for source, value, evidence in tries:
        if value is not None and evidence is not None:
            return EvidencedAnswer(name, value, source, evidence, needs_review=source is Source.RULE)
    if call is None and claim is None:
        return None
    source = Source.TOOL if call is not None else Source.MODEL
    evidence = _told(rule, transcript, call)[1]
    return EvidencedAnswer(name, None, source, evidence, needs_review=True)


def _modelled(rule: Answer, transcript: Transcript, claim: Claim | None) -> tuple[str | None, Evidence | None]:
    """What a model read, and the callee's words for it in the turn that it names."""
    if claim is None:
        return None, None
    evidence = quoted_in(transcript, claim.quote, claim.turn_seq)
    return _proven(rule, normalise(rule, claim.value), evidence), evidence


def _proven(rule: Answer, value: str | None, evidence: Evidence | None) -> str | None:
    """The value, unless the words that are given for it say something else."""
    is_other = value is not None and evidence is not None and contradicts(rule, value, evidence.quote)
    return None if is_other else value


def _told(rule: Answer, transcript: Transcript, call: ToolCall | None) -> tuple[str | None, Evidence | None]:
    """What the tool call says, and the callee's words for it."""
    if call is None:
        return None, None
    evidence = find_evidence(transcript, text_of(call.arguments, "quote"), call.after_seq)
    return _proven(rule, normalise(rule, text_of(call.arguments, "value")), evidence), evidence


def _read_back(rule: Answer, transcript: Transcript, call: ToolCall | None, claimed: str) -> tuple[str | None, Evidence | None]:
    """The value that somebody gave without a quote, when the callee affirmed it."""
    value = normalise(rule, text_of(call.arguments, "value") if call is not None else claimed)
    return value, (affirmed(transcript, rule, value) if value else None)


def _plain(rule: Answer, transcript: Transcript) -> tuple[str | None, Evidence | None]:
    """A plain answer in the turn after the campaign's own question: a yes or no, one number, one of the allowed words."""
    if rule.type in _NO_RULE:
        return None, None
    question = [word.text for word in words(rule.question)]
    said = sorted(transcript.turns, key=lambda turn: turn.seq)
    for asked, answer in reversed(list(pairwise(said))):
        if asked.speaker is Speaker.AGENT and answer.speaker is Speaker.CALLEE and ends_with(asked, question):
            value = _one_of(rule, answer) if rule.type == "enum" else normalise(rule, answer.text)
            return value, Evidence(answer.seq, answer.text.strip(), answer.start_ms)
    return None, None


def ends_with(turn: Turn, question: list[str]) -> bool:
    """True when the question was the last that was heard of the turn: otherwise the answer may be to something else."""
    said = [word.text for word in words(turn.text)]
    return bool(question) and said[-len(question) :] == question


def _one_of(rule: Answer, turn: Turn) -> str | None:
    """The one allowed word in the turn; None when there is none, or more than one, or a word that may deny it."""
    said = [word.text for word in words(turn.text)]
    if {"not", "no", "不"} & set(said):
        return None
    found = []
    for allowed in rule.values:
        wanted = [word.text for word in words(allowed)]
        if wanted and any(said[at : at + len(wanted)] == wanted for at in range(len(said))):
            found.append(allowed)
    return found[0] if len(found) == 1 else None
