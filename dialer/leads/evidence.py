"""Does a quote stand in the transcript? The check behind every extracted value.

Two texts are compared by their words alone: case, width (NFKC), spaces and punctuation do not count. A quote has to
begin and end at word borders, so that "no" is not found in "I know"; Chinese, Japanese and Korean signs are words of
their own. A point between digits counts ("3.5" is not "35"), a comma between digits does not ("10,000" is "10000").
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dialer.model.lead import Evidence
from dialer.model.transcript import Speaker, Transcript, Turn

_APOSTROPHES = frozenset("'’‘`´")
_WIDE = ((0x2E80, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


@dataclass(frozen=True, slots=True)
class _Word:
    """A normalised word and where it stands in the original text."""

    text: str
    start: int
    end: int


def find_evidence(transcript: Transcript, quote: str, after_seq: int | None = None) -> Evidence | None:
    """Return where ``quote`` stands in a callee's turn, as it stands there, or None when the callee never said it.

    A quote that spans a pause between two turns of the callee stands in the first of them.

    ``after_seq`` is the last turn that stood when the quote was given: the newest turn up to it is preferred; later
    turns are looked at last, because a transcript may come later than the tool call that quotes it.
    """
    wanted = [word.text for word in words(quote)]
    if not wanted:
        return None
    for turn in (*_preferred(callee_turns(transcript), after_seq), *_preferred(_runs(transcript), after_seq)):
        found = _find(turn.text, wanted)
        if found is not None:
            return Evidence(turn_seq=turn.seq, quote=found, at_ms=turn.start_ms)
    return None


def quoted_in(transcript: Transcript, quote: str, turn_seq: int) -> Evidence | None:
    """Return the evidence when ``quote`` stands in the callee's turn ``turn_seq``, or begins there and spans a pause."""
    wanted = [word.text for word in words(quote)]
    for turn in (*callee_turns(transcript), *_runs(transcript)):
        found = _find(turn.text, wanted) if wanted and turn.seq == turn_seq else None
        if found is not None:
            return Evidence(turn_seq=turn.seq, quote=found, at_ms=turn.start_ms)
    return None


def _runs(transcript: Transcript) -> list[Turn]:
    """Turns that the callee spoke one after the other, a pause between them, as one: a quote may span the pause."""
    runs: list[Turn] = []
    last: Turn | None = None
    for turn in sorted(transcript.turns, key=lambda turn: turn.seq):
        if turn.speaker is Speaker.CALLEE:
            if last is not None and last.speaker is Speaker.CALLEE:
                runs[-1] = replace(runs[-1], text=f"{runs[-1].text} {turn.text}")
            else:
                runs.append(turn)
        last = turn
    return runs


def callee_turns(transcript: Transcript) -> tuple[Turn, ...]:
    """The turns of the person called, in order of speaking."""
    return tuple(sorted((turn for turn in transcript.turns if turn.speaker is Speaker.CALLEE), key=lambda turn: turn.seq))


def words(text: str) -> list[_Word]:
    """The normalised words of ``text`` with their places; punctuation and spaces are borders and nothing more."""
    found: list[_Word] = []
    letters: list[str] = []
    start = end = 0
    for index, sign in _signs(text):
        is_wide = _is_wide(sign)
        if letters and (is_wide or not sign):
            found.append(_Word("".join(letters), start, end))
            letters = []
        if is_wide:
            found.append(_Word(sign, index, index + 1))
        elif sign:
            start = start if letters else index
            letters.append(sign)
            end = index + 1
    return found


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """Each place of ``text`` with what counts of it: letters and digits folded, "" for a border. Ends with a border."""
    for index, raw in enumerate(text):
        folded = unicodedata.normalize("NFKC", raw).casefold()
        kept = "".join(sign for sign in folded if sign.isalnum() or unicodedata.combining(sign))
        if kept:
            yield from ((index, sign) for sign in kept)
        elif raw in _APOSTROPHES:
            continue
        elif folded in {".", ","} and _is_between_digits(text, index):
            if folded == ".":
                yield index, "."
        else:
            yield index, ""
    yield len(text), ""


def _is_between_digits(text: str, index: int) -> bool:
    """True when the signs on both sides of ``index`` are digits."""
    return 0 < index < len(text) - 1 and text[index - 1].isdigit() and text[index + 1].isdigit()


def _is_wide(sign: str) -> bool:
    """True for a sign of a script that is written without spaces between words."""
    return bool(sign) and any(low <= ord(sign) <= high for low, high in _WIDE)


def _find(text: str, wanted: list[str]) -> str | None:
    """The piece of ``text`` whose words are ``wanted``, or None."""
    said = words(text)
    for first in range(len(said) - len(wanted) + 1):
        piece = said[first : first + len(wanted)]
        if [word.text for word in piece] == wanted:
            return text[piece[0].start : piece[-1].end]
    return None


def _preferred(turns: Iterable[Turn], after_seq: int | None) -> list[Turn]:
    """Newest first up to ``after_seq``, then the later ones, oldest first."""
    known = sorted(turns, key=lambda turn: turn.seq)
    if after_seq is None:
        return known[::-1]
    return [turn for turn in known if turn.seq <= after_seq][::-1] + [turn for turn in known if turn.seq > after_seq]
