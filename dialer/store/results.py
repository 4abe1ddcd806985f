"""The read side of the reports: rows of one campaign as streams, so that memory does not grow with the campaign.

All streams of a report belong into one ``store.read()``: they then see one state of the database, and the counts add up.
"""

import heapq
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, Subquery, case, exists, func, or_, select

from dialer.model.attempt import Usage
from dialer.model.call import Bucket
from dialer.model.decision import Stage
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import CampaignId
from dialer.model.lead import Evidence, EvidencedAnswer, Grade, Lead, ScoreReason
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import ToolCall, Transcript, Turn
from dialer.reports.data import (
    AttemptRow,
    CampaignHead,
    ChainHead,
    ContactRow,
    FindingRow,
    ImportRow,
    LeadRow,
    MethodRow,
    OptOutRow,
    Person,
    ProblemRow,
    TranscriptRow,
)
from dialer.store import acts, analyses, chain
from dialer.store import findings as found
from dialer.store.campaigns import CampaignRow
from dialer.store.decisions import chain_of
from dialer.store.engine import batches
from dialer.store.queue import bucket_of
from dialer.store.schema import (
    attempts,
    calls,
    contacts,
    findings,
    import_problems,
    imports,
    leads,
    script_versions,
    suppressions,
)
from dialer.store.schema import tool_calls as tool_calls_table
from dialer.store.schema import turns as turns_table

ZoneOf = Callable[[PhoneNumber, str], str]
"""Number and the contact's own zone (may be empty) -> the IANA zone in which times are shown, or ""."""

_STREAMED_ROWS = 500
_TURN = tuple(Turn.__dataclass_fields__)
_TOOL_CALL = tuple(ToolCall.__dataclass_fields__)
_ANSWERED = [word for word in Disposition if word.is_answered]
_OF_PERSON = ("external_id", "first_name", "last_name", "name", "email", "company", "timezone", "row", "phone")
_PERSON: list[ColumnElement[Any]] = [contacts.c[name].label(f"contact_{name}") for name in _OF_PERSON] + [imports.c.file_name]
_FOUND = ("attempt_id", "source", "quote", "answers", "reasons", "needs_review")
_LEAD = [leads.c[name].label(f"lead_{name}") for name in Lead.__dataclass_fields__]


def head(tx: Connection, row: CampaignRow) -> CampaignHead:
    """The campaign as it stands, with its files in the order in which they were imported."""
    found = tx.execute(select(imports).where(imports.c.campaign_id == row.id).order_by(imports.c.id)).mappings()
    names = ImportRow.__dataclass_fields__
    files = [ImportRow(**{name: item[name] for name in names} | {"header": tuple(item["header"])}) for item in found]
    mine = {chain_of(row.id, Stage.DIAL), chain_of(row.id, Stage.IMPORT), acts.CHAIN}
    ends = tuple(ChainHead(it.name, it.seq, it.digest) for it in chain.heads(tx) if it.name in mine)
    return CampaignHead(row.id, row.campaign, row.status, tuple(files), ends)


def file_rows(tx: Connection, campaign_id: int, zone_of: ZoneOf) -> Iterator[ContactRow | ProblemRow]:
    """Contacts and refused rows together, in the order of the files."""
    good = ((row.import_id, row.contact_row, _contact(row, zone_of)) for row in _stream(tx, _contacts(campaign_id)))
    bad = ((row.import_id, row.row, _problem(row)) for row in _first_of_each_row(_stream(tx, _problems(campaign_id))))
    both: Iterator[tuple[int, int, ContactRow | ProblemRow]] = heapq.merge(good, bad, key=lambda item: item[:2])
    return (item for _, _, item in both)


def attempt_rows(tx: Connection, campaign_id: int, zone_of: ZoneOf) -> Iterator[AttemptRow]:
    """Every attempt, refused ones too, in the order of time."""
    return (_attempt(row, zone_of) for row in _stream(tx, _attempts(campaign_id)))


