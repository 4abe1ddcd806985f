"""What of our audio was sent, what was heard, and which words those were.

Audio is generated much faster than it is played, so at a barge-in the model believes that all was said. The ledger
lays the sent items end to end on the playout's own time line (milliseconds of our audio played since the answer) and,
when the carrier says how much was played, knows for each item how much of it was heard. G.711: 8 bytes are a
millisecond.
"""

from dataclasses import dataclass

BYTES_PER_MS = 8
LATE_MARK_S = 2.0
"""Seconds after the computed end of playout, after which a mark that did not come is no longer waited for."""


@dataclass(slots=True)
class Item:
    """One spoken item. ``start_ms`` is its place on the playout's time line."""

    item_id: str
    start_ms: int
    sent_bytes: int = 0
    is_complete: bool = False
    heard_ms: int | None = None
    """Settled: how much of it the callee heard."""
    is_clearing: bool = False

    @property
    def sent_ms(self) -> int:
        """Milliseconds handed to the carrier."""
        return self.sent_bytes // BYTES_PER_MS


@dataclass(frozen=True, slots=True)
class Settled:
    """An item whose fate is known. ``was_cut``: the model must be told how much was heard."""

    item_id: str
    heard_ms: int
    sent_ms: int
    was_cut: bool


class PlayoutLedger:
    """The items of one call in the order of their sending."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._end_ms = 0
        self._idle_at = 0.0

    def send(self, item_id: str, count: int, now: float) -> bool:
        """``count`` bytes of an item go to the carrier; True for the first piece of an item."""
        is_new = item_id not in self._items
        if is_new:
            self._items[item_id] = Item(item_id, self._end_ms)
        self._items[item_id].sent_bytes += count
        self._end_ms += count // BYTES_PER_MS
        self._idle_at = max(self._idle_at, now) + count / (BYTES_PER_MS * 1000)
        return is_new

    def complete(self, item_id: str) -> bool:
        """No more audio of the item will come; True when a mark should be set behind it."""
        item = self._items.get(item_id)
        if item is None or item.heard_ms is not None or item.is_clearing:
            return False
        item.is_complete = True
        return True

    def has(self, item_id: str) -> bool:
        """Something of the item was handed to the carrier."""
        return item_id in self._items

    @property
    def outstanding(self) -> list[str]:
        """Items that were sent and not confirmed as played or dropped."""
        return [item.item_id for item in self._items.values() if item.heard_ms is None]

    def is_sounding(self, now: float) -> bool:
        """The callee is (or may still be) hearing us."""
        return bool(self.outstanding) and now < self._idle_at + LATE_MARK_S

    def idle_at(self) -> float:
        """When all that was sent is played, by the clock."""
        return self._idle_at

    def given_up_at(self) -> float:
        """When a mark that did not come is no longer waited for."""
        return self._idle_at + LATE_MARK_S

    def played(self, item_id: str) -> Settled | None:
        """The carrier played the item to its end. Marks of items that are being cleared say nothing."""
        item = self._items.get(item_id)
        if item is None or item.heard_ms is not None or item.is_clearing:
            return None
        item.heard_ms = item.sent_ms
        return Settled(item_id, item.sent_ms, item.sent_ms, was_cut=False)

    def clear(self) -> bool:
        """The playout is about to be cleared; False when there is nothing to clear."""
        waiting = [self._items[item_id] for item_id in self.outstanding]
        for item in waiting:
            item.is_clearing = True
        return bool(waiting)

    def cleared(self, heard_ms: int, now: float) -> list[Settled]:
        """The carrier dropped the rest; ``heard_ms`` of all our audio since the answer were played."""
        settled = []
        later = []
        for item in self._items.values():
            if item.heard_ms is not None:
                continue
            if not item.is_clearing:
                later.append(item)
                continue
            item.heard_ms = max(0, min(heard_ms - item.start_ms, item.sent_ms))
            was_cut = item.heard_ms < item.sent_ms or not item.is_complete
            settled.append(Settled(item.item_id, item.heard_ms, item.sent_ms, was_cut))
        self._end_ms = min(heard_ms, self._end_ms)
        for item in later:
            item.start_ms = self._end_ms
            self._end_ms += item.sent_ms
        self._idle_at = now + sum(item.sent_ms for item in later) / 1000
        return settled

    def estimate_ms(self, now: float) -> int:
        """Milliseconds played since the answer, by the clock: for a carrier that cannot tell any more."""
        return max(0, self._end_ms - max(0, round((self._idle_at - now) * 1000)))


def cut(text: str, heard_ms: int, sent_ms: int) -> str:
    """The words of ``text`` that fit into the heard part, whole words only (whole characters in Chinese and the
    like)."""
    if heard_ms >= sent_ms:
        return text
    end = len(text) * heard_ms // sent_ms
    while 0 < end < len(text) and _is_inside_word(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip()


def _is_inside_word(before: str, after: str) -> bool:
    return not (before.isspace() or after.isspace() or _stands_alone(before) or _stands_alone(after))


def _stands_alone(letter: str) -> bool:
    """Han, kana, hangul and their punctuation: a word boundary on both sides."""
    return "\u2e80" <= letter <= "\ud7af" or "\uff00" <= letter <= "\uffef"
