"""The way of a long list into the tables: its rows wait in temporary tables of one connection, and are taken over all at once.

Nothing here is seen by anybody else until ``take_over`` and its followers run in one write transaction, whose length is then that
of a few statements inside the database and not that of the file. Temporary tables are the connection's own (see ``Store.desk``):
they are on no disk of the database server's that survives it, and a killed process leaves none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)

from dialer.model.call import Bucket, CallState
from dialer.model.contact import Contact, RowProblem
from dialer.model.decision import Decision
from dialer.model.ids import CampaignId, ContactId, ImportId
from dialer.store import bulk
from dialer.store.consents import consent_text
from dialer.store.decisions import DecisionRow
from dialer.store.engine import insert_into
from dialer.store.keys import hasher, ring_of
from dialer.store.queue import following
from dialer.store.schema import calls, campaigns, consents, contact_numbers, contacts, import_problems, suppressions

PLAIN = (
    "row", "phone", "external_id", "first_name", "last_name", "name", "email", "company", "timezone", "language", "country",
    "state", "postal_code", "caller_id", "priority", "not_before", "expires_at",
)  # fmt: skip
"""Fields of ``model.contact.Contact`` that are columns of their own, under the same name."""
CORRECTED = (*PLAIN, "cells", "variables", "notes", "consent_kind", "consent_source", "consent_given_at")
"""Columns of a contact that follow the newest file."""
_PROBLEM = ("row", "column", "value", "code", "message", "fix", "cells")
TEMPORARY = MetaData()
"""The tables in which rows wait."""
_RETAKEN = timedelta(days=1)
"""How far back a revocation is looked for once more: more than clocks of one fleet differ, and a long file takes."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A good row with what the gates say of it. ``state``, ``bucket`` and ``hold_code`` are those of its call."""

    contact: Contact
    decision: Decision
    state: CallState
    bucket: Bucket | None
    hold_code: str
    due_at: datetime


_rows = Table(
    "staged_contacts",
    TEMPORARY,
    *(Column(name, contacts.c[name].type) for name in CORRECTED),
    Column("number", Text),  # keyed hash of the phone
    Column("consent_text", Text),
    Column("number_as_given", Text),
    Column("call_state", calls.c.state.type),
    Column("bucket", calls.c.bucket.type),
    Column("hold_code", Text),
    Column("due_at", calls.c.due_at.type),
    Column("decision", Text),  # JSON, of a row that is not allowed
    prefixes=["TEMPORARY"],
)
_numbers = Table(
    "staged_numbers",
    TEMPORARY,
    Column("contact_phone", Text),
    Column("position", Integer),
    Column("phone", Text),
    Column("number", Text),
    prefixes=["TEMPORARY"],
)
_problems = Table(
    "staged_problems",
    TEMPORARY,
    *(Column(name, import_problems.c[name].type) for name in _PROBLEM),
    prefixes=["TEMPORARY"],
)
_opt_outs = Table(
    "staged_opt_outs",
    TEMPORARY,
    Column("number", Text),
    Column("reason", Text),
    prefixes=["TEMPORARY"],
)
_ROW = tuple(column.name for column in _rows.c)


def begin(tx: Connection) -> None:
    """Make the temporary tables."""
    TEMPORARY.create_all(tx, checkfirst=False)


def add_problems(tx: Connection, problems: Iterable[RowProblem]) -> None:
    """Put refused rows aside."""
    bulk.put(tx, _problems, _PROBLEM, [[getattr(problem, name) for name in _PROBLEM] for problem in problems])


def add(tx: Connection, judged: Sequence[Judged], phone_column: str) -> None:
    """Put good rows aside, each number once. Raises ``StoreError`` without the database's key."""
    hashed = hasher(tx)
    bulk.put(tx, _rows, _ROW, [_values(it, hashed(it.contact.phone), phone_column) for it in judged])
    further = [
        (it.contact.phone, position, phone, hashed(phone))
        for it in judged
        for position, phone in enumerate(it.contact.other_phones, start=2)
    ]
    bulk.put(tx, _numbers, ("contact_phone", "position", "phone", "number"), further)


def add_opt_outs(tx: Connection, results: Iterable[Contact | RowProblem]) -> None:
    """Put the numbers aside whose own rows, good or bad, say that they must not be called."""
    wanted = [(phone, result.opt_out) for result in results if result.opt_out for phone in result.unwanted]
    if wanted:
        hashed = hasher(tx)
        bulk.put(tx, _opt_outs, ("number", "reason"), [(hashed(phone), reason) for phone, reason in wanted])