def transcript_rows(tx: Connection, campaign_id: int, zone_of: ZoneOf) -> Iterator[TranscriptRow]:
    """The words and deeds of every attempt that has some, in the order of time."""
    has_words = or_(
        exists().where(turns_table.c.attempt_id == attempts.c.id), exists().where(tool_calls_table.c.attempt_id == attempts.c.id)
    )
    found = _stream(tx, _attempts(campaign_id).where(has_words))
    for part in batches((_attempt(row, zone_of) for row in found), 200):
        ids = [item.id for item in part]
        said: dict[str, list[Turn]] = {}
        query = select(turns_table).where(turns_table.c.attempt_id.in_(ids)).order_by(turns_table.c.attempt_id, turns_table.c.seq)
        for row in tx.execute(query).mappings():
            said.setdefault(row["attempt_id"], []).append(Turn(**{name: row[name] for name in _TURN}))
        done: dict[str, list[ToolCall]] = {}
        table = tool_calls_table
        order = (table.c.attempt_id, table.c.after_seq, table.c.at_ms, table.c.id)
        for row in tx.execute(select(table).where(table.c.attempt_id.in_(ids)).order_by(*order)).mappings():
            done.setdefault(row["attempt_id"], []).append(ToolCall(**{name: row[name] for name in _TOOL_CALL}))
        documents = analyses.documents(tx, ids)
        for item in part:
            words = Transcript(tuple(said.get(item.id, ())), tuple(done.get(item.id, ())))
            yield TranscriptRow(item, words, documents.get(item.id))


def has_checks(tx: Connection, campaign_id: int) -> bool:
    """Whether anybody was asked in a talk of this campaign to prove who they are."""
    mine = select(attempts.c.id).where(attempts.c.campaign_id == campaign_id)
    check = select(tool_calls_table.c.id).where(
        tool_calls_table.c.name == "verify_identity", tool_calls_table.c.attempt_id.in_(mine)
    )
    return tx.execute(check.limit(1)).first() is not None


def lead_rows(tx: Connection, campaign_id: int, zone_of: ZoneOf) -> Iterator[LeadRow]:
    """All leads in the order in which a person works: by grade, then score, then due time."""
    grades = case({grade.value: place for place, grade in enumerate(Grade)}, value=leads.c.grade)
    call = (calls.c.state, calls.c.bucket, calls.c.is_callback)
    query = (
        select(*_PERSON, *_LEAD, leads.c.attempt_id, *call)
        .select_from(leads)
        .join(contacts, contacts.c.id == leads.c.contact_id)
        .join(imports, imports.c.id == contacts.c.import_id)
        .join(calls, calls.c.id == leads.c.call_id)
        .where(leads.c.campaign_id == campaign_id)
        .order_by(grades, leads.c.score.desc(), leads.c.due_at.is_(None), leads.c.due_at, leads.c.id)
    )
    for row in _stream(tx, query):
        lead, waits = _lead(row), bucket_of(row.state, row.bucket) in (Bucket.WAITING, Bucket.LIVE)
        if lead is not None:
            yield LeadRow(_person(row, zone_of), lead, row.attempt_id, is_redialled=row.is_callback and waits)


def method(tx: Connection, campaign_id: CampaignId) -> MethodRow:
    """How the results of a campaign were made."""
    agreed = tuple((it.source, it.agreed, it.changed) for it in found.agreements(tx, campaign_id))
    readings = (
        (it.key.model, it.key.schema_hash, it.key.prompt_hash, it.counts, it.cost) for it in analyses.of_campaign(tx, campaign_id)
    )
    return MethodRow(found.sources(tx, campaign_id), agreed, tuple(readings))


