"""Templates say exactly what is declared and filled in, or refuse to speak."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import UserError
from dialer.model.campaign import Variable
from dialer.model.template import (
    Placeholder,
    TemplateError,
    built_in_values,
    currency_of,
    is_blank,
    is_spoken,
    placeholders,
    render,
    say,
    spoken_number,
)

VARIABLES = {
    "doctor": Variable(),
    "when": Variable(type="datetime"),
    "city": Variable(fallback="your city"),
    "price": Variable(type="money", currency="USD"),
    "own": Variable(type="boolean"),
}


def refused(text: str, values: dict[str, Any] | None = None) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        render(text, values or {}, VARIABLES, "en")
    assert isinstance(caught.value, UserError)
    assert caught.value.code == "template"
    return caught.value


def test_placeholders_in_order() -> None:
    assert placeholders("Hi {doctor}, {when:short}!") == [Placeholder("doctor", "", 3), Placeholder("when", "short", 13)]
    assert placeholders("") == []


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("Hi {doctor", 3, "a { without }"),
        ("Hi\ndoctor}", 9, "a lone } near"),
        ("} {doctor}", 0, "a lone }"),
        ("{}", 0, "is not a placeholder"),
        ("{{doctor}}", 0, "is not a placeholder"),
        ("{doctor.__class__}", 0, "is not a placeholder"),
        ("{doctor[0]}", 0, "is not a placeholder"),
        ("{doctor!r}", 0, "is not a placeholder"),
        ("{Doctor}", 0, "is not a placeholder"),
        ("{doctor:>10}", 0, "is not a placeholder"),
        ("{ doctor }", 0, "is not a placeholder"),
        ("{doctor\n}", 0, "is not a placeholder"),
    ],
)
def test_anything_else_between_braces_is_refused(text: str, position: int, part: str) -> None:
    error = refused(text)
    assert error.position == position
    assert part in str(error)


def test_an_unknown_name_lists_the_known_ones() -> None:
    error = refused("Hi {docter}")
    assert (error.name, error.position) == ("docter", 3)
    assert "known are doctor, when, city, price, own, first_name" in str(error)


@pytest.mark.parametrize("nothing", [None, "", "  ", float("nan"), "nan", "None", "NULL", "#N/A"])
def test_a_value_that_is_missing_is_not_said(nothing: Any) -> None:
    assert is_blank(nothing)
    assert "no value and no fallback" in str(refused("{doctor}", {"doctor": nothing}))
    assert "no value and no fallback" in str(refused("{first_name}", {"first_name": nothing}))
    assert render("{city}", {"city": nothing}, VARIABLES, "en") == "your city"


@pytest.mark.parametrize("something", [0, False, "0", "Nan", "Null"])
def test_what_is_not_blank(something: Any) -> None:
    assert not is_blank(something)


def test_values_of_all_kinds_are_said() -> None:
    values = {"doctor": "Dr. Chen", "when": "2026-12-01T15:30", "price": "1200", "own": True, "company": "Acme"}
    text = "{company}: {doctor}, {when}, {when:short}, {price}, {own}, {city}."
    assert render(text, values, VARIABLES, "en") == (
        "Acme: Dr. Chen, Tuesday, December 1 at 3:30 PM, December 1 at 3:30 PM, $1,200, yes, your city."
    )
    assert render("{when}，{price}，{own}", values, VARIABLES, "zh") == "12月1日星期二下午3:30，1,200美元，是"


def test_values_are_words_and_never_templates() -> None:
    assert render("Hi {doctor}.", {"doctor": "{company}\n {x"}, VARIABLES, "en") == "Hi company x."


def test_a_value_that_does_not_fit_its_type_is_refused() -> None:
    assert "{when} cannot be said" in str(refused("{when}", {"when": "soon"}))
    assert "{price} cannot be said" in str(refused("{price}", {"price": "much"}))
    assert "{price} cannot be said" in str(refused("{price}", {"price": "Infinity"}))


@pytest.mark.parametrize(
    ("value", "kind", "language", "style", "expected"),
    [
        ("2026-12-01", "date", "en", "", "Tuesday, December 1, 2026"),
        ("2026-12-01", "date", "en", "long", "Tuesday, December 1, 2026"),
        ("2026-12-01", "date", "en", "short", "December 1"),
        ("2026-12-01", "date", "zh", "", "2026年12月1日星期二"),
        ("2026-12-01", "date", "zh", "short", "12月1日"),
        ("2026-12-01", "date", "en-GB", "", "Tuesday, 1 December 2026"),
        ("15:30", "time", "en", "", "3:30 PM"),
        ("15:30", "time", "zh", "", "下午3:30"),
        ("15:30", "time", "zh", "short", "15:30"),
        ("15:30", "time", "de", "", "15:30"),
        ("2026-12-01T15:30", "datetime", "en", "", "Tuesday, December 1 at 3:30 PM"),
        ("2026-12-01T15:30", "datetime", "zh", "", "12月1日星期二下午3:30"),
        ("2026-12-01T15:30", "datetime", "zh", "short", "12月1日15:30"),
        ("2026-12-01T15:30", "datetime", "de", "", "Dienstag, 1. Dezember, 15:30"),
        ("2026-12-01T15:30", "datetime", "zz-ZZ", None, ""),
        ("1200", "money", "en", "", "$1,200"),
        ("1200", "money", "zh", "", "¥1,200"),
        ("1200.50", "money", "en", "money", "$1,200.50"),
        ("1200", "number", "en", "money", "$1,200"),
        ("1200", "money", "de", "", "1.200 €"),
        ("1200.5", "number", "en", "", "1,200.5"),
        (1200, "integer", "de", "", "1.200"),
        (False, "boolean", "de", "", "nein"),
        (True, "boolean", "nl", "", "yes"),
        ("check-up", "enum", "en", "", "check-up"),
    ],
)
def test_say(value: Any, kind: str, language: str, style: str | None, expected: str) -> None:
    if style is None:
        with pytest.raises(ValueError, match="is unknown"):
            say(value, kind, language)
    else:
        assert say(value, kind, language, style) == expected


def test_languages() -> None:
    assert [is_spoken(language) for language in ("en", "zh-TW", "zz", "zz-ZZ")] == [True, True, False, False]


def test_foreign_money_is_said_by_name() -> None:
    assert say("50", "money", "zh", currency="USD") == "50美元"
    assert say("50", "money", "en", currency="CNY") == "50 Chinese yuan"


@pytest.mark.parametrize(("kind", "style"), [("text", "long"), ("date", "money"), ("money", "long"), ("time", "huge")])
def test_styles_that_do_not_fit(kind: str, style: str) -> None:
    with pytest.raises(ValueError, match="style"):
        say("12:00" if kind == "time" else "2026-12-01" if kind == "date" else "12", kind, "en", style)


def test_currencies() -> None:
    assert [currency_of(language) for language in ("en", "en-GB", "zh", "zh-TW", "de-AT")] == ["USD", "GBP", "CNY", "TWD", "EUR"]


def test_numbers_are_grouped_as_people_say_them() -> None:
    assert spoken_number("+12125550123") == "212-555-0123"
    assert spoken_number("+442079460958") == "+44 20 7946 0958"


def test_built_in_values() -> None:
    values = built_in_values(company="Acme", agent_name="Anna", callback_number="+12125550180", first_name="Ann", last_name="Lee")
    assert values["name"] == "Ann Lee"
    assert values["callback_number"] == "212-555-0180"
    named = built_in_values(company="A", agent_name="B", callback_number="+12125550180", first_name="Ann", name="Dr. Lee")
    assert named["name"] == "Dr. Lee"


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_brace_is_ever_spoken(text: str, value: str) -> None:
    try:
        said = render(text + " {doctor}", {"doctor": value, "first_name": value}, VARIABLES, "en")
    except TemplateError as error:
        said = error.code
    assert "{" not in said
    assert "}" not in said


@given(
    st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.sampled_from(["en", "zh", "de", "fr", "es", "ja"]),
    st.sampled_from(["", "short"]),
)
def test_every_day_can_be_said(day: date, language: str, style: str) -> None:
    assert str(day.day) in say(day.isoformat(), "date", language, style)
    assert say(datetime(day.year, day.month, day.day, 15, 30).isoformat(), "datetime", language, style)  # noqa: DTZ001  # local time
