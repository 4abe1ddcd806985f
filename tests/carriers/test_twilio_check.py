"""The look that doctor takes: what is wrong is said with what mends it, and nobody is rung."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2

from dialer.carriers.base import Finding
from dialer.carriers.media_server import Listen, MediaServer
from dialer.carriers.twilio_api import TwilioApi
from dialer.carriers.twilio_check import Lists, TwilioExaminer
from dialer.clock import SystemClock
from dialer.simulation.twilio.server import ACCOUNT, TOKEN, Account
from tests.conformance.carriers.benches import TwilioBench


def looked(
    tmp_path: Path,
    *,
    token: str = TOKEN,
    shown: tuple[str, ...] = (),
    regions: tuple[str, ...] = ("US",),
    public_url: str = "",
    away: bool = False,
    beside: str = "",
) -> dict[str, Finding]:
    """``beside``: a worker of the account with that token has the port already."""
    bench = TwilioBench(tmp_path)

    async def main(_: Any) -> list[Finding]:
        assert bench.peer is not None
        bench.peer.account = Account(numbers=("+12125550199",), verified=("+12125550188",), closed_countries=("GB", "CN"))
        address = bench.peer.url if public_url == "peer" else public_url
        api = TwilioApi("http://127.0.0.1:9" if away else bench.peer.url, ACCOUNT, token)
        lists = Lists(lambda: shown, lambda: regions)
        worker = MediaServer(Listen())
        await worker.start()
        TwilioExaminer(api, worker, SystemClock(), lists, beside)
        port = int(worker.url.rpartition(":")[2]) if beside else 0
        address = worker.url if public_url == "worker" else address
        server = MediaServer(Listen(port=port, public_url=address or Listen().public_url, may_be_guest=True))
        await server.start()
        assert server.is_guest == bool(beside)
        found = await TwilioExaminer(api, server, SystemClock(), lists, token).examine()
        await api.close()
        await server.close()
        await worker.close()
        return found

    found: list[Finding] = bench.run(main)
    assert bench.rings == []
    return {finding.part: finding for finding in found}


def test_all_is_well(tmp_path: Path) -> None:
    found = looked(tmp_path, shown=("+12125550199", "+12125550188"))
    assert set(found) == {"carrier (twilio)", "clock", "public address", "caller IDs", "countries"}
    assert [finding.mend for finding in found.values()] == [""] * 5
    assert found["countries"].seen == "1 of 1 may be called"
    assert "12.50 USD" in found["carrier (twilio)"].seen
    assert ACCOUNT not in found["carrier (twilio)"].seen


def test_a_caller_id_that_is_neither_owned_nor_verified_is_named(tmp_path: Path) -> None:
    found = looked(tmp_path, shown=("+12125550177",))["caller IDs"]
    assert found.is_ours
    assert "+12125550177" in found.mend


def test_a_country_without_permission_is_named_with_where_to_allow_it(tmp_path: Path) -> None:
    found = looked(tmp_path, regions=("US", "GB", "CN", "nowhere"))["countries"]
    assert found.is_ours
    assert "allow CN, GB" in found.mend
    assert found.seen == "1 of 4 may be called; not told: nowhere (HTTP 404)"
    assert "countries" not in looked(tmp_path / "none", regions=())


def test_a_running_worker_that_has_the_port_answers_for_us_and_nobody_else_does(tmp_path: Path) -> None:
    found = looked(tmp_path / "ours", beside=TOKEN)["public address"]
    assert (found.mend, "worker that is at work" in found.seen) == ("", True)
    assert "somebody else" in looked(tmp_path / "foreign", beside="another token")["public address"].seen
    elsewhere = looked(tmp_path / "elsewhere", public_url="worker")["public address"]
    assert elsewhere.mend, "a worker without our token is nobody of ours"


def test_an_address_that_leads_to_another_machine_of_ours_is_not_ours(tmp_path: Path) -> None:
    async def main(_: Any) -> list[Finding]:
        assert bench.peer is not None
        api, lists = TwilioApi(bench.peer.url, ACCOUNT, TOKEN), Lists(tuple, tuple)
        other = MediaServer(Listen())
        await other.start()
        TwilioExaminer(api, other, SystemClock(), lists, TOKEN)
        server = MediaServer(Listen(public_url=other.url))
        await server.start()
        found = await TwilioExaminer(api, server, SystemClock(), lists, TOKEN).examine()
        for it in (api, server, other):
            await it.close()
        return found

    bench = TwilioBench(tmp_path)
    found = {finding.part: finding for finding in bench.run(main)}["public address"]
    assert "another dialer of this account" in found.seen
    assert found.mend


def test_a_riddle_that_is_none_is_refused(tmp_path: Path) -> None:
    async def main(_: Any) -> list[int]:
        assert bench.peer is not None
        api, server = TwilioApi(bench.peer.url, ACCOUNT, TOKEN), MediaServer(Listen())
        await server.start()
        TwilioExaminer(api, server, SystemClock(), Lists(tuple, tuple), TOKEN)
        async with httpx2.AsyncClient(trust_env=False) as client:
            asked = [await client.get(f"{server.url}/twilio/hello{query}") for query in ("", "?riddle=", f"?riddle={'x' * 65}")]
        await api.close()
        await server.close()
        return [answer.status_code for answer in asked]

    bench = TwilioBench(tmp_path)
    assert bench.run(main) == [403] * 3


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
