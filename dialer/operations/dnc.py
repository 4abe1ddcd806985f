"""The do-not-call list as people work with it: add, remove, import, export, check. What is done here is an act on record."""

import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from phonenumbers import SUPPORTED_REGIONS

from dialer.errors import UserError
from dialer.intake.numbers import NumberProblem, parse_phone
from dialer.model.ids import CampaignId
from dialer.model.phone import PhoneNumber
from dialer.operations import folders, outgoing
from dialer.operations.lookup import read_phone
from dialer.operations.parts import Parts
from dialer.store import acts, campaigns, national, people, suppression
from dialer.store.acts import Act
from dialer.store.engine import Tx
from dialer.store.keys import number_of
from dialer.store.suppression import Suppression

EXPORT_COLUMNS = ("number_hash", "scope", "reason", "source", "added_by", "added_at")
_PHONE_COLUMNS = frozenset({"phone", "number", "phone_number", "mobile", "telephone", "msisdn"})
_TEN = re.compile(r"\d{10}")
_HASH = re.compile(r"[0-9a-f]{32}")
_BATCH = 2000
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose list: that of all campaigns (no id), or that of one."""

    campaign_id: CampaignId | None = None
    name: str = ""

    @property
    def words(self) -> str:
        """For people."""
        return f"campaign {self.name}" if self.name else "all campaigns"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list was told: how many are new on it, were there, and could not be read (with the lines of the first)."""

    added: int
    known: int
    unreadable: int
    lines: tuple[int, ...] = ()
    cancelled: int = 0

    def as_json(self) -> dict[str, Any]:
        """The document of ``dnc import --json``."""
        return {name: getattr(self, name) for name in self.__slots__} | {"lines": list(self.lines)}


@dataclass(frozen=True, slots=True)
class Checked:
    """What all lists say of one number."""

    phone: PhoneNumber
    entries: tuple[tuple[Suppression, str], ...]
    national: tuple[tuple[str, datetime, bool], ...]
    acts: tuple[Act, ...]

    @property
    def is_listed(self) -> bool:
        """No campaign calls it, or a national list has it."""
        return any(entry.campaign_id is None for entry, _ in self.entries) or any(is_on for _, _, is_on in self.national)

    def as_json(self) -> dict[str, Any]:
        """The document of ``dnc check --json``."""
        return {
            "phone": self.phone,
            "is_listed": self.is_listed,
            "entries": [
                {
                    "scope": scope,
                    "reason": entry.reason,
                    "source": entry.source,
                    "quote": entry.quote,
                    "added_by": entry.added_by,
                    "added_at": entry.added_at.isoformat(),
                }
                for entry, scope in self.entries
            ],
            "national": [
                {"region": region, "as_of": as_of.isoformat(), "is_listed": is_on} for region, as_of, is_on in self.national
            ],
            "acts": [
                {"at": act.done_at.isoformat(), "actor": act.actor, "act": act.act, "reason": act.reason} for act in self.acts
            ],
        }


def scope_of(parts: Parts, campaign: str) -> Scope:
    """The list of a stored campaign, or (empty) that of all. Raises ``UserError`` for an unknown one."""
    if not campaign:
        return Scope()
    row = folders.stored(parts, campaign)
    return Scope(row.id, row.name)


def add(parts: Parts, phone_text: str, scope: Scope, by: str, reason: str, region: str = "US") -> Listed:
    """Put a number on a list and take the waiting calls of everybody who has it out of the queue, in one transaction."""
    phone, now = read_phone(phone_text, region), parts.clock.now()
    with parts.store.write() as tx:
        is_new = suppression.add(tx, phone, reason, "by hand", now, campaign_id=scope.campaign_id, added_by=by)
        acts.record(tx, Act(now, by, "dnc.add", reason, number_of(tx, phone), scope.name, {"was_new": is_new}))
        cancelled = _cancel(tx, parts, phone, scope, now)
    return Listed(int(is_new), int(not is_new), 0, cancelled=cancelled)