def elsewhere(tx: Connection, name: str) -> Mapping[str, int]:
    """How many of the phones are contacts of other campaigns than ``name``, by the name of the campaign."""
    query = select(campaigns.c.name, func.count()).select_from(_rows)
    query = query.join(contacts, contacts.c.phone == _rows.c.phone).join(campaigns, campaigns.c.id == contacts.c.campaign_id)
    query = query.where(campaigns.c.name != name).group_by(campaigns.c.name)
    return {other: count for other, count in tx.execute(query)}  # noqa: C416  # rows are no pairs for mypy


def analyse(tx: Connection) -> None:
    """Tell Postgres how much there is, before it has to choose how to join it."""
    if tx.dialect.name == "postgresql":
        for table in TEMPORARY.tables:
            tx.exec_driver_sql(f"ANALYZE {table}")


def take_over(tx: Connection, campaign_id: CampaignId, import_id: ImportId, now: datetime) -> tuple[int, int]:
    """Make contacts of the rows, correcting in place those whose number the campaign has; how many are new and how many not.

    Further numbers take the place of those on record, in their order. A consent that was not known is added to those on record.
    """
    ring_of(tx).key(tx)  # what waits was hashed with this key: from now on it is the database's, and no other is taken
    at = literal(now, contacts.c.created_at.type)
    fixed: dict[str, ColumnElement[Any]] = {
        "campaign_id": literal(campaign_id),
        "import_id": literal(import_id),
        "created_at": at,
        "updated_at": at,
    }
    source = select(*fixed.values(), *(_rows.c[name] for name in CORRECTED)).where(_rows.c.row >= 0).order_by(_rows.c.row)
    new = insert_into(tx, contacts).from_select([*fixed, *CORRECTED], source)
    followed = {name: new.excluded[name] for name in ("import_id", *CORRECTED, "updated_at")}
    newer = {**followed, "revision": contacts.c.revision + 1}
    tx.execute(new.on_conflict_do_update(index_elements=["campaign_id", "phone"], set_=newer))
    mine = contacts.c.import_id == import_id
    corrected = mine & (contacts.c.revision > 1)
    total, changed = (tx.execute(select(func.count()).where(which)).scalar_one() for which in (mine, corrected))
    if changed:
        tx.execute(delete(contact_numbers).where(contact_numbers.c.contact_id.in_(select(contacts.c.id).where(corrected))))
    further = select(contacts.c.id, _numbers.c.position, _numbers.c.phone)
    further = further.join_from(_numbers, contacts, _is_of(campaign_id, _numbers.c.contact_phone)).where(_numbers.c.position > 1)
    tx.execute(contact_numbers.insert().from_select(["contact_id", "position", "phone"], further))
    _take_over_consents(tx, campaign_id, now)
    return total - changed, changed


def _take_over_consents(tx: Connection, campaign_id: CampaignId, now: datetime) -> None:
    known = select(consents.c.id).where(
        consents.c.contact_id == contacts.c.id,
        consents.c.kind == _rows.c.consent_kind,
        consents.c.source == _rows.c.consent_source,
        consents.c.given_at.is_not_distinct_from(_rows.c.consent_given_at),
    )
    given = {
        "contact_id": contacts.c.id,
        "phone": _rows.c.phone,
        "kind": _rows.c.consent_kind,
        "source": _rows.c.consent_source,
        "given_at": _rows.c.consent_given_at,
        "recorded_at": literal(now, consents.c.recorded_at.type),
        "text": _rows.c.consent_text,
        "number_as_given": _rows.c.number_as_given,
    }
    source = _with_contact(select(*given.values()), campaign_id)
    source = source.where(_rows.c.consent_kind.is_not(None), ~known.exists()).order_by(_rows.c.row)
    tx.execute(consents.insert().from_select(list(given), source))


def take_over_opt_outs(tx: Connection, source: str, now: datetime) -> None:
    """Put the numbers whose own list says so onto the do-not-call list of all campaigns."""
    fixed = (literal(source), literal(now, suppressions.c.added_at.type))
    rows = select(_opt_outs.c.number, _opt_outs.c.reason, *fixed).where(_opt_outs.c.number != "")
    new = insert_into(tx, suppressions).from_select(["number", "reason", "source", "added_at"], rows)
    tx.execute(new.on_conflict_do_nothing(index_elements=["number"], index_where=suppressions.c.campaign_id.is_(None)))