def opt_out_rows(tx: Connection, campaign_id: int, zone_of: ZoneOf) -> list[OptOutRow]:
    """Everybody of this campaign who said stop in one of its calls."""
    said, is_last = _last_said()
    asked = select(suppressions.c.quote, suppressions.c.source, suppressions.c.added_at, attempts.c.call_id)
    heard_here = asked.join(attempts, attempts.c.id == suppressions.c.attempt_id).where(attempts.c.campaign_id == campaign_id)
    heard = heard_here.subquery()
    query = (
        select(*_PERSON, heard.c.quote, heard.c.source, heard.c.added_at)
        .select_from(contacts)
        .join(imports, imports.c.id == contacts.c.import_id)
        .join(calls, calls.c.contact_id == contacts.c.id)
        .outerjoin(said, is_last)
        .outerjoin(heard, heard.c.call_id == calls.c.id)
        .where(contacts.c.campaign_id == campaign_id, or_(said.c.outcome == Outcome.DO_NOT_CALL, heard.c.call_id.is_not(None)))
        .order_by(contacts.c.import_id, contacts.c.row)
    )
    return [OptOutRow(_person(row, zone_of), row.quote or "", row.source or "", row.added_at) for row in tx.execute(query)]


def _contacts(campaign_id: int) -> Select[Any]:
    """Contacts with their calls, the sums over their attempts, the last outcome and the lead."""
    sums = _sums(campaign_id)
    said, is_last = _last_said()
    call = [calls.c[name] for name in ("state", "bucket", "hold_code", "disposition", "due_at", "is_callback")]
    lead = [*_LEAD, leads.c.attempt_id.label("lead_attempt_id")]
    return (
        select(
            *_PERSON,
            contacts.c.import_id,
            contacts.c.cells,
            *call,
            *lead,
            *sums.c,
            said.c.outcome,
            said.c.summary,
            said.c.id.label("said_id"),
            said.c.callback_at,
            *(findings.c[name].label(f"found_{name}") for name in _FOUND),
        )
        .select_from(contacts)
        .join(imports, imports.c.id == contacts.c.import_id)
        .outerjoin(calls, calls.c.contact_id == contacts.c.id)
        .outerjoin(leads, leads.c.call_id == calls.c.id)
        .outerjoin(sums, sums.c.of_call == calls.c.id)
        .outerjoin(said, is_last)
        .outerjoin(findings, findings.c.attempt_id == said.c.id)
        .where(contacts.c.campaign_id == campaign_id)
        .order_by(contacts.c.import_id, contacts.c.row, contacts.c.id)
    )


def _sums(campaign_id: int) -> Subquery:
    """What the attempts of each call come to."""
    is_human = attempts.c.disposition == Disposition.ANSWERED_HUMAN
    return (
        select(
            attempts.c.call_id.label("of_call"),
            func.count(attempts.c.dialed_at).label("dials"),
            func.max(attempts.c.dialed_at).label("last_dialed_at"),
            func.sum(attempts.c.talk_s).label("talk_s"),
            func.sum(attempts.c.cost).label("cost"),
            func.max(case((attempts.c.disposition.in_(_ANSWERED), 1), else_=0)).label("answers"),
            func.max(case((is_human, 1), else_=0)).label("talks"),
        )
        .where(attempts.c.campaign_id == campaign_id)
        .group_by(attempts.c.call_id)
        .subquery("sums")
    )


def _last_said() -> tuple[FromClause, ColumnElement[bool]]:
    """The last attempt of a call that has an outcome, and how it is joined: a later one that reached nobody undoes nothing.

    It is looked up for each call by its index: a ranking of all attempts would be read anew for each contact by SQLite.
    """
    said, each = attempts.alias("said"), attempts.alias("each")
    last = (
        select(each.c.id)
        .where(each.c.call_id == calls.c.id, each.c.outcome.is_not(None))
        .order_by(each.c.number.desc(), each.c.id)
        .limit(1)
        .correlate(calls)
        .scalar_subquery()
    )
    return said, said.c.id == last


def _problems(campaign_id: int) -> Select[Any]:
    return (
        select(import_problems, imports.c.file_name)
        .join(imports, imports.c.id == import_problems.c.import_id)
        .where(imports.c.campaign_id == campaign_id)
        .order_by(import_problems.c.import_id, import_problems.c.row, import_problems.c.id)
    )


def _attempts(campaign_id: int) -> Select[Any]:
    return (
        select(attempts, script_versions.c.hash.label("script_hash"), *_PERSON)
        .join(calls, calls.c.id == attempts.c.call_id)
        .join(contacts, contacts.c.id == calls.c.contact_id)
        .join(imports, imports.c.id == contacts.c.import_id)
        .join(script_versions, script_versions.c.id == attempts.c.script_version_id)
        .where(attempts.c.campaign_id == campaign_id)
        .order_by(func.coalesce(attempts.c.dialed_at, attempts.c.ended_at), attempts.c.id)
    )


