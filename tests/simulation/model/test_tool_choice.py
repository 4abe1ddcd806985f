"""A client may forbid tools, demand one, or demand a certain one."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.simulation.model.brain.view import Call, Reply
from dialer.simulation.model.schema import Refusal
from dialer.simulation.model.tool_choice import check_choice, obeyed, offered, sample

REASON = {"type": "object", "properties": {"reason": {"type": "string", "enum": ["done", "stop"]}}, "required": ["reason"]}
TOOLS = [{"name": "note"}, {"name": "end_call", "parameters": REASON}]
TALK = Reply("Hello.", (Call("note", {"a": 1}),))


def settings(choice: Any, tools: list[Any] = TOOLS) -> dict[str, Any]:
    return {"tool_choice": choice, "tools": tools}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", TALK),
        ("none", Reply("Hello.")),
        ("required", Reply("", (Call("note", {"a": 1}),))),
        ({"type": "function", "name": "end_call"}, Reply("", (Call("end_call", {"reason": "done"}),))),
    ],
)
def test_the_choice_is_obeyed(choice: Any, expected: Reply) -> None:
    assert obeyed(TALK, settings(choice)) == expected


def test_a_mind_without_a_call_makes_the_first_one() -> None:
    assert obeyed(Reply("Hello."), settings("required")) == Reply("", (Call("note", {}),))
    assert offered(settings("none")) == ()
    assert len(offered(settings("auto"))) == 2


@pytest.mark.parametrize(("choice", "tools"), [("required", []), ({"type": "function", "name": "other"}, TOOLS)])
def test_what_cannot_be_called_is_refused(choice: Any, tools: list[Any]) -> None:
    with pytest.raises(Refusal, match="tool"):
        check_choice(settings(choice, tools))


@pytest.mark.parametrize("choice", ["auto", "none", "required", {"type": "function", "name": "note"}])
def test_what_can_be_called_is_not(choice: Any) -> None:
    check_choice(settings(choice))


def test_the_smallest_value_of_a_schema() -> None:
    kinds = ("string", "integer", "number", "boolean", "array", "null", "strange")
    assert [sample({"type": kind}) for kind in kinds] == ["", 0, 0, False, [], None, None]
    assert sample({"const": 7}) == 7
    assert sample({"type": ["string", "null"]}) == ""
    assert sample({"required": ["a"]}) == {"a": ""}
