"""Requests, answers and events checked against Asterisk's own API descriptions (Swagger 1.2), where somebody has them.

They lie in Asterisk's repository (``rest-api/api-docs/*.json``), under its licence, and are not part of this project: the folder
is given. Stricter than Asterisk: what a description does not name is an error.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

_LIST = re.compile(r"List\[(\w+)\]")
_PLAIN: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "Date": str,
    "int": int,
    "long": int,
    "double": (int, float),
    "boolean": bool,
    "object": dict,
    "containers": dict,
}


class Descriptions:
    """The descriptions in a folder. The checks return what is wrong, in words; nothing: all is well."""

    def __init__(self, folder: Path) -> None:
        """Raises ``OSError`` or ``ValueError`` for a folder without them."""
        self._operations: list[tuple[str, re.Pattern[str], dict[str, Any]]] = []
        self._models: dict[str, dict[str, Any]] = {}
        for path in sorted(folder.glob("*.json")):
            described = json.loads(path.read_text(encoding="utf-8"))
            self._models.update(described.get("models", {}))
            for api in described.get("apis", []):
                pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", api["path"]))
                self._operations += [(op["httpMethod"], pattern, op) for op in api.get("operations", [])]
        # An address in words comes before one with a name in its place (externalMedia is no channel).
        self._operations.sort(key=lambda operation: "[^/]+" in operation[1].pattern)

    def request(self, method: str, target: str, body: Any) -> list[str]:
        """A request as it was made, its target below ``/ari``."""
        operation = self._operation(method, target)
        if operation is None:
            return [f"{method} {target}: not described"]
        known = {p["name"]: p for p in operation.get("parameters", []) if p["paramType"] == "query"}
        given = parse_qsl(target.partition("?")[2], keep_blank_values=True)
        wrong = [f"parameter {name} is missing" for name, p in known.items() if p.get("required") and name not in dict(given)]
        for name, value in given:
            wrong += _parameter(known.get(name), name, value)
        takes_body = any(p["paramType"] == "body" for p in operation.get("parameters", []))
        if body is not None and not (takes_body and isinstance(body, dict)):
            wrong.append("a body that is not described")
        return [f"{method} {target}: {what}" for what in wrong]

    def answer(self, method: str, target: str, status: int, body: Any) -> list[str]:
        """An answer to such a request."""
        operation = self._operation(method, target)
        if operation is None:
            return []
        shape = operation.get("responseClass", "void")
        if status < 300:
            wrong = self._value(shape, body) if shape != "void" else [] if body is None else ["a body that is not described"]
            return [f"{method} {target} {status}: {what}" for what in wrong]
        codes = {int(it["code"]) for it in operation.get("errorResponses", [])} | {400, 401, 500}
        return [] if status in codes else [f"{method} {target}: {status} is not described"]

    def event(self, event: dict[str, Any]) -> list[str]:
        """An event."""
        kind = str(event.get("type"))
        if kind not in self._models:
            return [f"{kind}: not described"]
        fields: dict[str, Any] = {}
        for name in ("Message", "Event", kind):
            fields |= self._models[name]["properties"]
        return [f"{kind}: {what}" for what in self._fields(fields, event)]

    def _operation(self, method: str, target: str) -> dict[str, Any] | None:
        path = unquote(target.partition("?")[0])
        return next((op for wanted, pattern, op in self._operations if wanted == method and pattern.fullmatch(path)), None)

    def _value(self, shape: str, value: Any) -> list[str]:
        if shape in _PLAIN:
            is_right = isinstance(value, _PLAIN[shape]) and (shape == "boolean" or not isinstance(value, bool))
            return [] if is_right else [f"{value!r} is not {shape}"]
        if listed := _LIST.fullmatch(shape):
            if not isinstance(value, list):
                return [f"{value!r} is no list"]
            return [what for item in value for what in self._value(listed[1], item)]
        if not isinstance(value, dict):
            return [f"{value!r} is not {shape}"]
        return self._fields(self._models[shape]["properties"], value)

    def _fields(self, fields: dict[str, Any], value: dict[str, Any]) -> list[str]:
        wrong = [f"{name} is missing" for name, field in fields.items() if field.get("required") and name not in value]
        for name, item in value.items():
            field = fields.get(name)
            if field is None:
                wrong.append(f"{name} is not described")
                continue
            wrong += [f"{name}: {what}" for what in self._value(field["type"], item)]
            allowed = (field.get("allowableValues") or {}).get("values")
            if allowed and item not in allowed:
                wrong.append(f"{name}: {item!r} is not one of {allowed}")
        return wrong


def _parameter(known: dict[str, Any] | None, name: str, value: str) -> list[str]:
    """One parameter of a query."""
    if known is None:
        return [f"parameter {name} is not described"]
    allowed = (known.get("allowableValues") or {}).get("values")
    kind = known["dataType"]
    if kind in ("int", "long") and not re.fullmatch(r"-?\d+", value):
        return [f"parameter {name} = {value!r} is not {kind}"]
    if kind == "boolean" and value not in ("true", "false"):
        return [f"parameter {name} = {value!r} is not boolean"]
    return [f"parameter {name} = {value!r} is not one of {allowed}"] if allowed and value not in allowed else []
