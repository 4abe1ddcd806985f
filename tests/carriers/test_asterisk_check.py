"""What the doctor sees of an Asterisk, part by part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.carriers.asterisk_check import Examiner, _version
from dialer.carriers.asterisk_line import ClientDoor
from dialer.carriers.asterisk_rest import Ari
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.base import Finding
from dialer.simulation.asterisk.rest import Setup
from tests.support.asterisk import Place, Rig

PERSONAS = {"+12125550101": "agrees"}


def examined(path: Path, mode: str = "server", **changes: object) -> dict[str, Finding]:
    async def main(rig: Rig) -> dict[str, Finding]:
        rig.peer._rest.setup = replace(rig.peer._rest.setup, **changes)  # type: ignore[arg-type]  # fields of Setup
        found = await Examiner(rig.switch, rig.carrier._plan, World()).examine()
        assert rig.peer.exchange.channels == {}
        assert rig.peer.exchange.bridges == {}
        return {finding.part: finding for finding in found}

    return Place(path, PERSONAS, mode=mode).run(main)  # type: ignore[no-any-return]


class World:
    """The time of the stand-in, which is simulated."""

    def lease_now(self) -> object:
        from tests.support.virtual_time import START

        return START


@pytest.mark.parametrize("mode", ["server", "client"])
def test_an_asterisk_that_can_carry_calls_has_nothing_to_mend(tmp_path: Path, mode: str) -> None:
    modules = frozenset({"chan_websocket.so", "res_websocket_client.so"})
    found = examined(tmp_path, mode, modules=modules)
    assert [finding.mend for finding in found.values() if finding.mend] == []
    assert {"asterisk", "asterisk trunk trunk", "asterisk media", "asterisk clock", "asterisk chan_websocket"} <= set(found)
    assert ("asterisk res_websocket_client" in found) is (mode == "client")


@pytest.mark.parametrize(
    ("changes", "part", "is_ours"),
    [
        ({"version": "22.7.0"}, "asterisk", True),
        ({"modules": frozenset[str]()}, "asterisk chan_websocket", True),
        ({"trunks": {"trunk": "offline"}}, "asterisk trunk trunk", False),
        ({"trunks": dict[str, str]()}, "asterisk trunk trunk", True),
    ],
)
def test_what_is_wrong_is_said_with_its_mending(tmp_path: Path, changes: dict[str, object], part: str, is_ours: bool) -> None:
    found = examined(tmp_path, **changes)
    assert [finding.part for finding in found.values() if finding.mend] == [part]
    assert found[part].is_ours is is_ours


def test_a_trunk_that_nobody_watches_is_not_wrong(tmp_path: Path) -> None:
    found = examined(tmp_path, trunks={"trunk": "unknown"})["asterisk trunk trunk"]
    assert not found.mend
    assert "qualify_frequency" in found.seen


def test_without_asterisk_or_with_a_wrong_password_that_alone_is_said(tmp_path: Path) -> None:
    async def main(rig: Rig) -> list[Finding]:
        wrong = Switch(Ari(rig.peer.url, "dialer", "wrong"), "x-1")
        away = Switch(Ari("http://127.0.0.1:9", "dialer", "secret"), "x-2")
        found = []
        for switch in (wrong, away):
            found += await Examiner(switch, rig.carrier._plan, rig.peer.exchange.clock).examine()
            await switch.close()
        return found

    refused, unreachable = Place(tmp_path, PERSONAS).run(main)
    assert refused.is_ours
    assert "DIALER_ASTERISK_PASSWORD" in refused.mend
    assert not unreachable.is_ours
    assert "DIALER_ASTERISK_URL" in unreachable.mend


def test_clocks_that_are_apart_are_said(tmp_path: Path) -> None:
    async def main(rig: Rig) -> list[Finding]:
        class Late(World):
            def lease_now(self) -> object:
                return super().lease_now() + timedelta(seconds=9)  # type: ignore[operator]  # a datetime

        return await Examiner(rig.switch, rig.carrier._plan, Late()).examine()  # type: ignore[arg-type]

    (clock,) = [finding for finding in Place(tmp_path, PERSONAS).run(main) if finding.part == "asterisk clock"]
    assert "NTP" in clock.mend


def test_a_media_server_that_asterisk_does_not_reach_is_said(tmp_path: Path) -> None:
    modules = frozenset({"chan_websocket.so", "res_websocket_client.so"})
    found = examined(tmp_path, "client", clients={}, modules=modules)
    assert "DIALER_ASTERISK_MEDIA" in found["asterisk media"].mend


def test_beside_a_worker_at_work_no_media_of_its_own_is_tried(tmp_path: Path) -> None:
    async def main(rig: Rig) -> Finding:
        door = rig.carrier._plan.door
        assert isinstance(door, ClientDoor)
        door._server.is_guest = True
        return (await Examiner(rig.switch, rig.carrier._plan, World()).examine())[-1]  # type: ignore[arg-type]  # a clock's part

    found = Place(tmp_path, PERSONAS, mode="client").run(main)
    assert (found.part, found.mend) == ("asterisk media", "")
    assert "not tried" in found.seen


def test_a_dial_string_that_names_no_endpoint_is_said(tmp_path: Path) -> None:
    async def main(rig: Rig) -> list[Finding]:
        plan = replace(rig.carrier._plan, endpoint="{number}")
        return await Examiner(rig.switch, plan, World()).examine()  # type: ignore[arg-type]

    assert "DIALER_ASTERISK_ENDPOINT" in next(f.mend for f in Place(tmp_path, PERSONAS).run(main) if f.part == "asterisk trunk")


@pytest.mark.parametrize(
    ("version", "is_new"),
    [("22.8.0", True), ("22.10.1", True), ("22.7.9", False), ("20.18.2", True), ("20.17.0", False), ("21.12.0", False),
     ("23.1.0", False), ("23.2.0", True), ("24.0.0", True), ("GIT-master-abc", False), ("", False)],
)  # fmt: skip
def test_versions(version: str, is_new: bool) -> None:
    assert (_version(version).mend == "") is is_new


def test_the_setup_has_what_it_needs_by_itself() -> None:
    assert Setup().trunks == {"trunk": "online"}