def remove(parts: Parts, phone_text: str, scope: Scope, by: str, reason: str, region: str = "US") -> int | None:
    """Take a number off a list; None when it was not on it. Says how many calls wait again that the list had cancelled or held
    before their first dial. Whoever was dialled before is not called again by this.
    """
    phone, now = read_phone(phone_text, region), parts.clock.now()
    with parts.store.write() as tx:
        if not suppression.remove(tx, phone, scope.campaign_id):
            return None
        restored = people.restore(tx, phone, scope.campaign_id)
        acts.record(tx, Act(now, by, "dnc.remove", reason, number_of(tx, phone), scope.name, {"waiting_again": restored}))
    return restored


def import_list(parts: Parts, path: Path, scope: Scope, by: str, reason: str, region: str = "US") -> Listed:
    """Put every number of a file on a list: one a line, or a CSV with a column of numbers or of our own hashes.

    Raises ``UserError`` when the file cannot be read or nothing in it is a number; nothing is stored then.
    """
    now = parts.clock.now()
    added = known = cancelled = 0
    bad: list[int] = []
    hashed: set[str] = set()
    with parts.store.write() as tx:
        for line, cell in _cells(path):
            phone = None if _HASH.fullmatch(cell) else _read(cell, region)
            if phone is None and not _HASH.fullmatch(cell):
                bad.append(line)
                continue
            number = cell if phone is None else number_of(tx, phone)
            entry = Suppression(number, reason, path.name, "", None, now, scope.campaign_id, by)
            is_new = suppression.add_hashed(tx, entry)
            added, known = added + is_new, known + (not is_new)
            cancelled += _cancel(tx, parts, phone, scope, now) if phone is not None and is_new else 0
            hashed |= {number} if phone is None and is_new else set()
        # A hash does not tell its number: look for it among those that wait.
        waiting = people.waiting_numbers(tx) if hashed else ()
        cancelled += sum(_cancel(tx, parts, phone, scope, now) for phone in waiting if number_of(tx, phone) in hashed)
        _require_some(path, added + known, bad)
        detail = {"file": path.name, "sha256": _digest(path), "added": added, "known": known, "unreadable": len(bad)}
        acts.record(tx, Act(now, by, "dnc.import", reason, "", scope.name, detail))
    return Listed(added, known, len(bad), tuple(bad[:_MOST_SHOWN]), cancelled)


def import_national(parts: Parts, path: Path, region: str, as_of: datetime, by: str, reason: str) -> Listed:
    """Take in a copy of a country's do-not-call list, as it was at ``as_of``; it takes the place of older copies.

    Raises ``UserError`` as ``import_list`` does, and for a copy of the future.
    """
    now = parts.clock.now()
    if as_of > now:
        raise UserError(f"--as-of {as_of.isoformat()} is in the future", code="bad_instant")
    digest = _digest(path)
    bad: list[int] = []
    with parts.store.write() as tx:
        list_id = national.begin(tx, region, as_of, digest, by, now)
        numbers = _numbers(path, region, bad)
        entries = 0
        while batch := list(islice(numbers, _BATCH)):
            entries += national.add(tx, list_id, batch)
        _require_some(path, entries, bad)
        national.settle(tx, list_id, entries)
        detail = {"region": region, "as_of": as_of.isoformat(), "sha256": digest, "entries": entries, "unreadable": len(bad)}
        acts.record(tx, Act(now, by, "dnc.import_national", reason, "", "", detail))
    return Listed(entries, 0, len(bad), tuple(bad[:_MOST_SHOWN]))


def export(parts: Parts, out: TextIO, by: str, progress: Callable[[int], None] = lambda count: None) -> int:
    """Write the list as CSV: hashes and reasons, no numbers; returns how many entries. It can be imported where the key is
    the same.
    """
    table = csv.writer(out, lineterminator="\n")
    table.writerow(EXPORT_COLUMNS)
    count = 0
    with parts.store.read() as tx:
        names = {row.id: row.name for row in campaigns.listed(tx)}
        for entry in suppression.listed(tx):
            scope = "" if entry.campaign_id is None else names[entry.campaign_id]
            told = (entry.reason, entry.source, entry.added_by)
            table.writerow((entry.number, _plain(scope), *map(_plain, told), entry.added_at.isoformat()))
            count += 1
            progress(count)
    with parts.store.write() as tx:
        acts.record(tx, Act(parts.clock.now(), by, "dnc.export", "", "", "", {"entries": count}))
    return count


