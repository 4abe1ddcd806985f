"""Take a contact file in: good rows become contacts and queued calls, bad rows are kept with the reason.

One transaction holds the whole file: a file problem, a lost database or a kill leaves nothing half stored.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any

from dialer.compliance.permit import Facts
from dialer.errors import PolicyRefusal, UserError
from dialer.intake import columns, reader, rows
from dialer.intake.countries import country_named
from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.contact import Contact, RowProblem
from dialer.model.decision import Decision
from dialer.model.ids import ContactId
from dialer.operations import legal_facts
from dialer.operations.import_gates import ImportGates
from dialer.operations.parts import Parts
from dialer.operations.rejecting import RejectsFile
from dialer.store import campaigns, contacts, decisions, staging
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Desk, Tx, batches
from dialer.store.staging import Judged

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
    with _opened(path) as stream, RejectsFile(rejects_path) as refused, _naming(path):
        intake = _Intake(parts, campaign, stream, options, refused, progress)
        try:
            with parts.store.desk() as desk:
                before = _state(stream)
                intake.prepare(desk)
                stream.seek(0)
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                if _state(stream) != before:
                    hint = "import it again when nobody writes to it any more"
                    raise UserError("the file has changed while it was read", code="unreadable_file", hint=hint)
                with desk.write() as tx:
                    intake.store(tx, path.name, digest)
                    if options.is_dry_run:
                        raise _DryRun
        except _DryRun:
            return intake.summary(str(path), None, ("dry run: nothing was stored",))
        return intake.summary(str(path), refused.keep())


def _opened(path: Path) -> BufferedReader:
    """Open a contact file, which is read from its beginning more than once."""
    if path.is_dir():
        raise UserError(f"{path}: unreadable_file: this is a folder", code="unreadable_file", hint="name the contact file in it")
    if path.exists() and not path.is_file():
        hint = "save it as a file first"
        raise UserError(f"{path}: unreadable_file: this is a pipe or a device, and no file", code="unreadable_file", hint=hint)
    try:
        return path.open("rb")
    except OSError as error:
        raise UserError(f"{path}: unreadable_file: {error.strerror}", code="unreadable_file") from error


def _state(stream: BufferedReader) -> tuple[int, int]:
    """What tells that somebody has written to the file."""
    found = os.fstat(stream.fileno())
    return found.st_size, found.st_mtime_ns


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
        stream: BufferedReader,
        options: ImportOptions,
        refused: RejectsFile,
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

    def prepare(self, desk: Desk) -> None:
        """Read and judge every row and put it aside. Nobody waits for that, however long the file is."""
        with desk.prepare() as tx:
            staging.begin(tx)
        results = rows.read_contacts(self._table, self._columns, self._campaign, region=self._region)
        while batch := list(islice(results, _BATCH)):
            bad = [result for result in batch if isinstance(result, RowProblem)]
            good = [result for result in batch if isinstance(result, Contact)]
            with desk.prepare() as tx:
                judged = self._judged(tx, good)
                staging.add_opt_outs(tx, batch)
                staging.add_problems(tx, bad)
                staging.add(tx, judged, self._columns.phone_column)
            self._refused.add(self._table.header, bad)
            self._count_bad(bad)
            self._remarks.opted_out += sum(bool(result.opt_out) for result in batch)
            for it in judged:
                self._tally.rows += 1
                self._count(it.decision)
                self._remarks.add(it.contact)
            self._progress(self._stream.tell(), self._tally.rows)
        with desk.prepare() as tx:
            staging.analyse(tx)
            self._remarks.elsewhere.update(staging.elsewhere(tx, self._campaign.name))

    def store(self, tx: Tx, file_name: str, digest: str) -> None:
        """Take over what was put aside, all in this transaction."""
        now = self._now
        row = campaigns.save_version(tx, self._campaign, now)
        if row.status is CampaignStatus.CANCELLED:
            raise PolicyRefusal(
                f"campaign {row.name!r} was cancelled for good; give a copy of it another name and import into that"
            )
        if row.status is CampaignStatus.DONE:
            campaigns.set_status(tx, row.id, CampaignStatus.DRAFT, "", now)
        import_id = contacts.record_import(tx, self._facts(row, file_name, digest), now)
        self._tally.accepted, self._tally.updated = staging.take_over(tx, row.id, import_id, now)
        staging.take_over_problems(tx, import_id)
        staging.take_over_opt_outs(tx, f"import of {self._campaign.name}", now)
        for batch in batches(staging.outdated(tx, row.id, now), _BATCH):
            self._judge_again(tx, batch)
        staging.take_over_calls(tx, row.id)
        for refused in batches(staging.refused(tx, row.id), _BATCH):
            decisions.save(tx, refused)
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

    def _count_bad(self, bad: list[RowProblem]) -> None:
        duplicates = sum(problem.code == "duplicate" for problem in bad)
        self._tally.rows += len(bad)
        self._tally.duplicates += duplicates
        self._tally.rejected += len(bad) - duplicates
        self._tally.by_code.update(problem.code for problem in bad)

    def _count(self, decision: Decision) -> None:
        """Count a good row that is not dialled as it stands."""
        if not decision.is_allowed:
            is_suppressed = decision.code == "blocked_dnc"
            self._tally.suppressed += is_suppressed
            self._tally.held += not is_suppressed
            self._tally.by_code[decision.code] += 1

    def _judge_again(self, tx: Tx, contact_ids: list[ContactId]) -> None:
        """What has changed since these were judged (they were allowed then), this file's own opt-outs included."""
        known = contacts.many(tx, contact_ids)
        judged = self._judged(tx, [known[contact_id].contact for contact_id in contact_ids])
        staging.judge_again(tx, judged)
        for it in judged:
            self._count(it.decision)

    def _judged(self, tx: Tx, good: list[Contact]) -> list[Judged]:
        """What the gates say of each, by what the database knows at this moment."""
        row = campaigns.find(tx, self._campaign.name)
        known = legal_facts.of_ledgers(tx, row.id if row else None, [(contact, contact.phone) for contact in good])
        status = row.status if row else CampaignStatus.DRAFT
        return [self._judge(contact, status, legal) for contact, legal in zip(good, known, strict=True)]

    def _judge(self, contact: Contact, status: CampaignStatus, legal: Mapping[str, Any]) -> Judged:
        facts = Facts(
            # Who wants no calls by the list's own word is called by nobody; the number is put onto the list with the contact.
            **(legal if not contact.opt_out else {**legal, "is_suppressed": True}),
            campaign=self._campaign,
            phone=contact.phone,
            status=status,
            timezone=contact.timezone,
            consent=contact.consent,
            not_before=contact.not_before,
            expires_at=contact.expires_at,
        )
        return self._with_call(contact, self._gates.decide(facts))

    def _with_call(self, contact: Contact, decision: Decision) -> Judged:
        is_allowed, is_suppressed = decision.is_allowed, decision.code == "blocked_dnc"
        return Judged(
            contact,
            decision,
            state=CallState.QUEUED if is_allowed else CallState.HELD,
            bucket=None if is_allowed else Bucket.SUPPRESSED if is_suppressed else Bucket.HELD,
            hold_code="" if is_allowed else decision.code,
            due_at=contact.not_before or self._now,
        )
