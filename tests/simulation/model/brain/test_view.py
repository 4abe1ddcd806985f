"""What the brain can tell from what it sees."""

from __future__ import annotations

from dialer.simulation.model.brain.view import Called, View

TOOL = {"name": "transfer", "parameters": {"properties": {"desk": {"enum": ["sales"]}, "reason": {}}}}


def test_declared_tools_and_their_choices() -> None:
    view = View("", (TOOL,))
    assert view.declares("transfer")
    assert not view.declares("end_call")
    assert view.choices("transfer", "desk") == ("sales",)
    assert view.choices("transfer", "reason") == ()
    assert view.choices("end_call", "reason") == ()


def test_a_call_is_done_when_its_result_does_not_say_otherwise() -> None:
    assert Called("x", {}, {"ok": True}).is_ok
    assert Called("x", {}, {"text": "done"}).is_ok
    assert not Called("x", {}, {"ok": False}).is_ok
    assert not Called("x", {}).is_ok
