"""A file may show by its other dates which comes first, the day or the month."""

import io

from dialer.intake.date_order import DateOrders
from dialer.intake.reader import open_table


def orders(*rows: str) -> DateOrders:
    return DateOrders(open_table(io.BytesIO("\n".join(["phone,one,two", *rows]).encode())))


def test_a_column_shows_its_own_order() -> None:
    found = orders("1,03/04/2026,12/25/2026", "2,25/12/2026,01/02/2026")
    assert (found.is_day_first(1), found.is_day_first(2)) == (True, False)


def test_a_column_that_shows_nothing_follows_the_others() -> None:
    assert orders("1,25/12/2026,01/02/2026").is_day_first(2) is True


def test_what_shows_both_or_nothing_settles_nothing() -> None:
    assert orders("1,25/12/2026,", "2,12/25/2026,").is_day_first(1) is None
    assert orders("1,25/12/2026,x", "2,12/25/2026,01/02/2026").is_day_first(2) is None
    assert orders("1,01/02/2026,x").is_day_first(1) is None


def test_rows_that_are_being_read_go_on_where_they_were() -> None:
    lines = [f"{number},03/04/2026,{'x' * 500}" for number in range(2000)]
    table = open_table(io.BytesIO("\n".join(["phone,one,two", *lines, "2000,13/04/2026,x"]).encode()))
    found, read = DateOrders(table), []
    for record in table.rows():
        read.append(record.cells[0])
        assert found.is_day_first(1) is True
    assert read == [str(number) for number in range(2001)]
