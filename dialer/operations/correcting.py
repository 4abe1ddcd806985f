"""What a person says instead: the outcome or an answer of a talk, checked, kept for ever, and stronger than everything else."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialer.errors import UserError
from dialer.leads.assess import Assessment
from dialer.leads.values import normalise
from dialer.model.campaign import Campaign
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId
from dialer.model.lead import Correction
from dialer.operations import lookup, reporting
from dialer.operations.looking_again import look_again
from dialer.operations.parts import Parts
from dialer.store import attempts, campaigns, findings
from dialer.store.findings import Corrected, Finding

OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Changed:
    """What a correction did: each field with its value before and now, and what the talk comes to."""

    attempt_id: AttemptId
    fields: tuple[tuple[str, str, str], ...]
    assessment: Assessment


def correct(parts: Parts, key: str, values: Mapping[str, str], *, by: str = "", note: str = "", region: str = "US") -> Changed:
    """Correct the talk named by ``key`` (attempt, its beginning, or a number). A value of "" says that nothing is known.

    Raises ``UserError`` for an unknown talk, field or value. The same value as before is a confirmation, and counted as one.
    """
    if not values:
        raise UserError("nothing to correct", code="no_value", hint="dialer lead set +12125550123 outcome=callback")
    attempt_id = lookup.words(parts, key, region).attempt.id
    with parts.store.write() as tx:
        row = attempts.get(tx, attempt_id)
        if row.disposition is not Disposition.ANSWERED_HUMAN:
            raise UserError(f"attempt {attempt_id[:12]} is no talk with a person: nothing to correct", code="no_talk")
        campaign = campaigns.version(tx, row.script_version_id)
        before = findings.of_attempt(tx, attempt_id)
        now = reporting.campaign_now(tx, parts)
        told = [_corrected(campaign, before, Correction(name, value, by, note)) for name, value in values.items()]
        findings.correct(tx, attempt_id, row.campaign_id, told, now)
        assessment = look_again(tx, parts, attempt_id, now)
    return Changed(attempt_id, tuple((it.correction.field, it.was, it.correction.value) for it in told), assessment)


def _corrected(campaign: Campaign, before: Finding | None, told: Correction) -> Corrected:
    """The correction in canonical form, with what it takes the place of."""
    if told.field == OUTCOME:
        _require_outcome(campaign, told.value)
        was = before.outcome.value if before else ""
        return Corrected(told, was, before.source.value if before and before.source else "")
    rule = campaign.answers.get(told.field)
    if rule is None:
        known = ", ".join([OUTCOME, *campaign.answers])
        raise UserError(f"{campaign.name} has no {told.field!r}", code="unknown_field", hint=f"one of: {known}")
    value = normalise(rule, told.value) if told.value else ""
    if value is None:
        allowed = f"one of: {', '.join(rule.values)}" if rule.values else f"a {rule.type}"
        raise UserError(f"{told.field} = {told.value!r}: not {allowed}", code="bad_value")
    answer = next((it for it in before.answers if it.name == told.field), None) if before else None
    was, source = (answer.value or "", answer.source.value) if answer else ("", "")
    return Corrected(Correction(told.field, value, told.by, told.note), was, source)


def _require_outcome(campaign: Campaign, value: str) -> None:
    allowed = sorted({Outcome.CANNOT_TELL.value, Outcome.DO_NOT_CALL.value, *(word.value for word in campaign.outcomes)})
    if value not in allowed:
        raise UserError(f"outcome = {value!r}: {campaign.name} has no such outcome", code="bad_value", hint=", ".join(allowed))
