"""What a response may and must call, whatever the mind would like best."""

from collections.abc import Mapping
from typing import Any

from dialer.simulation.model.brain.view import Call, Reply
from dialer.simulation.model.schema import Refusal

Tool = Mapping[str, Any]
_EMPTY: Mapping[str, Any] = {
    "string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}, "null": None,
}  # fmt: skip


def offered(settings: Mapping[str, Any]) -> tuple[Tool, ...]:
    """The tools that may be called."""
    return () if settings["tool_choice"] == "none" else tuple(settings["tools"])


def check_choice(settings: Mapping[str, Any]) -> None:
    """Raise ``Refusal`` when a tool must be called and there is none, or not that one."""
    choice = settings["tool_choice"]
    names = [tool["name"] for tool in settings["tools"]]
    is_named = isinstance(choice, Mapping)
    if (is_named and choice["name"] not in names) or (choice == "required" and not names):
        what = f"tool '{choice['name']}'" if is_named else "required tool"
        raise Refusal("invalid_value", f"The {what} is not in 'tools'.", "tool_choice")


def obeyed(reply: Reply, settings: Mapping[str, Any]) -> Reply:
    """The reply that ``tool_choice`` allows: a tool that must be called is called instead of any words."""
    choice, tools = settings["tool_choice"], offered(settings)
    if choice == "auto":
        return reply
    if choice == "none":
        return Reply(reply.text)
    wanted = [tool for tool in tools if choice == "required" or tool["name"] == choice["name"]]
    made = tuple(call for call in reply.calls if call.name in {tool["name"] for tool in wanted})
    return Reply(calls=made or (Call(wanted[0]["name"], sample(wanted[0].get("parameters", {}))),))


def sample(schema: Mapping[str, Any]) -> Any:
    """The smallest value of a JSON schema: what is required, and the first of what is allowed."""
    if "const" in schema or schema.get("enum"):
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind != "object":
        return _EMPTY.get(kind)
    fields = schema.get("properties", {})
    return {name: sample(fields.get(name, {"type": "string"})) for name in schema.get("required", ())}
