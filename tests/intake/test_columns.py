"""The phone column by its usual names, reserved columns, variables, and what a person maps by hand."""

from pathlib import Path

import pytest

from dialer.errors import UserError
from dialer.intake.columns import (
    DIAL_CODE_NAMES,
    OPT_OUT_NAMES,
    PHONE_NAMES,
    REJECT_COLUMNS,
    RESERVED,
    Columns,
    is_override,
    map_columns,
)
from dialer.intake.reader import open_table
from dialer.model.campaign import Variable

SAMPLES = Path(__file__).parents[1] / "samples" / "csv"


def mapped(*header: str, given: dict[str, str] | None = None, **variables: Variable) -> Columns:
    return map_columns(header, variables, given)


def refused(*header: str, given: dict[str, str] | None = None, **variables: Variable) -> UserError:
    with pytest.raises(UserError) as caught:
        mapped(*header, given=given, **variables)
    return caught.value


@pytest.mark.parametrize(
    "name", [*PHONE_NAMES, "PHONE_NUMBER", "Mobile-Phone Number", "contact_number", "To_Number", "Person - Phone"]
)
def test_the_usual_names(name: str) -> None:
    columns = mapped("City", name)
    assert columns.phone_column == name
    assert columns.said == (f"phone number = {name!r}",)


@pytest.mark.parametrize(
    ("sample", "phone", "reserved"),
    [
        ("hubspot.csv", "Phone Number", {"external_id", "first_name", "last_name", "email", "company", "country"}),
        ("salesforce.csv", "Mobile Phone", {"external_id", "first_name", "last_name", "company", "state"}),
        ("google.csv", "Phone 1 - Value", {"first_name", "last_name", "email"}),
    ],
)
def test_exports_of_others(sample: str, phone: str, reserved: set[str]) -> None:
    with (SAMPLES / sample).open("rb") as source:
        columns = map_columns(open_table(source).header, {})
    assert columns.phone_column == phone
    assert set(columns.reserved) == reserved


def test_chinese_headers() -> None:
    columns = mapped("客户编号", "姓名", "手机号", "门店", store=Variable(column="门店"))
    assert columns.phone_column == "手机号"
    assert columns.reserved == {"external_id": 0, "name": 1}
    assert columns.variables == {"store": 3}
    assert columns.said == ("phone number = '手机号'", "external_id = '客户编号'", "name = '姓名'")


def test_the_choice_among_several_is_said() -> None:
    columns = mapped("Mobile", "Phone", "Home Phone")
    assert columns.phone_column == "Phone"
    assert columns.said == ("phone number = 'Phone', then 'Mobile', 'Home Phone'",)
    assert (columns.phone, columns.other_phones) == (1, (0, 2))
    assert columns.unused == ()


def test_a_number_beside_a_phone_may_be_that_of_a_house() -> None:
    assert mapped("Phone", "Number", "Mobile").other_phones == (2,)


def test_several_named_by_hand_are_the_only_ones() -> None:
    columns = mapped("Phone", "Tel A", "Tel B", given={"phone2": "Phone", "phone": "Tel B"})
    assert (columns.phone, columns.other_phones, columns.unused) == (2, (0,), ("Tel A",))
    assert columns.said == ("phone number = 'Tel B', 'Phone' (as told)",)
    assert refused("Phone", given={"phone2": "nothing"}).code == "no_phone_column"


@pytest.mark.parametrize("name", OPT_OUT_NAMES)
def test_columns_of_those_who_want_no_calls(name: str) -> None:
    columns = mapped("phone", name)
    assert columns.opt_outs == (1,)
    assert columns.said[-1] == f"opted out = {name!r}"


@pytest.mark.parametrize(
    "name", ["Email Opt Out", "HasOptedOutOfEmail", "Fax Opt Out", "SMS Opt Out", "Unsubscribed from all email"]
)
def test_an_opt_out_of_other_ways_is_none(name: str) -> None:
    assert mapped("phone", name).opt_outs == ()


def test_a_variable_or_a_mapping_goes_before_an_opt_out() -> None:
    assert mapped("phone", "dnc", dnc=Variable()).opt_outs == ()
    assert mapped("phone", "dnc", given={"external_id": "dnc"}).opt_outs == ()


@pytest.mark.parametrize("name", DIAL_CODE_NAMES)
def test_a_calling_code_of_its_own(name: str) -> None:
    assert mapped("phone", name).dial_code == 1


def test_no_phone_column_lists_what_there_is() -> None:
    error = refused("Name", "City")
    assert error.code == "no_phone_column"
    assert "'Name', 'City'" in str(error)
    assert error.hint == "name it with --map phone=COLUMN"


def test_a_variable_is_not_taken_for_the_phone() -> None:
    assert refused("number", number=Variable()).code == "no_phone_column"


@pytest.mark.parametrize("name", ["system_prompt", "First Message", "INSTRUCTIONS", "voice", "agent-name", "callback_number"])
def test_names_that_could_override_the_agent(name: str) -> None:
    assert refused("phone", name).code == "reserved_column"
    assert is_override(name)


def test_what_is_reserved_overrides_nothing() -> None:
    assert not any(is_override(name) for name in (*RESERVED, *PHONE_NAMES, *REJECT_COLUMNS))


def test_reserved_columns_once_and_variables_by_name() -> None:
    columns = mapped("phone", "name", "full name", "Doctor", "spare", doctor=Variable(), name=Variable(required=True))
    assert columns.reserved == {"name": 1}
    assert columns.variables == {"doctor": 3}
    assert columns.unused == ("full name", "spare")


def test_mapping_by_hand_goes_first() -> None:
    given = {"phone": "B", "first_name": "Vorname", "plan": "Tarif"}
    columns = mapped("phone", "b", "vorname", "Tarif", "first name", given=given, plan=Variable(), other=Variable())
    assert columns.phone_column == "b"
    assert columns.reserved == {"first_name": 2}
    assert columns.variables == {"plan": 3}
    assert columns.said == ("phone number = 'b' (as told)",)
    assert columns.unused == ("phone", "first name")


def test_a_column_mapped_elsewhere_is_not_the_phone() -> None:
    columns = mapped("phone", "mobile", given={"external_id": "phone"})
    assert (columns.phone_column, columns.reserved) == ("mobile", {"external_id": 0})


def test_a_hand_mapped_reserved_variable_stays_reserved() -> None:
    columns = mapped("phone", "Kunde", given={"first_name": "Kunde"}, first_name=Variable(required=True))
    assert (columns.reserved, columns.variables) == ({"first_name": 1}, {})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"fone": "phone"}, "unknown_target"),
        ({"phone": "nope"}, "no_phone_column"),
        ({"email": "nope"}, "no_column"),
        ({"phone": "phone", "email": "Phone"}, "mapped_twice"),
    ],
)
def test_a_wrong_mapping_is_refused(given: dict[str, str], code: str) -> None:
    assert refused("phone", "x", given=given).code == code


def test_a_variable_with_a_phone_column_taken_is_left_out() -> None:
    assert mapped("phone", contact=Variable(column="phone"), given={"phone": "phone"}).variables == {}
