from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dialer.cli.simulate import serve, serve_twilio
from dialer.simulation.model.faults import FAULTS
from dialer.simulation.model.options import ModelOptions
from tests.cli.terminal import dialer


def test_it_says_its_address_and_ends_on_a_signal() -> None:
    async def run() -> None:
        said = asyncio.Queue[str]()
        serving = asyncio.create_task(serve("127.0.0.1", 0, tell=said.put_nowait))
        address = await said.get()
        assert address.startswith("ws://127.0.0.1:")
        assert address.endswith("/v1/realtime")
        os.kill(os.getpid(), signal.SIGTERM)
        await serving

    asyncio.run(run())


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = dialer("simulate", "model", "--port", port, code=2)
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_the_faults_are_listed_and_a_wrong_one_is_said() -> None:
    listed = dialer("simulate", "model", "--list-faults").stdout
    assert all(name in listed for name in FAULTS)
    wrong = dialer("simulate", "model", "--port", 0, "--fault", "rain", code=2)
    assert "'rain' is no fault" in wrong.stderr


def test_a_fault_is_served() -> None:
    async def run() -> None:
        said = asyncio.Queue[str]()
        serving = asyncio.create_task(serve("127.0.0.1", 0, ModelOptions(faults=("unauthorized@1",)), tell=said.put_nowait))
        address = f"{await said.get()}?model=m"
        with pytest.raises(InvalidStatus):
            await connect(address, proxy=None)
        await (await connect(address, proxy=None)).close()
        os.kill(os.getpid(), signal.SIGTERM)
        await serving

    asyncio.run(run())


def test_the_loopback_twilio_says_its_address_and_ends_on_a_signal(tmp_path: Path) -> None:
    async def run() -> None:
        said = asyncio.Queue[str]()
        serving = asyncio.create_task(serve_twilio("127.0.0.1", 0, persona="busy", tell=said.put_nowait))
        address = await said.get()
        account = "AC" + "0" * 32
        async with httpx2.AsyncClient(base_url=address, auth=(account, "loopback"), trust_env=False) as client:
            numbers = {"To": "+12125550123", "From": "+12125550199", "Twiml": "<Response/>"}
            made = await client.post(f"/2010-04-01/Accounts/{account}/Calls.json", data=numbers)
        assert made.status_code == 201
        os.kill(os.getpid(), signal.SIGTERM)
        await serving

    with contextlib.chdir(tmp_path):
        asyncio.run(run())


def test_a_taken_port_of_the_loopback_twilio_is_said(bare: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = dialer("simulate", "twilio", "--port", port, code=2)
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
