"""The CSV files: UTF-8 with a byte order mark (Excel reads it), CRLF, one header row, no cell that a spreadsheet runs.

A cell that begins like a formula (``= + - @``, their full-width forms, tab, carriage return, line feed; spaces and
quotes before them do not help) gets a leading apostrophe. A phone number in E.164 begins with a plus and is left as
it is.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from dialer.model.lead import EvidencedAnswer
from dialer.reports.data import AttemptRow, ContactRow, LeadRow, ProblemRow

BOM = "\ufeff"
_FORMULA = re.compile(r"[\s\x00-\x20'\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
_E164 = re.compile(r"\+[0-9]{6,15}")

CONTACT_COLUMNS = (
    "dialer_file",
    "dialer_row",
    "dialer_bucket",
    "dialer_reason",
    "dialer_phone",
    "dialer_attempts",
    "dialer_disposition",
    "dialer_outcome",
    "dialer_last_attempt_at",
    "dialer_next_attempt_at",
    "dialer_talk_s",
    "dialer_cost",
    "dialer_summary",
    "dialer_score",
    "dialer_grade",
    "dialer_next_step",
    "dialer_due_at",
    "dialer_quote",
    "dialer_needs_review",
    "dialer_outcome_source",
)
ATTEMPT_COLUMNS = (
    "attempt_id",
    "file",
    "row",
    "name",
    "phone",
    "number",
    "state",
    "dialed_at",
    "dialed_at_local",
    "answered_at",
    "ended_at",
    "disposition",
    "outcome",
    "answered_by",
    "end_cause",
    "hangup_cause",
    "sip_code",
    "reason",
    "ring_s",
    "talk_s",
    "answer_to_audio_ms",
    "cost",
    "callback_at",
    "summary",
    "from_number",
    "carrier",
    "script_version",
)
LEAD_COLUMNS = (
    "grade",
    "score",
    "outcome",
    "name",
    "phone",
    "email",
    "company",
    "external_id",
    "next_step",
    "due_at",
    "quote",
    "quote_at_ms",
    "score_reasons",
    "needs_review",
    "attempt_id",
    "file",
    "row",
)


def safe(cell: object) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run. None is empty."""
    text = written(cell).replace("\x00", "\ufffd")
    if text[:1].isalnum():  # nothing that begins so is a formula: spares most cells the search
        return text
    return f"'{text}" if _FORMULA.match(text) and not _E164.fullmatch(text) else text


def written(cell: object) -> str:
    """A value as text: amounts with four digits after the point, seconds with one, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, Decimal):
        return money(cell)
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def unescaped(cell: str) -> str:
    """What ``safe`` was given: the apostrophe that it put before a formula is taken away again."""
    return cell[1:] if cell.startswith("'") and safe(cell[1:]) == cell else cell


def line(cells: Iterable[object]) -> str:
    """One CSV line with its CRLF."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return out.getvalue()


def local_text(at: datetime | None, zone: str) -> str:
    """ISO 8601 with offset in the person's zone (UTC when it is not known), to the second; "" for no time."""
    if at is None:
        return ""
    return at.astimezone(ZoneInfo(zone or "UTC")).isoformat(timespec="seconds")


def contact_header(columns: Sequence[str], answers: Sequence[str]) -> list[str]:
    """The input columns in order, then ours. Columns of an earlier report are replaced."""
    return [*_kept(columns), *CONTACT_COLUMNS, *(f"dialer_answer_{name}" for name in answers)]


def contact_cells(columns: Sequence[str], answers: Sequence[str], row: ContactRow | ProblemRow) -> list[object]:
    """One row of the files: its own cells, then what came of it."""
    results = _problem_cells(row) if isinstance(row, ProblemRow) else _contact_cells(row, answers)
    padding = len(CONTACT_COLUMNS) + len(answers) - len(results)
    return [*(row.cells.get(name, "") for name in _kept(columns)), *results, *[""] * padding]


def _kept(columns: Sequence[str]) -> list[str]:
    return [name for name in columns if not name.startswith("dialer_")]


def _problem_cells(row: ProblemRow) -> list[object]:
    return [row.file_name, row.row, row.bucket, row.code]


def _contact_cells(row: ContactRow, answers: Sequence[str]) -> list[object]:
    person, lead, finding = row.person, row.lead, row.finding
    quote = (lead.quote if lead else None) or (finding.quote if finding else None)
    needs_review = finding.needs_review if finding else lead.needs_review if lead else None
    return [
        person.file_name,
        person.row,
        row.bucket,
        row.reason,
        person.phone,
        row.dials,
        row.disposition,
        row.outcome,
        local_text(row.last_dialed_at, person.zone),
        local_text(row.due_at, person.zone),
        round(row.talk_s, 1),
        row.cost,
        row.summary,
        lead.score if lead else None,
        lead.grade if lead else None,
        lead.next_step if lead else None,
        local_text(lead.due_at, person.zone) if lead else None,
        quote.quote if quote else None,
        None if needs_review is None else yes_no(needs_review),
        finding.source if finding else None,
        *_answers(finding.answers if finding else lead.answers if lead else (), answers),
    ]


def attempt_cells(row: AttemptRow) -> list[object]:
    """One attempt, a refused one too (its ``dialed_at`` is empty)."""
    person = row.person
    return [
        row.id,
        person.file_name,
        person.row,
        person.name,
        person.phone,
        row.number,
        row.state,
        local_text(row.dialed_at, ""),
        local_text(row.dialed_at, person.zone) if person.zone else "",
        local_text(row.answered_at, ""),
        local_text(row.ended_at, ""),
        row.disposition,
        row.outcome,
        row.answered_by,
        row.end_cause,
        row.hangup_cause,
        row.sip_code,
        row.reason,
        round(row.ring_s, 1),
        round(row.talk_s, 1),
        row.answer_to_audio_ms,
        row.cost,
        local_text(row.callback_at, person.zone),
        row.summary,
        row.from_number,
        row.carrier,
        row.script_hash,
    ]


def lead_header(answers: Sequence[str]) -> list[str]:
    """Our columns, and one for each question."""
    return [*LEAD_COLUMNS, *(f"answer_{name}" for name in answers)]


def lead_cells(answers: Sequence[str], row: LeadRow) -> list[object]:
    """One lead."""
    person, lead = row.person, row.lead
    quote = lead.quote
    return [
        lead.grade,
        lead.score,
        lead.outcome,
        person.name,
        person.phone,
        person.email,
        person.company,
        person.external_id,
        lead.next_step,
        local_text(lead.due_at, person.zone),
        quote.quote if quote else "",
        quote.at_ms if quote else None,
        "; ".join(f"{item.reason} ({item.points:+d})" for item in lead.reasons),
        yes_no(lead.needs_review),
        row.attempt_id,
        person.file_name,
        person.row,
        *_answers(lead.answers, answers),
    ]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A whole file, line by line."""
    yield BOM + line(header)
    for cells in rows:
        yield line(cells)


def _answers(answers: Iterable[EvidencedAnswer], names: Sequence[str]) -> list[object]:
    values = {answer.name: answer.value for answer in answers}
    return [values.get(name) for name in names]


def money(amount: Decimal) -> str:
    """An amount with four digits after the point."""
    return f"{amount:.4f}"


def yes_no(claim: bool) -> str:
    """A claim as a word."""
    return "yes" if claim else "no"
