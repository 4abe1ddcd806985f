"""The whole sales example over a carrier, by settings alone: the same people, the same results as on the simulated network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from dialer import wiring
from dialer.clock import SimulatedClock
from dialer.operations import dispatch, lane, upkeep
from dialer.operations.parts import Lines, Parts
from dialer.simulation.twilio.rules import Rules
from dialer.simulation.twilio.server import Account, TwilioPeer
from dialer.store.engine import open_store
from dialer.store.schema import attempts, calls
from tests.operations.conftest import START, empty_database, no_lines
from tests.operations.conftest import parts as parts_fixture
from tests.operations.stage import armed
from tests.support import specs

__all__ = ["empty_database"]
LEAST_AT_ONCE = 20
assert parts_fixture


class Asked:
    """Drain when nothing is left to do."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def is_set(self) -> bool:
        return dispatch.is_all_done(self._parts)

    def is_urgent(self) -> bool:
        return False


@contextmanager
def world(folder: Path, empty: Path, **changes: Any) -> Iterator[Parts]:
    """Settings, a clock of its own and a database of its own."""
    folder.mkdir()
    (folder / "dialer.db").write_bytes(empty.read_bytes())
    settings = wiring.Settings(
        database_url=f"sqlite:///{folder / 'dialer.db'}",
        simulation_journal=folder / "phones.jsonl",
        campaigns_dir=Path(__file__).resolve().parents[3] / "campaigns",
        poll_s=1.0,
        carrier_cps=20.0,
        **changes,
    )
    store = open_store(settings.database_url)
    yield Parts(settings, SimulatedClock(START), store, no_lines)
    store.close()


def called(parts: Parts) -> list[tuple[str, Any, Any, Any]]:
    """Call everybody; what came of each contact."""
    armed(parts)
    assert lane.run_lane(parts, "node", Asked(parts)) is not None  # type: ignore[arg-type]  # a flag is all it needs
    upkeep.tidy(parts)
    with parts.store.read() as tx:
        rows = tx.execute(select(calls.c.phone, calls.c.bucket, calls.c.disposition, calls.c.outcome)).all()
    return sorted((str(row.phone), row.bucket, row.disposition, row.outcome) for row in rows)


def at_once(peer: TwilioPeer) -> int:
    """The most calls that lived at the same moment."""
    lives = [(call.facts.created_at, 1) for call in peer.calls.values()]
    lives += [(call.facts.ended_at, -1) for call in peer.calls.values() if call.facts.ended_at is not None]
    most = now = 0
    for _, step in sorted(lives):
        now += step
        most = max(most, now)
    return most


def test_the_sales_example_over_twilio_ends_as_on_the_simulated_network(tmp_path: Path, empty_database: Path) -> None:
    with world(tmp_path / "simulated", empty_database) as parts:
        opened = replace(parts, open_lines=partial(wiring.open_lines, parts.settings, parts.store, parts.clock))
        expected = called(opened)
    account = Account()
    ours = {
        "carrier": "twilio",
        "twilio_account_sid": account.sid,
        "twilio_auth_token": SecretStr(account.token),
        "public_url": "http://127.0.0.1:{port}",
        "listen_port": 0,
    }
    with world(tmp_path / "twilio", empty_database, **ours) as parts:
        rules = Rules.from_file(specs.TWILIO) if specs.TWILIO.exists() else None
        directory = partial(wiring.person_of, parts.store)
        peer = TwilioPeer(tmp_path / "peer.jsonl", directory, clock=parts.clock, rules=rules, account=account)

        async def open_lines() -> Lines:
            await peer.start()
            settings = parts.settings.model_copy(update={"twilio_api_url": peer.url})
            lines = await wiring.open_lines(settings, parts.store, parts.clock)

            async def close() -> None:
                await lines.close()
                await peer.close()

            return replace(lines, close=close)

        found = called(replace(parts, open_lines=open_lines))
        with parts.store.read() as tx:
            carriers = {row.carrier for row in tx.execute(select(attempts.c.carrier)).all()}
    assert carriers == {"twilio"}
    assert [problems for *_, problems in peer.asked if problems] == []
    assert peer.sender.notifications == []
    assert at_once(peer) >= LEAST_AT_ONCE
    assert found == expected
