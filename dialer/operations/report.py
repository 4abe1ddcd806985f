"""Write the reports of a campaign into a folder: one file at a time, each complete or not there at all."""

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

from dialer.compliance.zones import candidate_zones
from dialer.errors import UserError
from dialer.intake.reader import column_key
from dialer.leads.analysis import read_analysis
from dialer.leads.masking import secrets_of, without_secrets
from dialer.leads.objections import find_objections
from dialer.leads.observe import observe
from dialer.model.ids import CampaignId
from dialer.model.lead import Objection, Observation
from dialer.model.phone import PhoneNumber
from dialer.reports import csvs, jsons
from dialer.reports.aggregate import AttemptTally, ContactTally, Summary, TurnTally, summarise
from dialer.reports.data import CampaignHead, ContactRow, ProblemRow, TranscriptRow
from dialer.reports.heard import HeardTally, Listener
from dialer.reports.html import Page, report_html
from dialer.reports.lists import Lists
from dialer.reports.workbook import Workbook, figure_rows
from dialer.reports.worked import WorkedTally
from dialer.store import campaigns, results
from dialer.store.engine import Store, Tx
from dialer.store.results import ZoneOf

FILES = ("contacts.csv", "attempts.csv", "leads.csv", "leads.xlsx", "report.json", "transcripts.jsonl")
"""What lies beside ``report.html``."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where the files lie, ``report.html`` first, and the contents of ``report.json``."""

    files: tuple[Path, ...]
    summary: Mapping[str, Any]

    @property
    def page(self) -> Path:
        """The page for people."""
        return self.files[0]


@dataclass(slots=True)
class _Counted:
    """Everything that is learned while the files are written."""

    head: CampaignHead
    contacts: ContactTally
    attempts: AttemptTally
    turns: TurnTally
    worked: WorkedTally
    heard: HeardTally
    lists: Lists

    def summary(self) -> Summary:
        """The figures, once all rows have passed."""
        return summarise(self.head.campaign, self.head.imports, self.contacts, self.attempts, self.turns)


def write_report(store: Store, campaign_name: str, directory: Path, now: datetime) -> ReportPaths:
    """Write all report files of the campaign into ``directory`` (made when it is not there) and say where they are.

    Everything is read in one read transaction, so that all files tell of the same instant; writing them again gives the same
    files but for the time. Raises ``UserError`` for an unknown campaign and for a folder that cannot be written.
    """
    with store.read() as tx:
        row = campaigns.find(tx, campaign_name)
        if row is None:
            raise UserError(f"there is no campaign {campaign_name!r}", code="unknown_campaign")
        head = results.head(tx, row)
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            summary = _write_all(tx, head, directory, now)
        except OSError as error:
            raise UserError(f"{error.filename or directory}: {error.strerror}", code="unwritable_folder") from error
    return ReportPaths(tuple(directory / name for name in ("report.html", *FILES)), summary)


def _write_all(tx: Tx, head: CampaignHead, directory: Path, now: datetime) -> Mapping[str, Any]:
    campaign = head.campaign
    positive = [word for word, rule in campaign.outcomes.items() if rule.category == "positive"]
    counted = _Counted(
        head,
        ContactTally(campaign),
        AttemptTally(),
        TurnTally(),
        WorkedTally(positive),
        HeardTally(_listening([rule.question for rule in campaign.answers.values()])),
        Lists(_planned_column(head)),
    )
    answers = tuple(campaign.answers)
    headers = {
        "Leads": csvs.lead_header(answers),
        "Contacts": csvs.contact_header(head.columns, answers),
        "Attempts": csvs.ATTEMPT_COLUMNS,
        "Figures": ("figure", "value"),
    }
    with _replacing(directory / "leads.xlsx") as target, closing(Workbook(target, headers, now)) as book:
        _write_tables(tx, counted, directory, book)
        values = _write_figures(tx, counted, directory, now)
        for row in figure_rows(values):
            book.sheets["Figures"].add(row)
    return values


def _write_tables(tx: Tx, counted: _Counted, directory: Path, book: Workbook) -> None:
    """The files of rows: each row is read once, counted, and written to its file and its sheet."""
    head, lists = counted.head, counted.lists
    answers = tuple(head.campaign.answers)
    zone_of = zones(is_marketing=head.campaign.kind.is_marketing)
    safe = _safe_summaries(tx, head, zone_of)
    people = (
        csvs.contact_cells(head.columns, answers, row)
        for row in _contacts_counted(_safe_contacts(results.file_rows(tx, head.id, zone_of), safe), counted)
    )
    contacts = csvs.table(csvs.contact_header(head.columns, answers), _passing(people, book.sheets["Contacts"].add))
    write_text(directory / "contacts.csv", contacts)
    made = (replace(row, summary=safe.get(row.id, row.summary)) for row in results.attempt_rows(tx, head.id, zone_of))
    dials = _passing(made, counted.attempts.add, counted.worked.add, lists.add_attempt)
    rows = _passing((csvs.attempt_cells(row) for row in dials), book.sheets["Attempts"].add)
    write_text(directory / "attempts.csv", csvs.table(csvs.ATTEMPT_COLUMNS, rows))
    said = (
        replace(talk, transcript=without_secrets(head.campaign, talk.transcript))
        for talk in results.transcript_rows(tx, head.id, zone_of)
    )
    talks = _passing(said, counted.turns.add, counted.heard.add, lists.add_transcript)
    write_text(directory / "transcripts.jsonl", (jsons.transcript_line(talk) for talk in talks))
    found = _passing(results.lead_rows(tx, head.id, zone_of), lists.add_lead)
    leads = _passing((csvs.lead_cells(answers, row) for row in found), book.sheets["Leads"].add)
    write_text(directory / "leads.csv", csvs.table(csvs.lead_header(answers), leads))


