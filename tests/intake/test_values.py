"""Cells become typed values; what could be read in two ways is refused."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.intake.values import Unreadable, order_shown, read_instant, read_integer, read_value
from dialer.model.campaign import Variable

NEW_YORK = ZoneInfo("America/New_York")


def read(text: str, kind: str, **options: Any) -> Any:
    values = ("Gold", "silver") if kind == "enum" else ()
    return read_value(text, Variable(type=kind, values=values), **options)  # type: ignore[arg-type]  # any of the literals


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " as it\nis ", "as it is"),
        ("integer", "1,200", 1200),
        ("integer", "-3", -3),
        ("integer", "12.0", 12),
        ("integer", "１２", 12),
        ("number", "1200.50", "1200.50"),
        ("number", "1,200.5", "1200.5"),
        ("number", "1.200,5", "1200.5"),
        ("number", "1 200,5", "1200.5"),
        ("number", "0,5", "0.5"),
        ("number", "1,200", "1200"),
        ("number", "-7", "-7"),
        ("money", "1200", "1200"),
        ("money", "$1,200.50", "1200.50"),
        ("money", "1200 USD", "1200"),
        ("money", "US$ 12", "12"),
        ("money", "-$5", "-5"),
        ("money", "$-5", "-5"),
        ("money", "$ 1 200", "1200"),
        ("money", "20美元", "20"),
        ("money", "＄20", "20"),
        ("boolean", "Yes", True),
        ("boolean", "是", True),
        ("boolean", "0", False),
        ("boolean", "没有", False),
        ("enum", "GOLD", "Gold"),
        ("enum", "Silver", "silver"),
        ("date", "2026-12-01", "2026-12-01"),
        ("date", "2026/12/1", "2026-12-01"),
        ("date", "2026.12.01", "2026-12-01"),
        ("date", "2026年12月1日", "2026-12-01"),
        ("date", "Dec 1, 2026", "2026-12-01"),
        ("date", "December 1st 2026", "2026-12-01"),
        ("date", "Tuesday, December 1, 2026", "2026-12-01"),
        ("date", "1 Sept 2026", "2026-09-01"),
        ("date", "1. December 2026", "2026-12-01"),
        ("date", "13/12/2026", "2026-12-13"),
        ("date", "12/13/2026", "2026-12-13"),
        ("date", "05.05.2026", "2026-05-05"),
        ("time", "15:30", "15:30"),
        ("time", "3:30 PM", "15:30"),
        ("time", "3pm", "15:00"),
        ("time", "12:15 a.m.", "00:15"),
        ("time", "12 PM", "12:00"),
        ("time", "09:05:30", "09:05"),
        ("time", "下午3:30", "15:30"),
        ("time", "上午12点", "00:00"),
        ("time", "晚上8点15分", "20:15"),
        ("time", "中午11:30", "11:30"),
        ("time", "中午12点", "12:00"),
        ("time", "下午15:30", "15:30"),
        ("datetime", "2026-12-01T15:30", "2026-12-01T15:30"),
        ("datetime", "2026-12-01 15:30:00", "2026-12-01T15:30"),
        ("datetime", "2026/12/1 3:30 pm", "2026-12-01T15:30"),
        ("datetime", "Dec 1, 2026 at 3:30 PM", "2026-12-01T15:30"),
        ("datetime", "1 December 2026, 15:30", "2026-12-01T15:30"),
        ("datetime", "2026年12月1日下午3:30", "2026-12-01T15:30"),
        ("datetime", "12/13/2026 09:00", "2026-12-13T09:00"),
    ],
)
def test_read(kind: str, text: str, value: Any) -> None:
    assert read(text, kind, currency="USD") == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "x" * 501),
        ("money", "1" + " " * 100_000 + "x"),
        ("integer", "1.5"),
        ("integer", "12,00"),
        ("integer", "many"),
        ("integer", "9" * 21),
        ("number", "1,20,0"),
        ("number", "nan"),
        ("number", "1e5"),
        ("number", "9" * 61),
        ("number", "inf"),
        ("money", "€20"),
        ("money", "20 CNY"),
        ("money", "$20 USD"),
        ("money", "20 bucks"),
        ("money", "free"),
        ("money", "1,2,3"),
        ("boolean", "maybe"),
        ("enum", "bronze"),
        ("date", "05/06/2026"),
        ("date", "31/02/2026"),
        ("date", "2026-02-30"),
        ("date", "46357"),
        ("date", "1/2/26"),
        ("date", "Foo 1, 2026"),
        ("date", "1 marvellous 2026"),
        ("date", "tomorrow"),
        ("date", "0001-01-01"),
        ("date", "9999-12-31"),
        ("date", "2026-13-01"),
        ("time", "25:00"),
        ("time", "3"),
        ("time", "13 PM"),
        ("time", "0:30 am"),
        ("time", "12:60"),
        ("time", "noon"),
        ("datetime", "2026-12-01"),
        ("datetime", "soon"),
        ("datetime", "2026-02-30T10:00"),
        ("datetime", "2026-12-01T25:00"),
        ("datetime", "05/06/2026 10:00"),
        ("datetime", "2026-12-01T15:30Z"),
        ("datetime", "0001-01-01T00:00"),
    ],
)
def test_refused(kind: str, text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text, kind, currency="USD")
    assert caught.value.message
    assert caught.value.fix


def test_an_ambiguous_day_names_the_two_readings() -> None:
    with pytest.raises(Unreadable) as caught:
        read("05/06/2026", "date")
    assert "day or month first" in caught.value.message
    assert caught.value.fix == "write it as 2026-05-06 or 2026-06-05"


def test_money_without_an_expected_currency_may_be_any() -> None:
    assert read("€20", "money") == "20"
    assert read("¥20", "money", currency="CNY") == "20"
    with pytest.raises(Unreadable):
        read("20 bucks", "money")


def test_an_offset_is_turned_into_the_local_time_of_the_contact() -> None:
    assert read("2026-12-01T15:30Z", "datetime", zone=NEW_YORK) == "2026-12-01T10:30"
    assert read("2026-12-01T15:30-05:00", "datetime", zone=NEW_YORK) == "2026-12-01T15:30"


def test_read_integer_says_what_is_allowed() -> None:
    with pytest.raises(Unreadable) as caught:
        read_integer("x")
    assert caught.value.fix == "write it as 1200 or 1,200"


@pytest.mark.parametrize(
    ("text", "zone", "is_end", "expected"),
    [
        ("2026-12-01T15:30Z", None, False, "2026-12-01T15:30"),
        ("2026-12-01T15:30-05:00", None, True, "2026-12-01T20:30"),
        ("2026-12-01 15:30", NEW_YORK, False, "2026-12-01T20:30"),
        ("2026-12-01", NEW_YORK, False, "2026-12-01T05:00"),
        ("2026-12-01", NEW_YORK, True, "2026-12-02T05:00"),
        ("2026-12-01 12:00", None, False, "2026-12-02T00:00"),
        ("2026-12-01 12:00", None, True, "2026-11-30T22:00"),
        ("2026年12月1日", None, True, "2026-12-01T10:00"),
    ],
)
def test_instants(text: str, zone: ZoneInfo | None, is_end: bool, expected: str) -> None:
    assert read_instant(text, zone, is_end=is_end) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_without_a_zone_the_span_only_shrinks() -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "Asia/Shanghai"):
        for is_end in (False, True):
            unknown = read_instant("2026-12-01 12:00", None, is_end=is_end)
            known = read_instant("2026-12-01 12:00", ZoneInfo(zone), is_end=is_end)
            assert unknown <= known if is_end else unknown >= known


KINDS = st.sampled_from(["text", "integer", "number", "money", "date", "time", "datetime", "enum", "boolean"])


@given(st.text(max_size=40) | st.text(alphabet="0123456789-/:. ,TZ+apmDec年月日", max_size=25), KINDS)
def test_any_text_is_a_value_or_refused(text: str, kind: str) -> None:
    try:
        value = read(text, kind, currency="USD", zone=NEW_YORK)
    except Unreadable as problem:
        value = problem.fix
    assert isinstance(value, str | int | bool)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001  # local times without a zone are meant
def test_iso_values_are_read_as_they_stand(moment: datetime) -> None:
    short = moment.isoformat(timespec="minutes")
    assert read(short, "datetime") == short
    assert read(short[:10], "date") == short[:10]
    assert read(short[11:], "time") == short[11:]


@pytest.mark.parametrize(
    ("text", "is_day_first"),
    [("13/12/2026", True), ("12/13/2026", False), ("03/04/2026", None), ("13/13/2026", None), ("2026-12-13", None),
     ("１３.12.2026 15:30", True), ("", None)],
)  # fmt: skip
def test_what_one_date_shows_about_the_order(text: str, is_day_first: bool | None) -> None:
    assert order_shown(text) is is_day_first


def test_a_known_order_settles_what_could_be_two_days() -> None:
    day, moment = Variable(type="date"), Variable(type="datetime")
    assert read_value("03/04/2026", day, is_day_first=True) == "2026-04-03"
    assert read_value("03/04/2026", day, is_day_first=False) == "2026-03-04"
    assert read_value("13/04/2026", day, is_day_first=False) == "2026-04-13"
    assert read_value("04.03.2026 15:30", moment, is_day_first=True) == "2026-03-04T15:30"
    assert read_instant("03/04/2026", None, is_end=True, is_day_first=True).date().isoformat() == "2026-04-03"
