"""Why was this number called, or not? Everything on record, as an answer to a complaint, and as data."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.compliance import letter
from dialer.errors import UserError
from dialer.model.decision import RuleVerdict, Stage
from dialer.model.disposition import Disposition
from dialer.model.ids import CallId
from dialer.model.phone import PhoneNumber
from dialer.operations import lookup
from dialer.operations.parts import Parts
from dialer.store import acts, attempts, campaigns, consents, contacts, decisions, overview, suppression
from dialer.store.acts import Act
from dialer.store.attempts import AttemptRow
from dialer.store.consents import ConsentRow
from dialer.store.decisions import DecisionRow
from dialer.store.engine import Tx
from dialer.store.keys import number_of
from dialer.store.suppression import Suppression

_CALL_ID = re.compile(r"#?\d{1,9}")
_ACTS = {
    "dnc.add": "put on the do-not-call list",
    "dnc.remove": "taken off the do-not-call list",
    "dnc.opt_out": "put on the do-not-call list at the wish said in a call",
    "consent.add": "consent recorded",
    "consent.revoke": "consent taken back",
}
_MOST = 8
"""So many decisions of a campaign are written out; the rest is counted, and whole in ``--json``."""


@dataclass(frozen=True, slots=True)
class Why:
    """What is on record for a number, or for one call to it."""

    phone: PhoneNumber
    decisions: tuple[tuple[DecisionRow, str], ...]
    """With the name of the campaign, the oldest first."""
    attempts: tuple[AttemptRow, ...]
    suppressions: tuple[Suppression, ...]
    others: tuple[tuple[PhoneNumber, Suppression], ...]
    """Other numbers of the same contacts that are on a list: they keep this one from ringing too."""
    consents: tuple[ConsentRow, ...]
    acts: tuple[Act, ...]

    def as_text(self) -> Iterator[str]:
        """The answer, for one screen."""
        yield f"What is on record for {self.phone}"
        yield self._in_short()
        yield from self._standing()
        names = dict.fromkeys(name for _, name in self.decisions)
        for name in names:
            yield f"\nCampaign {name}"
            rows = [row for row, campaign in self.decisions if campaign == name]
            by_decision = {id(row.decision): row for row in rows}
            told = list(letter.folded(letter.without_previews([row.decision for row in rows])))
            before: list[RuleVerdict] = []
            if len(told) > _MOST:
                yield f"  ({len(told) - _MOST} earlier decisions are in --json)"
            for decision, again in told[-_MOST:]:
                yield from (f"  {line}" for line in letter.sentences(decision, before))
                before = letter.grounds(decision) if decision.is_allowed and decision.stage is Stage.DIAL else before
                if again:
                    yield f"    (and {again} more time{'s' if again > 1 else ''} for the same reasons)"
                yield from (f"    {line}" for line in self._dialled(by_decision[id(decision)]))
        if not names:
            yield "No campaign has ever asked whether it may be called, and none has called it."

    def _in_short(self) -> str:
        """How often it was called, and whether it will be."""
        dials = sorted(it.dialed_at for it in self.attempts if it.dialed_at)
        talks = sum(it.disposition is Disposition.ANSWERED_HUMAN for it in self.attempts)
        if not dials:
            said = "It was never dialled."
        else:
            often = "once" if len(dials) == 1 else f"{len(dials)} times"
            until = f" and last on {_day(dials[-1])}" if len(dials) > 1 else ""
            spoke = f"; a person was spoken to {talks} time{'s' if talks > 1 else ''}" if talks else "; nobody was spoken to"
            said = f"It was dialled {often}, first on {_day(dials[0])}{until}{spoke}."
        is_over = any(entry.campaign_id is None for entry in self.suppressions)
        if is_over:
            return f"{said} It is not called any more: it is on our do-not-call list."
        is_over = any(entry.campaign_id is None for _, entry in self.others)
        whose = "another number of the same contact"
        return f"{said} It is not called any more: {whose} is on our do-not-call list." if is_over else said

    def _standing(self) -> Iterator[str]:
        for entry in self.suppressions:
            where = "one campaign" if entry.campaign_id else "all campaigns"
            quote = f', in the words "{entry.quote}"' if entry.quote else ""
            by = f" by {entry.added_by}" if entry.added_by else ""
            yield f"On the do-not-call list of {where} since {_day(entry.added_at)}: {entry.reason} ({entry.source}{by}){quote}."
        for phone, entry in self.others:
            where = "one campaign" if entry.campaign_id else "all campaigns"
            since = f"since {_day(entry.added_at)}: {entry.reason}"
            yield f"{phone}, of the same contact, is on the do-not-call list of {where} {since}."
        for row in self.consents:
            given = f" on {_day(row.given_at)}" if row.given_at else ""
            used = f", last used {_day(row.last_used_at)}" if row.last_used_at else ""
            taken = f", taken back on {_day(row.revoked_at)} ({row.revoked_reason})" if row.revoked_at else ""
            words = f', in the words "{row.text}"' if row.text else ""
            source = row.source or "not known"
            yield f"Consent: {row.kind}, given{given or ' on a day that is not known'}, source: {source}{words}{used}{taken}."
        for act in self.acts:
            because = f", because {act.reason}" if act.reason else ""
            yield f"{_day(act.done_at)}: {_ACTS.get(act.act, act.act)} by {act.actor}{because}."

    def _dialled(self, row: DecisionRow) -> Iterator[str]:
        made = next((it for it in self.attempts if it.id == row.attempt_id and it.dialed_at), None)
        if made is not None:
            end = "in progress" if made.disposition is None else made.disposition.value.replace("_", " ")
            outcome = f", {made.outcome.value.replace('_', ' ')}" if made.outcome else ""
            yield f"=> dialled from {made.from_number}, attempt {made.number}: {end}{outcome} ({made.id[:12]})"

    def as_json(self) -> dict[str, Any]:
        """The document of ``why --json``: every decision whole, so that it can be made again."""
        return {
            "phone": self.phone,
            "decisions": [_decision_json(row, name) for row, name in self.decisions],
            "attempts": [_attempt_json(row) for row in self.attempts],
            "suppressions": [_listed_json(it) for it in self.suppressions],
            "suppressions_of_other_numbers": [{"phone": phone, **_listed_json(it)} for phone, it in self.others],
            "consents": [
                {
                    "class": it.kind,
                    "source": it.source,
                    "given_at": _iso(it.given_at),
                    "last_used_at": _iso(it.last_used_at),
                    "revoked_at": _iso(it.revoked_at),
                }
                for it in self.consents
            ],
            "acts": [{"at": _iso(it.done_at), "actor": it.actor, "act": it.act, "reason": it.reason} for it in self.acts],
        }


def why(parts: Parts, key: str, region: str = "US") -> Why:
    """Everything about a number, or about one call: the id of an attempt or its beginning, or the number of a call (``#12``).

    Raises ``UserError`` when nothing of that name is on record.
    """
    with parts.store.read() as tx:
        call_id = _call_named(tx, key.strip().lower())
        if call_id is not None:
            rows = decisions.of_call(tx, call_id)
            made = attempts.of_call(tx, call_id)
            phones = dict.fromkeys([*(row.phone for row in rows), *(row.phone for row in made)])
            if not phones:
                raise UserError(f"no decision about call {call_id} is on record", code="unknown_call")
            return _gathered(tx, next(iter(phones)), rows, made)
        phone = lookup.read_phone(key, region)
        made = [attempts.get(tx, attempt_id) for attempt_id in overview.attempts_of_phone(tx, phone)]
        return _gathered(tx, phone, decisions.of_phone(tx, phone), made)


def _gathered(tx: Tx, phone: PhoneNumber, rows: list[DecisionRow], made: list[AttemptRow]) -> Why:
    names = {campaign_id: campaigns.get(tx, campaign_id).name for campaign_id in {row.campaign_id for row in rows}}
    return Why(
        phone,
        tuple((row, names[row.campaign_id]) for row in rows),
        tuple(made),
        tuple(suppression.entries(tx, phone)),
        tuple(_others(tx, phone)),
        tuple(consents.of_phone(tx, phone)),
        tuple(acts.of_number(tx, number_of(tx, phone))),
    )


def _call_named(tx: Tx, key: str) -> CallId | None:
    if _CALL_ID.fullmatch(key) and (key.startswith("#") or len(key) <= 6):
        return CallId(int(key.removeprefix("#")))
    attempt_id = lookup.attempt_by_id(tx, key)
    return None if attempt_id is None else attempts.get(tx, attempt_id).call_id


def _others(tx: Tx, phone: PhoneNumber) -> Iterator[tuple[PhoneNumber, Suppression]]:
    """The list entries of the other numbers of everybody who has this one, where a campaign of theirs is bound by it."""
    seen: set[tuple[PhoneNumber, object]] = set()
    for person in contacts.by_phone(tx, phone):
        for other in person.contact.numbers:
            for entry in suppression.entries(tx, other) if other != phone else ():
                if entry.campaign_id in (None, person.campaign_id) and (other, entry.campaign_id) not in seen:
                    seen.add((other, entry.campaign_id))
                    yield other, entry


def _listed_json(entry: Suppression) -> dict[str, Any]:
    return {
        "scope": "all" if entry.campaign_id is None else "campaign",
        "reason": entry.reason,
        "source": entry.source,
        "quote": entry.quote,
        "added_at": _iso(entry.added_at),
    }


def _decision_json(row: DecisionRow, name: str) -> dict[str, Any]:
    decision = row.decision
    return {
        "campaign": name,
        "call_id": row.call_id,
        "attempt_id": row.attempt_id,
        "seq": row.seq,
        "at": _iso(decision.decided_at),
        "stage": decision.stage.value,
        "verdict": decision.verdict.value,
        "code": decision.code,
        "next_allowed_at": _iso(decision.next_allowed_at),
        "zones": list(decision.zones),
        "rules": [{"rule": it.rule, "verdict": it.verdict.value, "detail": it.detail} for it in decision.rules],
        "basis": dict(decision.basis),
    }


def _attempt_json(row: AttemptRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "call_id": row.call_id,
        "number": row.number,
        "from": row.from_number,
        "dialed_at": _iso(row.dialed_at),
        "answered_at": _iso(row.answered_at),
        "ended_at": _iso(row.ended_at),
        "disposition": None if row.disposition is None else row.disposition.value,
        "outcome": None if row.outcome is None else row.outcome.value,
    }


def _day(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M} UTC"


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
