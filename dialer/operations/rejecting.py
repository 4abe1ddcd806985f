"""``rejects.csv`` on the disk: complete and in its place, or not there at all; for its owner alone."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from dialer.intake import rejects
from dialer.model.contact import RowProblem


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner may read: the rows of people."""
    return os.open(path, flags, 0o600)


class RejectsFile:
    """``rejects.csv`` on its way: written beside its place while the file is read, and put there when everything is stored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._out: TextIO | None = None

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self._out is not None:
            self._out.close()
            self._part.unlink(missing_ok=True)

    def add(self, header: Sequence[str], problems: list[RowProblem]) -> None:
        """Append refused rows."""
        if not problems:
            return
        lines = rejects.render(header, problems)
        if self._out is None:
            self._part.unlink(missing_ok=True)
            self._out = open(self._part, "x", encoding="utf-8-sig", newline="", opener=_private)  # noqa: SIM115  # closed by the context
        else:
            next(lines)  # the header stands already
        self._out.writelines(lines)

    def keep(self) -> Path | None:
        """Put the file in its place; None when no row was refused."""
        if self._out is None:
            return None
        self._out.close()
        self._part.replace(self._path)
        return self._path
