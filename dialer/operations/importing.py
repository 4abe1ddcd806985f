"""Take a contact file in: good rows become contacts and queued calls, bad rows are kept with the reason.

One transaction holds the whole file: a file problem, a lost database or a kill leaves nothing half stored.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from dialer.compliance.permit import Facts
from dialer.errors import UserError
from dialer.intake import columns, reader, rejects, rows
from dialer.intake.countries import country_named
from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.contact import Contact, RowProblem
from dialer.model.decision import Decision
from dialer.model.ids import ContactId, ImportId
from dialer.operations import legal_facts
from dialer.operations.import_gates import ImportGates
from dialer.operations.parts import Parts
from dialer.store import campaigns, contacts, decisions, queue, suppression
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Tx

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read the file where detection is not to be trusted."""

    region: str = ""
    encoding: str = ""
    delimiter: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    """Of an Excel workbook; its first when empty."""
    columns: Sequence[str] = ()
    """The names of the columns of a file that has no header."""
    is_dry_run: bool = False


@dataclass(slots=True)
class _Tally:
    """Rows counted while the file is read."""

    rows: int = 0
    accepted: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0
    held: int = 0
    suppressed: int = 0
    by_code: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What became of the file. rows = accepted + updated + duplicates + rejected; held and suppressed are part of accepted."""

    campaign: str
    file: str
    encoding: str
    delimiter: str
    phone_column: str
    rows: int
    accepted: int
    updated: int
    duplicates: int
    rejected: int
    held: int
    suppressed: int
    by_code: Mapping[str, int]
    rejects_file: str | None
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of ``import --json``."""
        keys = ("campaign", "file", "encoding", "delimiter", "phone_column", "rows", "accepted", "updated", "duplicates")
        body = {key: getattr(self, key) for key in keys}
        body |= {"rejected": self.rejected, "held": self.held, "suppressed": self.suppressed}
        return body | {
            "by_code": dict(sorted(self.by_code.items())),
            "rejects_file": self.rejects_file,
            "notes": list(self.notes),
        }


Progress = Callable[[int, int], None]
"""Is told how many bytes and rows have been read."""


class _DryRun(Exception):  # leaves the transaction without keeping anything
    pass


def import_contacts(
    parts: Parts,
    campaign: Campaign,
    path: Path,
    options: ImportOptions,
    rejects_path: Path,
    progress: Progress = lambda bytes_read, rows_read: None,
) -> ImportSummary:
    """Import ``path`` into ``campaign``; bad rows go to ``rejects_path``. ``progress`` gets the bytes and rows read so far.

    Raises ``UserError`` for a file problem (its message begins with the file and the code) and for a campaign that can take
    no more contacts; nothing is stored then.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UserError(f"{path}: unreadable_file: {error.strerror}", code="unreadable_file") from error
    with stream, _Rejects(rejects_path) as refused, _naming(path):
        intake = _Intake(parts, campaign, stream, options, refused, progress)
        try:
            with parts.store.write() as tx:
                intake.run(tx, path.name, hashlib.file_digest(stream, "sha256").hexdigest())
                if options.is_dry_run:
                    raise _DryRun
        except _DryRun:
            return intake.summary(str(path), None, ("dry run: nothing was stored",))
        return intake.summary(str(path), refused.keep())


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """A problem of the file names the file and its code."""
    try:
        yield
    except UserError as error:
        code = f"{error.code}: " if error.code else ""
        raise UserError(f"{path}: {code}{error}", code=error.code, hint=error.hint) from error


class _Remarks:
    """What was repaired, passed over or stood out, told once for all rows that it concerns."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int, str]] = {}
        self.opted_out = 0
        self.elsewhere: Counter[str] = Counter()

    def add(self, contact: Contact) -> None:
        """Count what the reading of one row has noted."""
        for note in contact.notes:
            kind = note if rows.ORDER_NOTE in note else note.partition(" ")[0]
            count, row, first = self._seen.get(kind, (0, contact.row, note))
            self._seen[kind] = (count + 1, row, first)

    def said(self) -> tuple[str, ...]:
        """One line for each kind."""
        return tuple(
            f"row {row}: {note}" if count == 1 else f"{count} rows, the first is {row}: {note}"
            for count, row, note in self._seen.values()
        )


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner may read: the rows of people."""
    return os.open(path, flags, 0o600)


class _Rejects:
    """``rejects.csv`` on its way: written beside its place while the file is read, and put there when everything is stored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._out: TextIO | None = None

    def __enter__(self) -> "_Rejects":
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


def _region(given: str) -> str:
    """The country that is to read national numbers, as its code. Raises ``UserError``: an unknown one would refuse every row."""
    found = country_named(given)
    if given and not found:
        raise UserError(f"--region {given} is no country", code="unknown_region", hint="two letters, such as US or CN")
    return found


