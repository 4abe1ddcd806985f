"""Rows for the store's tests: a campaign, its contacts, its calls, an attempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text

from dialer.model.attempt import AttemptResult
from dialer.model.call import Bucket, CallState
from dialer.model.campaign import Campaign
from dialer.model.contact import Consent, Contact, RowProblem
from dialer.model.decision import Decision, Stage, Verdict
from dialer.model.disposition import Disposition
from dialer.model.ids import AttemptId, CampaignId, ContactId, ImportId, ScriptVersionId
from dialer.model.phone import PhoneNumber
from dialer.store import attempts, campaigns, contacts, queue, schema, staging
from dialer.store.queue import ClaimedCall, NewCall
from dialer.store.staging import Judged

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LEASE = NOW + timedelta(minutes=1)
ALLOWED = Decision(Verdict.ALLOW, "allowed", Stage.IMPORT, NOW, ())


def minutes(count: float) -> timedelta:
    """A span of ``count`` minutes."""
    return timedelta(minutes=count)


def a_phone(number: int) -> PhoneNumber:
    """A fictional number: +1 2NN 555 01NN, different for each ``number`` below 10000."""
    return PhoneNumber(f"+12{number // 100:02d}55501{number % 100:02d}")


def a_campaign(name: str = "autumn", **changes: Any) -> Campaign:
    """A small sales campaign."""
    body: dict[str, Any] = {
        "name": name,
        "kind": "sales",
        "company": "Example Ltd",
        "agent_name": "Robin",
        "callback_number": "+12125550100",
        "caller_ids": ["+12125550100"],
        "opening": {"text": "Hello {first_name}, this is Robin, an automated assistant of Example Ltd."},
        "outcomes": {"interested": {"when": "they want to hear more", "lead": True}},
        "answers": {"need": {"question": "What do you need?"}, "budget": {"question": "What may it cost?"}},
        "redial": {"no_answer": {"attempts": 3, "delays": ["30m", "4h"]}},
        "script": "Ask what they need.",
    }
    return Campaign.model_validate(body | changes)


def a_contact(number: int, **changes: Any) -> Contact:
    """The contact of file row ``number`` + 2."""
    contact = Contact(
        row=number + 2,
        phone=a_phone(number),
        cells={"Mobile": a_phone(number), "First": f"Maria {number}"},
        variables={"plan": "gold"},
        first_name=f"Maria {number}",
        consent=Consent("written", "web form", NOW - timedelta(days=number)),
    )
    return replace(contact, **changes)


@dataclass
class Stock:
    """A campaign with queued calls, as ``stocked`` leaves it."""

    campaign_id: CampaignId
    version_id: ScriptVersionId
    import_id: ImportId
    contact_ids: list[ContactId] = field(default_factory=list)

    @property
    def room(self) -> dict[CampaignId, int]:
        """Room for as many calls as anybody wants."""
        return {self.campaign_id: 1000}


def stocked(tx: Connection, count: int, name: str = "autumn", first: int = 0, **call: Any) -> Stock:
    """An armed campaign with ``count`` queued calls that are due; ``call`` changes what is queued."""
    row = campaigns.save_version(tx, a_campaign(name), NOW)
    campaigns.arm(tx, row.id, NOW - minutes(60), NOW + timedelta(days=5), NOW)
    import_id = contacts.record_import(tx, some_facts(row.id), NOW)
    people = [a_contact(number) for number in range(first, first + count)]
    upserted = upsert(tx, row.id, import_id, people, NOW)
    stock = Stock(row.id, row.version_id, import_id, [one.contact_id for one in upserted])
    settings: dict[str, Any] = {"state": CallState.QUEUED, "due_at": NOW} | call
    queue.add_calls(
        tx,
        row.id,
        [
            NewCall(contact_id=one.contact_id, phone=person.phone, **settings)
            for one, person in zip(upserted, people, strict=True)
        ],
    )
    return stock


@dataclass(frozen=True)
class Upserted:
    """What became of one contact: new, or an earlier one corrected in place."""

    contact_id: ContactId
    row: int
    is_new: bool


def upsert(
    tx: Connection, campaign_id: CampaignId, import_id: ImportId, batch: Sequence[Contact], now: datetime
) -> list[Upserted]:
    """Contacts without calls, in the way that a file takes; what became of each, in the order of ``batch``."""
    with staged(tx, batch):
        staging.take_over(tx, campaign_id, import_id, now)
    query = select(schema.contacts).where(schema.contacts.c.campaign_id == campaign_id)
    found = {row.phone: Upserted(row.id, row.row, is_new=row.revision == 1) for row in tx.execute(query)}
    return [found[contact.phone] for contact in batch]


@contextmanager
def staged(
    tx: Connection, batch: Sequence[Contact], problems: Sequence[RowProblem] = (), decision: Decision = ALLOWED
) -> Iterator[list[Judged]]:
    """These rows put aside, until the end of the block."""
    state = CallState.QUEUED if decision.is_allowed else CallState.HELD
    bucket, code = (None, "") if decision.is_allowed else (Bucket.HELD, decision.code)
    judged = [Judged(contact, decision, state, bucket, code, NOW) for contact in batch]
    staging.begin(tx)
    staging.add(tx, judged, "Mobile")
    staging.add_problems(tx, problems)
    staging.analyse(tx)
    yield judged
    staging.TEMPORARY.drop_all(tx, checkfirst=False)


def add_problems(tx: Connection, import_id: ImportId, problems: Sequence[RowProblem]) -> None:
    """Refused rows, in the way that a file takes."""
    with staged(tx, [], problems):
        staging.take_over_problems(tx, import_id)


def some_facts(campaign_id: CampaignId, **changes: Any) -> contacts.ImportFacts:
    """The facts of an import of three good rows and a bad one."""
    facts = contacts.ImportFacts(
        campaign_id=campaign_id,
        file_name="contacts.csv",
        file_hash="ab" * 32,
        encoding="utf-8",
        delimiter=",",
        phone_column="Mobile",
        header=("Mobile", "First"),
        rows=4,
        accepted=3,
        rejected=1,
        by_code={"invalid_phone": 1},
    )
    return replace(facts, **changes)


def claim(tx: Connection, stock: Stock, limit: int = 1, owner: str = "lane-a") -> list[ClaimedCall]:
    """Claim calls of ``stock`` now."""
    return queue.claim(tx, owner, limit, NOW, LEASE, stock.room)


def a_dial(claimed: ClaimedCall, stock: Stock, suffix: str = "0", **changes: Any) -> attempts.NewAttempt:
    """The attempt that a lane makes of a claim."""
    new = attempts.NewAttempt(
        attempt_id=AttemptId(f"{claimed.call_id:031d}{suffix}"),
        call_id=claimed.call_id,
        fence=claimed.fence,
        owner="lane-a",
        lease_until=LEASE,
        phone=claimed.phone,
        from_number=PhoneNumber("+12125550100"),
        script_version_id=stock.version_id,
        carrier="simulated",
        instructions_hash="cd" * 32,
    )
    return replace(new, **changes)


def begun(tx: Connection, stock: Stock) -> tuple[ClaimedCall, attempts.NewAttempt]:
    """Claim one call and begin its attempt."""
    (claimed,) = claim(tx, stock)
    new = a_dial(claimed, stock)
    attempts.begin(tx, new, NOW)
    return claimed, new


def a_result(disposition: Disposition = Disposition.NO_ANSWER, **changes: Any) -> AttemptResult:
    """How an attempt ended."""
    return AttemptResult(disposition=disposition, **changes)


@contextmanager
def without_guards(tx: Connection) -> Iterator[None]:
    """What the owner of a database can do and no program does: records may be changed and deleted meanwhile."""
    if tx.dialect.name == "postgresql":
        for table in ("decisions", "acts"):
            tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        for table in ("decisions", "acts"):
            tx.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('decisions', 'acts')"
    guards = tx.execute(text(query)).all()
    assert guards
    for guard in guards:
        tx.execute(text(f"DROP TRIGGER {guard.name}"))
    yield
    for guard in guards:
        tx.execute(text(guard.sql))
