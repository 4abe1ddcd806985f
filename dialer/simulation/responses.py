"""A stand-in for OpenAI's Responses API: strict about requests, explicit about what it reads, with faults on request.

It checks what the service checks (key, model, tier, the strict subset of JSON schema) and answers 400 otherwise. It reads no
meaning: it fills the form with null, but for answers whose question stands in a turn of the agent and whose next turn of the
callee has the form that is wanted; so its answers are right, or nothing. ``faults`` are answers to give instead, used up first.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

KEY = "stand-in"
TIERS = frozenset({"auto", "default", "flex", "priority"})
_KEYWORDS = frozenset({"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "description"})
_CREATED_AT = 1_780_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer out of the ordinary: a status with an error's code, or what a completed answer holds instead."""

    status: int = 200
    code: str = ""
    refusal: str = ""
    text: str | None = None
    is_incomplete: bool = False
    retry_after: str = ""
    is_hung_up: bool = False
    """Close the connection without an answer."""
    is_silent: bool = False
    """Say nothing until the stand-in ends."""


@dataclass
class ResponsesPeer:
    """The running stand-in: its address, what it was asked, and which faults come next."""

    url: str = ""
    model: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    answers: list[Mapping[str, Any]] = field(default_factory=list)
    """Documents to answer with instead of reading, used up one by one."""
    over: threading.Event = field(default_factory=threading.Event)


def problem_of(body: object) -> str:
    """Why the service would refuse this request, or an empty text."""
    if not isinstance(body, dict):
        return "the body is not an object"
    if not isinstance(body.get("model"), str) or not body["model"]:
        return "missing model"
    if body.get("service_tier", "auto") not in TIERS:
        return "unknown service_tier"
    unknown = set(body) - {"model", "instructions", "input", "text", "service_tier", "max_output_tokens", "store"}
    if unknown:
        return f"unknown parameter: {min(unknown)}"
    form = (body.get("text") or {}).get("format") or {}
    if (
        form.get("type") != "json_schema"
        or form.get("strict") is not True
        or not re.fullmatch(r"[\w-]{1,64}", form.get("name", ""))
    ):
        return "text.format is not a strict json_schema with a name"
    return schema_problem(form.get("schema"))


def schema_problem(schema: object, path: str = "schema") -> str:
    """Why a schema is outside the strict subset, or an empty text."""
    if not isinstance(schema, dict):
        return f"{path} is not an object"
    unknown = set(schema) - _KEYWORDS
    if unknown:
        return f"{path}: {min(unknown)} is not permitted"
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"{path}: additionalProperties must be false"
        if sorted(schema.get("required", [])) != sorted(properties):
            return f"{path}: every property must be required"
        parts = [(f"{path}.{name}", item) for name, item in properties.items()]
    else:
        parts = [(f"{path}[]", schema["items"])] if "items" in schema else []
    parts += [(f"{path}|{index}", item) for index, item in enumerate(schema.get("anyOf", []))]
    return next((problem for name, item in parts if (problem := schema_problem(item, name))), "")


def reading(body: Mapping[str, Any]) -> dict[str, Any]:
    """The form, filled in with what is plainly there."""
    properties = body["text"]["format"]["schema"]["properties"]
    turns = json.loads(body["input"][0]["content"][0]["text"])["transcript"]
    found: dict[str, Any] = {name: [] if form.get("type") == "array" else None for name, form in properties.items()}
    if "answers" in properties:
        forms = properties["answers"]["properties"]
        found["answers"] = {name: _answer(form["anyOf"][0], turns) for name, form in forms.items()}
    return found


def _answer(form: Mapping[str, Any], turns: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    question = str(form.get("description", "")).casefold()
    allowed = form["properties"]["value"].get("enum")
    for asked, said in pairwise(turns):
        if asked["speaker"] == "agent" and said["speaker"] == "callee" and question in asked["text"].casefold():
            quote = said["text"].strip(" .!")
            value = {"yes": "true", "no": "false"}.get(quote.casefold(), quote)
            if quote and (allowed is None or value in allowed):
                return {"value": value, "quote": quote, "turn": said["turn"]}
    return None


def answer_to(body: Mapping[str, Any], document: Mapping[str, Any], fault: Fault) -> dict[str, Any]:
    """A whole response object, as the service sends it."""
    text = fault.text if fault.text is not None else json.dumps(document, ensure_ascii=False)
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    if fault.refusal:
        part = {"type": "refusal", "refusal": fault.refusal}
    asked = len(json.dumps(body, ensure_ascii=False)) // 4
    told = len(text) // 4 + 1
    return {
        "id": "resp_0001",
        "object": "response",
        "created_at": _CREATED_AT,
        "model": body["model"],
        "status": "incomplete" if fault.is_incomplete else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if fault.is_incomplete else None,
        "instructions": body.get("instructions"),
        "metadata": {},
        "output": [{"id": "msg_0001", "type": "message", "role": "assistant", "status": "completed", "content": [part]}],
        "parallel_tool_calls": True,
        "service_tier": body.get("service_tier", "default"),
        "store": False,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": told,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + told,
        },
    }


@contextmanager
def serve_responses() -> Iterator[ResponsesPeer]:
    """Run the stand-in on a free port of this machine until the end of the block."""
    peer = ResponsesPeer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(peer))
    peer.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield peer
    finally:
        peer.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(peer: ResponsesPeer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            fault = peer.faults.pop(0) if peer.faults else Fault()
            if fault.is_silent:
                peer.over.wait()
            if fault.is_hung_up or fault.is_silent:
                self.close_connection = True
                return
            status, answer = self._judged(body, fault)
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            if fault.retry_after:
                self.send_header("retry-after", fault.retry_after)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def _judged(self, raw: bytes, fault: Fault) -> tuple[int, dict[str, Any]]:
            body = json.loads(raw)
            if self.path != "/v1/responses":
                return 404, _error("not_found", self.path)
            if self.headers.get("authorization") != f"Bearer {KEY}":
                return 401, _error("invalid_api_key", "wrong key")
            problem = problem_of(body)
            if problem:
                return 400, _error("invalid_request_error", problem)
            peer.requests.append(body)
            if fault.status != 200:
                return fault.status, _error(fault.code, "a fault that was asked for")
            document = peer.answers.pop(0) if peer.answers else reading(body)
            return 200, answer_to(body, document, fault)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
