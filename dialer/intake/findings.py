"""What a look at a campaign folder finds: one thing that is wrong, with its place."""

from dataclasses import dataclass
from typing import Literal

TOML, SCRIPT, CONTACTS = "campaign.toml", "script.md", "contacts.csv"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: how bad, in which file, at which key, what, and in which line (0: nowhere in particular)."""

    level: Literal["error", "warning"]
    file: str
    key: str
    message: str
    line: int = 0

    @property
    def where(self) -> str:
        """The place: ``campaign.toml:12``, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def said(self) -> str:
        """One line for people: place, key and message."""
        return ": ".join(part for part in (self.where, self.key, self.message) if part)


def error_at(key: str, message: str, file: str = TOML, line: int = 0) -> Finding:
    """What stops an import."""
    return Finding("error", file, key, message, line)


def warning_at(key: str, message: str, file: str = TOML, line: int = 0) -> Finding:
    """What is for a person to judge."""
    return Finding("warning", file, key, message, line)
