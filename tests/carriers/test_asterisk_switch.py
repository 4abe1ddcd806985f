"""The connection: events to whom they concern, opened again when it is lost, refused when the password is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.carriers.asterisk_rest import Ari
from dialer.carriers.asterisk_switch import Switch
from dialer.errors import CarrierError
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import AppEntered, ChannelEnded
from tests.support.asterisk import Place, Rig

PERSONAS = {"+12125550101": "agrees"}


def test_events_go_to_the_watcher_of_their_channel(tmp_path: Path) -> None:
    async def main(rig: Rig) -> list[type]:
        await rig.switch.ready()
        await rig.switch.ready()
        seen: list[type] = []
        rig.switch.watch("m", lambda event: seen.append(type(event)))
        await rig.switch.do(ari.external_media("m", app=rig.switch.app, limit_s=5))
        rig.peer.exchange.answer(rig.peer.exchange.channels["m"])
        rig.peer.exchange.end("m", 16, "Normal Clearing")
        await asyncio.sleep(0.1)
        rig.switch.forget("m")
        return seen

    seen = Place(tmp_path, PERSONAS).run(main)
    assert AppEntered in seen
    assert seen[-1] is ChannelEnded


def test_a_lost_socket_is_opened_again_and_watchers_are_told(tmp_path: Path) -> None:
    async def main(rig: Rig) -> int:
        await rig.switch.ready()
        looks: list[int] = []
        rig.switch.watch("m", lambda _: None, lambda: looks.append(1))
        rig.peer.drop_events()
        await asyncio.sleep(1)
        assert rig.peer.exchange.apps.has(rig.switch.app)
        return len(looks)

    assert Place(tmp_path, PERSONAS).run(main) == 1


def test_a_wrong_password_is_said_and_is_not_tried_for_ever(tmp_path: Path) -> None:
    async def main(rig: Rig) -> tuple[str, bool]:
        switch = Switch(Ari(rig.peer.url, "dialer", "wrong"), "dialer-wrong")
        with pytest.raises(CarrierError) as caught:
            await switch.ready()
        await switch.close()
        return caught.value.code, caught.value.retryable

    assert Place(tmp_path, PERSONAS).run(main) == ("http_401", False)


def test_what_cannot_be_undone_is_left(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.undo(ari.hang_up("nobody"), ari.delete_bridge("nothing"))
        with pytest.raises(CarrierError):
            await rig.switch.do(ari.hang_up("nobody"))

    Place(tmp_path, PERSONAS).run(main)


def test_closing_lets_work_end_and_stops_guards(tmp_path: Path) -> None:
    async def main(rig: Rig) -> list[str]:
        done: list[str] = []

        async def work(seconds: float) -> None:
            await asyncio.sleep(seconds)
            done.append(f"{seconds}")

        rig.switch.run(work(1))
        rig.switch.run(work(100))
        rig.switch.run(work(2), is_guard=True)
        await rig.switch.close()
        return done

    assert Place(tmp_path, PERSONAS).run(main) == ["1"]
