"""A test call over each real carrier's loopback: the words of the row, on record, with nothing counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from dialer import wiring
from dialer.model.disposition import Disposition
from dialer.operations import testcall
from dialer.operations.parts import Lines, Parts
from dialer.simulation.asterisk.server import Options, serve_asterisk
from dialer.simulation.asterisk.trunk import World
from dialer.simulation.twilio.rules import Rules
from dialer.simulation.twilio.server import Account, TwilioPeer
from dialer.store.schema import attempts
from tests.conformance.carriers.test_sales import world
from tests.operations.conftest import empty_database
from tests.operations.stage import armed
from tests.support import specs
from tests.support.asterisk import described

__all__ = ["empty_database"]
OWN = "+12125550199"
Open = Callable[[], Awaitable[Lines]]


def over_twilio(parts: Parts, problems: list[str]) -> Open:
    """Lines to the loopback Twilio."""
    account = Account()
    rules = Rules.from_file(specs.TWILIO) if specs.TWILIO.exists() else None
    directory = partial(wiring.person_of, parts.store)
    peer = TwilioPeer(parts.settings.simulation_journal, directory, clock=parts.clock, rules=rules, account=account)

    async def opened() -> Lines:
        await peer.start()
        ours = {"carrier": "twilio", "twilio_account_sid": account.sid, "twilio_auth_token": SecretStr(account.token)}
        address = {"twilio_api_url": peer.url, "public_url": "http://127.0.0.1:{port}", "listen_port": 0}
        lines = await wiring.open_lines(parts.settings.model_copy(update=ours | address), parts.store, parts.clock)

        async def close() -> None:
            await lines.close()
            await peer.close()
            problems.extend(text for *_, found in peer.asked for text in found)

        return replace(lines, close=close)

    return opened


def over_asterisk(parts: Parts, problems: list[str]) -> Open:
    """Lines to the loopback Asterisk."""
    phones = World(partial(wiring.person_of, parts.store), parts.settings.simulation_journal, parts.settings.simulation_seed)

    async def opened() -> Lines:
        peer = await serve_asterisk(phones, Options(descriptions=described()), clock=parts.clock)
        ours = {"carrier": "asterisk", "asterisk_user": "dialer", "asterisk_password": SecretStr("secret")}
        settings = parts.settings.model_copy(update={**ours, "asterisk_url": peer.url})
        lines = await wiring.open_lines(settings, parts.store, parts.clock)

        async def close() -> None:
            await lines.close()
            await peer.close()
            problems.extend(map(str, peer.violations))

        return replace(lines, close=close)

    return opened


@pytest.mark.parametrize("over", [over_twilio, over_asterisk], ids=["twilio", "asterisk"])
def test_one_call_to_ones_own_phone(over: Callable[..., Open], tmp_path: Path, empty_database: Path) -> None:
    problems: list[str] = []
    with world(tmp_path / "world", empty_database) as bare:
        armed(bare)
        parts = replace(bare, open_lines=over(bare, problems))
        wanted = testcall.prepare(parts, "solar-sales", OWN, 2)
        call = testcall.make(parts, wanted, lambda *_: None, lambda: False)
        with parts.store.read() as tx:
            counted = tx.execute(select(func.count()).select_from(attempts)).scalar_one()
    assert problems == []
    assert (call.disposition, call.phone, call.carrier_call_id != "") == (Disposition.ANSWERED_HUMAN, OWN, True)
    assert wanted.contact.contact.first_name in call.words.turns[0].text
    assert len(call.words.turns) > 5
    assert counted == 0
