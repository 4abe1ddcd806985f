"""Records linked so that nobody can change, drop, move or add one unseen.

Each record has its place in the chain (``seq``, from 1 without gaps), a ``digest`` over the digest before it, its place and its
text, and a ``mac``: the digest sealed with a key that is not in the database. Who edits a record and computes all digests anew
has no seal for them; who cuts the end off has no seal for the new head (heads are sealed in another way than records, so that no
old record's seal fits). Going back to a whole older state, seals and all, is seen only by who has kept a later head elsewhere.

The digests need no key: a third party can follow them to the head that it was told.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """Where a record stands and what it is sealed with."""

    seq: int
    digest: str
    mac: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: its last record."""

    name: str
    seq: int
    digest: str
    mac: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is kept elsewhere as an anchor."""
        return {"name": self.name, "seq": self.seq, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Linked:
    """A record as it is stored: its text, and its link."""

    body: str
    link: Link


def canonical(body: Mapping[str, Any]) -> str:
    """The one text of a record: JSON, keys in order, no spaces, all letters as they are."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def beginning(name: str) -> str:
    """The digest before the first record: no two chains begin alike, so a record cannot move to another chain."""
    return hashlib.sha256(f"dialer chain {name}".encode()).hexdigest()


def digest_of(before: str, seq: int, body: str) -> str:
    """The digest of a record after ``before``."""
    return hashlib.sha256(f"{before}\n{seq}\n{body}".encode()).hexdigest()


def seal(key: bytes, digest: str) -> str:
    """The seal of a record."""
    return hmac.digest(key, f"record\n{digest}".encode(), "sha256").hex()


def seal_head(key: bytes, name: str, seq: int, digest: str) -> str:
    """The seal of a head."""
    return hmac.digest(key, f"head\n{name}\n{seq}\n{digest}".encode(), "sha256").hex()


def extend(key: bytes, head: Head, bodies: Iterable[str]) -> tuple[list[Link], Head]:
    """The links of new records behind ``head``, and the new head."""
    links, seq, digest = [], head.seq, head.digest
    for body in bodies:
        seq += 1
        digest = digest_of(digest, seq, body)
        links.append(Link(seq, digest, seal(key, digest)))
    return links, Head(head.name, seq, digest, seal_head(key, head.name, seq, digest))


def flaws(key: bytes, head: Head, records: Iterable[Linked], anchor: Head | None = None) -> list[str]:
    """What is wrong with a chain, the first flaw of each kind first; empty when it is whole.

    ``records`` in the order of ``seq``. ``anchor``: a head of this chain that was kept elsewhere.
    """
    found: list[str] = []
    seq, digest = 0, beginning(head.name)
    is_anchored = anchor is None or anchor.seq == 0
    for record in records:
        link = record.link
        if link.seq != seq + 1:
            found.append(f"record {seq + 1} is missing" if link.seq > seq + 1 else f"record {link.seq} is there twice")
        elif digest_of(digest, link.seq, record.body) != link.digest:
            found.append(f"record {link.seq} was changed, or is not in its place")
        if not hmac.compare_digest(seal(key, link.digest).encode(), link.mac.encode()):
            found.append(f"record {link.seq} has a seal that our key did not make")
        seq, digest = link.seq, link.digest
        if anchor is not None and link.seq == anchor.seq:
            is_anchored = link.digest == anchor.digest
            found += [] if is_anchored else [f"record {link.seq} is not the one that was the head when it was kept elsewhere"]
        if len(found) >= _MOST_FLAWS:
            return found
    if seq != head.seq:
        found.append(f"the chain ends with record {seq}, and its head says {head.seq}: the end was cut off or added to")
    elif digest != head.digest or not hmac.compare_digest(
        seal_head(key, head.name, head.seq, head.digest).encode(), head.mac.encode()
    ):
        found.append("the head has a seal that our key did not make, or is not the last record")
    if anchor is not None and not is_anchored and seq < anchor.seq:
        found.append(f"the chain ends with record {seq}, and record {anchor.seq} was its head when it was kept elsewhere")
    return found


_MOST_FLAWS = 20
