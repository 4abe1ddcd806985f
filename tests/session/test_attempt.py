"""The driver: order, faults of every side, clean-up, and what is measured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from dialer.audio.framing import silence
from dialer.call import events as call
from dialer.conversation import events as talk
from dialer.errors import CarrierError, PlaceLost, StoreError, VoiceError
from dialer.model.attempt import AttemptResult, EndCause, Usage
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.transcript import ToolCall, Turn
from dialer.session.attempt import run_attempt
from dialer.session.clips import ClipShelf
from dialer.session.log import AttemptLog
from tests.support.builders import a_campaign, an_attempt
from tests.support.lines import MemoryCarrier, MemoryLeg, MemoryVoice
from tests.support.virtual_time import run_virtual


@dataclass
class Notebook:
    """A journal in memory that can fail."""

    answer: call.Permitted | call.Refused = field(default_factory=call.Permitted)
    steps: list[str] = field(default_factory=list)
    failures: list[StoreError] = field(default_factory=list)
    is_stuck: bool = False

    async def permit(self) -> call.Permitted | call.Refused:
        self.steps.append("permit")
        if self.is_stuck:
            await asyncio.sleep(1000)
        return self.answer

    async def placed(self, carrier_call_id: str) -> None:
        self.steps.append(f"placed {carrier_call_id}")

    async def answered(self) -> None:
        self.steps.append("answered")

    async def record_turn(self, turn: Turn) -> None:
        self.steps.append(f"turn {turn.seq}")

    async def record_tool_call(self, tool_call: ToolCall) -> None:
        self.steps.append(tool_call.name)

    async def record_opt_out(self, command: talk.RecordOptOut) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.steps.append("opt_out")


@dataclass
class Line:
    """One attempt with all its sides."""

    carrier: MemoryCarrier = field(default_factory=MemoryCarrier)
    voice: MemoryVoice = field(default_factory=MemoryVoice)
    journal: Notebook = field(default_factory=Notebook)
    log: AttemptLog = field(default_factory=AttemptLog)
    script: list[tuple[float, object]] = field(default_factory=list)
    """What happens on the line: seconds from the beginning, and an event or a callable."""
    stop_after_s: float | None = None
    campaign: dict[str, object] = field(default_factory=dict)
    clips: ClipShelf | None = None

    def run(self) -> AttemptResult:
        return run_virtual(self._main())

    async def _main(self) -> AttemptResult:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        if self.stop_after_s is not None:
            loop.call_later(self.stop_after_s, stop.set)
        for at, what in self.script:
            if callable(what):
                loop.call_later(at, what)
            elif isinstance(what, talk.LegEvent):
                loop.call_later(at, self.carrier.call.leg.events_out.put_nowait, what)
            else:
                loop.call_later(at, self.voice.tell, what)
        plan = an_attempt(a_campaign(**self.campaign))
        return await run_attempt(plan, self.carrier, self.voice, self.journal, stop, self.log, self.clips)

    def assert_closed(self) -> None:
        assert self.carrier.call.leg.is_closed
        assert self.carrier.call.hang_ups >= 1
        assert self.voice.closed >= 1


def turn(at: float, item: str, text: str) -> list[tuple[float, object]]:
    ms = round((at - 1.1) * 1000)
    return [
        (at, talk.SpeechStarted(item, ms)),
        (at + 0.3, talk.SpeechStopped(item, ms + 300)),
        (at + 0.31, talk.SpeechCommitted(item, None)),
        (at + 0.32, talk.CalleeWords(item, text, 0.3)),
    ]


def test_a_call_in_its_order() -> None:
    def act(voice: MemoryVoice, _: talk.CreateResponse, response: str) -> None:
        voice.say(response, "Thank you. Goodbye.")
        voice.tell(
            talk.ToolCalled(response, "t", "c1", "set_outcome", '{"outcome": "not_interested", "reason": "no"}'),
            talk.ToolCalled(response, "t", "c2", "end_call", "{}"),
            talk.ResponseDone(response, "completed", usage=Usage(audio_out=7, responses=1)),
        )

    line = Line(voice=MemoryVoice(act=act), script=[*turn(5.0, "h1", "No, thanks."), (4.0, talk.LegAudio(b"\xff" * 160))])
    result = line.run()
    assert (result.disposition, result.outcome, result.reason) == (
        Disposition.ANSWERED_HUMAN,
        Outcome.NOT_INTERESTED,
        "end_call",
    )
    assert (result.ring_s, result.answer_to_audio_ms, result.summary) == (1.0, 0, "no")
    assert (result.usage.audio_out, result.usage.transcription_s) == (7, 0.3)
    assert line.journal.steps == [
        "permit", "placed call-1", "answered", "turn 1", "set_outcome", "end_call", "turn 2", "turn 3",
    ]  # fmt: skip
    assert line.voice.heard[0] == b"\xff" * 160
    assert line.voice.setups[0].instructions == an_attempt().script.instructions
    assert line.voice.setups[0].model == "gpt-realtime-2.1-mini"
    assert '"Began"' in line.log.lines()[0]
    line.assert_closed()


def test_a_model_that_refuses_means_no_call() -> None:
    line = Line(voice=MemoryVoice(error=VoiceError("no", code="invalid_api_key")))
    result = line.run()
    assert (result.disposition, result.reason) == (Disposition.VOICE_FAILED, "invalid_api_key")
    assert line.carrier.orders == []
    assert line.journal.steps == []


@pytest.mark.parametrize(
    ("error", "disposition", "cause"),
    [
        (PlaceLost("?", code="timeout"), Disposition.UNKNOWN, None),
        (CarrierError("busy trunk"), Disposition.CARRIER_FAILED, EndCause.CARRIER_FAULT),
        (CarrierError("bad id", code="21210", retryable=False), Disposition.CARRIER_FAILED, EndCause.CONFIGURATION),
    ],
)
def test_a_dial_that_fails(error: CarrierError, disposition: Disposition, cause: EndCause | None) -> None:
    line = Line(carrier=MemoryCarrier(error=error))
    result = line.run()
    assert result.disposition is disposition
    assert (result.ending.cause if result.ending else None) is cause
    assert line.voice.closed


def test_a_carrier_that_does_not_answer_leaves_the_fate_unknown() -> None:
    result = Line(carrier=MemoryCarrier(delay_s=60)).run()
    assert (result.disposition, result.reason) == (Disposition.UNKNOWN, "place_timeout")


def test_a_phone_that_rings_for_ever_is_hung_up() -> None:
    line = Line(carrier=MemoryCarrier(answer_after_s=None))
    assert line.run().disposition is Disposition.NO_ANSWER
    line.assert_closed()


def test_a_stop_while_the_gates_are_asked_waits_for_their_word_but_not_for_ever() -> None:
    line = Line(journal=Notebook(is_stuck=True), stop_after_s=1)
    assert line.run().disposition is Disposition.CANCELLED
    assert line.carrier.orders == []


def test_a_model_lost_while_ringing_ends_the_call_unanswered() -> None:
    line = Line(carrier=MemoryCarrier(answer_after_s=9), script=[(2.0, talk.VoiceLost("1006"))])
    result = line.run()
    assert (result.disposition, result.reason) == (Disposition.VOICE_FAILED, "voice_lost")
    line.assert_closed()


def test_a_socket_that_refuses_our_commands_is_no_crash() -> None:
    line = Line(voice=MemoryVoice(is_broken=True))
    result = line.run()
    assert (result.disposition, result.answer_to_audio_ms) == (Disposition.ABANDONED, None)


def test_a_leg_that_breaks_is_no_crash() -> None:
    line = Line()
    line.carrier.call.leg = MemoryLeg(is_broken=True)
    line.script = [(2.9, talk.SpeechStarted("h1", 1800)), (6.0, line.carrier.call.end)]
    assert line.run().disposition is Disposition.ANSWERED_HUMAN
    line.assert_closed()


def test_an_interruption_tells_the_model_what_was_heard() -> None:
    carrier = MemoryCarrier()
    line = Line(carrier=carrier, script=[(3.1, talk.SpeechStarted("h1", 2000)), (5.0, carrier.call.end)])
    line.run()
    (cut,) = [command for command in line.voice.sent if isinstance(command, talk.TruncateHeard)]
    assert cut.heard_ms == 2000


def test_last_words_are_flushed_out_of_the_model() -> None:
    carrier = MemoryCarrier()
    line = Line(carrier=carrier, script=[*turn(4.0, "h1", "Hm")[:2], (4.4, carrier.call.end)])
    line.script.append((5.0, talk.CalleeWords("h1", "Stop calling me.")))
    result = line.run()
    assert result.outcome is Outcome.DO_NOT_CALL
    assert "opt_out" in line.journal.steps
    assert b"".join(line.voice.heard) == silence(800)


def test_a_carrier_without_exact_playout_is_estimated() -> None:
    carrier = MemoryCarrier()
    line = Line(carrier=carrier, script=[(2.1, carrier.call.end)])
    line.carrier.capabilities = type(line.carrier.capabilities)("nothing", True, True, has_exact_heard=False)
    line.run()
    assert "turn 1" in line.journal.steps


def test_an_opt_out_survives_a_hiccup_of_the_database() -> None:
    line = Line(journal=Notebook(failures=[StoreError("busy")] * 2), script=[(4.0, talk.DigitPressed("9"))])
    assert line.run().outcome is Outcome.DO_NOT_CALL


@pytest.mark.parametrize("failures", [[StoreError("busy")] * 3, [StoreError("gone", retryable=False)]])
def test_an_opt_out_that_cannot_be_committed_ends_the_attempt_with_the_error(failures: list[StoreError]) -> None:
    line = Line(journal=Notebook(failures=failures), script=[(4.0, talk.DigitPressed("9"))])
    with pytest.raises(StoreError):
        line.run()
    line.assert_closed()


@pytest.mark.parametrize("may_transfer", [True, False])
def test_a_transfer(may_transfer: bool) -> None:
    def act(voice: MemoryVoice, _: talk.CreateResponse, response: str) -> None:
        voice.tell(talk.ToolCalled(response, "t", "c1", "transfer", '{"desk": "sales"}'))

    line = Line(voice=MemoryVoice(act=act), script=turn(5.0, "h1", "A person, please."))
    line.carrier.call.may_transfer = may_transfer
    result = line.run()
    assert line.carrier.call.transferred_to == ("+12125550177" if may_transfer else "")
    assert result.outcome is (Outcome.TRANSFERRED if may_transfer else Outcome.CANNOT_TELL)


def test_a_warm_transfer_tells_the_desk_what_it_is_about() -> None:
    def act(voice: MemoryVoice, _: talk.CreateResponse, response: str) -> None:
        voice.tell(talk.ToolCalled(response, "t", "c1", "transfer", '{"desk": "sales"}'))

    desk = {"number": "+12125550177", "when": "They want to talk to a person.", "mode": "warm"}
    line = Line(voice=MemoryVoice(act=act), script=turn(5.0, "h1", "A person, please."), campaign={"transfer": {"sales": desk}})
    assert line.run().outcome is Outcome.TRANSFERRED
    assert line.carrier.call.summary is not None
    assert a_campaign().company in line.carrier.call.summary


def test_keys_are_pressed_for_a_screener() -> None:
    carrier = MemoryCarrier()
    line = Line(
        carrier=carrier,
        script=[
            (4.0, talk.MachineReported(AnsweredBy.SCREENING)),
            (4.1, talk.ToolCalled("x", "t", "c1", "send_digits", '{"digits": "1"}')),
            (9.0, carrier.call.end),
        ],
    )
    assert line.run().disposition is Disposition.SCREENED
    assert line.carrier.call.digits == "1"


def test_a_stop_is_a_polite_end() -> None:
    line = Line(stop_after_s=5.0, campaign={"voice": {"prewarm": "answer"}})
    result = line.run()
    assert (result.reason, result.disposition) == ("shutdown", Disposition.NO_ANSWER), "nobody was heard"


def test_a_cancelled_attempt_leaves_no_line_open() -> None:
    line = Line()

    async def main() -> None:
        task = asyncio.create_task(line._main())
        await asyncio.sleep(3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main())
    line.assert_closed()


def test_pieces_of_one_item_that_come_together_are_played_and_logged_as_one() -> None:
    def act(voice: MemoryVoice, _: talk.CreateResponse, response: str) -> None:
        audio = [talk.AgentAudio(response, item, bytes([at]) * 160) for item in ("i1", "i2") for at in range(3)]
        voice.tell(*audio)
        asyncio.get_running_loop().call_later(0.5, voice.tell, talk.AgentAudio(response, "i2", b"\x07" * 160))

    line = Line(voice=MemoryVoice(act=act), script=turn(9.0, "h1", "Yes."), stop_after_s=12.0)
    line.run()
    wanted = [b"".join(bytes([at]) * 160 for at in range(3))] * 2 + [b"\x07" * 160]
    at = line.carrier.call.leg.played.index(wanted[0])
    assert line.carrier.call.leg.played[at : at + 3] == wanted
    pieces = [entry for entry in line.log.lines() if '"AgentAudio"' in entry and '"item_id":"item-' not in entry]
    assert [entry.count('"mulaw":480') for entry in pieces] == [2, 2, 0]


def test_a_card_number_is_in_no_log() -> None:
    line = Line(script=[*turn(9.0, "h1", "It is 4111 1111."), *turn(12.0, "h2", "1111 1111.")], stop_after_s=15.0)
    line.run()
    assert line.log.is_cut
    assert "SpeechStarted" not in line.log.text()
    assert "4111" not in line.log.text()
    assert "guard_card" in line.journal.steps
