"""A contact has a name to show, whatever its file had."""

import pytest

from dialer.model.contact import Consent, Contact, RowProblem
from dialer.model.phone import PhoneNumber


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"name": "Dr. Lee", "first_name": "Ann"}, "Dr. Lee"),
        ({"first_name": "Ann", "last_name": "Lee"}, "Ann Lee"),
        ({"last_name": "Lee"}, "Lee"),
        ({}, ""),
    ],
)
def test_display_name(names: dict[str, str], shown: str) -> None:
    assert Contact(2, PhoneNumber("+12125550123"), {}, {}, **names).display_name == shown  # type: ignore[arg-type]  # names only


def test_what_is_not_known_is_empty() -> None:
    contact = Contact(2, PhoneNumber("+12125550123"), {}, {})
    assert (contact.consent, contact.not_before, contact.priority, contact.notes) == (None, None, 0, ())
    assert Consent("written", "form").given_at is None


def test_values_do_not_change() -> None:
    problem = RowProblem(2, "phone", "x", "invalid_phone", "m", "f", {})
    with pytest.raises(AttributeError):
        problem.code = "other"  # type: ignore[misc]  # the point of the test