def _safe_summaries(tx: Tx, head: CampaignHead, zone_of: ZoneOf) -> Mapping[str, str]:
    """The summaries of talks that tell what was said to be recognised, without it: such were stored before they were masked."""
    if head.campaign.identity is None and not results.has_checks(tx, head.id):
        return {}
    talks = results.transcript_rows(tx, head.id, zone_of)
    told = ((talk.attempt, secrets_of(head.campaign, talk.transcript)) for talk in talks if talk.attempt.summary)
    return {row.id: safe for row, secrets in told if (safe := secrets.hidden(row.summary)) != row.summary}


def _safe_contacts(rows: Iterable[ContactRow | ProblemRow], safe: Mapping[str, str]) -> Iterator[ContactRow | ProblemRow]:
    for row in rows:
        yield replace(row, summary=safe.get(row.summary_of, row.summary)) if isinstance(row, ContactRow) else row


def _write_figures(tx: Tx, counted: _Counted, directory: Path, now: datetime) -> Mapping[str, Any]:
    """The two files that need all the others."""
    head, lists, summary = counted.head, counted.lists, counted.summary()
    opt_outs = results.opt_out_rows(tx, head.id, zones(is_marketing=head.campaign.kind.is_marketing))
    worked = counted.worked.result(counted.attempts.answer_to_audio_ms, counted.turns.latencies_ms)
    objections, observations = counted.heard.objections(), counted.heard.observations()
    method = results.method(tx, CampaignId(head.id))
    totals = jsons.Totals(opt_outs=len(opt_outs), callbacks=lists.callbacks, needs_review=lists.reviews.count)
    values = jsons.report_values(head, summary, totals, now, jsons.Details(worked, objections, observations, method))
    text = jsons.report_json(values)
    write_text(directory / "report.json", [text])
    report_id = hashlib.sha256(text.encode()).hexdigest()[:12]
    page = Page(head, summary, lists, opt_outs, FILES, now, worked, objections, observations, method, report_id)
    write_text(directory / "report.html", [report_html(page)])
    return values


def _listening(questions: Sequence[str]) -> Listener:
    """Finds what speaks against it and what stands out in one talk, with what a model read of it."""

    def listen(row: TranscriptRow) -> tuple[tuple[Objection, ...], tuple[Observation, ...]]:
        analysis = read_analysis(row.document) if isinstance(row.document, dict) else None
        return find_objections(row.transcript, analysis, questions), observe(row.transcript, analysis)

    return listen


def _planned_column(head: CampaignHead) -> str:
    """The column of the contact files with the time of the appointment: that of the first date and time of the script."""
    wanted = next(((rule.column or name) for name, rule in head.campaign.variables.items() if rule.type == "datetime"), "")
    return next((name for name in head.columns if wanted and column_key(name) == column_key(wanted)), "")


def zones(*, is_marketing: bool) -> ZoneOf:
    """The zone in which the call itself told the time: the contact's own, else the first that the number allows."""

    @cache
    def zone_of(phone: PhoneNumber, timezone: str) -> str:
        return timezone or next(iter(candidate_zones(phone, "", is_marketing=is_marketing).names), "")

    return zone_of


def _contacts_counted(rows: Iterable[ContactRow | ProblemRow], counted: _Counted) -> Iterator[ContactRow | ProblemRow]:
    for row in rows:
        if isinstance(row, ContactRow):
            counted.contacts.add(row)
            counted.lists.add_contact(row)
        yield row


def _passing(rows: Iterable[T], *adds: Callable[[T], None]) -> Iterator[T]:
    """The same rows, each shown to every one of ``adds`` on its way."""
    for row in rows:
        for add in adds:
            add(row)
        yield row


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a text file, piece by piece."""
    with _replacing(path) as target, io.TextIOWrapper(target, "utf-8", errors="replace", newline="") as file:
        file.writelines(pieces)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write beside the old file and put it in its place at the end; readers never see half a file.

    Only its owner may read it: the reports are full of personal data.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
