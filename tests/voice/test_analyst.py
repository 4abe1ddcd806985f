"""One request over a real socket, one answer."""

from __future__ import annotations

import pytest

from dialer.simulation.responses import KEY, Fault, serve_responses
from dialer.voice.analyst import ResponsesAnalyst
from dialer.wire.openai_responses import Incomplete, Read, Refused, Rejected, Request, Unavailable

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
REQUEST = Request("gpt-x", "Read it.", '{"transcript": []}', "talk", SCHEMA)


def test_answers_of_all_kinds() -> None:
    with serve_responses() as peer:
        analyst = ResponsesAnalyst(peer.url, KEY)
        assert isinstance(analyst.read(REQUEST), Read)
        for fault, kind in (
            (Fault(refusal="no"), Refused),
            (Fault(is_incomplete=True), Incomplete),
            (Fault(text="{"), Incomplete),
            (Fault(400, "bad"), Rejected),
            (Fault(500, "server_error"), Unavailable),
            (Fault(is_hung_up=True), Unavailable),
        ):
            peer.faults.append(fault)
            assert isinstance(analyst.read(REQUEST), kind), fault
        peer.faults.append(Fault(429, "resource_unavailable", retry_after="30"))
        assert analyst.read(REQUEST) == Unavailable("429 resource_unavailable", 30.0)
        assert ResponsesAnalyst(peer.url, "wrong").read(REQUEST) == Rejected("401 invalid_api_key", is_account=True)
        assert ResponsesAnalyst(f"{peer.url}/elsewhere", KEY).read(REQUEST) == Rejected("404 not_found", is_account=True)


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with serve_responses() as peer:
        peer.faults.append(Fault(text="x" * 5_000_000))
        assert ResponsesAnalyst(peer.url, KEY).read(REQUEST) == Unavailable("the answer is too long")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/"])
def test_nobody_listens(url: str) -> None:
    assert isinstance(ResponsesAnalyst(url, KEY, limit_s=5).read(REQUEST), Unavailable)


def test_a_service_that_takes_too_long() -> None:
    with serve_responses() as peer:
        peer.faults.append(Fault(is_silent=True))
        found = ResponsesAnalyst(peer.url, KEY, limit_s=0.2).read(REQUEST)
        assert isinstance(found, Unavailable)
        assert "time limit" in found.reason
