"""Look at a talk again, with what a model read and what people say, and keep what it comes to now.

The dial after it was decided when the talk ended and is not taken back here: only what the talk means changes. An opt-out that
is noticed late is as final as any other.
"""

from datetime import datetime

from dialer.leads.analysis import read_analysis
from dialer.leads.assess import Assessment, assess
from dialer.model.attempt import AttemptResult, Ending
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.ids import AttemptId
from dialer.operations import concluding, opting_out, outgoing
from dialer.operations.parts import Parts
from dialer.store import analyses, attempts, calls, campaigns, contacts, findings, records
from dialer.store.attempts import AttemptRow
from dialer.store.engine import Tx


def look_again(tx: Tx, parts: Parts, attempt_id: AttemptId, now: datetime) -> Assessment:
    """Assess an ended attempt anew and store the result, in the caller's transaction. The same facts give the same result."""
    row = attempts.get(tx, attempt_id)
    campaign = campaigns.version(tx, row.script_version_id)
    contact = contacts.get(tx, calls.contact_of(tx, row.call_id))
    before = findings.of_attempt(tx, attempt_id)
    session_outcome = before.session_outcome if before else None
    document = analyses.last_document(tx, attempt_id)
    assessment = assess(
        campaign,
        result_of(row, session_outcome),
        records.transcript(tx, attempt_id),
        ended_at=row.ended_at,
        zone=contact.contact.timezone,
        analysis=read_analysis(document) if isinstance(document, dict) else None,
        corrections=findings.corrections_of(tx, attempt_id),
    )
    talk = concluding.Talk(attempt_id, row.call_id, row.campaign_id, contact.contact_id)
    if _is_current(tx, row):
        concluding.keep(tx, talk, assessment, session_outcome, now)
    else:
        concluding.keep_finding(tx, talk, assessment, session_outcome, now)
    if row.disposition is Disposition.ANSWERED_HUMAN:
        findings.set_outcome(tx, attempt_id, assessment.outcome, "" if row.summary else assessment.summary)
    if before is None or _was(before) != _is(assessment):
        outgoing.result_changed(tx, parts, attempt_id, contact, now, assessment)
    if assessment.outcome is Outcome.DO_NOT_CALL:
        proof = {"reason": "opt_out", "source": "review", "quote": assessment.quote.quote if assessment.quote else ""}
        opting_out.suppress(tx, parts, opting_out.Asked(contact, row.phone, campaign.name, attempt_id, proof), now)
    return assessment


def _was(found: findings.Finding) -> tuple[object, ...]:
    return found.outcome, found.needs_review, tuple(found.answers)


def _is(assessment: Assessment) -> tuple[object, ...]:
    return assessment.outcome, assessment.needs_review, assessment.answers


def result_of(row: AttemptRow, session_outcome: Outcome | None) -> AttemptResult:
    """How the attempt ended, as it was when it ended: ``outcome`` is what the session itself had found."""
    return AttemptResult(
        disposition=row.disposition or Disposition.UNKNOWN,
        outcome=session_outcome,
        answered_by=row.answered_by or AnsweredBy.UNKNOWN,
        ending=Ending(row.end_cause, row.hangup_cause, row.sip_code) if row.end_cause else None,
        reason=row.reason,
        talk_s=row.talk_s,
        callback_at=row.callback_at,
        summary=row.summary,
    )


def _is_current(tx: Tx, row: AttemptRow) -> bool:
    """No later talk of the same call said something else: then the lead is this talk's to make."""
    later = (it for it in attempts.of_call(tx, row.call_id) if it.number > row.number)
    return not any(findings.of_attempt(tx, it.id) for it in later)
