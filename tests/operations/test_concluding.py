"""What a talk came to is kept; a dial that reached nobody changes nothing."""

from __future__ import annotations

from dialer.leads.assess import Assessment
from dialer.model.disposition import Outcome
from dialer.operations import concluding
from dialer.operations.concluding import Talk
from dialer.operations.parts import Parts
from dialer.store import findings, records
from tests.operations.stage import armed
from tests.operations.talked import talked
from tests.support.report_rows import a_lead


def test_a_lead_is_made_kept_and_taken_back(parts: Parts) -> None:
    armed(parts)
    work = talked(parts)
    subject = work.subject
    talk = Talk(work.attempt_id, subject.call_id, subject.campaign.id, subject.contact.contact_id)
    now = parts.clock.now()
    made = Assessment(Outcome.INTERESTED, (), a_lead(), False, ("said so",), is_human_reached=True)
    nobody = Assessment(Outcome.CANNOT_TELL, (), None, False, ("nobody",))
    refused = Assessment(Outcome.NOT_INTERESTED, (), None, False, ("said no",), is_human_reached=True)
    with parts.store.write() as tx:
        concluding.keep(tx, talk, made, Outcome.INTERESTED, now)
        assert records.lead_of_call(tx, subject.call_id) is not None
        concluding.keep(tx, talk, nobody, None, now)
        assert records.lead_of_call(tx, subject.call_id) is not None
        found = findings.of_attempt(tx, work.attempt_id)
        assert found is not None
        assert (found.outcome, found.session_outcome) == (Outcome.INTERESTED, Outcome.INTERESTED)
        concluding.keep(tx, talk, refused, None, now)
        assert records.lead_of_call(tx, subject.call_id) is None
