"""Invisible characters out of cells, and the guard that keeps spreadsheet programs from running a cell as a formula."""

import re
from unicodedata import normalize

from dialer.model.template import is_blank

# Categories Cc (without tab and newline), the bidirectional controls, zero-width characters, soft hyphen, byte order
# mark, lone surrogates, and the tag and interlinear characters that can hide text from a reader but not from a model.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_SPACES = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_GUARDED = re.compile(r"'+[=+\-@＝＋－＠\t\r]")
_RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r]")


def clean(text: str) -> tuple[str, bool]:
    """Return the cell trimmed and without hidden characters, and whether anything hidden was in it.

    Unusual spaces become plain ones; line ends become newlines; letters and their accents become one character (NFC); an
    apostrophe that guards a formula sign is taken off.
    """
    if text.isascii() and text.isprintable() and "'" not in text:  # nearly all cells of nearly all files
        return text.strip(), False
    plain = _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    visible = _HIDDEN.sub("", plain)
    trimmed = normalize("NFC", visible).strip()
    if _GUARDED.match(trimmed):
        trimmed = trimmed[1:]
    return trimmed, visible != plain


def guard(text: str) -> str:
    """Return the cell so that no spreadsheet program runs it: ``=1+1`` becomes ``'=1+1``. ``clean`` is the way back."""
    return f"'{text}" if _RISKY.match(text) else text


def is_empty(text: str) -> bool:
    """Nothing in the cell, or a program's word for nothing (``nan``, ``NULL``, ``#N/A``)."""
    return not text or is_blank(text)
