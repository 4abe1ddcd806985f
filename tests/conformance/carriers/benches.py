"""The networks that the suite runs over. A carrier joins by adding its bench to ``BENCHES``.

A bench is a peer with known phones and desks. Everything runs in virtual time, real sockets included: they lie on the same loop.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from dialer.carriers.base import Carrier, PlacedCall
from dialer.carriers.media_server import Listen, MediaServer
from dialer.carriers.twilio import TwilioAccount, TwilioCarrier
from dialer.clock import SimulatedClock
from dialer.model.attempt import DialOrder, Trace
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.phones.faults import Faults
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from dialer.simulation.twilio.faults import TwilioFaults
from dialer.simulation.twilio.rules import Rules
from dialer.simulation.twilio.server import Account, TwilioPeer
from tests.support import specs
from tests.support.scripted_agent import an_order
from tests.support.virtual_time import START, run_virtual

TALKS = PhoneNumber("+12125550101")
BUSY = PhoneNumber("+12125550102")
NEVER = PhoneNumber("+12125550103")
REJECTS = PhoneNumber("+12125550104")
INVALID = PhoneNumber("+12125550105")
PRESSES_9 = PhoneNumber("+12125550106")
HANGS_UP = PhoneNumber("+12125550107")
VOICEMAIL = PhoneNumber("+12125550108")
SCREENS = PhoneNumber("+12125550109")
FAULTY = PhoneNumber("+12125550110")
"""Where the network itself fails; the simulated one does so by its faults."""
DESK = "+12125550150"
NO_DESK = "+12125550151"
"""Rings, and nobody takes the call."""
PERSONAS = {
    TALKS: "agrees",
    BUSY: "busy",
    NEVER: "no_answer",
    REJECTS: "rejected",
    INVALID: "invalid_number",
    PRESSES_9: "presses_9",
    HANGS_UP: "hangs_up_early",
    VOICEMAIL: "voicemail",
    SCREENS: "screener",
    NO_DESK: "no_answer",
}
Main = Callable[[Carrier], Awaitable[Any]]


def person_at(number: PhoneNumber) -> Person | None:
    """Who answers at a number of the bench."""
    return Person("Maria", persona=PERSONAS[number]) if number in PERSONAS else None


def order(to: PhoneNumber, attempt: str = "a1", **limits: int) -> DialOrder:
    """An order to dial."""
    return an_order(attempt, to, **limits)


class Bench(Protocol):
    """A carrier and the phones that it reaches."""

    @property
    def rings(self) -> list[str]:
        """The numbers that were rung, in order, once ``run`` is over."""
        ...

    @property
    def pressed(self) -> str:
        """The keys that the phones heard from us."""
        ...

    def run(self, main: Main, fault: str = "") -> Any:
        """Run ``main`` with the carrier, and close it.

        ``fault``: ``answer lost`` (that of the first dial), ``dials refused`` (those to ``FAULTY``), ``reports doubled``,
        ``reports reordered``.
        """
        ...


class Booked:
    """A carrier whose dials are booked before they are made, as the real journal does it."""

    def __init__(self, carrier: Any, books: dict[AttemptId, Trace], clock: SimulatedClock) -> None:
        self._carrier = carrier
        self._books = books
        self._clock = clock

    async def place(self, asked: DialOrder) -> PlacedCall:
        self._books.setdefault(asked.attempt_id, Trace(asked.attempt_id, asked.to, asked.from_number, self._clock.now()))
        placed: PlacedCall = await self._carrier.place(asked)
        return placed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._carrier, name)


def pressed(journal: Path) -> str:
    """The keys that simulated phones heard."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return "".join(line.get("digits", "") for line in lines)


def rung(journal: Path) -> list[str]:
    """The numbers that a simulated network rang."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    return [line["number"] for line in lines if line["kind"] == "ring"]


class SimulatedBench:
    """The simulated network."""

    FAULTS: ClassVar = {
        "": Faults(),
        "dials refused": Faults(refuse_every=1),
        "answer lost": Faults(lose_answer_every=1),
        "reports doubled": Faults(has_doubled_reports=True),
        "reports reordered": Faults(has_reordered_reports=True),
    }

    def __init__(self, tmp_path: Path) -> None:
        self._journal = tmp_path / "phones.jsonl"

    @property
    def rings(self) -> list[str]:
        return rung(self._journal)

    @property
    def pressed(self) -> str:
        return pressed(self._journal)

    def run(self, main: Main, fault: str = "") -> Any:
        clock = SimulatedClock(START)

        async def whole() -> Any:
            carrier = SimulatedCarrier(1, self._journal, person_at, clock=clock, faults=self.FAULTS[fault])
            try:
                return await main(carrier)
            finally:
                await carrier.close()

        return run_virtual(whole(), clock)


class TwilioBench:
    """Our Twilio carrier against the loopback Twilio: REST, callbacks and media over real sockets."""

    FAULTS: ClassVar = {
        "": TwilioFaults(),
        "dials refused": TwilioFaults(),
        "answer lost": TwilioFaults(lose_create_every=1),
        "answer and reports lost": TwilioFaults(lose_create_every=1, is_mute=True),
        "reports doubled": TwilioFaults(has_doubled=True),
        "reports reordered": TwilioFaults(has_reordered=True),
        "reports lost": TwilioFaults(is_mute=True),
        "queued": TwilioFaults(queue_s=3600.0),
    }

    def __init__(self, tmp_path: Path) -> None:
        self._journal = tmp_path / "phones.jsonl"
        self.peer: TwilioPeer | None = None
        self.server: MediaServer | None = None
        self.machines: Literal["off", "answer", "beep"] = "off"

    @property
    def rings(self) -> list[str]:
        return rung(self._journal)

    @property
    def pressed(self) -> str:
        return pressed(self._journal)

    def run(self, main: Main, fault: str = "") -> Any:
        clock = SimulatedClock(START)
        account = Account(refusals={FAULTY: 20429}, desks={NO_DESK: "no_answer"})
        books: dict[AttemptId, Trace] = {}

        async def whole() -> Any:
            rules = Rules.from_file(specs.TWILIO) if specs.TWILIO.exists() else None
            peer = self.peer = TwilioPeer(
                self._journal, person_at, account=account, faults=self.FAULTS[fault], clock=clock, rules=rules
            )
            server = self.server = MediaServer(Listen())
            await peer.start()
            await server.start()
            ours = TwilioAccount(account.sid, (account.token,), peer.url, self.machines)
            carrier = TwilioCarrier(ours, server, books.get, clock)
            try:
                return await main(Booked(carrier, books, clock))
            finally:
                await carrier.close()
                await server.close()
                await peer.close()
                assert [asked for asked in peer.asked if asked[3]] == [], "every request keeps the published description"

        return run_virtual(whole(), clock)


BENCHES: dict[str, Callable[[Path], Bench]] = {"simulated": SimulatedBench, "twilio": TwilioBench}
