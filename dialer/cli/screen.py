"""What reaches a terminal: tables for people and one JSON document for programs on standard output, all else on standard error.

Names, words and file contents are foreign text. Control characters in them could move the cursor, change colours or title, or
turn the reading direction, so none is ever printed as it stands.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_PIPE_WIDTH = 160


def safe(text: object) -> str:
    """``text`` without control characters: each is replaced by U+FFFD; line breaks and tabs stay."""
    return _CONTROL.sub("\ufffd", str(text).replace("\r\n", "\n"))


def out() -> Console:
    """Standard output as it is now."""
    return _console(sys.stdout)


def err() -> Console:
    """Standard error as it is now."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    is_terminal = stream.isatty()
    width = None if is_terminal else _PIPE_WIDTH
    return Console(file=stream, force_terminal=is_terminal, width=width, highlight=False, markup=False, emoji=False)


def say(*lines: object) -> None:
    """Lines for people, on standard output."""
    console = out()
    for line in lines:
        console.print(Text(safe(line)), soft_wrap=True)


def prose(*lines: object) -> None:
    """Sentences for people, on standard output. A terminal breaks them between words and keeps their indent."""
    console = out()
    if not console.is_terminal:
        say(*lines)
        return
    for line in (part for text in lines for part in safe(text).split("\n")):
        words = line.lstrip(" ")
        console.print(Padding(Text(words), (0, 0, 0, len(line) - len(words)), expand=False) if words else "")


def note(*lines: object) -> None:
    """Lines for people that do not belong to the result, on standard error."""
    console = err()
    for line in lines:
        console.print(Text(safe(line), style="dim"), soft_wrap=True)


def print_json(document: Any) -> None:
    """The one JSON document of a ``--json`` run."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    text = json.dumps(document, ensure_ascii=not is_unicode, indent=2)
    sys.stdout.write(_CONTROL.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A plain table of foreign texts. A column whose name begins with ``#`` is right-aligned."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for name in columns:
        made.add_column(name.removeprefix("#"), justify="right" if name.startswith("#") else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(safe("" if cell is None else cell)) for cell in row))
    return made


def show(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table on standard output, below its title."""
    console = out()
    if title:
        console.print(Text(safe(title), style="bold"), soft_wrap=True)
    console.print(table(columns, rows))


def has_room(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bool:
    """Whether each row of the table would stand on one line."""
    console = out()
    return Measurement.get(console, console.options.update(max_width=10_000), table(columns, rows)).maximum <= console.width


def money(amount: Decimal) -> str:
    """``$1.24``; what is under a cent and not nothing shows its first digits."""
    if amount and abs(amount) < Decimal("0.01"):
        return f"${amount:.4f}"
    return f"${amount:,.2f}"
