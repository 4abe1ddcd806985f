"""The carrier for Asterisk joined to its stand-in, over real sockets on one loop of virtual time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dialer.audio import modem
from dialer.carriers.asterisk import AsteriskCarrier
from dialer.carriers.asterisk_call import Plan
from dialer.carriers.asterisk_line import MEDIA_PATH, ClientDoor, Door, ServerDoor
from dialer.carriers.asterisk_rest import Ari
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.media_server import Listen, MediaServer
from dialer.clock import SimulatedClock
from dialer.model.phone import PhoneNumber
from dialer.simulation.asterisk.descriptions import Descriptions
from dialer.simulation.asterisk.faults import NAMED, Faults
from dialer.simulation.asterisk.rest import Setup
from dialer.simulation.asterisk.server import AsteriskServer, Options, serve_asterisk
from dialer.simulation.asterisk.trunk import World
from dialer.simulation.phones.personas import Person
from tests.support.virtual_time import START, run_virtual

SPECS = Path(os.environ.get("DIALER_SPECS_DIR") or Path(__file__).parents[3] / "shared" / "specs") / "asterisk-ari"
LIMIT_S = 3600.0
SECTION = "dialer"


def described() -> Descriptions | None:
    """Asterisk's own API descriptions, where they are at hand."""
    return Descriptions(SPECS) if SPECS.is_dir() else None


def need_descriptions() -> Descriptions:
    """The same for a test that is about nothing else: where they are missing it says that it did not run."""
    found = described()
    if found is None:
        pytest.skip("Asterisk's API descriptions are not at hand: DIALER_SPECS_DIR names the folder of asterisk-ari")
    return found


async def speak(text: str) -> bytes:
    """The voice that reads announcements and summaries."""
    return modem.encode(text)


@dataclass
class Rig:
    """A running pair. ``journal``: what the phones lived through."""

    carrier: AsteriskCarrier
    peer: AsteriskServer
    switch: Switch
    journal: Path
    server: MediaServer | None = None

    def other_carrier(self) -> AsteriskCarrier:
        """Another process's carrier: it knows nothing of what this one did."""
        switch = Switch(Ari(self.peer.url, "dialer", "secret"), "dialer-other")
        return AsteriskCarrier(switch, plan_of(ServerDoor()), self.peer.exchange.clock)


def plan_of(door: Door, *, is_recorded: bool = False) -> Plan:
    """How the stand-in's trunk is dialled."""
    return Plan("PJSIP/{number}@trunk", door, speak, is_recorded)


@dataclass(frozen=True)
class Place:
    """What a test wants of the pair. ``personas``: who owns which number; ``answers``: SIP answers of others."""

    path: Path
    personas: Mapping[str, str]
    answers: Mapping[str, int] | None = None
    faults: Faults = NAMED["none"]
    mode: str = "server"
    pace: float = 1.0
    answer_s: float = 5.0
    is_recorded: bool = False

    def run(self, main: Callable[[Rig], Awaitable[Any]]) -> Any:
        """Run ``main`` with the pair, close both; nothing was said that Asterisk would not say or take. In virtual time."""
        clock = SimulatedClock(START)
        return run_virtual(self._whole(main, clock), clock)

    async def _whole(self, main: Callable[[Rig], Awaitable[Any]], clock: SimulatedClock) -> Any:
        journal = self.path / "phones.jsonl"
        server = MediaServer(Listen()) if self.mode == "client" else None
        clients = {}
        if server is not None:
            await server.start()
            clients[SECTION] = f"{server.socket_url}{MEDIA_PATH}"
        world = World(self._owner, journal, pace=self.pace, answers=self.answers or {})
        options = Options(setup=Setup(clients=clients), faults=self.faults, descriptions=described())
        peer = await serve_asterisk(world, options, clock=clock)
        door: Door = ServerDoor() if server is None else ClientDoor(server, SECTION)
        switch = Switch(Ari(peer.url, "dialer", "secret", answer_s=self.answer_s), "dialer-test")
        carrier = AsteriskCarrier(switch, plan_of(door, is_recorded=self.is_recorded), clock)
        try:
            async with asyncio.timeout(LIMIT_S):
                result = await main(Rig(carrier, peer, switch, journal, server))
        finally:
            await carrier.close()
            if server is not None:
                await server.close()
            await peer.close()
        assert peer.violations == []
        return result

    def _owner(self, number: PhoneNumber) -> Person | None:
        return Person("Maria", persona=self.personas[number]) if number in self.personas else None
