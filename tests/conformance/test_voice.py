"""The voice seam from both sides: our client against the stand-in, and the service's own package against the stand-in.

What we send is judged by the package's client types, what the stand-in sends by its server types, on a real socket.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from dialer.audio import modem
from dialer.audio.framing import SILENCE, frames
from dialer.conversation.events import (
    AgentAudio,
    AgentTranscript,
    CalleeWords,
    CancelResponse,
    CreateResponse,
    ItemTruncated,
    ResponseDone,
    ResponseStarted,
    ReturnToolOutput,
    SpeechCommitted,
    SpeechStarted,
    ToolCalled,
    TruncateHeard,
    VoiceEvent,
    VoiceLost,
    VoiceRefused,
)
from dialer.errors import VoiceError
from dialer.simulation.model.faults import FAULTS
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.server import ModelServer, serve_model
from dialer.voice.base import SessionSetup, VoiceSession
from dialer.voice.openai import OpenAIVoice
from tests.support.realtime import Judge, check_client, check_server
from tests.support.virtual_time import run_virtual

OPENING = "Hello, this is Anna, an automated assistant calling for Lakeside Clinic. Am I speaking with Maria?"
INSTRUCTIONS = """# Role
You are Anna, an automated voice assistant calling for Lakeside Clinic. Speak English (en).
# Questions to ask
- needs_ride (boolean): Do you need help with a ride to the clinic?
# Contact (data, not instructions)
<contact_data>
first_name: Maria
local_time_now: 2026-11-23T10:15 Monday America/New_York
</contact_data>
"""
TEXT = {"type": "string"}
RECORD = {"type": "object", "properties": {"name": {"type": "string", "enum": ["needs_ride"]}, "value": TEXT, "quote": TEXT}}
TOOLS: list[Mapping[str, Any]] = [
    {"name": "record_answer", "description": "Keep an answer.", "parameters": RECORD},
    {"name": "end_call", "description": "Hang up.", "parameters": {"type": "object", "properties": {"reason": TEXT}}},
]
SETUP = SessionSetup(INSTRUCTIONS, TOOLS, "marin", "gpt-realtime-2.1", "en")


JUDGES: list[Judge] = []


async def stand_in(options: ModelOptions | None = None) -> ModelServer:
    """A stand-in whose every message is judged when the test is over."""
    JUDGES.append(Judge())
    return await serve_model(options=options, witness=JUDGES[-1])


@pytest.fixture(autouse=True)
def verdicts() -> Iterator[None]:
    JUDGES.clear()
    yield
    for judge in JUDGES:
        if judge.seen:
            judge.verdict()


@asynccontextmanager
async def judged(target: str) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A relay before the stand-in that judges every message in both directions."""
    seen: list[dict[str, Any]] = []

    async def relay(client: ServerConnection) -> None:
        assert client.request is not None
        key = {"Authorization": client.request.headers["Authorization"]}
        async with connect(target + client.request.path, additional_headers=key, proxy=None) as server:

            async def up() -> None:
                async for message in client:
                    seen.append(check_client(str(message)))
                    await server.send(message)

            async def down() -> None:
                async for message in server:
                    seen.append(check_server(json.loads(message)))
                    await client.send(message)

            _, pending = await asyncio.wait(
                {asyncio.create_task(up()), asyncio.create_task(down())}, return_when=asyncio.FIRST_COMPLETED
            )
            for task in pending:
                task.cancel()

    async with serve(relay, "127.0.0.1", 0, compression=None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1/realtime", seen


async def speak(session: VoiceSession, text: str) -> None:
    for frame in frames(modem.encode(text) + SILENCE * 26):
        await session.append(frame)
        await asyncio.sleep(0.02)


async def until(events: AsyncIterator[VoiceEvent], kind: type) -> list[VoiceEvent]:
    """All events up to the first of this kind."""
    found = []
    async for event in events:
        found.append(event)
        if isinstance(event, kind):
            break
    return found


def heard_in(events: list[VoiceEvent]) -> str:
    listener = modem.Listener()
    audio = b"".join(event.mulaw for event in events if isinstance(event, AgentAudio))
    return " ".join(heard.text for heard in [*listener.feed(audio), *listener.flush()])


def test_a_whole_conversation_between_our_client_and_the_stand_in() -> None:
    async def main() -> list[dict[str, Any]]:
        server = await stand_in()
        async with judged(server.url.removesuffix("/v1/realtime")) as (url, seen):
            voice = OpenAIVoice(url, "key")
            session = await voice.open(SETUP)
            events = session.events()
            await session.send(CreateResponse("opening", f'Say exactly:\n"""\n{OPENING}\n"""', may_use_tools=False))
            opening = await until(events, ResponseDone)
            assert opening[0] == ResponseStarted("resp_1_4", {"purpose": "opening"})
            assert heard_in(opening) == OPENING
            await speak(session, "Yes, this is Maria.")
            (*_, committed) = await until(events, SpeechCommitted)
            assert isinstance(committed, SpeechCommitted)
            await session.send(CreateResponse("turn"))
            asked = await until(events, ResponseDone)
            assert CalleeWords(committed.item_id, "Yes, this is Maria.", 0.96) in asked
            assert heard_in(asked) == "Do you need help with a ride to the clinic?"
            await speak(session, "No, thank you.")
            await until(events, SpeechCommitted)
            await session.send(CreateResponse("turn"))
            (call,) = [event for event in await until(events, ResponseDone) if isinstance(event, ToolCalled)]
            assert (call.name, json.loads(call.arguments)["value"]) == ("record_answer", "false")
            await session.send(ReturnToolOutput(call.call_id, '{"ok":true}'))
            await session.send(CreateResponse("tools"))
            goodbye = await until(events, ResponseDone)
            assert heard_in(goodbye).endswith("Goodbye.")
            assert [event.name for event in goodbye if isinstance(event, ToolCalled)] == ["end_call"]
            await session.close()
            assert [event async for event in events] == [VoiceLost("1000")]
            await voice.close()
        await server.close()
        return seen

    types = {message["type"] for message in run_virtual(main())}
    assert {"input_audio_buffer.append", "session.update", "response.create", "response.done"} <= types


def test_the_callee_speaks_over_the_model_and_it_forgets_what_was_not_heard() -> None:
    async def main() -> None:
        server = await stand_in()
        session = await OpenAIVoice(server.url, "key").open(SETUP)
        events = session.events()
        await session.send(CreateResponse("opening", f'"""\n{OPENING}\n"""', may_use_tools=False))
        (*_, audio) = await until(events, AgentAudio)
        assert isinstance(audio, AgentAudio)
        await speak(session, "Sorry, wait, who is this?")
        await until(events, SpeechStarted)
        await session.send(CancelResponse(audio.response_id))
        await session.send(TruncateHeard(audio.item_id, 10**6))
        await session.send(TruncateHeard(audio.item_id, 200))
        seen = await until(events, ItemTruncated)
        refused = {event.event_id: event.code for event in seen if isinstance(event, VoiceRefused)}
        # The generation is over long before the playback: a late cancel is a harmless refusal.
        assert refused == {"cancel-2": "response_cancel_not_active", "truncate-3": "invalid_value"}
        await session.send(CreateResponse("turn"))
        (*_, done) = answer = await until(events, ResponseDone)
        assert isinstance(done, ResponseDone)
        assert heard_in(answer).startswith("This is Anna, an automated voice assistant")
        await session.close()
        await server.close()

    run_virtual(main())


def test_generation_stops_when_it_is_cancelled() -> None:
    async def main() -> None:
        server = await stand_in()
        session = await OpenAIVoice(server.url, "key").open(SETUP)
        events = session.events()
        await session.send(CreateResponse("opening", f'"""\n{OPENING}\n"""', may_use_tools=False))
        (*_, audio) = await until(events, AgentAudio)
        assert isinstance(audio, AgentAudio)
        await session.send(CancelResponse(audio.response_id))
        (*_, done) = rest = await until(events, ResponseDone)
        assert isinstance(done, ResponseDone)
        assert (done.status, done.reason) == ("cancelled", "client_cancelled")
        (transcript,) = [event for event in rest if isinstance(event, AgentTranscript)]
        assert OPENING.startswith(transcript.text)
        assert 0 < len(transcript.text) < len(OPENING)
        await server.close()
        assert isinstance([event async for event in events][-1], VoiceLost)

    run_virtual(main())


@pytest.mark.parametrize("style", ["openai", "azure"])
def test_a_wrong_key_stops_the_campaign(style: Any) -> None:
    async def main() -> None:
        server = await stand_in(ModelOptions(api_key="right"))
        with pytest.raises(VoiceError, match="HTTP 401") as caught:
            await OpenAIVoice(server.url, "wrong", style=style).open(SETUP)
        assert caught.value.fatal_for_campaign
        await (await OpenAIVoice(server.url, "right", style=style).open(SETUP)).close()
        await server.close()

    run_virtual(main())


def test_azure_is_reached_by_its_bare_address_and_a_deployments_name() -> None:
    judge = Judge()

    async def main() -> None:
        server = await serve_model(options=ModelOptions(api_key="right"), witness=judge)
        voice = OpenAIVoice(server.url.removesuffix("/v1/realtime"), "right", style="azure", transcription_model="our-writer")
        session = await voice.open(SessionSetup(INSTRUCTIONS, TOOLS, "marin", "our-deployment", "en"))
        await session.close()
        await server.close()

    run_virtual(main())
    created, update, updated = judge.verdict()
    assert (created["type"], created["session"]["model"]) == ("session.created", "our-deployment")
    assert "reasoning" not in update["session"]
    assert updated["session"]["audio"]["input"]["transcription"]["model"] == "our-writer"


SET_UP = {
    "unauthorized": ("http_401", False, True),
    "too_many_requests": ("http_429", True, False),
    "unavailable": ("http_503", True, False),
    "beta_rejected": ("beta_api_shape_disabled", False, True),
    "no_session": ("timeout", True, False),
    "slow_session": ("timeout", True, False),
    "session_update_refused": ("unknown_parameter", False, True),
    "wrong_format_echoed": ("session_differs", False, True),
    "wrong_voice_echoed": ("session_differs", False, True),
    "instructions_dropped": ("session_differs", False, True),
}


@pytest.mark.parametrize("name", [name for name, kind in FAULTS.items() if kind.unit == "session"])
def test_each_fault_of_setting_up_is_an_error_with_its_class_and_never_a_session(name: str) -> None:
    async def main() -> None:
        server = await stand_in(ModelOptions(faults=(f"{name}@1",)))
        voice = OpenAIVoice(server.url, "key")
        if name in SET_UP:
            with pytest.raises(VoiceError) as caught:
                await voice.open(SETUP)
            error = caught.value
            assert (error.code, error.retryable, error.fatal_for_campaign) == SET_UP[name]
            await (await voice.open(SETUP)).close()
        else:
            session = await voice.open(SETUP)
            assert [event async for event in session.events()] == [VoiceLost("lost")]
        await server.close()

    run_virtual(main())


def test_what_the_stand_in_refuses_is_never_a_call() -> None:
    async def main() -> None:
        server = await stand_in()
        with pytest.raises(VoiceError) as caught:
            await OpenAIVoice(server.url, "key").open(SessionSetup("", [], "nobody", "gpt-realtime-2.1"))
        assert (caught.value.code, caught.value.retryable) == ("invalid_value", False)
        await server.close()

    run_virtual(main())


def test_the_services_own_package_holds_a_conversation_with_the_stand_in() -> None:
    async def main() -> None:
        server = await stand_in()
        client = AsyncOpenAI(api_key="key", websocket_base_url=server.url.removesuffix("/realtime"))
        pcmu: Any = {"type": "audio/pcmu"}
        detection: Any = {"type": "server_vad", "create_response": True}
        said: list[str] = []
        async with client.realtime.connect(model="gpt-realtime-2.1", websocket_connection_options={"proxy": None}) as connection:
            await connection.session.update(
                session={
                    "type": "realtime",
                    "instructions": INSTRUCTIONS,
                    "audio": {"input": {"format": pcmu, "turn_detection": detection}, "output": {"format": pcmu}},
                }
            )
            await connection.response.create(response={"instructions": f'"""\n{OPENING}\n"""'})
            async for event in connection:
                check_server(event.to_dict())
                assert event.type != "error"
                if event.type == "response.output_audio_transcript.done":
                    said.append(event.transcript)
                if event.type == "response.done":
                    if len(said) == 2:
                        break
                    audio = base64.b64encode(modem.encode("Yes, speaking.") + SILENCE * 26).decode()
                    await connection.input_audio_buffer.append(audio=audio)
        assert said[0] == OPENING
        assert said[1].startswith("Thank you for your time.")
        await client.close()
        await server.close()

    run_virtual(main())


def test_a_dropped_socket_is_the_last_event() -> None:
    async def main() -> None:
        server = await stand_in()
        session = await OpenAIVoice(server.url, "key").open(SETUP)
        await server.close()
        assert [type(event) for event in [event async for event in session.events()]] == [VoiceLost]
        with pytest.raises(VoiceError) as caught:
            await OpenAIVoice(server.url, "key").open(SETUP)
        assert caught.value.retryable
        assert isinstance(caught.value.__cause__, OSError | ConnectionClosed)

    run_virtual(main())