def outdated(tx: Connection, campaign_id: CampaignId, now: datetime) -> list[ContactId]:
    """The contacts that were allowed when they were judged, and are on a do-not-call list or took a consent back by now."""
    lists = or_(suppressions.c.campaign_id.is_(None), suppressions.c.campaign_id == campaign_id)
    revoked = select(consents.c.phone).where(consents.c.revoked_at >= now - _RETAKEN)
    further = select(_numbers.c.contact_phone)
    listed = further.where(select(suppressions.c.id).where(suppressions.c.number == _numbers.c.number, lists).exists())
    changed = (
        select(suppressions.c.id).where(suppressions.c.number == _rows.c.number, lists).exists(),
        _rows.c.phone.in_(revoked),
        _rows.c.phone.in_(listed),
        _rows.c.phone.in_(further.where(_numbers.c.phone.in_(revoked))),
    )
    query = _with_contact(select(contacts.c.id), campaign_id).where(_rows.c.call_state == CallState.QUEUED, or_(*changed))
    return [ContactId(found) for found in tx.execute(query.order_by(_rows.c.row)).scalars()]


def judge_again(tx: Connection, judged: Iterable[Judged]) -> None:
    """Put newer decisions in the place of those that rows were put aside with."""
    values = [{"of": it.contact.phone, **_verdict(it)} for it in judged]
    if values:
        names = [name for name in values[0] if name != "of"]
        changed = update(_rows).where(_rows.c.phone == bindparam("of")).values({name: bindparam(name) for name in names})
        tx.execute(changed, values)


def take_over_calls(tx: Connection, campaign_id: CampaignId) -> None:
    """Queue or hold one call for each row (see ``queue.add_calls``)."""
    call = {
        "campaign_id": literal(campaign_id),
        "contact_id": contacts.c.id,
        "phone": _rows.c.phone,
        "state": _rows.c.call_state,
        "bucket": _rows.c.bucket,
        "hold_code": _rows.c.hold_code,
        "due_at": _rows.c.due_at,
        "priority": _rows.c.priority,
        "expires_at": _rows.c.expires_at,
    }
    source = _with_contact(select(*call.values()), campaign_id).where(_rows.c.row >= 0).order_by(_rows.c.row)
    tx.execute(following(insert_into(tx, calls).from_select(list(call), source)))


def refused(tx: Connection, campaign_id: CampaignId) -> Iterator[DecisionRow]:
    """The decisions that did not allow, in the order of the file, streamed."""
    query = _with_contact(select(contacts.c.id, _rows.c.phone, _rows.c.decision), campaign_id)
    query = query.where(_rows.c.decision.is_not(None)).order_by(_rows.c.row)
    for row in tx.execute(query, execution_options={"yield_per": 500}):
        yield DecisionRow(msgspec.json.decode(row.decision, type=Decision), campaign_id, row.phone, row.id)


def take_over_problems(tx: Connection, import_id: ImportId) -> None:
    """Store the refused rows with what was wrong and how to mend it."""
    source = select(literal(import_id), *(_problems.c[name] for name in _PROBLEM)).order_by(_problems.c.row)
    tx.execute(import_problems.insert().from_select(["import_id", *_PROBLEM], source))


def _is_of(campaign_id: CampaignId, phone: Any) -> Any:
    return (contacts.c.campaign_id == campaign_id) & (contacts.c.phone == phone)


def _with_contact(query: Select[Any], campaign_id: CampaignId) -> Select[Any]:
    """The rows, each with the contact that came of it."""
    return query.join_from(_rows, contacts, _is_of(campaign_id, _rows.c.phone))


def _verdict(it: Judged) -> dict[str, Any]:
    return {
        "call_state": it.state,
        "bucket": it.bucket,
        "hold_code": it.hold_code,
        "due_at": it.due_at,
        "decision": None if it.decision.is_allowed else msgspec.json.encode(it.decision).decode(),
    }


def _values(it: Judged, number: str, phone_column: str) -> tuple[Any, ...]:
    """The values of a row, in the order of its columns."""
    contact, consent = it.contact, it.contact.consent
    given = (consent.kind, consent.source, consent.given_at) if consent else (None, None, None)
    rest = (number, consent_text(contact) if consent else "", contact.cells.get(phone_column, ""))
    documents = (contact.cells, contact.variables, contact.notes)
    return (*_PLAIN_OF(contact), *documents, *given, *rest, *_verdict(it).values())


_PLAIN_OF = attrgetter(*PLAIN)
