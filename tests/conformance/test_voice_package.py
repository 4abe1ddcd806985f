"""The service's own package as the client: whole conversations with the stand-in, over a real socket.

Every message of both sides is judged, field by field, by the package's types: a witness sees them all.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from websockets.exceptions import ConnectionClosedError

from dialer.audio import modem
from dialer.audio.framing import SILENCE, frames
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.server import ModelServer, serve_model
from tests.support.realtime import Judge
from tests.support.virtual_time import run_virtual

OPENING = "Hello, this is Anna, an automated assistant calling for Lakeside Clinic. Am I speaking with Maria?"
QUESTION = "Do you need help with a ride to the clinic?"
INSTRUCTIONS = """# Role
You are Anna, an automated voice assistant calling for Lakeside Clinic. Speak English (en).
# Questions to ask
- needs_ride (boolean): Do you need help with a ride to the clinic?
"""
TEXT = {"type": "string"}
RECORD = {"type": "object", "properties": {"name": {"type": "string", "enum": ["needs_ride"]}, "value": TEXT, "quote": TEXT}}
TOOLS: list[Any] = [
    {"type": "function", "name": "record_answer", "description": "Keep an answer.", "parameters": RECORD},
    {"type": "function", "name": "end_call", "parameters": {"type": "object", "properties": {"reason": TEXT}}},
]
PCMU: Any = {"type": "audio/pcmu"}


class Caller:
    """A client that holds the package's connection as any program would."""

    def __init__(self, connection: AsyncRealtimeConnection) -> None:
        self.connection = connection
        self.events: list[Any] = []

    async def set_up(self, **detection: Any) -> None:
        input_: Any = {
            "format": PCMU,
            "transcription": {"model": "gpt-transcribe"},
            "turn_detection": {"type": "server_vad", **detection},
        }
        audio: Any = {"input": input_, "output": {"format": PCMU, "voice": "marin"}}
        session: Any = {"type": "realtime", "instructions": INSTRUCTIONS, "tools": TOOLS, "audio": audio}
        await self.connection.session.update(session=session)
        await self.until("session.updated")

    async def until(self, type_: str) -> Any:
        """The next event of a type."""
        while True:
            event = await self.connection.recv()
            self.events.append(event)
            assert event.type != "error", event
            if event.type == type_:
                return event

    async def speak(self, text: str) -> None:
        for frame in frames(modem.encode(text) + SILENCE * 26):
            await self.connection.input_audio_buffer.append(audio=base64.b64encode(frame).decode())

    async def respond(self) -> Any:
        """Ask for a response and wait for its end."""
        await self.connection.response.create()
        return (await self.until("response.done")).response

    async def barge_in(self, text: str, heard_ms: int) -> None:
        """Speak over the response that begins: it is cancelled, and its item cut at what was heard."""
        delta = await self.until("response.output_audio.delta")
        await self.speak(text)
        await self.until("input_audio_buffer.speech_started")
        await self.connection.response.cancel(response_id=delta.response_id)
        cut = (await self.until("response.done")).response
        assert (cut.status, cut.status_details.reason) == ("cancelled", "client_cancelled")
        item = self.connection.conversation.item
        await item.truncate(item_id=delta.item_id, content_index=0, audio_end_ms=heard_ms)
        assert (await self.until("conversation.item.truncated")).audio_end_ms == heard_ms
        await item.retrieve(item_id=delta.item_id)
        (part,) = (await self.until("conversation.item.retrieved")).item.content
        assert (part.transcript, len(base64.b64decode(part.audio))) == (None, heard_ms * 8)

    def heard(self, response_id: str) -> str:
        """What a response sounds like."""
        deltas = [event for event in self.events if event.type == "response.output_audio.delta"]
        audio = b"".join(base64.b64decode(event.delta) for event in deltas if event.response_id == response_id)
        listener = modem.Listener()
        return " ".join(heard.text for heard in [*listener.feed(audio), *listener.flush()])


def package(server: ModelServer) -> AsyncOpenAI:
    return AsyncOpenAI(api_key="key", websocket_base_url=server.url.removesuffix("/realtime"))


def connecting(client: AsyncOpenAI) -> Any:
    return client.realtime.connect(model="gpt-realtime-2.1", websocket_connection_options={"proxy": None})


