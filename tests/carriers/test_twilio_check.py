"""The look that doctor takes: what is wrong is said with what mends it, and nobody is rung."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dialer.carriers.base import Finding
from dialer.carriers.media_server import Listen, MediaServer
from dialer.carriers.twilio_api import TwilioApi
from dialer.carriers.twilio_check import TwilioExaminer
from dialer.clock import SystemClock
from dialer.simulation.twilio.server import ACCOUNT, TOKEN, Account
from tests.conformance.carriers.benches import TwilioBench


def looked(
    tmp_path: Path, *, token: str = TOKEN, shown: tuple[str, ...] = (), public_url: str = "", away: bool = False
) -> dict[str, Finding]:
    bench = TwilioBench(tmp_path)

    async def main(_: Any) -> list[Finding]:
        assert bench.peer is not None
        bench.peer.account = Account(numbers=("+12125550199",), verified=("+12125550188",))
        address = bench.peer.url if public_url == "peer" else public_url
        server = MediaServer(Listen(public_url=address or Listen().public_url))
        await server.start()
        api = TwilioApi("http://127.0.0.1:9" if away else bench.peer.url, ACCOUNT, token)
        found = await TwilioExaminer(api, server, SystemClock(), lambda: shown).examine()
        await api.close()
        await server.close()
        return found

    found: list[Finding] = bench.run(main)
    assert bench.rings == []
    return {finding.part: finding for finding in found}


def test_all_is_well(tmp_path: Path) -> None:
    found = looked(tmp_path, shown=("+12125550199", "+12125550188"))
    assert set(found) == {"carrier (twilio)", "clock", "public address", "caller IDs"}
    assert [finding.mend for finding in found.values()] == [""] * 4
    assert "12.50 USD" in found["carrier (twilio)"].seen
    assert ACCOUNT not in found["carrier (twilio)"].seen


def test_a_caller_id_that_is_neither_owned_nor_verified_is_named(tmp_path: Path) -> None:
    found = looked(tmp_path, shown=("+12125550177",))["caller IDs"]
    assert found.is_ours
    assert "+12125550177" in found.mend


def test_a_wrong_token_is_ours_to_mend(tmp_path: Path) -> None:
    found = looked(tmp_path, token="wrong")
    assert found["carrier (twilio)"].is_ours
    assert "TWILIO_AUTH_TOKEN" in found["carrier (twilio)"].mend
    assert "caller IDs" not in found


def test_a_twilio_that_does_not_answer_is_said(tmp_path: Path) -> None:
    found = looked(tmp_path, away=True)["carrier (twilio)"]
    assert not found.is_ours
    assert found.mend


def test_an_address_that_leads_nowhere_or_to_somebody_else_is_said(tmp_path: Path) -> None:
    nowhere = looked(tmp_path / "a", public_url="http://127.0.0.1:9")["public address"]
    assert "DIALER_PUBLIC_URL" in nowhere.mend
    other = looked(tmp_path / "b", public_url="peer")["public address"]
    assert "somebody else" in other.seen
