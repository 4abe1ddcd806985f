"""How a talk went, as observations with their place: figures of the turns, and the callee's own words. No mood is guessed."""

import re
from collections.abc import Iterator
from itertools import pairwise

from dialer.leads.evidence import callee_turns, quoted_in
from dialer.model.lead import Analysis, Observation, Tag
from dialer.model.transcript import Speaker, Transcript, Turn

DEAD_AIR_MS = 5_000
"""Nobody speaks for as long: people ask whether the line is dead."""
SLOW_REPLY_MS = 2_000
"""We let the callee wait for our answer for as long."""

_FRUSTRATED = re.compile(
    r"\b(?:i\s+(?:just|already)\s+(?:said|told)|(?:are\s+you\s+)?(?:even\s+)?listening|stop\s+(?:interrupting|it)|let\s+me\s+"
    r"(?:finish|talk|speak)|this\s+is\s+(?:ridiculous|annoying|harassment)|leave\s+me\s+alone|what\s+the\s+hell|waste\s+of\s+"
    r"(?:my\s+)?time|(?:fed\s+up|sick\s+of))\b|我(?:刚才|已经)(?:说|讲)过|烦不烦|烦死|别打断|听不懂吗|浪费(?:我的?)?时间|骚扰",
    re.IGNORECASE,
)
_PLEASED = re.compile(
    r"\b(?:that\s+(?:sounds|would\s+be|is)\s+(?:great|good|perfect|wonderful)|thank\s+you\s+(?:so|very)\s+much|(?:very|so)\s+"
    r"helpful|perfect|wonderful|i(?:'d|\s+would)\s+love\s+(?:to|that))\b|太好了|非常感谢|挺好的|真不错",
    re.IGNORECASE,
)
_PLEASED_BUT = re.compile(r"\b(?:not|no|but|n't)\b|不|但", re.IGNORECASE)
_LOOP = 3
_LOOP_WORDS = 4
_SENTIMENTS = {"frustrated": Tag.FRUSTRATED, "negative": Tag.FRUSTRATED, "positive": Tag.PLEASED}


def observe(transcript: Transcript, analysis: Analysis | None = None) -> tuple[Observation, ...]:
    """Return what stands out, in order of speaking: at most one of a tag, the first or the worst."""
    found: dict[Tag, Observation] = {}
    for item in (*_figures(transcript), *_words(transcript), *_read(transcript, analysis)):
        found.setdefault(item.tag, item)
    return tuple(sorted(found.values(), key=lambda item: (item.at_ms, item.tag)))


def _figures(transcript: Transcript) -> Iterator[Observation]:
    turns = sorted(transcript.turns, key=lambda turn: turn.seq)
    pauses = [(later.start_ms - turn.end_ms, turn) for turn, later in pairwise(turns)]
    longest, before = max(pauses, key=lambda pause: pause[0], default=(0, None))
    if before is not None and longest >= DEAD_AIR_MS:
        yield _at(Tag.DEAD_AIR, before, f"{longest / 1000:.1f} s", at_ms=before.end_ms)
    slow = max((turn for turn in turns if turn.latency_ms is not None), key=lambda turn: turn.latency_ms or 0, default=None)
    if slow is not None and (slow.latency_ms or 0) >= SLOW_REPLY_MS:
        yield _at(Tag.SLOW_REPLY, slow, f"{(slow.latency_ms or 0) / 1000:.1f} s")
    cut = [turn for turn in turns if turn.speaker is Speaker.AGENT and turn.is_interrupted]
    if cut:
        yield _at(Tag.INTERRUPTED, cut[0], f"{len(cut)}x")
    yield from _loop(turns)


def _loop(turns: list[Turn]) -> Iterator[Observation]:
    """The agent said the same thing again and again: whole sentences, heard to the end or not."""
    counts: dict[tuple[str, ...], int] = {}
    for turn in turns:
        said = tuple((turn.generated or turn.text).casefold().split())
        if turn.speaker is Speaker.AGENT and len(said) >= _LOOP_WORDS:
            counts[said] = counts.get(said, 0) + 1
            if counts[said] == _LOOP:
                yield _at(Tag.LOOP, turn, f"{_LOOP}x")


def _words(transcript: Transcript) -> Iterator[Observation]:
    for turn in callee_turns(transcript):
        text = turn.text.replace("’", "'")
        if _FRUSTRATED.search(text):
            yield _at(Tag.FRUSTRATED, turn)
        elif _PLEASED.search(text) and not _PLEASED_BUT.search(text):
            yield _at(Tag.PLEASED, turn)


def _read(transcript: Transcript, analysis: Analysis | None) -> Iterator[Observation]:
    """A model's reading of the mood, where its quote stands."""
    claim = analysis.sentiment if analysis else None
    tag = _SENTIMENTS.get(claim.value) if claim else None
    evidence = quoted_in(transcript, claim.quote, claim.turn_seq) if claim else None
    if tag is not None and evidence is not None:
        yield Observation(tag, evidence.turn_seq, evidence.at_ms, evidence.quote)


def _at(tag: Tag, turn: Turn, detail: str = "", at_ms: int | None = None) -> Observation:
    return Observation(tag, turn.seq, turn.start_ms if at_ms is None else at_ms, turn.text.strip(), detail)
