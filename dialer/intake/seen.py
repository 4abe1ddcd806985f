"""Duplicate detection that stays small for long files."""

from array import array


class SeenNumbers:
    """Which numbers were in the file, and in which row. Open addressing: 32 to 64 bytes a number, where a dict needs 150."""

    def __init__(self) -> None:
        self._keys = array("Q", bytes(8 * 1024))
        self._rows = array("L", bytes(array("L").itemsize * 1024))
        self._count = 0

    def row_of(self, phone: str) -> int:
        """Return the row in which ``phone`` (E.164) was added, or 0."""
        return self._rows[self._slot(int(phone[1:]))]

    def add(self, phone: str, row: int) -> None:
        """Remember ``phone`` (E.164) with its row, counted from 1."""
        if self._count * 2 >= len(self._keys):
            self._grow()
        slot = self._slot(int(phone[1:]))
        self._count += 0 if self._keys[slot] else 1
        self._keys[slot], self._rows[slot] = int(phone[1:]), row

    def _slot(self, key: int) -> int:
        size = len(self._keys)
        # Fibonacci hashing: neighbours, as numbers of one exchange are, land far from each other.
        slot = (key * 11400714819323198485 >> 20) % size
        while self._keys[slot] not in (0, key):
            slot = (slot + 1) % size
        return slot

    def _grow(self) -> None:
        keys, rows = self._keys, self._rows
        self._keys, self._rows = array("Q", bytes(16 * len(keys))), array("L", bytes(2 * rows.itemsize * len(rows)))
        for key, row in zip(keys, rows, strict=True):
            if key:
                slot = self._slot(key)
                self._keys[slot], self._rows[slot] = key, row
