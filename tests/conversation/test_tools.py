"""Authority is in code: schema, state, once per call id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialer.conversation.tools import EndWanted, Scene, Toolbox, TypeReported
from dialer.model.campaign import Campaign
from dialer.model.disposition import AnsweredBy, Outcome
from tests.support.builders import MONDAY, a_campaign, a_reminder, a_script

SCENE = Scene(MONDAY)


class Box:
    """A toolbox whose calls have fresh ids."""

    def __init__(self, campaign: Campaign | None = None) -> None:
        self.box = Toolbox(a_script(campaign).desk)
        self._ids = 0

    def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        self._ids += 1
        return self.box.call(f"c{self._ids}", tool, json.dumps(arguments), SCENE)[1]


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("launch_rocket", "{}", "unknown_tool"),
        ("record_answer", "not json", "arguments_are_not_a_json_object"),
        ("record_answer", "[1]", "arguments_are_not_a_json_object"),
        ("record_answer", '{"name": "need"}', "missing_value"),
        ("record_answer", '{"name": "other", "value": "x"}', "name_must_be_one_of_need_budget"),
        ("record_answer", '{"name": "need", "value": 5}', "value_must_be_a_short_text"),
        ("record_answer", json.dumps({"name": "need", "value": "x" * 1001}), "value_must_be_a_short_text"),
        ("record_answer", '{"name": "need", "value": "x", "extra": "y"}', "unknown_argument_extra"),
        ("record_answer", '{"name": "budget", "value": "much"}', "value_does_not_fit_the_type"),
        ("send_digits", '{"digits": "12a"}', "digits_has_the_wrong_form"),
        ("send_digits", '{"digits": "12"}', "no_machine_is_listening"),
        ("transfer", '{"desk": "ceo"}', "desk_must_be_one_of_sales"),
        (
            "set_outcome",
            '{"outcome": "sale"}',
            "outcome_must_be_one_of_callback_do_not_call_interested_not_interested_wrong_person",
        ),
        ("request_callback", '{"when": "2026-11-22T10:00"}', "in_the_past"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(name: str, arguments: str, error: str) -> None:
    _, result, effect = Toolbox(a_script().desk).call("c1", name, arguments, SCENE)
    assert (result, effect) == ({"ok": False, "error": error}, None)


def test_a_repeated_call_has_its_first_result_and_no_effect() -> None:
    box = Toolbox(a_script().desk)
    first = box.call("c1", "end_call", "", SCENE)
    assert first == ({}, {"ok": True}, EndWanted(""))
    assert box.call("c1", "opt_out", "{}", SCENE) == ({}, {"ok": True}, None)


def test_an_explicit_outcome_beats_an_implied_one() -> None:
    call = Box()
    assert call.box.outcome is None
    assert call("request_callback", when="2026-11-24T15:00", quote="tomorrow at three")["ok"]
    assert call.box.outcome is Outcome.CALLBACK
    assert call.box.callback_at is not None
    call("set_outcome", outcome="interested", reason="r", quote="q")
    assert (call.box.outcome, call.box.summary) == (Outcome.INTERESTED, "r")
    call.box.transferred()
    assert call.box.outcome is Outcome.TRANSFERRED


def test_the_secret_stays_in_code_and_details_come_after_the_check() -> None:
    call = Box(a_reminder())
    assert call("confirm_appointment", quote="yes")["error"] == "verify_identity_first"
    assert call("set_outcome", outcome="appointment_confirmed")["error"] == "verify_identity_first"
    assert call("verify_identity", answer="January 1, 1970") == {"ok": True, "verified": False, "tries_left": 1, "details": {}}
    passed = call("verify_identity", answer="March 12, 1984")
    assert passed == {"ok": True, "verified": True, "tries_left": 0, "details": {"doctor": "Dr. Lee"}}
    assert call("verify_identity", answer="again")["verified"]
    assert call("confirm_appointment", quote="yes") == {"ok": True}
    assert call.box.outcome is Outcome.APPOINTMENT_CONFIRMED
    assert call("set_outcome", outcome="appointment_confirmed") == {"ok": True}


def test_two_tries_and_no_more() -> None:
    call = Box(a_reminder())
    for _ in range(2):
        call("verify_identity", answer="no idea")
    assert call("verify_identity", answer="March 12, 1984")["error"] == "no_tries_left"


@pytest.mark.parametrize(
    ("tool", "arguments", "outcome"),
    [
        ("move_appointment", {"slot": "2026-12-03T14:30"}, Outcome.APPOINTMENT_MOVED),
        ("book_appointment", {"slot": "2026-12-04T09:00"}, Outcome.APPOINTMENT_BOOKED),
        ("cancel_appointment", {}, Outcome.APPOINTMENT_CANCELLED),
    ],
)
def test_appointments_from_offered_slots_only(tool: str, arguments: dict[str, str], outcome: Outcome) -> None:
    call = Box(a_reminder())
    call("verify_identity", answer="1984-03-12")
    assert call(tool, **arguments, quote="q") == {"ok": True, **arguments}
    assert call.box.outcome is outcome
    if arguments:
        assert not call(tool, slot="2026-12-24T23:00", quote="q")["ok"]


def test_reports_of_machines_depend_on_the_state_of_the_call() -> None:
    box = Toolbox(a_script(a_campaign()).desk)
    voicemail = '{"kind": "voicemail"}'
    assert box.call("c1", "report_answer_type", voicemail, SCENE)[2] == TypeReported(AnsweredBy.VOICEMAIL)
    assert not box.call("c2", "report_answer_type", voicemail, Scene(MONDAY, is_person=True))[1]["ok"]
    assert box.call("c3", "report_answer_type", '{"kind": "human"}', Scene(MONDAY, is_person=True))[1]["ok"]
