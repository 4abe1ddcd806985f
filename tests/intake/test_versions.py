"""Two versions of a campaign differ by keys and by lines of the script."""

from dialer.intake.versions import Change, changed_keys, changed_lines
from tests.support.builders import a_campaign


def test_equal_campaigns_do_not_differ() -> None:
    assert changed_keys(a_campaign(), a_campaign()) == []
    assert changed_lines(a_campaign(), a_campaign()) == []


def test_keys_that_changed_came_or_went() -> None:
    old = a_campaign(lead={"weights": [{"points": 5, "reason": "a", "outcome": "interested"}]}, caller_ids=["+12125550101"])
    new = a_campaign(company="Dark Dental", caller_ids=["+12125550102"], variables={"plan": {"type": "money"}})
    found = {change.key: (change.before, change.after) for change in changed_keys(old, new)}
    assert found["company"] == ("Bright Dental", "Dark Dental")
    assert found["caller_ids"] == (["+12125550101"], ["+12125550102"])
    assert found["variables.plan.type"] == ("text", "money")
    assert found["variables.born.type"] == ("date", None)
    assert found["lead.weights[1].points"] == (5, None)
    assert "script" not in found
    assert Change("company", "a", "b") in [Change("company", "a", "b")]


def test_lines_of_the_script() -> None:
    old, new = a_campaign(script="one\ntwo\nthree"), a_campaign(script="one\n2\nthree")
    assert changed_lines(old, new) == ["@@ -1,3 +1,3 @@", " one", "-two", "+2", " three"]
