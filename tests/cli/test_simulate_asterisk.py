"""The stand-in as a command: its address, its options, and who picks up."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from dialer.cli import simulate_asterisk
from dialer.model.phone import PhoneNumber
from dialer.simulation.asterisk.faults import NAMED
from dialer.simulation.asterisk.server import Options
from dialer.simulation.asterisk.trunk import World
from tests.cli.terminal import dialer


def test_it_says_its_address_what_was_wrong_and_ends_on_a_signal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def run() -> None:
        said = asyncio.Queue[str]()
        world = World(lambda _: None, tmp_path / "phones.jsonl")
        serving = asyncio.create_task(simulate_asterisk.serve("127.0.0.1", 0, world, Options(), tell=said.put_nowait))
        address = await said.get()
        assert address.startswith("http://127.0.0.1:")
        import httpx2

        async with httpx2.AsyncClient(trust_env=False, auth=("dialer", "secret")) as client:
            assert (await client.get(f"{address}/ari/nowhere")).status_code == 400
        os.kill(os.getpid(), signal.SIGTERM)
        await serving

    asyncio.run(run())
    assert "not as Asterisk has it: GET /nowhere" in capsys.readouterr().err


def test_a_taken_port_is_said_in_a_workspace_and_elsewhere(bare: Path, migrated: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        elsewhere = dialer("simulate", "asterisk", "--port", port, "--answer", "+12125550110=0", code=2)
        (bare / "dialer.db").write_bytes(migrated.read_bytes())
        inside = dialer("simulate", "asterisk", "--port", port, "--client", "ws://127.0.0.1:1/asterisk/media", code=2)
    for done in (elsewhere, inside):
        assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_outside_of_a_workspace_every_number_is_somebody() -> None:
    assert simulate_asterisk._somebody(PhoneNumber("+12125550101")) is not None


def test_the_faults_are_listed_and_wrong_options_are_said(tmp_path: Path) -> None:
    listed = dialer("simulate", "asterisk", "--list-faults").stdout
    assert listed.split("\n")[: len(NAMED)] == list(NAMED)
    assert "no fault 'rain'" in dialer("simulate", "asterisk", "--fault", "rain", code=2).stderr
    assert "NUMBER=CODE" in dialer("simulate", "asterisk", "--answer", "+12125550110=999", code=2).stderr
    (tmp_path / "bad.json").write_text("{")
    assert "API descriptions" in dialer("simulate", "asterisk", "--descriptions", tmp_path, code=2).stderr
