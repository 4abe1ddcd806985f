"""Fixed sentences as sound: rendered once, verified, named by all that they depend on; and calls that open or end with one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.conversation import events as talk
from dialer.errors import CarrierError, VoiceError
from dialer.model.attempt import Usage
from dialer.model.disposition import Disposition
from dialer.model.transcript import Speaker
from dialer.session.clips import READER, RENDER_S, ClipShelf, clip_name, read_aloud
from dialer.voice.base import SessionSetup
from tests.session.test_attempt import Line, turn
from tests.support.builders import OPENING, an_attempt
from tests.support.lines import MemoryVoice
from tests.support.virtual_time import run_virtual

SETUP = SessionSetup("campaign text", ({"name": "end_call"},), "marin", "gpt-realtime-2.1-mini")
TEXT = "I am sorry. Goodbye."


class Priced(MemoryVoice):
    """Clip sessions that do what ``says`` tells them, each response for one token."""

    says: tuple[talk.VoiceEvent, ...] | None = None

    async def open(self, setup: SessionSetup) -> MemoryVoice:
        assert (setup.instructions, setup.tools) == (READER, ())
        self.setups.append(setup)
        session = Priced()
        session.says = self.says
        return session

    async def send(self, command: talk.VoiceCommand) -> None:
        if self.says is not None:
            self.tell(*self.says)
            return
        self.tell(talk.RateLimited({}, {}), talk.AgentAudio("r", "i", b"\xff" * 800), talk.AgentTranscript("r", "i", TEXT))
        self.tell(talk.ResponseDone("r", "completed", usage=Usage(audio_out=1)))


def rendered(shelf: ClipShelf, voice: MemoryVoice, *, calls: int = 1) -> list[tuple[bytes, Usage]]:
    async def main() -> list[tuple[bytes, Usage]]:
        return list(await asyncio.gather(*(shelf.sound(voice, SETUP, TEXT) for _ in range(calls))))

    return run_virtual(main())


def test_calls_at_once_render_a_sentence_once_and_the_first_pays() -> None:
    voice = Priced()
    results = rendered(ClipShelf(), voice, calls=3)
    assert {sound for sound, _ in results} == {b"\xff" * 800}
    assert [usage.audio_out for _, usage in results] == [1, 0, 0]
    assert len(voice.setups) == 1


def test_a_folder_keeps_clips_for_the_next_process(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    (first,) = rendered(ClipShelf(folder), Priced())
    voice = Priced()
    (second,) = rendered(ClipShelf(folder), voice)
    assert (second, voice.setups) == ((first[0], Usage()), [])
    assert [path.name for path in folder.iterdir()] == [f"{clip_name(SETUP, TEXT)}.ulaw"]


def test_a_folder_that_cannot_be_written_costs_only_renderings(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    assert rendered(ClipShelf(blocked), Priced())[0][0] == b"\xff" * 800


def test_the_name_is_all_that_the_sound_depends_on() -> None:
    names = {
        clip_name(SETUP, TEXT),
        clip_name(SETUP, TEXT + "!"),
        clip_name(replace(SETUP, voice="cedar"), TEXT),
        clip_name(replace(SETUP, model="gpt-realtime-2.1"), TEXT),
        clip_name(replace(SETUP, instructions="other", tools=()), TEXT),
    }
    assert len(names) == 4


@pytest.mark.parametrize(
    ("says", "code", "tries"),
    [
        (
            (talk.AgentAudio("r", "i", b"a"), talk.AgentTranscript("r", "i", "Sure!"), talk.ResponseDone("r", "completed")),
            "clip_mismatch",
            2,
        ),
        ((talk.ResponseDone("r", "completed"),), "clip_mismatch", 2),
        ((talk.VoiceRefused("insufficient_quota", "", ""),), "insufficient_quota", 1),
        ((talk.VoiceLost("1006"),), "clip_lost", 1),
        ((), "clip_timeout", 1),
    ],
)
def test_what_is_not_the_sentence_is_no_clip(says: tuple[talk.VoiceEvent, ...], code: str, tries: int) -> None:
    voice = Priced()
    voice.says = says
    with pytest.raises(VoiceError) as caught:
        rendered(ClipShelf(), voice)
    assert (caught.value.code, len(voice.setups)) == (code, tries)
    assert RENDER_S > 0


def test_a_call_opens_with_its_clip_and_the_model_is_told_of_it() -> None:
    line = Line(campaign={"voice": {"prewarm": "clip"}})
    line.carrier.answer_after_s = 0.2
    line.script = [(12.0, line.carrier.call.end)]
    result = line.run()
    assert result.answer_to_audio_ms == 0
    assert line.carrier.call.leg.played[0] == b"\xff" * 160 * len(OPENING)
    assert line.voice.sent[0] == talk.AddTurn(Speaker.AGENT, OPENING)
    assert len(line.voice.clips) == 1


def test_an_opening_that_cannot_be_had_as_a_clip_means_no_call() -> None:
    line = Line(voice=MemoryVoice(is_misread=True), campaign={"voice": {"prewarm": "clip"}})
    result = line.run()
    assert (result.disposition, result.reason) == (Disposition.VOICE_FAILED, "clip_mismatch")
    assert line.carrier.orders == []


@pytest.mark.parametrize("is_misread", [True, False])
def test_a_lost_model_ends_with_the_clip_where_there_is_one(is_misread: bool) -> None:
    line = Line(voice=MemoryVoice(is_misread=is_misread, reopen_error=VoiceError("no", code="http_503")), clips=ClipShelf())
    line.script = [*turn(5.0, "h1", "Yes?"), (6.0, talk.VoiceLost("1006"))]
    result = line.run()
    assert (result.reason, result.disposition) == ("voice_lost", Disposition.ANSWERED_HUMAN)
    apology = an_attempt().script.sentences.apology
    assert (b"\xff" * 160 * len(apology) in line.carrier.call.leg.played) is not is_misread
    line.assert_closed()


def test_a_lost_model_is_replaced_and_the_talk_goes_on() -> None:
    def act(voice: MemoryVoice, command: talk.CreateResponse, response: str) -> None:
        if command.purpose == "resume":
            voice.say(response, "Where were we? Goodbye.")
            voice.tell(talk.ToolCalled(response, "t", "c1", "end_call", "{}"))

    line = Line(voice=MemoryVoice(act=act))
    line.script = [*turn(5.0, "h1", "Yes?"), (6.0, talk.VoiceLost("1006")), (6.5, talk.LegAudio(b"\x00" * 160))]
    result = line.run()
    assert (result.reason, result.disposition) == ("end_call", Disposition.ANSWERED_HUMAN)
    (second,) = line.voice.more
    assert line.voice.setups[0] == line.voice.setups[1], "the same lock"
    kinds = [type(command) for command in second.sent]
    assert kinds[:4] == [talk.AddTurn, talk.AddTurn, talk.AddNote, talk.CreateResponse]
    assert second.heard[0] == b"\x00" * 160
    assert second.closed >= 1
    line.assert_closed()


def test_a_text_for_a_carrier_is_read_aloud_and_kept_nowhere() -> None:
    voice = Priced()
    assert run_virtual(read_aloud(voice, "gpt-realtime-2.1-mini", TEXT)) == b"\xff" * 800
    (setup,) = voice.setups
    assert (setup.model, setup.tools) == ("gpt-realtime-2.1-mini", ())


def test_a_text_that_cannot_be_read_is_an_error_of_the_carrier_who_needs_it() -> None:
    voice = Priced()
    voice.says = (talk.VoiceRefused("insufficient_quota", "quota", ""),)
    with pytest.raises(CarrierError, match="could not be spoken"):
        run_virtual(read_aloud(voice, "m", TEXT))
