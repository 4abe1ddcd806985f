"""The checker, on descriptions of our own; with Asterisk's it is used all over the other tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialer.simulation.asterisk.descriptions import Descriptions

API = {
    "apis": [
        {
            "path": "/things/{id}",
            "operations": [
                {
                    "httpMethod": "POST",
                    "responseClass": "Thing",
                    "parameters": [
                        {"name": "id", "paramType": "path", "required": True, "dataType": "string"},
                        {"name": "count", "paramType": "query", "required": True, "dataType": "int"},
                        {"name": "loud", "paramType": "query", "dataType": "boolean"},
                        {
                            "name": "kind", "paramType": "query", "dataType": "string",
                            "allowableValues": {"valueType": "LIST", "values": ["a", "b"]},
                        },
                        {"name": "variables", "paramType": "body", "dataType": "containers"},
                    ],
                    "errorResponses": [{"code": 404}],
                }
            ],
        },
        {"path": "/things/special", "operations": [{"httpMethod": "POST", "responseClass": "void", "parameters": []}]},
    ],
    "models": {
        "Message": {"properties": {"type": {"type": "string", "required": True}}},
        "Event": {"properties": {"application": {"type": "string", "required": True}}},
        "Thing": {
            "properties": {
                "names": {"type": "List[string]", "required": True},
                "size": {"type": "double"},
                "state": {"type": "string", "allowableValues": {"values": ["up"]}},
                "part": {"type": "Part"},
            }
        },
        "Part": {"properties": {"ok": {"type": "boolean", "required": True}}},
        "ThingMade": {"properties": {"thing": {"type": "Thing", "required": True}}},
    },
}  # fmt: skip


@pytest.fixture
def described(tmp_path: Path) -> Descriptions:
    (tmp_path / "things.json").write_text(json.dumps(API), encoding="utf-8")
    return Descriptions(tmp_path)


@pytest.mark.parametrize(
    ("target", "body", "is_right"),
    [
        ("/things/1?count=2", None, True),
        ("/things/1?count=2&loud=true&kind=a", {"variables": {}}, True),
        ("/things/1", None, False),
        ("/things/1?count=two", None, False),
        ("/things/1?count=2&loud=yes", None, False),
        ("/things/1?count=2&kind=c", None, False),
        ("/things/1?count=2&colour=red", None, False),
        ("/things/1?count=2", ["no object"], False),
        ("/things/special", None, True),
        ("/things/special", {}, False),
        ("/others", None, False),
    ],
)
def test_requests(described: Descriptions, target: str, body: object, is_right: bool) -> None:
    assert (described.request("POST", target, body) == []) is is_right


@pytest.mark.parametrize(
    ("status", "body", "is_right"),
    [
        (200, {"names": ["x"], "size": 1, "state": "up", "part": {"ok": True}}, True),
        (200, {"names": "x"}, False),
        (200, {"names": [1]}, False),
        (200, {}, False),
        (200, [], False),
        (200, {"names": [], "size": True}, False),
        (200, {"names": [], "state": "down"}, False),
        (200, {"names": [], "part": {"ok": 1}}, False),
        (200, {"names": [], "more": 1}, False),
        (404, {"message": "no"}, True),
        (418, {"message": "no"}, False),
    ],
)
def test_answers(described: Descriptions, status: int, body: object, is_right: bool) -> None:
    assert (described.answer("POST", "/things/1?count=1", status, body) == []) is is_right


def test_answers_to_nothing_that_is_described_or_without_a_body(described: Descriptions) -> None:
    assert described.answer("GET", "/others", 404, None) == []
    assert described.answer("POST", "/things/special", 204, None) == []
    assert described.answer("POST", "/things/special", 204, {}) != []


def test_events(described: Descriptions) -> None:
    event = {"type": "ThingMade", "application": "a", "thing": {"names": []}}
    assert described.event(event) == []
    assert described.event({**event, "thing": {}}) == ["ThingMade: thing: names is missing"]
    assert described.event({**event, "new": 1}) != []
    assert described.event({"type": "Nothing"}) == ["Nothing: not described"]
