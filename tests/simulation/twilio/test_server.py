"""The loopback as others use it: by its REST API alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dialer.clock import SimulatedClock
from dialer.simulation.twilio.faults import TwilioFaults
from dialer.simulation.twilio.server import ACCOUNT, TOKEN, Account, TwilioPeer
from tests.conformance.carriers.benches import BUSY, NEVER, TALKS, person_at, rung
from tests.support.virtual_time import START, run_virtual

CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
SAYS = "<Response><Say>Hello there.</Say></Response>"
Main = Callable[[TwilioPeer, httpx2.AsyncClient], Awaitable[Any]]


def served(tmp_path: Path, main: Main, *, account: Account | None = None, faults: TwilioFaults | None = None) -> Any:
    clock = SimulatedClock(START)

    async def whole() -> Any:
        peer = TwilioPeer(tmp_path / "phones.jsonl", person_at, account=account, faults=faults, clock=clock)
        await peer.start()
        async with httpx2.AsyncClient(base_url=peer.url, auth=(ACCOUNT, TOKEN), trust_env=False, timeout=60) as client:
            try:
                return await main(peer, client)
            finally:
                await peer.close()
                await peer.close()
                await peer.wait()

    return run_virtual(whole(), clock)


def asked(to: str = TALKS, twiml: str = SAYS, **more: str) -> dict[str, str]:
    return {"To": to, "From": "+12125550199", "Twiml": twiml, **more}


def test_a_call_is_made_answered_spoken_to_and_priced_later(tmp_path: Path) -> None:
    async def main(peer: TwilioPeer, client: httpx2.AsyncClient) -> None:
        made = await client.post(f"{CALLS}.json", data=asked())
        assert made.status_code == 201
        call = made.json()
        assert (call["status"], call["to"], call["price"], call["duration"]) == ("queued", TALKS, None, None)
        await asyncio.sleep(15)
        over = (await client.get(f"{CALLS}/{call['sid']}.json")).json()
        assert (over["status"], over["duration"]) == ("completed", "1")
        await asyncio.sleep(15)
        priced = (await client.get(f"{CALLS}/{call['sid']}.json")).json()
        assert (priced["price"], priced["price_unit"]) == ("-0.0140", "USD")
        assert peer.calls[call["sid"]].facts.said == ["Hello there."]

    served(tmp_path, main)
    assert rung(tmp_path / "phones.jsonl") == [TALKS]


@pytest.mark.parametrize(
    ("auth", "path", "data", "status", "code"),
    [
        ((ACCOUNT, "wrong"), f"{CALLS}.json", asked(), 401, 20003),
        (None, f"{CALLS}.json", asked(), 401, 20003),
        ((ACCOUNT, TOKEN), f"{CALLS.replace(ACCOUNT, 'AC9')}.json", asked(), 401, 20003),
        ((ACCOUNT, TOKEN), f"{CALLS}.json", {"To": TALKS}, 400, 20001),
        ((ACCOUNT, TOKEN), f"{CALLS}.json", asked(Unheard="1"), 400, 20001),
        ((ACCOUNT, TOKEN), f"{CALLS}.json", asked("+15005550001"), 400, 21217),
        ((ACCOUNT, TOKEN), f"{CALLS}.json", asked("+12125550177"), 429, 20429),
        ((ACCOUNT, TOKEN), f"{CALLS}/CA{'9' * 32}.json", {"Status": "completed"}, 404, 20404),
    ],
)
def test_what_it_refuses(
    tmp_path: Path, auth: tuple[str, str] | None, path: str, data: dict[str, str], status: int, code: int
) -> None:
    async def main(peer: TwilioPeer, _: httpx2.AsyncClient) -> None:
        async with httpx2.AsyncClient(base_url=peer.url, auth=auth, trust_env=False) as client:
            answer = await client.post(path, data=data)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    served(tmp_path, main, account=Account(refusals={"+12125550177": 20429}))
    assert rung(tmp_path / "phones.jsonl") == []


def test_garbled_credentials_are_refused(tmp_path: Path) -> None:
    async def main(peer: TwilioPeer, _: httpx2.AsyncClient) -> int:
        async with httpx2.AsyncClient(base_url=peer.url, trust_env=False) as client:
            return (await client.get(f"{CALLS}.json", headers={"Authorization": "Basic ***"})).status_code

    assert served(tmp_path, main) == 401


def test_only_numbers_of_the_account_are_shown(tmp_path: Path) -> None:
    account = Account(numbers=("+12125550199",), verified=("+12125550188",))

    async def main(_: TwilioPeer, client: httpx2.AsyncClient) -> None:
        fine = await client.post(f"{CALLS}.json", data=asked(NEVER))
        foreign = await client.post(f"{CALLS}.json", data={**asked(), "From": "+12125550177"})
        assert (fine.status_code, foreign.json()["code"]) == (201, 21210)
        base = f"/2010-04-01/Accounts/{ACCOUNT}"
        owned = (await client.get(f"{base}/IncomingPhoneNumbers.json")).json()["incoming_phone_numbers"]
        verified = (await client.get(f"{base}/OutgoingCallerIds.json")).json()["outgoing_caller_ids"]
        assert ([row["phone_number"] for row in owned + verified]) == ["+12125550199", "+12125550188"]
        assert (await client.get(f"{base}/Balance.json")).json()["balance"] == "12.50"
        assert (await client.get(f"{CALLS}/CA{'9' * 32}.json")).status_code == 404

    served(tmp_path, main, account=account)


def test_what_may_be_changed_depends_on_where_the_call_stands(tmp_path: Path) -> None:
    async def main(_: TwilioPeer, client: httpx2.AsyncClient) -> None:
        sid = (await client.post(f"{CALLS}.json", data=asked(NEVER))).json()["sid"]
        early = await client.post(f"{CALLS}/{sid}.json", data={"Twiml": SAYS})
        assert early.json()["code"] == 21220, "nobody is there to hear it"
        await asyncio.sleep(1)
        assert (await client.post(f"{CALLS}/{sid}.json", data={"Status": "canceled"})).status_code == 200
        await asyncio.sleep(1)
        assert (await client.get(f"{CALLS}/{sid}.json")).json()["status"] == "canceled"
        late = await client.post(f"{CALLS}/{sid}.json", data={"Status": "completed"})
        assert late.json()["code"] == 21220
        said = "<Response><Dial>+12125550150</Dial></Response>"
        sid = (
            await client.post(f"{CALLS}.json", data=asked(twiml="<Response>" + "<Say>word word</Say>" * 60 + "</Response>"))
        ).json()["sid"]
        await asyncio.sleep(10)
        assert (await client.post(f"{CALLS}/{sid}.json", data={"Status": "canceled"})).json()["code"] == 21220
        assert (await client.post(f"{CALLS}/{sid}.json", data={"Twiml": "<No/>"})).json()["code"] == 21218
        assert (await client.post(f"{CALLS}/{sid}.json", data={"Twiml": said})).status_code == 200

    served(tmp_path, main)


def test_bad_twiml_fails_the_call(tmp_path: Path) -> None:
    async def main(peer: TwilioPeer, client: httpx2.AsyncClient) -> None:
        sid = (await client.post(f"{CALLS}.json", data=asked(twiml="<Dance/>"))).json()["sid"]
        await asyncio.sleep(1)
        assert (await client.get(f"{CALLS}/{sid}.json")).json()["status"] == "failed"
        assert [code for _, code, _ in peer.sender.notifications] == [12100]

    served(tmp_path, main)


def test_calls_beyond_the_rate_wait_in_the_queue(tmp_path: Path) -> None:
    async def main(_: TwilioPeer, client: httpx2.AsyncClient) -> list[str]:
        for _ in range(3):
            await client.post(f"{CALLS}.json", data=asked(BUSY))
        await asyncio.sleep(0.5)
        listed = (await client.get(f"{CALLS}.json")).json()["calls"]
        return sorted(call["status"] for call in listed)

    assert served(tmp_path, main, account=Account(cps=0.5)).count("queued") == 2


def test_the_list_has_pages_and_filters(tmp_path: Path) -> None:
    async def main(_: TwilioPeer, client: httpx2.AsyncClient) -> None:
        for to in (NEVER, NEVER, BUSY):
            await client.post(f"{CALLS}.json", data=asked(to))
        await asyncio.sleep(1)
        first = (await client.get(f"{CALLS}.json", params={"To": NEVER, "PageSize": "1"})).json()
        assert len(first["calls"]) == 1
        second = (await client.get(first["next_page_uri"])).json()
        assert (len(second["calls"]), second["next_page_uri"]) == (1, None)
        assert first["calls"][0]["sid"] != second["calls"][0]["sid"]
        for day, found in (("2026-11-23", 3), ("2026-11-24", 0)):
            assert len((await client.get(f"{CALLS}.json", params={"StartTime": day})).json()["calls"]) == found

    served(tmp_path, main)


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    async def main(peer: TwilioPeer, _: httpx2.AsyncClient) -> None:
        other = TwilioPeer(tmp_path / "other.jsonl", person_at)
        with pytest.raises(OSError):
            await other.start(port=int(peer.url.rpartition(":")[2]))
        await other.phones.close()

    served(tmp_path, main)
