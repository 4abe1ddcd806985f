from __future__ import annotations

import json

from tests.cli.terminal import dialer


def test_a_number_is_set_put_to_rest_woken_and_listed(home: object) -> None:
    dialer("numbers", "set", "+12125550199", "--weight", 2, "--daily-cap", 150)
    dialer("numbers", "rest", "+12125550199", "--days", 2, "--reason", "tried")
    [row] = [row for row in json.loads(dialer("numbers", "list", "--json").stdout) if row["number"] == "+12125550199"]
    assert (row["weight"], row["daily_cap"], row["rest_reason"], row["is_verified"]) == (2, 150, "tried", False)
    assert "tried" in dialer("numbers", "list").stdout.replace("\n", "")
    dialer("numbers", "wake", "+12125550199")
    dialer("numbers", "set", "+12125550199", "--daily-cap", 0)
    [row] = [row for row in json.loads(dialer("numbers", "list", "--json").stdout) if row["number"] == "+12125550199"]
    assert (row["rests_until"], row["daily_cap"]) == (None, None)


def test_what_is_no_number_and_a_carrier_that_does_not_tell_are_said(home: object) -> None:
    assert "no number in E.164" in dialer("numbers", "wake", "5550199", code=2).stderr
    assert "does not tell which numbers are ours" in dialer("numbers", "sync", code=2).stderr
