"""Keep what a talk came to: its finding with the proof, and the lead that it makes or takes back."""

from dataclasses import dataclass
from datetime import datetime

from dialer.leads.assess import Assessment
from dialer.model.disposition import Outcome
from dialer.model.ids import AttemptId, CallId, CampaignId, ContactId
from dialer.store import findings, records
from dialer.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Talk:
    """Whose talk it was."""

    attempt_id: AttemptId
    call_id: CallId
    campaign_id: CampaignId
    contact_id: ContactId


def keep(tx: Tx, talk: Talk, assessment: Assessment, session_outcome: Outcome | None, now: datetime) -> None:
    """Store ``assessment`` in the transaction that ends the attempt, or that looks at it again.

    A talk that makes no lead takes back the one that an earlier talk of the same call made; a dial that reached nobody
    changes nothing. ``session_outcome`` is what the session itself had found.
    """
    is_decided = keep_finding(tx, talk, assessment, session_outcome, now)
    if assessment.lead is not None:
        records.save_lead(
            tx,
            assessment.lead,
            call_id=talk.call_id,
            campaign_id=talk.campaign_id,
            contact_id=talk.contact_id,
            attempt_id=talk.attempt_id,
            now=now,
        )
    elif is_decided:
        records.withdraw_lead(tx, talk.call_id)


def keep_finding(tx: Tx, talk: Talk, assessment: Assessment, session_outcome: Outcome | None, now: datetime) -> bool:
    """Store what a talk came to, without its lead. False when nobody was reached: then there is nothing to keep."""
    if not assessment.is_human_reached and assessment.source is None:
        return False
    finding = findings.Finding(
        outcome=assessment.outcome,
        source=assessment.source,
        session_outcome=session_outcome,
        quote=assessment.quote,
        answers=assessment.answers,
        reasons=assessment.reasons,
        needs_review=assessment.needs_review,
    )
    findings.save(tx, talk.attempt_id, talk.campaign_id, talk.call_id, finding, now)
    return True
