from __future__ import annotations

import hashlib

from dialer.model.decision import Decision, Stage, Verdict
from dialer.store import proof, records
from dialer.store.engine import Store
from tests.store.rows import NOW, begun, stocked


def test_the_attempts_and_scripts_of_a_campaign(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        _, new = begun(tx, stock)
        other = stocked(tx, 1, "winter", first=5)
        assert proof.attempts_of(tx, stock.campaign_id) == [new.attempt_id]
        assert proof.unallowed(tx) == [new.attempt_id], "nobody asked the gates"
        allowed = Decision(Verdict.ALLOW, "allowed", Stage.DIAL, NOW, (), (), None)
        records.save_decision(tx, allowed, phone=new.phone, campaign_id=stock.campaign_id, attempt_id=new.attempt_id)
        assert proof.unallowed(tx) == []
        assert proof.attempts_of(tx, other.campaign_id) == []
        ((name, body),) = proof.scripts_of(tx, stock.campaign_id)
        assert hashlib.sha256(body.encode()).hexdigest() == name == proof.script_of(tx, new.attempt_id)
