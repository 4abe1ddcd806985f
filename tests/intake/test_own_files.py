"""What a report writes, an import reads: our own contact file comes back with the cells that went in."""

from __future__ import annotations

import io

import pytest

from dialer.intake.reader import open_table
from dialer.model.call import Bucket
from dialer.reports.csvs import contact_cells, contact_header, table
from tests.support.report_rows import a_contact_row


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "-2", "+1 212 555 0101", "+12125550101", "Maria", "'n Sync", "微软"])
def test_a_contact_file_of_ours_is_read_back_as_it_was(cell: str) -> None:
    columns = ("Name", "Phone")
    row = a_contact_row(2, Bucket.HELD, cells={"Name": cell, "Phone": "+12125550102"})
    text = "".join(table(contact_header(columns, ()), [contact_cells(columns, (), row)]))
    (record,) = open_table(io.BytesIO(text.encode())).rows()
    assert record.cells[:2] == (cell, "+12125550102")
