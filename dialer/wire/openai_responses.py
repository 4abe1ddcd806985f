"""OpenAI's Responses API: one request with a strict JSON schema, and its answer.

Source: platform.openai.com/docs/api-reference/responses.

Structured outputs are asked for by ``text.format`` = ``{type: json_schema, name, strict: true, schema}``; a refusal comes as a
content part ``refusal``, an answer that was cut off as ``status: incomplete`` with its reason, and neither is an answer.
``service_tier: flex`` is the cheap and slow lane (developers.openai.com/api/docs/guides/flex-processing): it may say 429
``resource_unavailable`` and is then asked again later, or the ordinary lane is. Nothing is stored over there (``store: false``).

``decode`` is total: whatever comes is one of the values below.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PATH = "/responses"
MOST_OUTPUT_TOKENS = 4000
_RETRY_STATUSES = frozenset({408, 409, 425, 429})
_ACCOUNT_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "invalid_api_key", "model_not_found"})
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. ``text`` is the data, ``instructions`` what is to be done with it."""

    model: str
    instructions: str
    text: str
    schema_name: str
    schema: Mapping[str, Any]
    tier: str = "flex"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was billed. ``reasoning`` is a part of ``output``."""

    input: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """The document, as the schema has it as far as the service kept its promise; readers check it again."""

    document: Mapping[str, Any]
    tokens: Tokens
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The model would not, and said why."""

    reason: str
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Incomplete:
    """The answer was cut off, or is not what was asked for."""

    reason: str
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Not now: the same request may succeed later, at the earliest after ``retry_after_s`` where the service says so."""

    reason: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: the request, the key or the account will not do. ``is_account`` when every other request fails like this one."""

    reason: str
    is_account: bool = False


Answer = Read | Refused | Incomplete | Unavailable | Rejected


def encode(request: Request) -> bytes:
    """The request's body."""
    body = {
        "model": request.model,
        "instructions": request.instructions,
        "input": [{"role": "user", "content": [{"type": "input_text", "text": request.text}]}],
        "text": {
            "format": {"type": "json_schema", "name": request.schema_name, "strict": True, "schema": dict(request.schema)},
        },
        "service_tier": request.tier,
        "max_output_tokens": MOST_OUTPUT_TOKENS,
        "store": False,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def decode(status: int, body: bytes, retry_after: str = "") -> Answer:
    """What the service answered. ``retry_after`` is its header, in seconds; another form counts as none."""
    document = _object(body)
    if status != 200:
        return _refusal(status, document, retry_after)
    if document is None:
        return Unavailable("the answer is not a JSON object")
    tokens = _tokens(document.get("usage"))
    state = document.get("status")
    if state == "incomplete":
        details = document.get("incomplete_details")
        return Incomplete(_text(details, "reason") or "incomplete", tokens)
    if state == "failed":
        return Unavailable(_text(document.get("error"), "message") or "the service failed")
    if state != "completed":
        return Incomplete(f"the answer's status is {str(state)[:40]!r}", tokens)
    return _said(document, tokens)


def _said(document: Mapping[str, Any], tokens: Tokens) -> Answer:
    """The parts of a completed answer: a refusal anywhere wins over text."""
    texts = []
    for part in _parts(document.get("output")):
        if part.get("type") == "refusal":
            return Refused(_text(part, "refusal") or "refused", tokens)
        if part.get("type") == "output_text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
    found = _object("".join(texts).encode("utf-8", "replace"))
    if found is None:
        return Incomplete("the text is not the JSON object that was asked for", tokens)
    return Read(found, tokens, str(document.get("service_tier") or ""))


def _parts(output: object) -> list[Mapping[str, Any]]:
    """The content parts of all messages; reasoning and what else may come is passed over."""
    items = [item for item in output if isinstance(item, Mapping)] if isinstance(output, list) else []
    contents = [item.get("content") for item in items if item.get("type") == "message"]
    return [part for content in contents if isinstance(content, list) for part in content if isinstance(part, Mapping)]


def _refusal(status: int, document: Mapping[str, Any] | None, retry_after: str) -> Answer:
    error = document.get("error") if document else None
    code = _text(error, "code") or _text(error, "type")
    reason = f"{status} {code or _text(error, 'message') or 'without a reason'}"
    if status in {401, 403, 404} or code in _ACCOUNT_CODES:
        return Rejected(reason, is_account=True)
    if status in _RETRY_STATUSES or status >= 500:
        return Unavailable(reason, float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None)
    return Rejected(reason)


def _tokens(usage: object) -> Tokens:
    if not isinstance(usage, Mapping):
        return Tokens()
    return Tokens(*(_count(usage.get(name)) for name in ("input_tokens", "output_tokens")))


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, Mapping) else None
    return " ".join(found.split())[:_LONGEST] if isinstance(found, str) else ""


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
