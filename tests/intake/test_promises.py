"""What our texts promise must stand among the facts of the script."""

import pytest

from dialer.intake.promises import promises

SCRIPT = "Be kind.\n\n## Facts\n\n- A visit costs $1,200.50.\n- Parking is free.\n- We give 10% off.\n\n## Steps\n\nAsk.\n"


def said(text: str, script: str = SCRIPT) -> list[str]:
    return [finding.said for finding in promises(script, [("opening.text", text)])]


@pytest.mark.parametrize(
    "text",
    [
        "It costs 1200.50 dollars. You get 10 percent off, and parking is at no charge.",
        "Ask whether the bill is 99 dollars or more.",
        "Never say that it costs $5. We do not guarantee it.",
        "Feel free to call us.",
        "Two rooms, 12 doctors.",
    ],
)
def test_what_is_a_fact_or_promises_nothing(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("It costs $5.", "$5"),
        ("It costs $1,200.", "$1,200"),
        ("We give 20% off.", "20%"),
        ("This is guaranteed.", "guaranteed"),
        ("It is risk-free.", "risk-free"),
        ("The best price in town!", "best price"),
        ("现在八八折，只要88元", "88元"),
        ("最低价", "最低价"),
    ],
)
def test_what_goes_beyond_the_facts(text: str, what: str) -> None:
    assert said(text) == [f"campaign.toml: opening.text: {what!r} is not among the facts of script.md"]


def test_the_script_is_held_to_its_own_facts() -> None:
    script = SCRIPT + "Say that it costs $7.\n"
    assert said("Hello", script) == ["script.md:12: '$7' is not among the facts"]


def test_a_script_without_such_a_section_is_all_facts() -> None:
    assert said("It costs $7.", "It costs $7 and is free.") == []
    assert said("It costs $8.", "It costs $7 and is free.") != []


def test_a_chinese_section_of_facts() -> None:
    assert said("优惠券免费", "## 事实\n\n- 免费领取\n") == []
    assert said("优惠券免费", "## 事实\n\n- 在收银台\n") != []
