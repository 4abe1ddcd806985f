"""The columns of several files."""

from tests.support.report_rows import a_head, an_import
from tests.support.results import a_campaign


def test_columns_come_in_order_of_first_appearance():
    head = a_head(a_campaign(), an_import(1), an_import(1, id=2, header=("Phone", "Plan", "Name")))
    assert head.columns == ("Name", "Phone", "Plan")
    assert a_head(a_campaign()).columns == ()
