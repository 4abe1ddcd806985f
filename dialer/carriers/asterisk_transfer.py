"""Handing a callee over to a desk: the desk is rung, and put into the callee's bridge when it takes the call.

Until then the conversation goes on. A warm transfer has a bridge of its own in which the desk hears the summary first. Once both
are together our audio leaves, and the two are kept together: when one of them goes the other is let go too, since Asterisk alone
would leave it in an empty bridge. A limit of hours is set on both, for the case that we are gone by then.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from dialer.carriers.asterisk_line import Door, Line
from dialer.carriers.asterisk_switch import Switch
from dialer.conversation.events import LegClosed, MarkPlayed
from dialer.errors import CarrierError
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import AppEntered, ChannelEnded, ChannelEvent

DESK_RING_S = 30
HANDED_OVER_S = 4 * 3600
SUMMARY = "summary"
SUMMARY_SLACK_S = 5.0


@dataclass(frozen=True, slots=True)
class Desk:
    """Who is to take over. ``endpoint``: where it is dialled; ``caller_id``: our number."""

    switch: Switch
    door: Door
    callee_id: str
    endpoint: str
    caller_id: str

    @property
    def id(self) -> str:
        """The desk's channel."""
        return f"{self.callee_id}-desk"


async def hand_over(desk: Desk, line: Line, summary: bytes | None, is_over: Callable[[], bool]) -> None:
    """Ring the desk, let it hear the summary, put it together with the callee, and leave.

    ``is_over``: the callee is gone. Raises ``CarrierError`` when nobody takes the call; nothing has changed for the callee then.
    """
    try:
        briefing = await _ring(desk, has_summary=summary is not None)
        try:
            if briefing is not None and summary is not None:
                await _brief(briefing, summary)
            if is_over():
                raise CarrierError("the callee hung up meanwhile", code="no_call", retryable=False)
            await line.join(desk.id)
        finally:
            if briefing is not None:
                await briefing.close("the desk has heard the summary")
    except (CarrierError, asyncio.CancelledError):
        desk.switch.forget(desk.id)
        desk.switch.run(desk.switch.undo(ari.hang_up(desk.id)))
        raise
    pair = _Pair(desk, line.bridge_id)
    pair.watch()
    for channel_id in (desk.callee_id, desk.id):
        await desk.switch.undo(ari.set_limit(channel_id, HANDED_OVER_S))
    await line.leave("handed over")


async def _ring(desk: Desk, *, has_summary: bool) -> Line | None:
    """Dial the desk and wait until somebody is there; the line in which it is, when there is a summary to be heard."""
    taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def note(event: ChannelEvent) -> None:
        if taken.done():
            return
        if isinstance(event, AppEntered):
            taken.set_result(None)
        elif isinstance(event, ChannelEnded):
            taken.set_exception(CarrierError(f"nobody at the desk took the call: {event.text}", code="desk_no_answer"))

    desk.switch.watch(desk.id, note)
    line = Line(desk.switch, desk.door, desk.id, lambda: None) if has_summary else None
    try:
        if line is not None:
            await line.open(HANDED_OVER_S)
        request = ari.originate(
            desk.id,
            endpoint=desk.endpoint,
            app=desk.switch.app,
            caller_id=f"<{desk.caller_id}>",
            ring_s=DESK_RING_S,
            limit_s=HANDED_OVER_S,
            originator=desk.callee_id,
        )
        await desk.switch.do(request)
        async with asyncio.timeout(DESK_RING_S + 5):
            await taken
        if line is not None:
            await line.join(desk.id)
    except TimeoutError as error:
        await _drop(line)
        raise CarrierError("nobody at the desk took the call", code="desk_no_answer") from error
    except (CarrierError, asyncio.CancelledError):
        await _drop(line)
        raise
    return line


async def _drop(line: Line | None) -> None:
    if line is not None:
        await line.close("nobody at the desk")


async def _brief(line: Line, summary: bytes) -> None:
    """Say the summary to the desk, to its end. Raises ``CarrierError`` when the desk hangs up over it."""
    line.leg.begin()
    await line.leg.play(summary)
    await line.leg.mark(SUMMARY)
    try:
        async with asyncio.timeout(len(summary) / 8000 + SUMMARY_SLACK_S):
            async for event in line.leg.events():
                if event == MarkPlayed(SUMMARY):
                    return
                if isinstance(event, LegClosed):
                    break
    except TimeoutError as error:
        raise CarrierError("the desk could not be told the summary", code="desk_no_answer") from error
    raise CarrierError("the desk hung up over the summary", code="desk_no_answer")


class _Pair:
    """The callee and the desk, together in a bridge without us."""

    def __init__(self, desk: Desk, bridge_id: str) -> None:
        self._desk = desk
        self._bridge_id = bridge_id
        self._is_over = False

    def watch(self) -> None:
        """From now on."""
        for channel_id in (self._desk.callee_id, self._desk.id):
            self._desk.switch.watch(channel_id, self._note, lambda: self._desk.switch.run(self._look()))

    def _note(self, event: ChannelEvent) -> None:
        if isinstance(event, ChannelEnded):
            self._part()

    async def _look(self) -> None:
        """One of them may have gone while we heard nothing."""
        for channel_id in (self._desk.callee_id, self._desk.id):
            try:
                reply = await self._desk.switch.ask(ari.get_channel(channel_id))
            except CarrierError:
                return
            if reply.status == 404:
                self._part()

    def _part(self) -> None:
        """One has gone: let the other one go too."""
        if not self._is_over:
            self._is_over = True
            switch = self._desk.switch
            for channel_id in (self._desk.callee_id, self._desk.id):
                switch.forget(channel_id)
            gone = (ari.hang_up(self._desk.callee_id), ari.hang_up(self._desk.id), ari.delete_bridge(self._bridge_id))
            switch.run(switch.undo(*gone))
