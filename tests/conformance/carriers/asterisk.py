"""Our carrier for Asterisk against the stand-in: ARI, its events and the media sockets over real sockets, both ways round."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from dialer.model.phone import PhoneNumber
from dialer.simulation.asterisk.faults import NAMED
from tests.conformance.carriers.benches import FAULTY, PERSONAS, Main, pressed, rung
from tests.support.asterisk import Place, Rig


class AsteriskBench:
    """The loopback Asterisk. ``mode``: who connects the media sockets, Asterisk (client) or we (server)."""

    mode = "server"
    FAULTS: ClassVar = {
        "": NAMED["none"],
        "answer lost": NAMED["answers lost"],
        "reports doubled": NAMED["events doubled"],
        "reports reordered": NAMED["events reordered"],
        "reports lost": NAMED["events dropped"],
        "dials refused": NAMED["none"],
    }

    def __init__(self, tmp_path: Path) -> None:
        self._path = tmp_path

    @property
    def rings(self) -> list[str]:
        return [PhoneNumber(number) for number in rung(self._path / "phones.jsonl")]

    @property
    def pressed(self) -> str:
        return pressed(self._path / "phones.jsonl")

    def run(self, main: Main, fault: str = "") -> Any:
        async def with_carrier(rig: Rig) -> Any:
            result = await main(rig.carrier)
            assert len(rig.peer.trunk.rung) == len(set(rig.peer.trunk.rung)), "no channel was dialled twice"
            return result

        place = Place(self._path, PERSONAS, {FAULTY: 503}, faults=self.FAULTS[fault], mode=self.mode)
        return place.run(with_carrier)


class AsteriskClientBench(AsteriskBench):
    """The same with Asterisk as the client of our media server."""

    mode = "client"
