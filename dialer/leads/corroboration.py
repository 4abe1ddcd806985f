"""Does a good result rest on more than one quote?

Words alone can be meant otherwise: "Oh great, sign me up" is interest or sarcasm, and its quote stands in the transcript either
way. What people do beside it tells them apart: they say yes to what they are asked then or later, or answer the campaign's
questions. A result that has nothing beside its quote stays, and a person looks at it.
"""

from collections.abc import Iterable
from itertools import groupby, pairwise

from dialer.leads.read_back import is_plain_yes
from dialer.model.lead import Evidence, EvidencedAnswer, Source
from dialer.model.transcript import Speaker, Transcript

_GIVEN = frozenset({Source.TOOL, Source.CONFIRMED, Source.CORRECTED})


def is_alone(transcript: Transcript, quote: Evidence | None, answers: Iterable[EvidencedAnswer]) -> bool:
    """True when neither an answer that was given in the call nor a plain yes to our words, in the breath of ``quote`` or after
    it, stands beside it.
    """
    if quote is None:
        return True
    if any(answer.value is not None and answer.source in _GIVEN for answer in answers):
        return False
    said = sorted(transcript.turns, key=lambda turn: turn.seq)
    breaths = [(speaker, list(turns)) for speaker, turns in groupby(said, key=lambda turn: turn.speaker)]
    return not any(
        speaker is Speaker.CALLEE and turns[-1].seq >= quote.turn_seq and is_plain_yes(" ".join(turn.text for turn in turns))
        for _, (speaker, turns) in pairwise(breaths)
    )