def test_a_whole_conversation_with_tools_and_a_barge_in() -> None:
    judge = Judge()

    async def main() -> None:
        server = await serve_model(options=ModelOptions(burst_factor=1.0), witness=judge)
        async with package(server) as client, connecting(client) as connection:
            caller = Caller(connection)
            await caller.set_up(create_response=False, interrupt_response=False)
            await connection.response.create(
                response={"instructions": f'"""\n{OPENING}\n"""', "metadata": {"purpose": "opening"}}
            )
            opening = (await caller.until("response.done")).response
            assert (opening.metadata, caller.heard(opening.id)) == ({"purpose": "opening"}, OPENING)

            await caller.speak("Yes, this is Maria.")
            committed = await caller.until("input_audio_buffer.committed")
            await connection.response.create()
            await caller.barge_in("Sorry, what did you say?", heard_ms=240)
            again = await caller.respond()
            assert caller.heard(again.id) == QUESTION
            await caller.speak("No, thank you.")
            await caller.until("input_audio_buffer.committed")
            (call,) = [item for item in (await caller.respond()).output if item.type == "function_call"]
            assert (call.name, json.loads(call.arguments)["value"]) == ("record_answer", "false")
            output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": '{"ok":true}'}
            await connection.conversation.item.create(item=output)
            goodbye = await caller.respond()
            assert [item.name for item in goodbye.output if item.type == "function_call"] == ["end_call"]
            assert goodbye.usage.input_token_details.audio_tokens > 0

            transcripts = {
                event.item_id: event.transcript
                for event in caller.events
                if event.type == "conversation.item.input_audio_transcription.completed"
            }
            assert transcripts[committed.item_id] == "Yes, this is Maria."
            assert list(transcripts.values()) == ["Yes, this is Maria.", "Sorry, what did you say?", "No, thank you."]
        await server.close()

    run_virtual(main())
    judge.verdict()


def test_the_service_takes_turns_by_itself_where_a_client_leaves_it_to_it() -> None:
    judge = Judge()

    async def main() -> None:
        server = await serve_model(options=ModelOptions(burst_factor=1.0), witness=judge)
        async with package(server) as client, connecting(client) as connection:
            caller = Caller(connection)
            await caller.set_up(create_response=True, interrupt_response=True, idle_timeout_ms=5000)
            await caller.speak("Hello?")
            await caller.until("response.output_audio.delta")
            await caller.speak("Sorry, wait, who is this?")
            cut = (await caller.until("response.done")).response
            assert (cut.status, cut.status_details.reason) == ("cancelled", "turn_detected")
            assert (await caller.until("response.done")).response.status == "completed"
            await caller.until("input_audio_buffer.timeout_triggered")
            assert (await caller.until("response.done")).response.status == "completed"
            note: Any = {"conversation": "none", "output_modalities": ["text"], "instructions": '"""\nA summary.\n"""'}
            await connection.response.create(response=note)
            aside = (await caller.until("response.done")).response
            assert (aside.conversation_id, aside.output[0].content[0].text) == (None, "A summary.")
        await server.close()

    run_virtual(main())
    judge.verdict()


def test_the_packages_iteration_ends_quietly_on_an_expired_session_and_with_an_error_on_the_old_protocol() -> None:
    judge = Judge()

    async def main() -> None:
        server = await serve_model(options=ModelOptions(faults=("session_expired", "beta_rejected@2")), witness=judge)
        async with package(server) as client:
            async with connecting(client) as connection:
                await connection.response.create()
                assert [event.type async for event in connection] == ["session.created", "error"]
            async with connecting(client) as connection:
                assert (await connection.recv()).type == "error"
                with pytest.raises(ConnectionClosedError):
                    await connection.recv()
        await server.close()

    run_virtual(main())
    judge.verdict()


def test_faults_are_valid_messages_too() -> None:
    """Each fault that is not itself a broken message stays within the protocol."""
    responses = (
        "active_response_race@1", "server_error_once@2", "empty_response@3", "content_filtered@4",
        "incomplete_response@5", "cancelled_by_turn_detected@6", "rate_limited@7", "insufficient_quota@8",
        "tokens_per_minute_exceeded@9", "requests_per_day_exceeded@10", "unknown_tool@11", "tool_arguments_broken@11",
        "duplicate_tool_call@11", "opening_mismatch_once", "late_deltas", "truncate_race", "duplicate_item_id",
        "out_of_order_transcripts", "transcription_failed@2",
    )  # fmt: skip

    judge = Judge()

    async def main() -> None:
        server = await serve_model(options=ModelOptions(faults=responses), witness=judge)
        async with package(server) as client, connecting(client) as connection:
            caller = Caller(connection)
            await caller.set_up(create_response=False, interrupt_response=False)
            for number in range(12):
                if number % 4 == 0:
                    await caller.speak("Yes, this is Maria.")
                await connection.response.create(response={"instructions": f'"""\n{OPENING}\n"""'})
                await asyncio.sleep(2)
            note: Any = {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Note."}]}
            await connection.conversation.item.create(item=note)
            await connection.response.create(response={"instructions": f'"""\n{OPENING}\n"""'})
            await asyncio.sleep(0.35)
            await connection.response.cancel()
            await asyncio.sleep(12)
        await server.close()

    run_virtual(main())
    seen = judge.verdict()
    done = [message["response"] for message in seen if message["type"] == "response.done"]
    assert [response["status"] for response in done] == [
        "completed", "failed", "completed", "incomplete", "incomplete", "cancelled",
        "failed", "failed", "failed", "failed", "completed", "completed", "cancelled",
    ]  # fmt: skip
    codes = [message["error"]["code"] for message in seen if message["type"] == "error"]
    assert codes == ["conversation_already_has_active_response", "item_create_duplicate_item_id"]
