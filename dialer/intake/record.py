"""One row as read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """Its line in the file, its cells without invisible characters, and what was cleaned."""

    row: int
    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()
