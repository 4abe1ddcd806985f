"""What a callee said to be recognised (a date of birth, a code) is for the check alone: nobody reads it in results and reports.

Masked are, in turns of the callee right after the campaign's question or right before the check, everything that may tell it
(words with digits, dates and numbers in words), the answer that was given to the check wherever it stands, and its repetitions
by whomever. Other words stay: a refusal or an opt-out in the same breath is read as ever. What somebody wrote about the talk is
masked too, where the same date or number stands in any form.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dialer.leads.evidence import words
from dialer.leads.figures import essence
from dialer.model.campaign import Campaign
from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn

MASK = "•••"
_CHECK = "verify_identity"
_SHORTEST = 4
"""Shorter words are not looked for elsewhere: "no" and "12" stand everywhere."""

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug"
_MONTHS += "|sept?|oct|nov|dec"
_UNITS = "zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
_TENS = "(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ieth)|hundred|thousand"
_PLACES = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
_PLACES += "|(?:thir|four|fif|six|seven|eigh|nine)teenth"
_FIGURES = r"[a-z]*\d[a-z\d]*"
_CHINESE = r"[\d〇零一二两三四五六七八九十百千年月日号]{2,}"
_ONE = rf"(?:{_FIGURES}|{_CHINESE}|\b(?:{_MONTHS}|{_UNITS}|{_TENS}|{_PLACES}|double|triple)\b)"
_RUN = re.compile(rf"{_ONE}(?:[\s,.:/()-]*(?:\b(?:of|the|in|and)\b[\s,]*)*{_ONE})*", re.IGNORECASE)
_TOLD = re.compile(rf"\d|[〇零一二两三四五六七八九十百千年月日号]{{2,}}|{_ONE}.*{_ONE}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was said in one talk to be recognised. ``near``: the turns in which it was; ``there``: what is masked in them."""

    near: frozenset[int]
    there: tuple[str, ...]
    everywhere: tuple[str, ...]

    def hidden(self, text: str) -> str:
        """``text`` (a summary) without the secrets, whatever form they have in it."""
        told = {digits for piece in self.everywhere if len(digits := essence(piece)) >= _SHORTEST}
        others = [piece for piece in _telling(text) if essence(piece) in told]
        return _masked(text, [*self.everywhere, *others])


_NOTHING = Secrets(frozenset(), (), ())


def without_secrets(campaign: Campaign, transcript: Transcript) -> Transcript:
    """The transcript as results and reports may show it. Where nobody was checked it is the same."""
    secrets = secrets_of(campaign, transcript)
    if secrets is _NOTHING:
        return transcript
    shown = (_turn(turn, secrets.there if turn.seq in secrets.near else secrets.everywhere) for turn in transcript.turns)
    return Transcript(tuple(shown), tuple(_call(call, secrets.there) for call in transcript.tool_calls))


def secrets_of(campaign: Campaign, transcript: Transcript) -> Secrets:
    """What must not be shown of this talk."""
    checks = [call for call in transcript.tool_calls if call.name == _CHECK]
    if campaign.identity is None and not checks:
        return _NOTHING
    turns = sorted(transcript.turns, key=lambda turn: turn.seq)
    question = campaign.identity.question if campaign.identity else ""
    near = _answering(turns, question) | {seq for call in checks for seq in _before(turns, call.after_seq)}
    answers = [str(call.arguments.get("answer") or "").strip() for call in checks]
    said = {piece for turn in turns if turn.seq in near for piece in _telling(turn.text)}
    said |= {piece for answer in answers for piece in _telling(answer)}
    everywhere = [piece for piece in said if len(piece) >= _SHORTEST or not piece.isascii()]
    # A name or a word tells no number; said elsewhere it is an ordinary word.
    there = [*said, *(answer for answer in answers if answer and not list(_telling(answer)))]
    return Secrets(frozenset(near), tuple(there), tuple(everywhere))


def _answering(turns: list[Turn], question: str) -> set[int]:
    """The callee's turns between our question and our next words."""
    wanted = [word.text for word in words(question)]
    found: set[int] = set()
    is_asked = False
    for turn in turns:
        if turn.speaker is Speaker.AGENT:
            is_asked = bool(wanted) and _holds([word.text for word in words(turn.generated or turn.text)], wanted)
        elif is_asked:
            found.add(turn.seq)
    return found


def _holds(said: list[str], wanted: list[str]) -> bool:
    return any(said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1))


def _before(turns: list[Turn], after_seq: int) -> Iterator[int]:
    """The callee's last turns up to ``after_seq``; when our own words stand between them, those before these words."""
    is_callee = False
    for turn in reversed([turn for turn in turns if turn.seq <= after_seq]):
        if turn.speaker is Speaker.CALLEE:
            is_callee = True
            yield turn.seq
        elif is_callee:
            return


def _telling(text: str) -> Iterator[str]:
    """The pieces of ``text`` that hold a number or a date; a single number word ("no one") tells nothing."""
    for found in _RUN.finditer(text):
        if _TOLD.search(found[0]):
            yield found[0].strip()


def _turn(turn: Turn, pieces: Iterable[str]) -> Turn:
    return replace(turn, text=_masked(turn.text, pieces), generated=_masked(turn.generated, pieces))


def _call(call: ToolCall, pieces: Iterable[str]) -> ToolCall:
    if call.name == _CHECK:
        return replace(call, arguments={**call.arguments, "answer": MASK})
    shown = {name: _masked(value, pieces) if isinstance(value, str) else value for name, value in call.arguments.items()}
    return replace(call, arguments=shown)


def _masked(text: str, pieces: Iterable[str]) -> str:
    """The longest first, as whole words: a day is not taken out of a longer number."""
    for piece in sorted(pieces, key=lambda piece: (-len(piece), piece)):
        ends = (
            r"\b" if piece[0].isalnum() and piece[0].isascii() else "",
            r"\b" if piece[-1].isalnum() and piece[-1].isascii() else "",
        )
        text = re.sub(ends[0] + re.escape(piece) + ends[1], MASK, text, flags=re.IGNORECASE)
    return text
