"""A finding says its place, its key and what is wrong, and leaves out what it has not."""

from dialer.intake.findings import SCRIPT, error_at, warning_at


def test_a_finding_says_where() -> None:
    assert error_at("opening.text", "is odd", line=9).said == "campaign.toml:9: opening.text: is odd"
    assert error_at("opening.text", "is odd").said == "campaign.toml: opening.text: is odd"
    assert warning_at("", "is odd", SCRIPT, 4).said == "script.md:4: is odd"
    assert (error_at("", "").level, warning_at("", "").level) == ("error", "warning")
