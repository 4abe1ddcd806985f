"""Everything about one number, and the words of one attempt."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from dialer.errors import UserError
from dialer.intake.numbers import NumberProblem, parse_phone
from dialer.model.call import Bucket
from dialer.model.contact import Consent, Contact
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import Transcript
from dialer.operations import folders
from dialer.operations.parts import Parts
from dialer.reports import talks
from dialer.store import attempts, campaigns, contacts, overview, queue, records, suppression, testcalls
from dialer.store.attempts import AttemptRow
from dialer.store.decisions import DecisionRow
from dialer.store.engine import Tx
from dialer.store.testcalls import KnownTestCall

_ATTEMPT_ID = re.compile(r"[0-9a-f]{6,32}")


@dataclass(frozen=True, slots=True)
class Words:
    """The transcript of one attempt or test call with what it belongs to."""

    attempt: AttemptRow | KnownTestCall
    campaign: str
    contact: str
    transcript: Transcript
    language: str = "en"

    def as_json(self) -> dict[str, Any]:
        """The document of ``transcript --format json``."""
        row = self.attempt
        return {
            "attempt_id": row.id,
            "campaign": self.campaign,
            "contact": self.contact,
            "phone": row.phone,
            "number": row.number,
            "is_test": isinstance(row, KnownTestCall),
            "dialed_at": _iso(row.dialed_at),
            "answered_at": _iso(row.answered_at),
            "disposition": None if row.disposition is None else row.disposition.value,
            "outcome": None if row.outcome is None else row.outcome.value,
            "turns": [
                {
                    "seq": turn.seq,
                    "speaker": turn.speaker.value,
                    "text": turn.text,
                    "start_ms": turn.start_ms,
                    "end_ms": turn.end_ms,
                    "is_interrupted": turn.is_interrupted,
                    "generated": turn.generated,
                    "latency_ms": turn.latency_ms,
                    "language": talks.language_of(turn.text, self.language),
                }
                for turn in self.transcript.turns
            ],
            "tool_calls": [
                {
                    "name": call.name,
                    "arguments": dict(call.arguments),
                    "result": dict(call.result),
                    "at_ms": call.at_ms,
                    "after_seq": call.after_seq,
                }
                for call in self.transcript.tool_calls
            ],
            "events": talks.events(self.transcript, self.facts()),
            "language": self.language,
        }

    def facts(self) -> talks.Facts:
        """What is known of the attempt beside its words."""
        row = self.attempt
        is_answered = row.answered_at is not None
        return talks.Facts(self.language, row.disposition, row.answered_by, row.end_cause, row.talk_s, is_answered)

    def entries(self) -> tuple[talks.Entry, ...]:
        """Turns, tool calls and events in order."""
        return talks.entries(self.transcript, self.facts())

    def as_text(self) -> str:
        """One line for each, with minutes and seconds from the answer."""
        return talks.text(self.entries())

    def as_markdown(self) -> str:
        """The same as Markdown, below its title."""
        return talks.markdown(
            f"{self.campaign}: {self.contact or self.attempt.phone}, attempt {self.attempt.number}", self.entries()
        )

    def as_vtt(self) -> str:
        """The turns as captions."""
        return talks.vtt(self.entries())


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What one campaign has with a number: the contact, where the call stands, its attempts and decisions."""

    campaign: str
    contact: Contact
    bucket: Bucket
    call: overview.CallRow | None
    attempts: tuple[AttemptRow, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything about one number."""

    phone: PhoneNumber
    suppressed: suppression.Suppression | None
    consents: tuple[Consent, ...]
    calls: tuple[KnownCall, ...]
    decisions: tuple[DecisionRow, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of ``contact show --json``."""
        listed = self.suppressed
        return {
            "phone": self.phone,
            "suppressed": None
            if listed is None
            else {"reason": listed.reason, "source": listed.source, "quote": listed.quote, "since": _iso(listed.added_at)},
            "consents": [{"kind": it.kind, "source": it.source, "given_at": _iso(it.given_at)} for it in self.consents],
            "campaigns": [_campaign_json(known) for known in self.calls],
            "decisions": [
                {
                    "at": _iso(row.decision.decided_at),
                    "stage": row.decision.stage.value,
                    "verdict": row.decision.verdict.value,
                    "code": row.decision.code,
                    "rules": [{"rule": it.rule, "verdict": it.verdict.value, "detail": it.detail} for it in row.decision.rules],
                }
                for row in self.decisions
            ],
        }


def read_phone(text: str, region: str = "US") -> PhoneNumber:
    """The number that a person typed; ``region`` reads national forms. Raises ``UserError``."""
    parsed = parse_phone(text, region, SUPPORTED_REGIONS)
    if isinstance(parsed, NumberProblem):
        raise UserError(f"{text!r} is not a phone number: {parsed.message}", code=parsed.code, hint="write it like +12125550123")
    return parsed.phone


def words(parts: Parts, key: str, region: str = "US") -> Words:
    """The transcript of an attempt or of a test call, named by its id or the beginning of its id, or by a number: the
    last attempt to it that has words.

    Raises ``UserError`` when nothing or more than one attempt is meant.
    """
    with parts.store.read() as tx:
        attempt_id = attempt_by_id(tx, key.lower())
        test = None if attempt_id is not None else _test_by_id(tx, key.lower())
        if test is not None:
            return test
        if attempt_id is None:
            attempt_id = _last_with_words(tx, read_phone(key, region))
        return _words_of(tx, attempt_id)


def longest_talk(parts: Parts, name: str) -> Words | None:
    """The longest talk of a campaign, if anybody was reached. Raises ``UserError`` for an unknown campaign."""
    row = folders.stored(parts, name)
    with parts.store.read() as tx:
        attempt_id = overview.longest_talk(tx, row.id)
        return None if attempt_id is None else _words_of(tx, attempt_id)


def known(parts: Parts, phone_text: str, region: str = "US") -> Known:
    """Everything about a number. Raises ``UserError`` when no campaign and no list knows it."""
    phone = read_phone(phone_text, region)
    with parts.store.read() as tx:
        listed = suppression.entry(tx, phone)
        people = contacts.by_phone(tx, phone)
        if not people and listed is None:
            raise UserError(f"no campaign has {phone}", code="unknown_number")
        calls = {call.contact_id: call for call in overview.calls_of_phone(tx, phone)}
        return Known(
            phone,
            listed,
            tuple(contacts.consents_of(tx, phone)),
            tuple(_known_call(tx, person, calls.get(person.contact_id)) for person in people),
            tuple(records.decisions_of_phone(tx, phone)),
        )


def _words_of(tx: Tx, attempt_id: AttemptId) -> Words:
    row = attempts.get(tx, attempt_id)
    people = contacts.by_phone(tx, row.phone)
    name = next((it.contact.display_name for it in people if it.campaign_id == row.campaign_id), "")
    campaign = campaigns.get(tx, row.campaign_id)
    return Words(row, campaign.name, name, records.transcript(tx, attempt_id), campaign.campaign.language)


def _known_call(tx: Tx, person: contacts.ContactRow, call: overview.CallRow | None) -> KnownCall:
    campaign = campaigns.get(tx, person.campaign_id).name
    if call is None:
        return KnownCall(campaign, person.contact, Bucket.HELD, None, ())
    made = tuple(attempts.of_call(tx, call.id))
    return KnownCall(campaign, person.contact, queue.bucket_of(call.state, call.bucket), call, made)


def attempt_by_id(tx: Tx, prefix: str) -> AttemptId | None:
    """The one attempt whose id begins with ``prefix`` (six letters or more), if any. Raises ``UserError`` when there are more."""
    found = overview.attempts_beginning(tx, prefix) if _ATTEMPT_ID.fullmatch(prefix) else []
    if len(found) > 1:
        raise UserError(f"more than one attempt begins with {prefix}", code="ambiguous_attempt", hint="give more of its id")
    return found[0] if found else None


def _test_by_id(tx: Tx, prefix: str) -> Words | None:
    """The one test call whose id begins with ``prefix``, if any. Raises ``UserError`` when there are more."""
    found = testcalls.beginning(tx, prefix) if _ATTEMPT_ID.fullmatch(prefix) else []
    if len(found) > 1:
        raise UserError(f"more than one test call begins with {prefix}", code="ambiguous_attempt", hint="give more of its id")
    test = testcalls.known(tx, found[0]) if found else None
    if test is None:
        return None
    campaign = campaigns.get(tx, test.campaign_id)
    contact = contacts.of_row(tx, test.campaign_id, test.row)
    name = f"{contact.contact.display_name if contact else ''} (test call)".strip()
    return Words(test, campaign.name, name, test.words, campaign.campaign.language)


def _last_with_words(tx: Tx, phone: PhoneNumber) -> AttemptId:
    made = overview.attempts_of_phone(tx, phone)
    for attempt_id in reversed(made):
        if records.transcript(tx, attempt_id).turns:
            return attempt_id
    if made:
        raise UserError(f"{phone} was dialled {len(made)} times, but nothing was said", code="no_words")
    raise UserError(f"no attempt to {phone}", code="unknown_number")


def _campaign_json(known: KnownCall) -> dict[str, Any]:
    call = known.call
    return {
        "campaign": known.campaign,
        "row": known.contact.row,
        "name": known.contact.display_name,
        "bucket": known.bucket.value,
        "hold_code": "" if call is None else call.hold_code,
        "due_at": None if call is None else _iso(call.due_at),
        "attempts": [
            {
                "id": row.id,
                "number": row.number,
                "dialed_at": _iso(row.dialed_at),
                "state": row.state.value,
                "disposition": None if row.disposition is None else row.disposition.value,
                "outcome": None if row.outcome is None else row.outcome.value,
                "talk_s": row.talk_s,
                "cost": str(row.cost),
                "reason": row.reason,
            }
            for row in known.attempts
        ],
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