def check(parts: Parts, phone_text: str, region: str = "US") -> Checked:
    """What every list says of a number. Raises ``StoreError`` when the list cannot be read with our key."""
    phone = read_phone(phone_text, region)
    with parts.store.read() as tx:
        names = {row.id: row.name for row in campaigns.listed(tx)}
        entries = [
            (entry, "all campaigns" if entry.campaign_id is None else f"campaign {names[entry.campaign_id]}")
            for entry in suppression.entries(tx, phone)
        ]
        copies = [(copy.region, copy.as_of, copy.is_listed) for copy in national.copies(tx, phone)]
        return Checked(phone, tuple(entries), tuple(copies), tuple(acts.of_number(tx, number_of(tx, phone))))


def _cancel(tx: Tx, parts: Parts, phone: PhoneNumber, scope: Scope, now: datetime) -> int:
    """Take everybody who has the number out of the queues that the list is for."""
    ended = people.cancel(tx, phone, now, scope.campaign_id)
    outgoing.calls_finished(tx, parts, ended, now)
    return len(ended)


def _require_some(path: Path, count: int, bad: list[int]) -> None:
    if not count:
        where = f" (the first is line {bad[0]})" if bad else ""
        raise UserError(f"{path}: nothing in it is a phone number{where}", code="no_numbers", hint="one number a line, or a CSV")


def _numbers(path: Path, region: str, bad: list[int]) -> Iterator[PhoneNumber]:
    for line, cell in _cells(path):
        phone = _read(cell, region)
        if phone is None:
            bad.append(line)
        else:
            yield phone


def _read(cell: str, region: str) -> PhoneNumber | None:
    """A number of a list; ten digits of a North American list are taken as they are, which is what makes a long one bearable."""
    if region in ("US", "CA") and _TEN.fullmatch(cell):
        return PhoneNumber(f"+1{cell}")
    parsed = parse_phone(cell, region, SUPPORTED_REGIONS)
    return None if isinstance(parsed, NumberProblem) else parsed.phone


def _cells(path: Path) -> Iterator[tuple[int, str]]:
    """The cell of each line that should be a number, with the line's number. Raises ``UserError``."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, dialect=_dialect(file.read(4096)))
            file.seek(0)
            column: int | None = None
            for row in rows:
                if not row or not "".join(row).strip():
                    continue
                if column is None:
                    column, is_header = _column(row)
                    if is_header:
                        continue
                yield rows.line_num, _cell(row, column)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read: {error}", code="unreadable_file") from error


def _dialect(sample: str) -> type[csv.Dialect]:
    class Plain(csv.excel):
        delimiter = max(",;\t", key=sample.partition("\n")[0].count)
        strict = True

    return Plain


def _column(row: list[str]) -> tuple[int, bool]:
    """Which cell is the number, and whether this row is the header."""
    names = [cell.strip().casefold().replace(" ", "_") for cell in row]
    for index, name in enumerate(names):
        if name in _PHONE_COLUMNS or name == EXPORT_COLUMNS[0]:
            return index, True
    return 0, False


def _cell(row: list[str], column: int) -> str:
    """The number; a list with area code and number apart (``212,5550123``) is put together."""
    cells = [cell.strip() for cell in row]
    if len(cells) == 2 and column == 0 and re.fullmatch(r"\d{3}", cells[0]) and re.fullmatch(r"\d{7}", cells[1]):
        return "".join(cells)
    return cells[column] if column < len(cells) else ""


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", code="unreadable_file") from error


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip()[:1] in tuple("=+-@|\t\r") and text.strip() else text
