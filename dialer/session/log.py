"""The log of one attempt: what both cores were built with, all that was fed to them with its time, and what they commanded.

A log is one JSON document, an entry on each line: ``[now, event, fields, commands]``; ``commands`` is null where the core raised
an error. In the database it is compressed: a simulated talk of 16 s (107 events) from 21 kB to 4.1 kB, a phone that nobody
answers to 2 kB. The campaign stands in it by its hash, except in a document that is to be read without the database. The
instructions are left out: no core reads them, and their hash is in the log. Everything else is there, words and details of the
contact too; but it ends before a payment card number.
"""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from dialer.conversation.fixed import sentences
from dialer.conversation.stage import TalkPlan
from dialer.model.campaign import Campaign
from dialer.session.event_codec import Happened, Unknown, dumps, event_of, named

VERSION = 1
MAX_ENTRIES = 20_000
MAX_CHARS = 8_000_000
"""Of one log, before it is compressed. The longest real talks need a fiftieth of it."""
_MAX_TEXT = 2 * MAX_CHARS


@dataclass(frozen=True, slots=True)
class Setup:
    """What both cores were built with: the carrier's limits in seconds, and the talk's plan."""

    ring_s: float
    call_s: float
    talk: TalkPlan


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, exactly when it was fed, and the core's commands as text (None: the core raised an error)."""

    now: float
    event: Happened | Unknown
    commands: str | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A log that was read. ``is_cut``: the end is missing."""

    setup: Setup
    entries: tuple[Entry, ...]
    is_cut: bool = False
    is_same_campaign: bool = True
    """The campaign reads as it did when the call was made."""


@dataclass(frozen=True, slots=True)
class Undecodable:
    """This is no log, or none of this version, because of ``reason``."""

    reason: str


class _Document(msgspec.Struct):
    version: int
    setup: dict[str, Any]
    entries: list[tuple[float, str, dict[str, Any], list[Any] | None]]
    is_cut: bool = False
    campaign: dict[str, Any] | None = None


class AttemptLog:
    """Collects one attempt's log, in bounds. ``is_cut``: it outgrew them, or something has no place or no form in a log."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_chars: int = MAX_CHARS) -> None:
        """``max_entries``, ``max_chars``: how much is kept."""
        self.is_cut = False
        self._setup: Setup | None = None
        self._heads: list[str] = []
        self._answers: list[str] = []
        self._entries_left = max_entries
        self._chars_left = max_chars

    def begin(self, setup: Setup) -> None:
        """Keep what the cores are built with: once, before the first event."""
        self._setup = setup

    @property
    def is_begun(self) -> bool:
        """There is something to keep."""
        return self._setup is not None

    def add(self, now: float, event: Happened) -> None:
        """An event is about to be fed at ``now``."""
        name, values = named(event)
        head = None if self.is_cut else self._text([now, name, values])
        if head is not None and self._entries_left > 0:
            self._entries_left -= 1
            self._heads.append(head[:-1])
            self._answers.append("null")
        else:
            self.is_cut = True

    def gave(self, commands: Iterable[Any]) -> list[Any]:
        """The core answered the last event with ``commands``, which come back as they are."""
        given = [*commands]
        text = None if self.is_cut else self._text([named(command) for command in given])
        if text is not None:
            self._answers[-1] = text
        elif not self.is_cut:
            self.is_cut = True
            self._heads.pop()
            self._answers.pop()
        return given

    def end_before(self, item_id: str) -> None:
        """Forget all from the first entry that names this item, and take no more."""
        named_so = dumps(item_id)
        place = next((number for number, head in enumerate(self._heads) if named_so in head), len(self._heads))
        del self._heads[place:], self._answers[place:]
        self.is_cut = True

    def lines(self) -> list[str]:
        """The entries, each as its line."""
        return [f"{head},{answer}]" for head, answer in zip(self._heads, self._answers, strict=True)]

    def text(self) -> str:
        """The document, for a reader who has the campaign. Only after ``begin``."""
        assert self._setup is not None
        texts = replace(self._setup.talk.texts, instructions="", tools=())
        setup = replace(self._setup, talk=replace(self._setup.talk, texts=texts))
        return _document({"version": VERSION, "is_cut": self.is_cut, "setup": setup}, self.lines())

    def _text(self, value: object) -> str | None:
        """``value`` as JSON, or None when it has no such form or there is no more room for it."""
        try:
            text = dumps(value)
        except (TypeError, ValueError, RecursionError):
            return None
        self._chars_left -= len(text)
        return text if self._chars_left >= 0 else None


def packed(text: str) -> bytes:
    """A document as it is stored."""
    return zlib.compress(text.encode(), 9)


def unpacked(version: int, body: bytes) -> str | Undecodable:
    """A stored document."""
    if version != VERSION:
        return Undecodable(f"it was written in version {version} of the log; this is version {VERSION}")
    unzip = zlib.decompressobj()
    try:
        text = unzip.decompress(body, _MAX_TEXT)
        return text.decode() if unzip.eof else Undecodable("it is not whole")
    except (zlib.error, UnicodeDecodeError) as error:
        return Undecodable(f"it is damaged: {error}")


def read(text: str, campaign: Campaign | None = None) -> Recording | Undecodable:
    """A document's recording. ``campaign``: the one that the call was made for, when the document has none of its own."""
    try:
        document = msgspec.convert(json.loads(text), _Document)
        if document.version != VERSION:
            return Undecodable(f"it was written in version {document.version} of the log; this is version {VERSION}")
        known = campaign if document.campaign is None else Campaign.model_validate(document.campaign)
        if known is None:
            return Undecodable("it does not contain its campaign")
        texts = document.setup["talk"]["texts"]
        # Sentences that the version of the call did not have yet are this version's.
        texts["sentences"] = json.loads(dumps(sentences(texts["language"]))) | texts["sentences"]
        # The one type in it that is foreign to msgspec is the campaign, which the document has as its hash.
        setup = msgspec.convert(document.setup, Setup, dec_hook=lambda *_: known)
        has_hash = texts["desk"]["campaign"] == known.version_hash()
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        return Undecodable(f"it has another form: {error}")
    except (KeyError, TypeError, AttributeError) as error:
        return Undecodable(f"it lacks what the cores are built with: {error!r}")
    entries = tuple(
        Entry(now, event_of(name, values), None if commands is None else dumps(commands, is_sorted=True))
        for now, name, values, commands in document.entries
    )
    return Recording(setup, entries, document.is_cut, has_hash)


def with_campaign(text: str, campaign: Campaign) -> str:
    """A readable document as one that stands alone, and can be a test. Raises ``ValueError`` for what is no document."""
    document = json.loads(text)
    entries = [dumps(entry) for entry in document.pop("entries")]
    return _document({**document, "campaign": json.loads(campaign.canonical_json())}, entries)


def _document(head: dict[str, object], entries: Iterable[str]) -> str:
    """One document with a line for each part and for each entry."""
    parts = [f'"{name}":{dumps(value)}' for name, value in head.items()]
    return "{" + ",\n".join(parts) + ',\n"entries":[\n' + ",\n".join(entries) + "\n]}\n"