class _Intake:
    """One file on its way into one campaign."""

    def __init__(
        self,
        parts: Parts,
        campaign: Campaign,
        stream: BinaryIO,
        options: ImportOptions,
        refused: _Rejects,
        progress: Progress,
    ) -> None:
        self._parts = parts
        self._campaign = campaign
        self._stream = stream
        self._region = _region(options.region) or campaign.regions[0]
        self._refused = refused
        self._progress = progress
        self._table = reader.open_table(
            stream,
            region=self._region,
            language=campaign.language,
            encoding=options.encoding,
            delimiter=options.delimiter,
            sheet=options.sheet,
            columns=options.columns,
        )
        self._columns = columns.map_columns(self._table.header, campaign.variables, options.mapping)
        self._now = parts.clock.now()
        self._gates = ImportGates(self._now)
        self._tally = _Tally()
        self._remarks = _Remarks()

    def summary(self, file: str, rejects_file: Path | None, notes: tuple[str, ...] = ()) -> ImportSummary:
        """What was detected and counted."""
        return ImportSummary(
            campaign=self._campaign.name,
            file=file,
            encoding=self._table.encoding.name,
            delimiter=self._table.delimiter,
            phone_column=self._columns.phone_column,
            rejects_file=str(rejects_file) if rejects_file else None,
            notes=(
                f"read as {self._table.said}",
                *self._table.notes,
                *self._columns.said,
                *self._remarks.said(),
                *self._said(),
                *notes,
            ),
            **self._tally.counts(),
        )

    def _said(self) -> Iterator[str]:
        if footer := self._table.footer:
            numbers = ", ".join(str(record.row) for record in footer)
            first = " ".join(cell for cell in footer[0].cells if cell)
            yield f"no rows, but the end of a report: {numbers} ({first[:60]})"
        if self._remarks.opted_out:
            yield f"{self._remarks.opted_out} rows say that the person wants no calls: the numbers are on the do-not-call list"
        for name, count in sorted(self._remarks.elsewhere.items()):
            yield f"{count} of the numbers are in the campaign {name} too: the limits on dials of one number hold over both"

    def run(self, tx: Tx, file_name: str, digest: str) -> None:
        """Store every row of the file and count it."""
        now = self._now
        row = campaigns.save_version(tx, self._campaign, now)
        if row.status in (CampaignStatus.CANCELLED, CampaignStatus.DONE):
            campaigns.set_status(tx, row.id, CampaignStatus.DRAFT, "", now)
        import_id = contacts.record_import(tx, self._facts(row, file_name, digest), now)
        results = rows.read_contacts(self._table, self._columns, self._campaign, region=self._region)
        while batch := list(islice(results, _BATCH)):
            self._keep_bad(tx, import_id, [result for result in batch if isinstance(result, RowProblem)])
            self._keep_good(tx, row, import_id, [result for result in batch if isinstance(result, Contact)])
            self._progress(self._stream.tell(), self._tally.rows)
        contacts.settle_import(tx, import_id, self._facts(row, file_name, digest))

    def _facts(self, row: CampaignRow, file_name: str, digest: str) -> contacts.ImportFacts:
        return contacts.ImportFacts(
            campaign_id=row.id,
            file_name=file_name,
            file_hash=digest,
            encoding=self._table.encoding.name,
            delimiter=self._table.delimiter,
            phone_column=self._columns.phone_column,
            header=self._table.header,
            **self._tally.counts(),
        )

    def _keep_bad(self, tx: Tx, import_id: ImportId, bad: list[RowProblem]) -> None:
        contacts.add_problems(tx, import_id, bad)
        self._refused.add(self._table.header, bad)
        duplicates = sum(problem.code == "duplicate" for problem in bad)
        self._tally.rows += len(bad)
        self._tally.duplicates += duplicates
        self._tally.rejected += len(bad) - duplicates
        self._tally.by_code.update(problem.code for problem in bad)

    def _keep_good(self, tx: Tx, row: CampaignRow, import_id: ImportId, good: list[Contact]) -> None:
        now, tally = self._now, self._tally
        kept = contacts.upsert(tx, row.id, import_id, good, now)
        self._remarks.elsewhere.update(contacts.elsewhere(tx, row.id, [contact.phone for contact in good]))
        self._suppress(tx, good)
        ledgers = legal_facts.of_ledgers(tx, row.id, [(contact, contact.phone) for contact in good])
        calls, refused = [], []
        for contact, stored, legal in zip(good, kept, ledgers, strict=True):
            decision = self._gates.decide(self._judge(contact, row, legal))
            calls.append(self._new_call(contact, stored.contact_id, decision))
            self._remarks.add(contact)
            tally.rows += 1
            tally.accepted += stored.is_new
            tally.updated += not stored.is_new
            tally.suppressed += decision.code == "blocked_dnc"
            tally.held += not decision.is_allowed and decision.code != "blocked_dnc"
            if not decision.is_allowed:
                tally.by_code[decision.code] += 1
                refused.append(decisions.DecisionRow(decision, row.id, contact.phone, stored.contact_id))
        decisions.save(tx, refused)
        queue.add_calls(tx, row.id, calls)

    def _suppress(self, tx: Tx, good: list[Contact]) -> None:
        """Who wants no calls by the list's own word is called by no campaign, at any of his numbers."""
        for contact in good:
            if contact.opt_out:
                self._remarks.opted_out += 1
                for phone in contact.numbers:
                    suppression.add(tx, phone, contact.opt_out, f"import of {self._campaign.name}", self._now)

    def _judge(self, contact: Contact, row: CampaignRow, legal: Mapping[str, Any]) -> Facts:
        return Facts(
            **legal,
            campaign=self._campaign,
            phone=contact.phone,
            status=row.status,
            timezone=contact.timezone,
            consent=contact.consent,
            not_before=contact.not_before,
            expires_at=contact.expires_at,
        )

    def _new_call(self, contact: Contact, contact_id: ContactId, decision: Decision) -> queue.NewCall:
        due_at = contact.not_before or self._now
        is_suppressed = decision.code == "blocked_dnc"
        return queue.NewCall(
            contact_id=contact_id,
            phone=contact.phone,
            state=CallState.QUEUED if decision.is_allowed else CallState.HELD,
            bucket=None if decision.is_allowed else Bucket.SUPPRESSED if is_suppressed else Bucket.HELD,
            hold_code="" if decision.is_allowed else decision.code,
            due_at=due_at,
            priority=contact.priority,
            expires_at=contact.expires_at,
        )
