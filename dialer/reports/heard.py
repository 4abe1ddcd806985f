"""What was heard in the talks: objections by count with a few quotes each, and what stood out. Row by row, capped."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dialer.model.lead import Objection, ObjectionKind, Observation, Tag
from dialer.reports.data import Person, TranscriptRow

QUOTES = 2
"""Quotes that are shown of each kind."""

Listener = Callable[[TranscriptRow], tuple[tuple[Objection, ...], tuple[Observation, ...]]]
"""Finds the objections and the observations of one talk."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of one person. ``detail`` is a figure, if there is one."""

    person: Person
    attempt_id: str
    quote: str
    at_ms: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One kind: in how many talks, and the first quotes."""

    key: str
    count: int
    quotes: tuple[Quoted, ...]


class HeardTally:
    """Counts over talks with people."""

    def __init__(self, listen: Listener) -> None:
        self._listen = listen
        self._counts: Counter[str] = Counter()
        self._quotes: dict[str, list[Quoted]] = {}
        self.talks = 0

    def add(self, row: TranscriptRow) -> None:
        """Listen to one talk; machines object to nothing."""
        if row.attempt.disposition is None or row.attempt.disposition.value != "answered_human":
            return
        self.talks += 1
        objections, observations = self._listen(row)
        for objection in objections:
            self._count(f"objection.{objection.kind}", row, objection.evidence.quote, objection.evidence.at_ms)
        for item in observations:
            self._count(f"tag.{item.tag}", row, item.quote, item.at_ms, item.detail)

    def _count(self, key: str, row: TranscriptRow, quote: str, at_ms: int, detail: str = "") -> None:
        self._counts[key] += 1
        kept = self._quotes.setdefault(key, [])
        if len(kept) < QUOTES and quote and all(item.quote != quote for item in kept):
            kept.append(Quoted(row.attempt.person, row.attempt.id, quote, at_ms, detail))

    def objections(self) -> tuple[Heard, ...]:
        """The most frequent first."""
        return self._sorted(f"objection.{kind}" for kind in ObjectionKind)

    def observations(self) -> tuple[Heard, ...]:
        """The most frequent first."""
        return self._sorted(f"tag.{tag}" for tag in Tag)

    def _sorted(self, keys: Iterable[str]) -> tuple[Heard, ...]:
        found = [Heard(key, self._counts[key], tuple(self._quotes.get(key, ()))) for key in keys if self._counts[key]]
        return tuple(sorted(found, key=lambda item: (-item.count, item.key)))
