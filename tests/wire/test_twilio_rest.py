"""Requests as the published description has them, answers read without trust."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.attempt import DialOrder
from dialer.model.disposition import AnsweredBy
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.twilio.rules import Rules
from dialer.wire import twilio_rest as rest
from tests.support import specs

ACCOUNT, CALL = "AC" + "0" * 32, "CA" + "1" * 32
ORDER = DialOrder(AttemptId("a1"), PhoneNumber("+12125550123"), PhoneNumber("+12125550199"), 30, 300)
STATUS, MACHINE = "https://calls.example/twilio/status/a1", "https://calls.example/twilio/machine/a1"
PLAIN = rest.NewCall("<Response/>", STATUS)
FULL = rest.NewCall("<Response/>", STATUS, machine_url=MACHINE, waits_for_beep=True, is_recorded=True)
REQUESTS = [
    rest.create_call(ACCOUNT, ORDER, PLAIN),
    rest.create_call(ACCOUNT, ORDER, FULL),
    rest.ring_desk(ACCOUNT, "+12125550150", "+12125550199", "<Response/>", STATUS, 25),
    rest.end_call(ACCOUNT, CALL, "canceled"),
    rest.end_call(ACCOUNT, CALL, "completed"),
    rest.redirect_call(ACCOUNT, CALL, "<Response/>"),
    rest.get_call(ACCOUNT, CALL),
    rest.list_calls(ACCOUNT, "+12125550123", "+12125550199", date(2026, 11, 23)),
    rest.list_waiting(ACCOUNT, "+12125550123", "+12125550199"),
    rest.get_balance(ACCOUNT),
    rest.list_numbers(ACCOUNT),
    rest.list_verified(ACCOUNT),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request.method} {request.path.rpartition('/')[2]}")
def test_every_request_keeps_the_published_description(request_: rest.RestRequest) -> None:
    rules = Rules.from_file(specs.required(specs.TWILIO))
    assert rules.problems(request_.method, request_.path, request_.fields) == []


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request.method} {request.path.rpartition('/')[2]}")
def test_every_request_keeps_the_rules_that_we_know(request_: rest.RestRequest) -> None:
    assert Rules().problems(request_.method, request_.path, request_.fields) == []


def test_limits_are_always_sent_and_detection_and_recording_only_when_asked_for() -> None:
    given_fields = dict(REQUESTS[0].fields)
    assert (given_fields["Timeout"], given_fields["TimeLimit"]) == ("30", "300")
    assert [value for name, value in REQUESTS[0].fields if name == "StatusCallbackEvent"] == [
        "initiated", "ringing", "answered", "completed"
    ]  # fmt: skip
    assert not {"MachineDetection", "Record", "Url", "SendDigits"} & set(given_fields)
    full = dict(REQUESTS[1].fields)
    assert (full["MachineDetection"], full["AsyncAmd"], full["AsyncAmdStatusCallback"]) == ("DetectMessageEnd", "true", MACHINE)
    assert (full["Record"], full["RecordingChannels"]) == ("true", "dual")
    simple = rest.create_call(ACCOUNT, ORDER, rest.NewCall("<Response/>", STATUS, machine_url=MACHINE))
    assert dict(simple.fields)["MachineDetection"] == "Enable"


def test_a_next_page_is_followed_by_path_alone() -> None:
    page = rest.next_page(f"https://evil.example/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1")
    assert page.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1"
    assert rest.next_page("").path == rest.next_page("https://evil.example/").path == ""


def test_a_call_is_read() -> None:
    body = {
        "sid": CALL, "status": "completed", "to": "+1", "from": "+2", "date_created": "Mon, 23 Nov 2026 15:00:00 +0000",
        "duration": "61", "price": "-0.0280", "price_unit": "USD", "unheard_of": {"a": 1},
    }  # fmt: skip
    call = rest.read_call(json.dumps(body))
    assert call is not None
    assert call.created_at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert (call.talk_s, call.cost, call.was_answered, call.from_number) == (61.0, Decimal("0.0280"), True, "+2")


@pytest.mark.parametrize("text", [None, "", "yesterday", "Mon, 99 Nov 2026", "Mon, 23 Nov 99999999 15:00:00 +0000"])
def test_an_instant_that_cannot_be_read_is_none(text: str | None) -> None:
    call = rest.CallResource(CALL, "queued", date_created=text)
    assert call.created_at is None
    assert (call.talk_s, call.cost, call.was_answered) == (0.0, None, False)


@pytest.mark.parametrize("price", ["free", "NaN", "Infinity"])
def test_a_price_that_is_none(price: str) -> None:
    assert rest.CallResource(CALL, "completed", price=price).cost is None


def test_an_instant_without_a_zone_is_utc() -> None:
    call = rest.CallResource(CALL, "queued", date_created="Mon, 23 Nov 2026 15:00:00 -0000")
    assert call.created_at == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_pages_numbers_balance_and_errors_are_read() -> None:
    assert rest.read_calls('{"calls": [], "next_page_uri": null}') == ([], "")
    assert rest.read_calls('{"calls": [{"sid": "CA1", "status": "new"}], "next_page_uri": "/x"}') == (
        [rest.CallResource("CA1", "new")], "/x"
    )  # fmt: skip
    owned = {"incoming_phone_numbers": [
        {"phone_number": "+1", "capabilities": {"voice": True}}, {"phone_number": "+2", "capabilities": {"voice": False}}
    ]}  # fmt: skip
    assert rest.read_numbers(json.dumps(owned)) == (["+1"], "")
    assert rest.read_numbers('{"outgoing_caller_ids": [{"phone_number": "+3"}], "next_page_uri": "/y"}') == (["+3"], "/y")
    assert rest.read_balance('{"balance": "12.50", "currency": "USD"}') == "12.50 USD"
    assert rest.read_error('{"code": 21211, "message": "no"}') == (21211, "no")


@given(st.one_of(st.text(), st.binary()))
def test_reading_is_total(text: str | bytes) -> None:
    for read in (rest.read_call, rest.read_calls, rest.read_numbers, rest.read_balance):
        assert read(text) is None or text
    assert rest.read_error(text) is not None


def test_a_status_callback_is_read() -> None:
    fields = (
        ("CallSid", CALL), ("CallStatus", "completed"), ("SequenceNumber", "3"), ("CallDuration", "42"),
        ("SipResponseCode", "200"), ("ErrorCode", "x"),
    )  # fmt: skip
    assert rest.status_report(fields) == rest.StatusReport(CALL, "completed", 3, 42.0, 200, 0, fields)
    bare = (("CallSid", CALL), ("CallStatus", "brand-new"), ("SequenceNumber", "²"))
    assert rest.status_report(bare) == rest.StatusReport(CALL, "brand-new", None, sent=bare)


@pytest.mark.parametrize("fields", [(), (("CallSid", CALL),), (("CallStatus", "busy"),)])
def test_a_callback_that_names_nothing_is_none(fields: tuple[tuple[str, str], ...]) -> None:
    assert rest.status_report(fields) is None
    assert rest.machine_report(fields) is None


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("human", (AnsweredBy.HUMAN, False)),
        ("machine_start", (AnsweredBy.VOICEMAIL, False)),
        ("machine_end_beep", (AnsweredBy.VOICEMAIL, True)),
        ("machine_end_silence", (AnsweredBy.VOICEMAIL, True)),
        ("machine_end_other", (AnsweredBy.VOICEMAIL, True)),
        ("fax", (AnsweredBy.FAX, False)),
        ("unknown", (None, False)),
        ("martian", (None, False)),
    ],
)
def test_what_the_detection_of_machines_says(word: str, found: tuple[AnsweredBy | None, bool]) -> None:
    report = rest.machine_report((("CallSid", CALL), ("AnsweredBy", word)))
    assert report == rest.MachineReport(CALL, *found)


def test_whether_a_country_may_be_called_is_read() -> None:
    assert rest.get_country("GB").path == "/v1/DialingPermissions/Countries/GB"
    assert rest.read_country('{"iso_code": "GB", "low_risk_numbers_enabled": true}') is True
    assert rest.read_country('{"low_risk_numbers_enabled": false}') is False
    assert rest.read_country('{"code": 20404}') is None
