"""What talks came to and what people said instead, on both databases."""

from __future__ import annotations

from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Correction, Evidence, EvidencedAnswer, Source
from dialer.store import attempts, findings, migrate
from dialer.store.engine import open_store
from tests.store.rows import NOW, a_result, begun, stocked

FOUND = findings.Finding(
    Outcome.INTERESTED,
    Source.TOOL,
    Outcome.INTERESTED,
    Evidence(2, "yes", 1000),
    (EvidencedAnswer("need", "a roof", Source.MODEL, Evidence(4, "a roof", 3000)),),
    ("reported in the call",),
)


def test_findings_and_corrections(database_url: str) -> None:
    migrate.upgrade(database_url)
    store = open_store(database_url, ledger_key="a key for tests, and for nothing else")
    with store.write() as tx:
        stock = stocked(tx, 1)
        claimed, new = begun(tx, stock)
        attempts.end(tx, new.attempt_id, new.fence, a_result(Disposition.ANSWERED_HUMAN, outcome=Outcome.INTERESTED), NOW)
        key = (new.attempt_id, stock.campaign_id)
        assert findings.of_attempt(tx, new.attempt_id) is None
        findings.save(tx, *key, claimed.call_id, findings.Finding(Outcome.CANNOT_TELL), NOW)
        findings.save(tx, *key, claimed.call_id, FOUND, NOW)
        assert findings.of_attempt(tx, new.attempt_id) == FOUND
        assert findings.sources(tx, stock.campaign_id) == {"tool": 1}
        one = findings.Corrected(Correction("outcome", "callback", "me", "listened"), "interested", "tool")
        two = findings.Corrected(Correction("outcome", "not_interested"), "callback", "corrected")
        three = findings.Corrected(Correction("need", "a roof"), "a roof", "model")
        for told in (one, two, three):
            findings.correct(tx, *key, [told], NOW)
        found = {item.field: item.value for item in findings.corrections_of(tx, new.attempt_id)}
        assert found == {"outcome": "not_interested", "need": "a roof"}
        assert findings.agreements(tx, stock.campaign_id) == [
            findings.Agreement("model", 1, 0),
            findings.Agreement("tool", 0, 1),
        ]
        findings.set_outcome(tx, new.attempt_id, Outcome.CALLBACK, "again")
        row = attempts.get(tx, new.attempt_id)
        assert (row.outcome, row.summary) == (Outcome.CALLBACK, "again")
    store.close()
