"""A reading is asked for once, held by one, and finished by whoever holds it, on both databases."""

from __future__ import annotations

from decimal import Decimal

from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import AnalysisState
from dialer.store import analyses, attempts, migrate
from dialer.store.analyses import Key, Reading
from dialer.store.engine import open_store
from tests.store.rows import LEASE, NOW, a_result, begun, minutes, stocked

KEY = Key("s", "p", "m")


def test_a_reading_from_wish_to_end(database_url: str) -> None:
    migrate.upgrade(database_url)
    store = open_store(database_url, ledger_key="a key for tests, and for nothing else")
    with store.write() as tx:
        stock = stocked(tx, 1)
        _, new = begun(tx, stock)
        assert analyses.versions(tx, stock.campaign_id) == [stock.version_id]
        assert analyses.unread(tx, stock.version_id, KEY, 10) == []
        attempts.end(tx, new.attempt_id, new.fence, a_result(Disposition.ANSWERED_HUMAN, outcome=Outcome.CANNOT_TELL), NOW)
        assert analyses.unread(tx, stock.version_id, KEY, 10) == [new.attempt_id]
        for _ in range(2):
            analyses.ask(tx, new.attempt_id, stock.campaign_id, KEY, NOW, NOW)
        assert analyses.unread(tx, stock.version_id, KEY, 10) == []
        assert analyses.unread(tx, stock.version_id, Key("s2", "p", "m"), 10) == [new.attempt_id]
        (analysis_id,) = analyses.due(tx, NOW, 10)
        held = analyses.claim(tx, analysis_id, NOW, LEASE)
        assert held is not None
        assert (held.tries, held.key, held.attempt_id) == (1, KEY, new.attempt_id)
        assert analyses.claim(tx, analysis_id, NOW, LEASE) is None
        again = analyses.claim(tx, analysis_id, LEASE, LEASE + minutes(5))
        assert again is not None
        done = Reading(AnalysisState.DONE, {"outcome": None}, "", "flex", 900, 40, Decimal("0.001"))
        assert not analyses.finish(tx, held, done), "somebody else has it"
        assert not analyses.put_off(tx, held, "late", LEASE)
        assert analyses.put_off(tx, again, "busy", LEASE + minutes(9))
        assert analyses.due(tx, LEASE + minutes(8), 10) == []
        last = analyses.claim(tx, analysis_id, LEASE + minutes(9), LEASE + minutes(20))
        assert last is not None
        assert analyses.last_document(tx, new.attempt_id) is None
        assert analyses.finish(tx, last, done)
        assert not analyses.finish(tx, last, done)
        assert analyses.last_document(tx, new.attempt_id) == {"outcome": None}
        assert analyses.of_campaign(tx, stock.campaign_id) == [analyses.Readings(KEY, {"done": 1}, Decimal("0.001"))]
    store.close()
