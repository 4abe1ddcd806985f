"""The key of the ledger: with it the do-not-call list is hashed and the chains of records are sealed.

It lives outside the database, because who has both can undo both: in a setting, or in a file that only its owner can read. All
processes of a fleet must have the same key. The database remembers which key it was begun with (a fingerprint, which tells
nothing of the key): a missing or another key is a ``StoreError``, so that nothing is dialled by a list that cannot be read.
"""

import hmac
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from dialer.errors import StoreError
from dialer.model.phone import PhoneNumber
from dialer.store.ledger_tables import ledger_keys

OPTION = "dialer_ring"
"""The execution option under which every connection carries its ring."""
LEAST_LETTERS = 32
_NUMBER, _CHAIN, _FINGERPRINT = b"number", b"chain", b"fingerprint"
_HINT = "all processes need the key that the database was begun with: DIALER_LEDGER_KEY, or the key file"


class Ring:
    """Where the key of one database comes from. Thread-safe; the key is read when it is first needed."""

    def __init__(self, secret: str = "", file: Path | None = None, where: str = "the database") -> None:
        """``secret`` goes before ``file``; without either there is no key. ``where``: the database, for messages."""
        self._secret = secret
        self._file = file
        self._where = where
        self._lock = threading.Lock()
        self._proven: bytes | None = None

    def key(self, tx: Connection) -> bytes:
        """The key, when it is the database's. The first writer makes it the database's, and makes the file if there is none.

        Raises ``StoreError`` (``ledger_key``).
        """
        if self._proven is not None:
            return self._proven
        with self._lock:
            stored = tx.execute(select(ledger_keys.c.fingerprint)).scalar_one_or_none()
            key = self._read(may_make=stored is None)
            mine = fingerprint(key)
            if stored is None and tx.get_execution_options().get("dialer_begin") == "IMMEDIATE":
                dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
                tx.execute(dialect.insert(ledger_keys).values(id=1, fingerprint=mine).on_conflict_do_nothing())
                first = tx.execute(select(ledger_keys.c.fingerprint)).scalar_one()
                self._require(first == mine)
            elif stored is not None:
                self._require(stored == mine)
                self._proven = key  # and not before: what this transaction has written may still be rolled back
            return key

    def make_file(self) -> None:
        """Make the key file when the key is to come from one and there is none."""
        if not self._secret and self._file is not None:
            _make(self._file)

    def _require(self, is_same: bool) -> None:
        if not is_same:
            raise StoreError(f"{self._where}: the ledger key is another one; {_HINT}", code="ledger_key", retryable=False)

    def _read(self, *, may_make: bool) -> bytes:
        if self._secret:
            return _checked(self._secret, "DIALER_LEDGER_KEY")
        if self._file is None:
            raise StoreError(f"{self._where}: there is no ledger key; {_HINT}", code="ledger_key", retryable=False)
        try:
            if may_make:
                _make(self._file)
            return _checked(self._file.read_text(encoding="ascii").strip(), str(self._file))
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or "not a key"
            raise StoreError(f"{self._file}: {said}; {_HINT}", code="ledger_key", retryable=False) from error


def number_of(tx: Connection, phone: PhoneNumber) -> str:
    """The keyed hash under which a number is kept. Raises ``StoreError`` without the database's key."""
    return hashed(ring_of(tx).key(tx), phone)


def hasher(tx: Connection) -> Callable[[PhoneNumber], str]:
    """``number_of`` for many numbers. Raises ``StoreError`` without the database's key."""
    key = derived(ring_of(tx).key(tx), _NUMBER)
    return lambda phone: hmac.digest(key, phone.encode(), "sha256")[:16].hex()


def chain_key(tx: Connection) -> bytes:
    """What chains of records are sealed with. Raises ``StoreError`` without the database's key."""
    return derived(ring_of(tx).key(tx), _CHAIN)


def ring_of(tx: Connection) -> Ring:
    """The ring that the connection carries."""
    ring = tx.get_execution_options().get(OPTION)
    return ring if isinstance(ring, Ring) else Ring()


def hashed(key: bytes, phone: str) -> str:
    """HMAC-SHA256 of a number in hex, cut to 128 bits: too many for a chance hit, and no use without the key."""
    return hmac.digest(derived(key, _NUMBER), phone.encode(), "sha256")[:16].hex()


def derived(key: bytes, purpose: bytes) -> bytes:
    """One key for each purpose, so that none can be used for another's."""
    return hmac.digest(key, purpose, "sha256")


def fingerprint(key: bytes) -> str:
    """What tells a key from another one without telling the key."""
    return derived(key, _FINGERPRINT).hex()


def _checked(text: str, where: str) -> bytes:
    if len(text) < LEAST_LETTERS:
        message = f"{where}: a ledger key has at least {LEAST_LETTERS} letters: openssl rand -hex 32"
        raise StoreError(message, code="ledger_key", retryable=False)
    return text.encode()


def _make(file: Path) -> None:
    """Write a new key, unless there is a file: whoever comes first wins, and nobody reads half a key."""
    if file.exists():
        return
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(f"{secrets.token_hex(32)}\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(part, file)
    except FileExistsError:
        return
    finally:
        part.unlink(missing_ok=True)
