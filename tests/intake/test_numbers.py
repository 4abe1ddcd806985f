"""Cells become E.164 numbers or named problems."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS

from dialer.intake.numbers import NumberProblem, ParsedNumber, parse_phone, parse_phone_fully

CODES = {"missing_phone", "invalid_phone", "damaged_number", "extension", "blocked_number_type", "region_not_allowed"}
EVERYWHERE = ("US", "CA", "GB", "CN", "DE", "IT", "MX")


def code_of(text: str, region: str | None = "US", allowed: tuple[str, ...] = EVERYWHERE) -> str:
    result = parse_phone(text, region, allowed)
    return result.code if isinstance(result, NumberProblem) else result.phone


@pytest.mark.parametrize("area", ["212", "312", "303", "602", "206", "404", "617", "713", "907", "808", "702", "718"])
def test_fictional_numbers_are_accepted(area: str) -> None:
    for last in ("0100", "0123", "0199"):
        assert code_of(f"+1 {area} 555 {last}") == f"+1{area}555{last}"


@pytest.mark.parametrize(
    "text",
    [
        "2125550123",
        "(212) 555-0123",
        "212.555.0123",
        "+1-212-555-0123",
        "1 212 555 0123",
        "tel:+12125550123",
        " +1 212 555 0123 ",
        "+1 212‑555‑0123",
        "２１２５５５０１２３",
        "٢١٢٥٥٥٠١٢٣",
        "'+12125550123",
        '="+12125550123"',
        "2125550123.0",
        "12125550123,00",
        "1.2125550123E+10",
        "1,2125550123e10",
        "2.125550123E+09",
        "2.1255501230E+09",
        "1.21255501230E+10",
        "+1.2125550123E+10",
    ],
)
def test_what_loses_nothing_is_read(text: str) -> None:
    assert code_of(text) == "+12125550123"


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("2125550123.0", "repaired 2125550123.0"),
        ("1.2125550123E+10", "repaired 1.2125550123E+10"),
        ('="2125550123"', 'repaired ="..."'),
        ("２１２５５５０１２３", "repaired full-width digits"),
    ],
)
def test_repairs_are_noted(text: str, note: str) -> None:
    result = parse_phone(text, "US", EVERYWHERE)
    assert isinstance(result, ParsedNumber)
    assert result.notes == (note,)


def test_a_number_knows_its_region() -> None:
    assert parse_phone("+44 20 7946 0958", None, EVERYWHERE) == ParsedNumber("+442079460958", "GB")  # type: ignore[arg-type]  # a PhoneNumber is text
    assert code_of("020 7946 0958", "GB") == "+442079460958"
    assert code_of("138 0013 8000", "CN") == "+8613800138000"
    assert code_of("02 1234 5678", "IT") == "+390212345678"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing_phone"),
        ("   ", "missing_phone"),
        ("n/a", "missing_phone"),
        ("NULL", "missing_phone"),
        ("-", "missing_phone"),
        ("1.39E+10", "damaged_number"),
        ("2.12556E+09", "damaged_number"),
        ("-1.2125550123E+10", "damaged_number"),
        ("1.21255501234E+10", "damaged_number"),
        ("2125550123.5", "damaged_number"),
        ("13900000000", "damaged_number"),
        ("13900000000.0", "damaged_number"),
        ("1.3900000000E+10", "damaged_number"),
        ("#######", "damaged_number"),
        ("212 555 0123 ext. 12", "extension"),
        ("2125550123x12", "extension"),
        ("+12125550123;ext=7", "extension"),
        ("2125550123#77", "extension"),
        ("2125550123,,77", "extension"),
        ("2125550123;77", "extension"),
        ("2125550123转8", "extension"),
        ("911", "blocked_number_type"),
        ("112", "blocked_number_type"),
        ("988", "blocked_number_type"),
        ("411", "blocked_number_type"),
        ("+1911", "blocked_number_type"),
        ("9116661212", "blocked_number_type"),
        ("741741", "blocked_number_type"),
        ("+1 900 555 0123", "blocked_number_type"),
        ("+1 212 976 1234", "blocked_number_type"),
        ("+44 909 879 1234", "blocked_number_type"),
        ("+44 845 746 4746", "blocked_number_type"),
        ("+44 70 1234 5678", "blocked_number_type"),
        ("+44 333 123 4567", "blocked_number_type"),
        ("+86 400 810 0000", "blocked_number_type"),
        ("+870 773 123 456", "blocked_number_type"),
        ("+881 612 345 678", "blocked_number_type"),
        ("+882 1", "blocked_number_type"),
        ("+888 12345", "blocked_number_type"),
        ("+882 13 123 456", "blocked_number_type"),
        ("+979 123 456 789", "blocked_number_type"),
        ("+1 500 555 0123", "blocked_number_type"),
        ("212555012", "invalid_phone"),
        ("21255501234", "invalid_phone"),
        ("5550123", "invalid_phone"),
        ("+1 555 555 0123", "invalid_phone"),
        ("0044 20 7946 0958", "invalid_phone"),
        ("1-800-FLOWERS", "invalid_phone"),
        ("call me", "invalid_phone"),
        ("+", "invalid_phone"),
        ("212-555-0123 / 212-555-0124", "invalid_phone"),
        ("2125550123 or 2125550124", "invalid_phone"),
        ("1" * 300, "invalid_phone"),
        ("+999 123 4567", "invalid_phone"),
        ("12", "invalid_phone"),
        ("+1 268 464 1234", "region_not_allowed"),
        ("+33 1 23 45 67 89", "region_not_allowed"),
    ],
)
def test_problems(text: str, code: str) -> None:
    result = parse_phone(text, "US", EVERYWHERE)
    assert isinstance(result, NumberProblem), result
    assert result.code == code
    assert result.message
    assert result.fix


def test_a_national_number_needs_a_country() -> None:
    assert code_of("2125550123", None) == "invalid_phone"
    assert code_of("+12125550123", None) == "+12125550123"


def test_plus_one_is_not_the_united_states() -> None:
    assert code_of("+1 416 555 0123", "US", ("US",)) == "region_not_allowed"
    assert code_of("+1 416 555 0123", "US", ("US", "CA")) == "+14165550123"


def test_digits_that_begin_like_an_emergency_number_are_fine_with_a_country_code() -> None:
    # +91 120 ... is a landline near Delhi: only without its plus might it reach an emergency service.
    assert code_of("+91 120 456 7890", "US", ("IN",)) == "+911204567890"


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_a_problem(text: str) -> None:
    result = parse_phone(text, "US", EVERYWHERE)
    assert isinstance(result, ParsedNumber) or result.code in CODES


@given(
    st.sampled_from(["212", "303", "713"]), st.integers(100, 199), st.sampled_from(["{}", "+1{}", "1{}", "({0:.3}) {0}", "{}.0"])
)
def test_a_number_read_again_is_the_same(area: str, last: int, form: str) -> None:
    national = f"{area}5550{last}"
    text = form.format(national) if "{0" not in form else f"({area}) 555-0{last}"
    first = parse_phone(text, "US", ("US",))
    assert isinstance(first, ParsedNumber)
    again = parse_phone(first.phone, None, ("US",))
    assert isinstance(again, ParsedNumber)
    assert again.phone == first.phone == f"+1{national}"


LINE = st.integers(0, 9999).map(lambda number: f"{number:04}")
AMERICAN = st.tuples(st.integers(200, 999), st.integers(200, 999), LINE)
FORMS = ["+1{}{}{}", "1{}{}{}", "{}{}{}", "({}) {}-{}", "({}){}{}", "{}-{}-{}", "{}.{}.{}", "+1 {} {} {}", "1-{}-{}-{}"]


@settings(max_examples=400)
@given(
    AMERICAN,
    st.sampled_from(FORMS),
    st.sampled_from(["US", "CA", "JM", "GB", "CN", None]),
    st.sampled_from([("US",), ("US", "CA"), ("JM", "DO", "PR", "BS", "BB", "TT"), tuple(sorted(SUPPORTED_REGIONS))]),
)
def test_the_quick_way_says_what_the_full_one_says(
    parts: tuple[int, int, str], form: str, region: str | None, allowed: tuple[str, ...]
) -> None:
    text = form.format(*parts)
    assert parse_phone(text, region, allowed) == parse_phone_fully(text, region, allowed)


@settings(max_examples=300)
@given(
    st.integers(130, 199), LINE, LINE,
    st.sampled_from(["+86{}{}{}", "86{}{}{}", "{}{}{}", "{} {} {}", "{}-{}-{}", "+86 {} {} {}"]),
    st.sampled_from(["CN", "US", None]),
    st.sampled_from([("CN",), ("US",)]),
)  # fmt: skip
def test_the_quick_way_of_chinese_mobiles(
    head: int, middle: str, tail: str, form: str, region: str | None, allowed: tuple[str, ...]
) -> None:
    text = form.format(head, middle, tail)
    assert parse_phone(text, region, allowed) == parse_phone_fully(text, region, allowed)


def test_every_exchange_of_an_area_of_many_countries() -> None:
    """In the Caribbean the exchange decides whether a number is one at all."""
    for area in (242, 284, 340, 473, 649, 664, 758, 809, 876, 900, 976):
        for exchange in range(200, 1000, 17):
            text = f"+1{area}{exchange}0123"
            assert parse_phone(text, "US", SUPPORTED_REGIONS) == parse_phone_fully(text, "US", SUPPORTED_REGIONS)
