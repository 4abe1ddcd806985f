"""Audio between those who are in one bridge, and what is told of channels."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dialer.audio.framing import FRAME_BYTES, SILENCE
from tests.simulation.asterisk.test_rest import DIAL, MEDIA, Desk, at


async def together(desk: Desk) -> list[object]:
    """A callee who has answered, in a bridge with a media channel; what that channel's socket is sent."""
    sent: list[object] = []
    desk.ask("POST", "/channels/externalMedia", MEDIA)
    media = desk.exchange.channels["m"]
    assert media.media is not None
    media.media.send = sent.append
    desk.exchange.answer(media)
    desk.ask("POST", "/channels/a1", DIAL)
    await asyncio.sleep(9)
    desk.ask("POST", "/bridges/b", [("type", "mixing")])
    desk.ask("POST", "/bridges/b/addChannel", [("channel", "m,a1")])
    return sent


def test_what_the_callee_says_goes_to_the_socket_every_20_ms(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        sent = await together(desk)
        await asyncio.sleep(1.001)
        frames = [frame for frame in sent if isinstance(frame, bytes)]
        assert len(frames) in (50, 51)
        assert {len(frame) for frame in frames} == {FRAME_BYTES}

    at(tmp_path, main)


def test_without_anything_from_us_nothing_goes_to_the_phone(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        await together(desk)
        channel = desk.exchange.channels["a1"]
        await asyncio.sleep(1)
        silent = channel.gaps
        media = desk.exchange.channels["m"].media
        assert media is not None
        media.queue.binary(SILENCE * 50)
        await asyncio.sleep(0.9)
        assert silent >= 45
        assert channel.gaps - silent <= 2

    at(tmp_path, main)


def test_a_far_hang_up_is_asked_for_before_the_end(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        await together(desk)
        await asyncio.sleep(60)
        ours = [event for event in desk.events if event.get("channel", {}).get("id") == "a1"]
        assert [event["type"] for event in ours[-4:]] == [
            "ChannelHangupRequest",
            "ChannelLeftBridge",
            "StasisEnd",
            "ChannelDestroyed",
        ]
        assert "soft" not in ours[-4]
        assert ours[-1]["cause"] == 16

    at(tmp_path, main)


def test_a_limit_in_a_bridge_ends_with_a_normal_cause(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        await together(desk)
        desk.exchange.set_limit(desk.exchange.channels["a1"], 1)
        await asyncio.sleep(2)
        assert desk.events[-1]["cause"] == 16
        assert "ChannelHangupRequest" not in desk.kinds()

    at(tmp_path, main)


def test_the_media_socket_may_end_its_own_channel_only(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        await together(desk)
        media = desk.exchange.channels["m"].media
        assert media is not None
        media.queue.text('{"command":"HANGUP"}')
        await asyncio.sleep(0.1)
        assert sorted(desk.exchange.channels) == ["a1"]
        desk.exchange.end("m", 16, "again")

    at(tmp_path, main)


def test_two_phones_in_a_bridge_hear_each_other(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        await together(desk)
        desk.ask("DELETE", "/channels/m")
        desk.ask("POST", "/channels/a2", [(name, value.replace("0101", "0102")) for name, value in DIAL])
        await asyncio.sleep(9)
        desk.ask("POST", "/bridges/b/addChannel", [("channel", "a2")])
        assert [peer.id for peer in desk.exchange.peers(desk.exchange.channels["a1"])] == ["a2"]
        await asyncio.sleep(15)
        far = desk.exchange.channels["a1"].far if "a1" in desk.exchange.channels else None
        assert far is None or far.account()["talk_ms"] > 0

    at(tmp_path, main)