def _stream(tx: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    yield from tx.execute(query, execution_options={"yield_per": _STREAMED_ROWS})


def _first_of_each_row(problems: Iterator[Row[Any]]) -> Iterator[Row[Any]]:
    """A row of a file stands once in the reports, with its first problem."""
    last: tuple[int, int] | None = None
    for row in problems:
        if (row.import_id, row.row) != last:
            yield row
        last = (row.import_id, row.row)


def _person(row: Any, zone_of: ZoneOf) -> Person:
    name = row.contact_name or " ".join(part for part in (row.contact_first_name, row.contact_last_name) if part)
    return Person(
        phone=row.contact_phone,
        name=name,
        company=row.contact_company,
        email=row.contact_email,
        external_id=row.contact_external_id,
        zone=zone_of(row.contact_phone, row.contact_timezone),
        row=row.contact_row,
        file_name=row.file_name,
    )


def _contact(row: Row[Any], zone_of: ZoneOf) -> ContactRow:
    bucket = Bucket.WAITING if row.state is None else bucket_of(row.state, row.bucket)
    gate = row.disposition.value if row.disposition is not None and row.disposition.is_blocked else ""
    return ContactRow(
        person=_person(row, zone_of),
        cells=row.cells,
        bucket=bucket,
        reason=row.hold_code or gate,
        dials=row.dials or 0,
        has_answer=bool(row.answers),
        has_talk=bool(row.talks),
        talk_s=row.talk_s or 0.0,
        cost=row.cost or Decimal(0),
        disposition=row.disposition,
        outcome=row.outcome,
        last_dialed_at=row.last_dialed_at,
        due_at=row.due_at if bucket is Bucket.WAITING else None,
        callback_at=row.callback_at,
        is_callback=bool(row.is_callback),
        summary=row.summary or "",
        summary_of=row.said_id or "",
        lead=_lead(row),
        lead_attempt_id=row.lead_attempt_id or "",
        finding=_finding(row),
    )


def _finding(row: Row[Any]) -> FindingRow | None:
    if row.found_attempt_id is None:
        return None
    return FindingRow(
        attempt_id=row.found_attempt_id,
        source=row.found_source,
        quote=msgspec.convert(row.found_quote, Evidence | None),
        answers=msgspec.convert(row.found_answers, tuple[EvidencedAnswer, ...]),
        reasons=tuple(row.found_reasons),
        needs_review=row.found_needs_review,
    )


def _lead(row: Row[Any]) -> Lead | None:
    if row.lead_outcome is None:
        return None
    return Lead(
        outcome=row.lead_outcome,
        score=row.lead_score,
        grade=row.lead_grade,
        reasons=msgspec.convert(row.lead_reasons, tuple[ScoreReason, ...]),
        answers=msgspec.convert(row.lead_answers, tuple[EvidencedAnswer, ...]),
        quote=msgspec.convert(row.lead_quote, Evidence | None),
        next_step=row.lead_next_step,
        due_at=row.lead_due_at,
        needs_review=row.lead_needs_review,
    )


def _problem(row: Row[Any]) -> ProblemRow:
    return ProblemRow(
        file_name=row.file_name,
        row=row.row,
        bucket=Bucket.DUPLICATE if row.code == "duplicate" else Bucket.REJECTED,
        code=row.code,
        column=row.column,
        value=row.value,
        message=row.message,
        fix=row.fix,
        cells=row.cells,
    )


def _attempt(row: Row[Any], zone_of: ZoneOf) -> AttemptRow:
    same = set(AttemptRow.__dataclass_fields__) - {"person", "usage", "end_cause"}
    values = row._mapping
    return AttemptRow(
        person=_person(row, zone_of),
        usage=msgspec.convert(row.usage, Usage) if row.usage else Usage(),
        end_cause=row.end_cause or "",
        **{name: values[name] for name in same},
    )
