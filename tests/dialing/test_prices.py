from __future__ import annotations

from decimal import Decimal
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.dialing.prices import at_most, connection, cost, expected, load_prices, opening_at_most, shipped_prices, worst_case
from dialer.errors import UserError
from dialer.model.attempt import Usage
from tests.compliance.cases import a_campaign

TEXT = (resources.files("dialer.dialing") / "data" / "prices.toml").read_text(encoding="utf-8")
BIG, MINI = "gpt-realtime-2.1", "gpt-realtime-2.1-mini"
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("usage", "model", "dollars"),
    [
        (Usage(text_in=MILLION), BIG, "4"),
        (Usage(text_in=MILLION, text_cached=MILLION), BIG, "0.40"),
        (Usage(text_out=MILLION), BIG, "24"),
        (Usage(audio_in=MILLION), BIG, "32"),
        (Usage(audio_in=MILLION, audio_cached=MILLION // 2), BIG, "16.2"),
        (Usage(audio_out=MILLION), BIG, "64"),
        (Usage(text_in=MILLION, audio_in=MILLION, audio_out=MILLION), MINI, "30.6"),
        (Usage(transcription_s=60.0), MINI, "0.0045"),
        (Usage(), MINI, "0"),
    ],
)
def test_tokens_are_priced_by_kind(usage: Usage, model: str, dollars: str) -> None:
    assert cost(usage, model, 0, "twilio") == Decimal(dollars)


@pytest.mark.parametrize(("talk_s", "minutes"), [(0, 0), (0.1, 1), (60, 1), (60.5, 2), (119, 2), (121, 3)])
def test_the_carrier_bills_begun_minutes(talk_s: float, minutes: int) -> None:
    assert cost(Usage(), MINI, talk_s, "twilio") == Decimal("0.018") * minutes
    assert cost(Usage(), MINI, talk_s, "simulated") == Decimal("0.018") * minutes


def test_what_is_unknown_costs_as_much_as_the_dearest() -> None:
    usage = Usage(text_in=1000, text_cached=100, text_out=1000, audio_in=1000, audio_out=1000, transcription_s=90)
    assert cost(usage, "next-year", 60, "twilio") == cost(usage, BIG, 60, "twilio") > cost(usage, MINI, 60, "twilio")
    assert cost(Usage(), MINI, 60, "unknown") == Decimal("0.018")
    assert cost(Usage(transcription_s=60), MINI, 0, "twilio", "unknown") == Decimal("0.017")


def test_amounts_are_rounded_up_to_a_hundredth_of_a_cent() -> None:
    assert cost(Usage(text_in=1), MINI, 0, "twilio") == Decimal("0.0001")


def test_the_worst_case_agrees_with_the_worked_example() -> None:
    # 1,800 prompt tokens, six replies a minute, nothing cached: 0.166, 0.509 and 2.60 for 1, 2 and 5 minutes of the big
    # model, without the carrier.
    campaign = a_campaign(script="x" * 900)
    for call_s, dollars in ((60, 0.166), (120, 0.509), (300, 2.60)):
        limited = campaign.model_copy(update={"limits": campaign.limits.model_copy(update={"call_s": call_s})})
        bare = worst_case(limited, BIG, "twilio") - Decimal("0.018") * (call_s // 60)
        assert float(bare) == pytest.approx(dollars, rel=0.05)


def test_longer_calls_longer_scripts_and_other_scripts_cost_more() -> None:
    short = a_campaign(limits={"call_s": 60})
    assert worst_case(short, MINI) < worst_case(a_campaign(limits={"call_s": 61}), MINI)
    latin, chinese = a_campaign(script="word " * 400), a_campaign(script="你好" * 1000)
    assert worst_case(short, MINI) < worst_case(a_campaign(script="word", limits={"call_s": 300}), MINI)
    assert worst_case(latin, MINI) < worst_case(chinese, MINI)


def test_an_unanswered_call_costs_its_prepared_opening() -> None:
    ring, answer = (a_campaign(voice={"prewarm": prewarm}) for prewarm in ("ring", "answer"))
    assert expected(ring, BIG, "twilio") > expected(answer, BIG, "twilio") > 0


@given(st.integers(30, 1800), st.sampled_from([BIG, MINI, "unknown"]), st.sampled_from(["twilio", "asterisk", ""]))
@settings(max_examples=60)
def test_the_expected_cost_is_never_above_the_worst(call_s: int, model: str, carrier: str) -> None:
    campaign = a_campaign(limits={"call_s": call_s})
    assert Decimal(0) < expected(campaign, model, carrier) < worst_case(campaign, model, carrier)


def test_the_shipped_file_is_dated_and_has_its_sources() -> None:
    prices = shipped_prices()
    assert prices.version
    assert prices.currency == "USD"
    assert all(row.source for row in (*prices.models, *prices.transcription, *prices.carriers))


@pytest.mark.parametrize(
    ("old", "new"), [('version = "', "version = "), ('audio_in = "32"', 'audio_in = "much"'), ("[rhythm]", "[tempo]")]
)
def test_a_file_that_cannot_be_read_is_an_error(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(UserError, match="price file"):
        load_prices(TEXT.replace(old, new))


def test_a_talk_that_nobody_measured_costs_by_its_length() -> None:
    campaign = a_campaign(limits={"call_s": 300})
    assert at_most(campaign, MINI, "twilio", 0) == 0
    assert at_most(campaign, MINI, "twilio", 60) < at_most(campaign, MINI, "twilio", 60.5)
    assert at_most(campaign, MINI, "twilio", 300) == worst_case(campaign, MINI, "twilio")


def test_an_opening_that_nobody_measured_costs_as_much_as_a_slow_voice() -> None:
    campaign = a_campaign(limits={"call_s": 60})
    latin, chinese = "word " * 27, "你" * 45  # 135 letters, 45 signs: 15 s either way
    spoken = cost(Usage(audio_out=15 * 20), BIG, 0, "twilio")
    for opening in (latin, chinese):
        once, twice = (opening_at_most(campaign, BIG, "twilio", opening, tries) for tries in (1, 2))
        assert spoken < once < twice < worst_case(campaign, BIG, "twilio")
        assert twice == pytest.approx(2 * once, abs=Decimal("0.0002"))
    assert opening_at_most(campaign, BIG, "twilio", latin) < opening_at_most(campaign, BIG, "twilio", latin + "and more")
    assert opening_at_most(campaign, MINI, "twilio", latin) < opening_at_most(campaign, BIG, "twilio", latin)


@pytest.mark.parametrize(("talk_s", "minutes"), [(0, 0), (0.4, 1), (60, 1), (60.5, 2)])
def test_the_part_of_the_carrier_is_its_begun_minutes(talk_s: float, minutes: int) -> None:
    assert connection("twilio", talk_s) == minutes * connection("twilio", 60)
    assert cost(Usage(), MINI, talk_s, "twilio") == connection("twilio", talk_s)
