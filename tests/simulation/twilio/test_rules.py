"""The loopback refuses by name what the published API does not have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialer.simulation.twilio.rules import KNOWN, Rules
from tests.support import specs

BASE = "/2010-04-01/Accounts/AC" + "0" * 32
SID = "CA" + "1" * 32
GOOD = (("To", "+1"), ("From", "+2"), ("Twiml", "<Response/>"))


@pytest.mark.parametrize(
    ("method", "path", "fields", "said"),
    [
        ("POST", f"{BASE}/Calls.json", GOOD, ""),
        ("POST", f"{BASE}/Calls.json", GOOD[1:], "To is missing"),
        ("POST", f"{BASE}/Calls.json", (*GOOD, ("Tom", "1")), "there is no field Tom"),
        ("POST", f"{BASE}/Calls.json", (*GOOD, ("To", "+3")), "To is given more than once"),
        ("POST", f"{BASE}/Calls.json", (*GOOD, ("Timeout", "soon")), "Timeout is no whole number"),
        ("POST", f"{BASE}/Calls.json", (*GOOD, ("Record", "yes")), "Record is neither true nor false"),
        ("POST", f"{BASE}/Calls.json", (*GOOD, ("StatusCallback", "calls.example")), "StatusCallback is no address"),
        ("POST", f"{BASE}/Calls.json", (*GOOD, ("StatusCallbackMethod", "PUT")), "StatusCallbackMethod is none of"),
        ("POST", f"{BASE}/Calls.json", (*GOOD, ("StatusCallbackEvent", "a"), ("StatusCallbackEvent", "b")), ""),
        ("POST", f"{BASE}/Calls/{SID}.json", (("Status", "canceled"),), ""),
        ("POST", f"{BASE}/Calls/{SID}.json", (("Status", "paused"),), "Status is none of"),
        ("POST", f"{BASE}/Calls/CA1.json", (("Status", "canceled"),), "Sid does not look like"),
        ("GET", f"{BASE}/Calls.json", (("To", "+1"), ("PageSize", "5")), ""),
        ("GET", f"{BASE}/Calls.json", (("Too", "+1"),), "there is no field Too"),
        ("GET", f"{BASE}/Elsewhere.json", (), "there is no GET"),
        ("DELETE", f"{BASE}/Balance.json", (), "there is no DELETE"),
    ],
)
@pytest.mark.parametrize("source", ["known", "published"])
def test_each_request_is_judged(source: str, method: str, path: str, fields: tuple[tuple[str, str], ...], said: str) -> None:
    rules = Rules() if source == "known" else Rules.from_file(specs.required(specs.TWILIO))
    problems = rules.problems(method, path, fields)
    assert (not problems) if not said else any(problem.startswith(said) for problem in problems)


def test_an_openapi_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_text(json.dumps(KNOWN))
    assert Rules.from_file(file).problems("GET", f"{BASE}/Balance.json", ()) == []


def test_what_we_know_is_in_the_published_file() -> None:
    published = json.loads(specs.required(specs.TWILIO).read_text())["paths"]
    for path, methods in KNOWN["paths"].items():
        assert set(methods) <= set(published[path])
        form = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
        real = published[path].get("post", {}).get("requestBody", {}).get("content", {})
        names = real.get("application/x-www-form-urlencoded", {}).get("schema", {}).get("properties", {})
        assert set(form.get("schema", {}).get("properties", {})) <= set(names) or not form
