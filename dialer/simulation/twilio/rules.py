"""What a request to the REST API may hold: by the published OpenAPI file where it is given, else by the part of it known here.

The rules known here name the paths and form fields that a dialer has a use for, in the manner of that file, so that both are
read by the same code. Facts: github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_BASE = "/2010-04-01/Accounts/{AccountSid}"
_SID = r"^CA[0-9a-fA-F]{32}$"
_METHOD = {"type": "string", "enum": ["GET", "POST"]}
_URI = {"type": "string", "format": "uri"}
_TEXT, _WHOLE, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_NEW_CALL: Mapping[str, Any] = {
    "To": _TEXT, "From": _TEXT, "Twiml": _TEXT, "Url": _URI, "Timeout": _WHOLE, "TimeLimit": _WHOLE,
    "StatusCallback": _URI, "StatusCallbackMethod": _METHOD, "StatusCallbackEvent": {"type": "array", "items": _TEXT},
    "MachineDetection": _TEXT, "AsyncAmd": _TEXT, "AsyncAmdStatusCallback": _URI, "AsyncAmdStatusCallbackMethod": _METHOD,
    "Record": _FLAG, "RecordingChannels": _TEXT, "SendDigits": _TEXT,
}  # fmt: skip
_UPDATE: Mapping[str, Any] = {
    "Status": {"type": "string", "enum": ["canceled", "completed"]},
    "Twiml": _TEXT,
    "Url": _URI,
    "TimeLimit": _WHOLE,
}
_LIST = ("To", "From", "Status", "StartTime", "StartTime<", "StartTime>", "PageSize", "Page", "PageToken")


def _form(properties: Mapping[str, Any], required: Sequence[str] = ()) -> Mapping[str, Any]:
    schema = {"properties": properties, "required": list(required)}
    return {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


def _query(*names: str) -> Mapping[str, Any]:
    return {"parameters": [{"name": name, "in": "query", "schema": _TEXT} for name in names]}


KNOWN: Mapping[str, Any] = {
    "paths": {
        f"{_BASE}/Calls.json": {"post": _form(_NEW_CALL, ("To", "From")), "get": _query(*_LIST)},
        f"{_BASE}/Calls/{{Sid}}.json": {
            "get": {},
            "post": {
                **_form(_UPDATE),
                "parameters": [{"name": "Sid", "in": "path", "schema": {"type": "string", "pattern": _SID}}],
            },
        },
        f"{_BASE}/Balance.json": {"get": {}},
        f"{_BASE}/IncomingPhoneNumbers.json": {"get": _query("PhoneNumber", "PageSize", "Page", "PageToken")},
        f"{_BASE}/OutgoingCallerIds.json": {"get": _query("PhoneNumber", "PageSize", "Page", "PageToken")},
    }
}


class Rules:
    """Judges requests."""

    def __init__(self, description: Mapping[str, Any] = KNOWN) -> None:
        """``description``: an OpenAPI description of the API."""
        self._description = description
        self._paths = [
            (re.compile("^" + re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "$"), body)
            for path, body in description["paths"].items()
        ]

    @classmethod
    def from_file(cls, path: Path) -> "Rules":
        """The rules of an OpenAPI file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def problems(self, method: str, path: str, fields: Sequence[tuple[str, str]]) -> list[str]:
        """What is wrong with a request; empty when nothing is."""
        for pattern, body in self._paths:
            match = pattern.match(path)
            if match and method.lower() in body:
                return list(self._of(method, body[method.lower()], fields, match.groupdict()))
        return [f"there is no {method} {path}"]

    def _of(
        self, method: str, operation: Mapping[str, Any], fields: Sequence[tuple[str, str]], names: Mapping[str, str]
    ) -> list[str]:
        parameters = [self._resolved(found) for found in operation.get("parameters", ())]
        found: list[str] = []
        for parameter in parameters:
            if parameter["in"] == "path" and parameter["name"] in names:
                found += self._value(parameter["name"], parameter.get("schema", {}), names[parameter["name"]])
        if method == "GET":
            properties: Mapping[str, Any] = {item["name"]: item.get("schema", {}) for item in parameters if item["in"] == "query"}
            required: Sequence[str] = ()
        else:
            content = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
            schema = self._resolved(content.get("schema", {}))
            properties, required = schema.get("properties", {}), schema.get("required", ())
        given = [name for name, _ in fields]
        found += [f"{name} is missing" for name in required if name not in given]
        for name, value in fields:
            found += self._field(name, properties, value, is_repeated=given.count(name) > 1)
        return found

    def _field(self, name: str, properties: Mapping[str, Any], value: str, *, is_repeated: bool) -> list[str]:
        """What is wrong with one field."""
        if name not in properties:
            return [f"there is no field {name}"]
        schema = self._resolved(properties[name])
        if schema.get("type") == "array":
            return self._value(name, schema.get("items", {}), value)
        return ([f"{name} is given more than once"] if is_repeated else []) + self._value(name, schema, value)

    def _value(self, name: str, schema: Mapping[str, Any], value: str) -> list[str]:
        """What is wrong with one value."""
        schema = self._resolved(schema)
        kind = schema.get("type")
        if kind == "integer" and not re.fullmatch(r"-?[0-9]+", value):
            return [f"{name} is no whole number"]
        if kind == "boolean" and value not in ("true", "false"):
            return [f"{name} is neither true nor false"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{name} is none of {', '.join(schema['enum'])}"]
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return [f"{name} does not look like {schema['pattern']}"]
        if schema.get("format") == "uri" and urlsplit(value).scheme not in ("http", "https"):
            return [f"{name} is no address"]
        return []

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """A part of the description, or the one that it refers to."""
        reference = node.get("$ref", "")
        found: Any = self._description if reference else node
        for step in reference.removeprefix("#/").split("/") if reference else ():
            found = found[step]
        resolved: Mapping[str, Any] = found
        return resolved
