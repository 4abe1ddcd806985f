"""Which encoding a file is in: proven from all of its bytes, or an error. Never a guess that could read a name as
mojibake.

Order: byte order mark; UTF-16 without a mark (every second byte of plain text is zero, which would be UTF-8 as well);
strict UTF-8; GB18030 where the list is Chinese; Windows-1252 when it reads as western text. What a person has given is
taken, if it fits.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dialer.errors import UserError

CHUNK = 1 << 16
MAX_BYTES = 2 << 30

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {
    "utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5",
    "shift-jis": "shift_jis",
    "euc-kr": "euc-kr",
    "windows-1252": "windows-1252",
    "cp1252": "windows-1252",
    "windows-1251": "windows-1251",
    "cp1251": "windows-1251",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
}
_WESTERN = re.compile("[\t\n\r -~À-ÖØ-öø-ÿŠšŒœŽžŸ€£¥¢©®™°·ª«»º¿¡§´‘’“”„‚–—…•\xa0]*")
_HIGH_RUN = re.compile("[^\x00-\x7f]{3}")
_THREE_BYTES = re.compile("[^\x00-\u07ff]")
_STRANGE = re.compile("[\u0250-\u07ff]")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class Encoding:
    """Python's name of the encoding, how we know it (``mark``, ``strict``, ``plausible``, ``given``), the mark's length."""

    name: str
    known_by: str
    mark_bytes: int = 0


def detect(source: BinaryIO, *, region: str = "", language: str = "", given: str = "", max_bytes: int = MAX_BYTES) -> Encoding:
    """Read the whole file once, in chunks, and name its encoding. ``source`` must be seekable; it is left at its
    beginning.

    ``region`` and ``language`` (``CN``, ``zh``) make GB18030 thinkable. Raises ``UserError``: ``empty_file``,
    ``too_large``, ``unreadable_encoding`` with the offset of the first byte that does not fit.
    """
    source.seek(0)
    head = source.read(CHUNK)
    size = source.seek(0, 2)
    source.seek(0)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UserError("the file is empty", code="empty_file", hint="the first line names the columns")
    if size > max_bytes:
        raise UserError(f"the file has {size:,} bytes; allowed are {max_bytes:,}", code="too_large", hint="split the file")
    marked = next(((name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), None)
    if given:
        return _given(source, given, marked)
    if marked:
        return _proven(source, Encoding(marked[0], "mark", marked[1]))
    wide = _wide(head, size)
    if wide and _misfit(source, Encoding(wide, "plausible")) is None:
        return Encoding(wide, "plausible")
    misfit = _misfit(source, Encoding("utf-8", "strict"))
    is_chinese = region == "CN" or language.startswith("zh")
    if misfit is None and is_chinese and _may_be_chinese_all_the_same(source):
        hint = "say which: --encoding utf-8 or --encoding gb18030"
        raise _unreadable("every byte fits UTF-8, and GB18030 as well", hint)
    if misfit is None:
        return Encoding("utf-8", "strict")
    return _plausible(source, misfit, is_chinese=is_chinese)


def decoded(source: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Yield the text in chunks from the beginning.

    Raises ``UnicodeDecodeError`` with an offset within its own chunk.
    """
    source.seek(encoding.mark_bytes)
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    while chunk := source.read(CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _given(source: BinaryIO, given: str, marked: tuple[str, int] | None) -> Encoding:
    wanted = given.strip().lower().replace("_", "-").replace("utf8", "utf-8").removesuffix("-sig")
    name = _NAMES.get(wanted)
    if name is None:
        allowed = ", ".join(_NAMES)
        raise UserError(f"unknown encoding {given!r}; known are {allowed}", code="unreadable_encoding")
    if marked and wanted.startswith("utf") and marked[0].startswith(wanted):
        return _proven(source, Encoding(marked[0], "given", marked[1]))
    return _proven(source, Encoding(name, "given"))


def _proven(source: BinaryIO, encoding: Encoding) -> Encoding:
    offset = _misfit(source, encoding)
    if offset is not None:
        raise _unreadable(f"the file is not {encoding.name} ({encoding.known_by}): byte {offset} does not fit")
    return encoding


def _plausible(source: BinaryIO, misfit: int, *, is_chinese: bool) -> Encoding:
    looks_chinese = _reads_as_chinese(source)
    if is_chinese and looks_chinese:
        return Encoding("gb18030", "plausible")
    if _is_broken_utf_8(source):
        hint = "mend it where it was put together from files of two encodings, or name the encoding with --encoding"
        raise _unreadable(f"most of the file is UTF-8, but byte {misfit} does not fit", hint)
    if _reads_as_western(source):
        return Encoding("windows-1252", "plausible")
    hint = "if it is Chinese: --encoding gb18030; else save it as 'CSV UTF-8', or name the encoding" if looks_chinese else _HINT
    raise _unreadable(f"the file is not UTF-8 (byte {misfit} does not fit) and nothing else is certain", hint)


_HINT = "save it as 'CSV UTF-8', or name the encoding with --encoding"


def _unreadable(message: str, hint: str = _HINT) -> UserError:
    return UserError(message, code="unreadable_encoding", hint=hint)


def _wide(head: bytes, size: int) -> str | None:
    """UTF-16 without a mark: zero bytes on one side only, in at least a tenth of the places there."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if size % 2 or max(even, odd) * 10 < len(head) / 2 or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _misfit(source: BinaryIO, encoding: Encoding) -> int | None:
    """Return the offset of the first byte that does not fit, or None when all fit."""
    source.seek(encoding.mark_bytes)
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    at = encoding.mark_bytes
    while True:
        chunk = source.read(CHUNK)
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return at - waiting + error.start
        if not chunk:
            source.seek(0)
            return None
        at += len(chunk)


def _reads_as_chinese(source: BinaryIO) -> bool:
    """Nearly all signs are among the common ones of GB 2312; other encodings read this way give rare ones."""
    if _misfit(source, Encoding("gb18030", "plausible")) is not None:
        return False
    high = common = 0
    for text in decoded(source, Encoding("gb18030", "plausible")):
        foreign = "".join(character for character in text if not character.isascii())
        high += len(foreign)
        common += len(foreign.encode("gb2312", "ignore")) // 2
    return common * 5 >= high * 4


def _may_be_chinese_all_the_same(source: BinaryIO) -> bool:
    """A short list may fit UTF-8 by chance: two bytes of a Chinese sign are then one Greek, Cyrillic or Arabic letter."""
    strange = 0
    for text in decoded(source, Encoding("utf-8", "strict")):
        if _THREE_BYTES.search(text):
            return False  # three bytes that fit, and no sign of another encoding: not by chance
        strange += len(_STRANGE.findall(text))
    return strange > 0 and _reads_as_chinese(source)


def _is_broken_utf_8(source: BinaryIO) -> bool:
    """At least half of the places with other letters are whole ones of UTF-8: read as Windows-1252 these would be mojibake."""
    whole = others = 0
    source.seek(0)
    while chunk := source.read(CHUNK):
        for run in _HIGH_BYTES.findall(chunk):
            try:
                run.decode("utf-8")
            except UnicodeDecodeError:
                others += 1
            else:
                whole += 1
    return whole >= max(others, 1)


def _reads_as_western(source: BinaryIO) -> bool:
    """Only letters and signs of western text, and never three of them in a row, as other alphabets would show."""
    if _misfit(source, Encoding("windows-1252", "plausible")) is not None:
        return False
    tail = ""
    for text in decoded(source, Encoding("windows-1252", "plausible")):
        if not _WESTERN.fullmatch(text) or _HIGH_RUN.search(tail + text):
            return False
        tail = text[-2:]
    return True
