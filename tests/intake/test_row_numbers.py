"""Several numbers in a row, in their order; a calling code of its own; people who want no calls."""

import pytest

from dialer.model.contact import Contact, RowProblem
from tests.intake.test_rows import a_campaign, contact, problem, read

SEVERAL = "phone,mobile,home phone\n"


def test_the_first_good_number_is_the_contacts_and_the_others_come_after_it() -> None:
    found = contact(SEVERAL + "212-555-0123,312-555-0124,(303) 555-0125\n")
    assert found.numbers == ("+12125550123", "+13125550124", "+13035550125")
    found = contact(SEVERAL + "1.39E+10,312-555-0124,312.555.0124\n")
    assert (found.phone, found.other_phones) == ("+13125550124", ())
    assert found.notes == ("passed over 'phone': damaged_number",)
    found = contact(SEVERAL + ",,303-555-0125\n")
    assert (found.numbers, found.notes) == (("+13035550125",), ())


def test_a_row_without_a_good_number_is_refused_for_its_first() -> None:
    assert problem(SEVERAL + ",123,1.39E+10\n").column == "mobile"
    assert problem(SEVERAL + "1.39E+10,123,\n").code == "damaged_number"
    assert problem(SEVERAL + ",,\n".replace(",,", "-,,")).code == "missing_phone"


def test_numbers_of_other_rows_are_passed_over() -> None:
    text = SEVERAL + "212-555-0123,312-555-0124,\n303-555-0125,312-555-0124,\n312-555-0124,,\n"
    _, two, three = read(text)
    assert isinstance(two, Contact)
    assert (two.other_phones, two.notes) == ((), ("passed over +13125550124: it is in row 2",))
    assert isinstance(three, RowProblem)
    assert (three.code, three.message) == ("duplicate", "the same number as in row 2")


def test_several_numbers_in_a_cell_of_google_contacts() -> None:
    assert contact("phone\n212-555-0123 ::: 312-555-0124\n").numbers == ("+12125550123", "+13125550124")


@pytest.mark.parametrize(
    ("code", "number", "phone"),
    [("44", "7400123456", "+447400123456"), ("+44", "7400123456", "+447400123456"), ("1", "2125550123", "+12125550123"),
     ("", "2125550123", "+12125550123"), ("x", "2125550123", "+12125550123"), ("999", "2125550123", "+12125550123"),
     ("800", "2125550123", "+12125550123")],
)  # fmt: skip
def test_a_calling_code_of_its_own(code: str, number: str, phone: str) -> None:
    found = contact(f"phone_code,phone_number\n{code},{number}\n", a_campaign(regions=["US", "GB"]))
    assert found.phone == phone


@pytest.mark.parametrize(
    ("cell", "said"),
    [("TRUE", "Do Not Call = TRUE"), ("x", "Do Not Call = x"), ("2026-01-02", "Do Not Call = 2026-01-02"), ("", ""), ("No", ""),
     ("0", ""), ("否", ""), ("NULL", "")],
)  # fmt: skip
def test_a_column_of_those_who_want_no_calls(cell: str, said: str) -> None:
    assert contact(f"phone,Do Not Call\n212-555-0123,{cell}\n").opt_out == said


def test_a_wish_for_no_calls_counts_whatever_else_is_wrong_with_the_row() -> None:
    text = "phone,phone 2,country,dnc,timezone\n"
    text += "212-555-0123,,US,,\n212-555-0124,+442079460958,,yes,no/zone\n212-555-0123,,,1,\n020 7946 0959,12,GB,x,\n"
    text += "212-555-0125,,,yes\n212-555-0126,,nowhere,yes,\n"
    good, bad_zone, again, british, ragged, nowhere = read(text)
    assert (good.opt_out, good.unwanted) == ("", ())
    assert (bad_zone.opt_out, bad_zone.unwanted) == ("dnc = yes", ("+12125550124", "+442079460958"))
    assert (again.opt_out, again.unwanted) == ("dnc = 1", ("+12125550123",))
    assert british.unwanted == ("+442079460959",), "a number that we would not call is not to be called either"
    assert (ragged.opt_out, ragged.unwanted) == ("", ()), "nobody knows which cell is in which column"
    assert nowhere.unwanted == ("+12125550126",)
